//! Floats in nestings that memory and file hold differently, and just as.

use std::cell::Cell;
use std::num::Wrapping;

use persist_core::{Context, ErrorKind, Persist, Result, dumps, loads};

use crate::harness::{back, rows_back};

/// A float that is saved by hand.
#[derive(Debug, PartialEq, Clone, Copy)]
struct Celsius(f64);

impl Persist for Celsius {
    type Saved<'a> = f64;
    type Loaded = f64;

    fn get_state(&self) -> Result<f64> {
        Ok(self.0 + 273.0)
    }

    fn set_state(kelvin: f64, _: &Context) -> Result<Self> {
        if kelvin < 0.0 { Err("too cold".into()) } else { Ok(Celsius(kelvin - 273.0)) }
    }
}

fn single(i: usize) -> f32 {
    i as f32 * 1.25 - 7.0
}

fn double(i: usize) -> f64 {
    i as f64 * -3.75 + 0.5
}

#[test]
fn with_padding_between() {
    rows_back(|i| (single(i), double(i)));
    rows_back(|i| (double(i), single(i)));
    rows_back(|i| [(double(i), single(i)); 3]);
    rows_back(|i| (single(i), double(i), single(i + 1)));
    rows_back(|i| ((single(i), double(i)), (single(i + 1),), [single(i); 3]));
    rows_back(|i| [[(single(i), double(i + 1))]; 2]);
}

#[test]
fn without_padding() {
    rows_back(single);
    rows_back(|i| (single(i),));
    rows_back(|i| ((single(i),),));
    rows_back(|i| (single(i), single(i + 1)));
    rows_back(|i| (double(i), [double(i + 1), double(i + 2)]));
    rows_back(|i| [double(i); 3]);
    rows_back(|i| [[single(i), single(i + 1)]; 2]);
    rows_back(|i| [(single(i), single(i)); 2]);
}

#[test]
fn none_at_all() {
    rows_back(|_| [0f32; 0]);
    rows_back(|_| [[0f64; 0]; 3]);
    rows_back(|_| [[0f64; 3]; 0]);
    rows_back(|i| ([0f32; 0], single(i)));
    rows_back(|i| (single(i), [0f64; 0]));
    rows_back(|i| (single(i), ()));
    rows_back(|i| ((), double(i), ()));
    rows_back(|_| [(0f32, 0f64); 0]);
}

#[test]
fn beside_other_values() {
    rows_back(|i| (i as u8, single(i), double(i), i as u16));
    rows_back(|i| (single(i), format!("{i}"), double(i)));
    rows_back(|i| [(single(i), i as u8), (single(i + 1), 3)]);
    rows_back(|i| Some((single(i), double(i))).filter(|_| i % 3 == 0));
    rows_back(|i| [Some(single(i)), None]);
    rows_back(|i| (Some(single(i)), [double(i); 2]));
    rows_back(|i| vec![(single(i), double(i)); i % 4]);
    rows_back(|i| Box::new([single(i), single(i)]));
    rows_back(|i| Ok::<_, f32>((single(i), [double(i)])));
}

#[test]
fn in_wrappers_and_hooks() {
    rows_back(|i| Celsius(i as f64));
    rows_back(|i| (Celsius(i as f64),));
    rows_back(|i| (single(i), Celsius(i as f64), double(i)));
    rows_back(|i| [Celsius(i as f64), Celsius(1.0)]);
    rows_back(|i| [(Celsius(i as f64), single(i)); 2]);
    rows_back(|i| (Wrapping(single(i)), Cell::new(double(i))));
    rows_back(|i| [Wrapping([single(i), 0.5]), Wrapping([1.5, 2.5])]);
    rows_back(|i| (Wrapping((single(i), double(i))), single(i)));

    // One of another shape has no more than its floats to show for it.
    let bytes = dumps(&vec![[1.0f64, 2.0], [3.0, -4.0]]).unwrap();
    let error = loads::<Vec<[Celsius; 2]>>(&bytes).unwrap_err();
    assert_eq!((error.kind(), error.path().as_str()), (ErrorKind::Hook, "[1][1]"));
    let error = loads::<Vec<(f64, Celsius)>>(&bytes).unwrap_err();
    assert!(error.is(ErrorKind::Shape), "{error}");
    let error = loads::<Vec<[f32; 4]>>(&bytes).unwrap_err();
    assert!(error.is(ErrorKind::Shape), "{error}");
}

#[test]
#[allow(clippy::large_stack_arrays, reason = "they stay below a megabyte")]
fn around_the_longest_run() {
    // A run has up to 65,536 bytes; longer rows are columns.
    fn many<const N: usize>() {
        let make = |i: usize| -> Box<[f64; N]> { vec![double(i); N].into_boxed_slice().try_into().unwrap() };
        back(&make(1));
        back(&vec![make(1), make(2), make(3)]);
        let pairs: Vec<Box<([f64; N], f32)>> = (0..3).map(|i| Box::new((*make(i), single(i)))).collect();
        back(&pairs);
    }
    many::<8190>();
    many::<8191>();
    many::<8192>();
    many::<8193>();
    back(&vec![Box::new([[1.5f32; 129]; 127]); 2]);
    back(&vec![Box::new([[1.5f32; 128]; 128]); 2]);
    back(&vec![Box::new([[1.5f32; 129]; 128]); 2]);
    back(&vec![Box::new(([1.5f64; 5000], [2.5f64; 5000])); 2]);
    back(&vec![[Box::new([[1.5f64; 5000]; 2]), Box::new([[2.5f64; 5000]; 2])]; 2]);
}

#[test]
fn by_the_hundred_thousand() {
    back(&(0..300_000).map(double).collect::<Vec<_>>());
    back(&(0..100_000).map(|i| (single(i), double(i))).collect::<Vec<_>>());
    back(&(0..100_000).map(|i| (single(i), [double(i); 2], i as u8)).collect::<Vec<_>>());
    back(&(0..100_000).map(|i| Celsius(i as f64)).collect::<Vec<_>>());
}
