use persist::{Dumper, Loader};
use persist_bench::random::Random;
use persist_bench::sets::*;
use std::hint::black_box;
fn go<T: Data + persist::Persist>(v: &[T], op: &str) {
    let mut d = Dumper::new().bare(true);
    let mut out = Vec::new();
    let bytes: Vec<Vec<u8>> = v.iter().map(|v| d.dumps(v).unwrap()).collect();
    let mut l = Loader::new().bare(true);
    let n = 40000;
    let t = persist_bench::clock::now();
    for _ in 0..n {
        for (v, b) in v.iter().zip(&bytes) {
            match op {
                "w" => {
                    out.clear();
                    d.dumps_into(black_box(v), &mut out).unwrap();
                    black_box(&out);
                }
                "f" => {
                    black_box(Dumper::new().bare(true).dumps(black_box(v)).unwrap());
                }
                "c" => {
                    black_box(v.clone());
                }
                _ => {
                    black_box(l.loads::<T>(black_box(b)).unwrap());
                }
            }
        }
    }
    println!("{:.1} ns", persist_bench::clock::since(t).as_secs_f64() * 1e9 / n as f64 / v.len() as f64);
}
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let r = &mut Random::new(SEED);
    match &a[1][..] {
        "flat" => go(&(0..256).map(|_| reading::generate(r)).collect::<Vec<_>>(), &a[2]),
        "enum" => go(&(0..256).map(|_| command::generate(r)).collect::<Vec<_>>(), &a[2]),
        _ => go(&(0..256).map(|_| order::generate(r)).collect::<Vec<_>>(), &a[2]),
    }
}
