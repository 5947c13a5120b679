//! Loops for a profiler: `prof SET OPERATION`.
#![allow(missing_docs)]
use persist::{Dumper, Loader};
use persist_bench::random::Random;
use persist_bench::sets::*;
use std::hint::black_box;
fn go<T: Data + persist::Persist>(v: &T, op: &str) {
    let mut d = Dumper::new().checksum(op.ends_with('k'));
    let mut out = Vec::new();
    d.dumps_into(v, &mut out).unwrap();
    let bytes = out.clone();
    let mut l = Loader::new();
    let begin = persist_bench::clock::now();
    let mut n = 0;
    while persist_bench::clock::since(begin).as_secs_f64() < 2.0 {
        n += 1;
        match &op[..1] {
            "w" => {
                out.clear();
                d.dumps_into(black_box(v), &mut out).unwrap();
                black_box(&out);
            }
            "c" => {
                black_box(v.clone());
            }
            _ => {
                black_box(l.loads::<T>(black_box(&bytes)).unwrap());
            }
        }
    }
    println!("{:.1} us", persist_bench::clock::since(begin).as_secs_f64() * 1e6 / n as f64);
}
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let r = &mut Random::new(SEED);
    match &a[1][..] {
        "log" => go(&log::generate(r), &a[2]),
        "mesh" => go(&mesh::generate(r), &a[2]),
        "mine" => go(&minecraft::generate(r), &a[2]),
        "mk48" => go(&mk48::generate(r), &a[2]),
        "hash" => go(&maps::accounts(r), &a[2]),
        "btree" => go(&maps::pages(r), &a[2]),
        "tree" => go(&tree::generate(r), &a[2]),
        "strings" => go(&strings::generate(r), &a[2]),
        _ => go(&command::recording(r), &a[2]),
    }
}
