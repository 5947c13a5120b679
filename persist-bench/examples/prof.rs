use std::hint::black_box;
use persist::{Dumper, Loader};
use persist_bench::random::Random;
use persist_bench::sets::*;
fn go<T: Data>(v: &T, op: &str) {
    let mut d = Dumper::new().checksum(false);
    let mut out = Vec::new();
    d.dumps_into(v, &mut out).unwrap();
    let bytes = out.clone();
    let mut l = Loader::new();
    let n = 3000;
    let t = persist_bench::clock::now();
    for _ in 0..n {
        match op {
            "w" => { out.clear(); d.dumps_into(black_box(v), &mut out).unwrap(); black_box(&out); }
            "c" => { black_box(v.clone()); }
            "b" => { let _: T = black_box(bitcode::decode(black_box(&bytes)).unwrap()); }
            _ => { black_box(l.loads::<T>(black_box(&bytes)).unwrap()); }
        }
    }
    println!("{} us", persist_bench::clock::since(t).as_secs_f64() * 1e6 / n as f64);
}
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let r = &mut Random::new(SEED);
    match &a[1][..] { "log" => go(&log::generate(r), &a[2]), "mesh" => go(&mesh::generate(r), &a[2]), "mine" => go(&minecraft::generate(r), &a[2]), _ => go(&mk48::generate(r), &a[2]) }
}
