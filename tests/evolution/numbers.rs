//! Numbers that became wider, narrower, or floats.

use persist::{ErrorKind, Persist, Protocol};

use crate::{PROTOCOLS, evolves, evolves_in, refused, through};

#[test]
fn integers_widened() {
    macro_rules! widen {
        ($($from:ty => $($to:ty),*;)*) => {$($(
            for value in [<$from>::MIN, 0, 1, 100, <$from>::MAX] {
                evolves(&value, &<$to>::from(value));
            }
            let values: Vec<$from> = (0..300).map(|i: u16| <$from>::MAX - (i % 100) as $from).collect();
            let wide: Vec<$to> = values.iter().map(|&value| value.into()).collect();
            for protocol in PROTOCOLS {
                assert_eq!(through::<_, Vec<$to>>(protocol, &values).unwrap(), wide);
            }
        )*)*};
    }
    widen! {
        u8 => u16, u32, u64, u128, i16, i32, i64, i128;
        u16 => u32, u64, u128, i32, i64, i128;
        u32 => u64, u128, i64, i128;
        u64 => u128, i128;
        i8 => i16, i32, i64, i128;
        i16 => i32, i64, i128;
        i32 => i64, i128;
        i64 => i128;
    }
}

#[test]
fn integers_narrowed_where_every_value_fits() {
    evolves(&200u64, &200u8);
    evolves(&-5i64, &-5i8);
    evolves(&i128::from(u64::MAX), &u64::MAX);
    evolves(&5i32, &5u32);
    let values: Vec<i64> = (-100..100).collect();
    let narrow: Vec<i8> = (-100..100).collect();
    for protocol in PROTOCOLS {
        assert_eq!(through::<_, Vec<i8>>(protocol, &values).unwrap(), narrow);
    }
}

#[test]
fn the_first_integer_that_does_not_fit_is_named() {
    #[derive(Persist)]
    struct Old {
        port: u32,
    }
    #[derive(Persist)]
    struct New {
        #[allow(dead_code)]
        port: u16,
    }
    let values: Vec<Old> = (65_500..65_600).map(|port| Old { port }).collect();
    for protocol in PROTOCOLS {
        let error = refused::<_, Vec<New>>(protocol, &values);
        assert_eq!(error.kind(), ErrorKind::Value);
        let text = error.to_string();
        assert!(text.contains("65536") && text.contains("u16") && text.contains("New.port") || text.contains("].port"));
    }
    let error = refused::<_, u8>(Protocol::Packed, &-1i8);
    assert!(error.to_string().contains("-1"), "{error}");
}

#[test]
fn floats_widened() {
    for value in [0.0, -0.5, f32::INFINITY] {
        evolves(&value, &f64::from(value));
    }
    // JSON has the shortest decimal number that is the same `f32`, and that is another `f64`.
    for value in [f32::MAX, f32::MIN_POSITIVE, 0.1] {
        evolves_in(Protocol::Packed, &value, &f64::from(value));
        evolves_in(Protocol::Cbor, &value, &f64::from(value));
    }
    evolves(&(1u8, 0.25f32), &(1u8, 0.25f64));
    evolves(&[0.5f32, 1.0, 2.0], &[0.5f64, 1.0, 2.0]);
    evolves(&vec![0.5f32, 1.0], &vec![0.5f64, 1.0]);
    let nan: f64 = through(Protocol::Packed, &f32::NAN).unwrap();
    assert!(nan.is_nan());
    // The other way loses digits.
    assert_eq!(refused::<_, f32>(Protocol::Packed, &0.1f64).kind(), ErrorKind::Shape);
}

#[test]
fn integers_to_floats_where_exact() {
    evolves(&7u8, &7.0f32);
    evolves(&-7i64, &-7.0f64);
    evolves(&(1u64 << 60), &(1u64 << 60).to_string().parse::<f64>().unwrap());
    evolves(&[1u16, 2, 3], &[1.0f32, 2.0, 3.0]);
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct Old {
        x: i32,
        name: String,
        y: i32,
    }
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct New {
        y: f64,
        x: f64,
    }
    evolves(&Old { x: 3, name: "n".into(), y: -4 }, &New { x: 3.0, y: -4.0 });
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct Mixed {
        x: f64,
        name: String,
        y: f64,
    }
    evolves(&Old { x: 3, name: "n".into(), y: -4 }, &Mixed { x: 3.0, name: "n".into(), y: -4.0 });
    for (value, protocol) in [(Protocol::Packed, u64::MAX), (Protocol::Cbor, (1 << 53) + 1)].map(|(p, v)| (v, p)) {
        let error = refused::<_, f64>(protocol, &value);
        assert_eq!(error.kind(), ErrorKind::Value, "{error}");
        assert!(error.to_string().contains(&value.to_string()), "{error}");
    }
    evolves_in(Protocol::Packed, &vec![1u32; 3], &vec![1.0f32; 3]);
}

#[test]
fn other_changes_of_kind_are_refused() {
    assert_eq!(refused::<_, u8>(Protocol::Packed, &true).kind(), ErrorKind::Shape);
    assert_eq!(refused::<_, u8>(Protocol::Packed, &"1").kind(), ErrorKind::Shape);
    assert_eq!(refused::<_, String>(Protocol::Packed, &1u8).kind(), ErrorKind::Shape);
    assert_eq!(refused::<_, u8>(Protocol::Packed, &1.0f32).kind(), ErrorKind::Shape);
    let error = refused::<_, bool>(Protocol::Packed, &1u8);
    assert!(error.to_string().contains("upgrade_from"), "{error}");
}
