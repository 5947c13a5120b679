//! What is no value: references on load, states of two shapes, files of another shape.

use std::borrow::Cow;

use persist_core::{Context, ErrorKind, Persist, Result, dumps, loads};

#[test]
fn references_cannot_be_loaded() {
    let error = loads::<&u8>(&dumps(&&5u8).unwrap()).unwrap_err();
    assert!(error.is(ErrorKind::Unsupported) && error.help().is_some(), "{error}");
    assert!(loads::<Vec<(u8, &str)>>(&dumps(&vec![(1u8, "a")]).unwrap()).unwrap_err().is(ErrorKind::Unsupported));
    assert!(loads::<Option<&[u8]>>(&dumps(&None::<&[u8]>).unwrap()).unwrap_err().is(ErrorKind::Unsupported));
    assert!(loads::<Cow<'_, &str>>(&dumps(&"a").unwrap()).unwrap_err().is(ErrorKind::Unsupported));
}

#[derive(Debug)]
struct Torn;

impl Persist for Torn {
    type Saved<'a> = (u8, Option<&'a str>);
    type Loaded = (u8, String);

    fn get_state(&self) -> Result<Self::Saved<'_>> {
        Ok((1, None))
    }

    fn set_state(_: Self::Loaded, _: &Context) -> Result<Self> {
        Ok(Torn)
    }
}

#[test]
fn states_of_two_shapes_are_found_at_the_first_dump() {
    for error in [
        dumps(&Torn).unwrap_err(),
        dumps(&vec![(1u8, None::<Torn>)]).unwrap_err(),
        dumps(&None::<Box<[std::num::Wrapping<Torn>; 0]>>).unwrap_err(),
        loads::<Torn>(&dumps(&(1u8, "a")).unwrap()).unwrap_err(),
    ] {
        assert!(error.is(ErrorKind::Shape), "{error}");
        assert!(
            error.to_string().contains("(u8, Option<String>)") && error.to_string().contains("(u8, String)"),
            "{error}"
        );
    }
}

#[test]
fn files_of_another_shape_are_refused() {
    macro_rules! refused {
        ($($value:expr => $type:ty;)*) => {$(
            let error = loads::<$type>(&dumps(&$value).unwrap()).unwrap_err();
            assert!(error.is(ErrorKind::Shape), "{error}");
        )*};
    }
    refused! {
        1u8 => char;
        1.5f64 => f32;
        (1u8, 2u8) => [u8; 2];
        [1u8, 2] => [u8; 3];
        vec![1u8] => Vec<char>;
        Some(true) => u8;
        Ok::<u8, u8>(1) => Option<u8>;
        1u8..2 => (u8, u8);
        1u8.. => std::ops::RangeTo<u8>;
        std::ops::Bound::Included(1u8) => Result<u8, u8>;
        std::time::Duration::ZERO => std::time::SystemTime;
        std::net::Ipv4Addr::LOCALHOST => [u8; 4];
        std::net::Ipv4Addr::LOCALHOST => std::net::IpAddr;
        "text" => std::ffi::CString;
        vec![(1u8, 2u8)] => std::collections::HashMap<u8, u8>;
        vec![1u8] => std::collections::BTreeSet<u8>;
        () => std::marker::PhantomData<u8>;
        1.5f32 => u32;
        [1.5f32; 2] => (f32, f32);
        (1.5f32, 2.5f64) => (f64, f32);
    }
}

#[test]
fn wrappers_have_the_shape_of_what_is_in_them() {
    macro_rules! read_as {
        ($($value:expr => $type:ty;)*) => {$(
            assert!(loads::<$type>(&dumps(&vec![$value, $value]).unwrap().clone()).is_ok());
        )*};
    }
    read_as! {
        5u8 => Vec<std::num::NonZero<u8>>;
        5u8 => Vec<std::sync::atomic::AtomicU8>;
        5u64 => Vec<usize>;
        -5i64 => Vec<std::sync::atomic::AtomicIsize>;
        "a" => std::collections::VecDeque<std::cmp::Reverse<std::path::PathBuf>>;
        Some(5u8) => Vec<std::sync::OnceLock<std::cell::RefCell<u8>>>;
        std::sync::Mutex::new((1u8, 'c')) => Box<[(std::num::Saturating<u8>, std::cell::Cell<char>)]>;
        c"a" => Vec<Vec<u8>>;
    }
}

#[test]
fn damaged_bytes_are_an_error_or_another_value() {
    type Row = (
        (Option<std::num::NonZero<u16>>, std::time::Duration, std::time::SystemTime, std::net::SocketAddr),
        (Result<Option<()>, String>, std::ops::Bound<char>, std::ops::RangeInclusive<[u8; 3]>),
        (std::ffi::CString, std::path::PathBuf, std::cell::RefCell<Vec<bool>>, std::sync::OnceLock<Box<i128>>),
        (std::collections::HashMap<u8, ([u8; 1], [u8; 0])>, std::collections::LinkedList<()>, [f32; 0], (f32, f64)),
    );
    let row = |i: u8| -> Row {
        let seconds = std::time::Duration::from_millis(u64::from(i) * 777);
        let address = if i.is_multiple_of(2) { ([1, 2, 3, i], 5).into() } else { ([u16::from(i); 8], 80).into() };
        (
            (std::num::NonZero::new(u16::from(i)), seconds, std::time::SystemTime::UNIX_EPOCH + seconds, address),
            (
                if i.is_multiple_of(3) { Err("ä".repeat(3)) } else { Ok(Some(())) },
                std::ops::Bound::Included('ä'),
                [i; 3]..=[9; 3],
            ),
            (c"text".to_owned(), "path".into(), vec![i.is_multiple_of(2); 3].into(), Box::new(-7 << i).into()),
            ((0..i).map(|key| (key, ([key], []))).collect(), (0..i).map(|_| ()).collect(), [], (1.5, f64::from(i))),
        )
    };
    for rows in [vec![row(1)], (0..4).map(row).collect()] {
        let bytes = persist_core::Dumper::new().checksum(false).dumps(&rows).unwrap();
        assert!(loads::<Vec<Row>>(&bytes).is_ok());
        for end in 0..bytes.len() {
            assert!(loads::<Vec<Row>>(&bytes[..end]).is_err(), "a prefix of {end} bytes");
        }
        for bit in 0..bytes.len() * 8 {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            drop(loads::<Vec<Row>>(&bytes));
        }
    }
}
