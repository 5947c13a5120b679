use std::cell::Cell;
use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

use crate::{Context, Decode, Dumper, Encode, ErrorKind, Limits, Loader, Persist, Result};

fn message<T: Encode>(value: &T) -> Vec<u8> {
    Dumper::new().message(value).unwrap()
}

fn value<T: Decode>(bytes: &[u8]) -> Result<T> {
    Loader::new().message(bytes)
}

#[test]
fn numbers_have_the_form_that_is_documented() {
    assert_eq!(message(&0u16), [1]);
    assert_eq!(message(&127u64), [0xFF]);
    assert_eq!(message(&128u64), [0x02, 0x02]);
    assert_eq!(message(&-1i32), [0x03]);
    assert_eq!(message(&(1u64 << 56)), [0, 0, 0, 0, 0, 0, 0, 0, 1]);
    assert_eq!(message(&(u8::MAX, i8::MIN, true, 'a')), [0xFF, 0x80, 1, 0xC3]);
    assert_eq!(message(&1.5f32), 1.5f32.to_le_bytes());
    assert_eq!(message(&(Some(3u8), None::<u8>)), [1, 3, 0]);
    assert_eq!(message(&vec!["a".to_owned(), String::new()]), [5, 3, b'a', 1]);
    assert_eq!(message(&BTreeMap::from([(1u8, 2u8)])), [3, 1, 2]);
    assert_eq!(message(&(u128::from(u64::MAX) + 1)), [1, 3]);
}

#[test]
fn numbers_of_every_length_come_back_whatever_stands_behind_them() {
    for shift in 0..64 {
        for number in [1u64 << shift, (1u64 << shift) - 1, u64::MAX >> shift] {
            let bytes = message(&number);
            let bits = 64 - number.leading_zeros() as usize;
            assert_eq!(bytes.len(), if bits > 56 { 9 } else { bits.max(1).div_ceil(7) }, "{number}");
            assert_eq!(value::<u64>(&bytes).unwrap(), number);
            for behind in 0..12 {
                let pair = (number, [7u8; 12][..behind].to_vec());
                assert_eq!(value::<(u64, Vec<u8>)>(&message(&pair)).unwrap(), pair);
            }
            let signed = (number as i64, !(number as i64), i128::from(number) << 40, -i128::from(number));
            assert_eq!(value::<(i64, i64, i128, i128)>(&message(&signed)).unwrap(), signed);
        }
    }
}

#[test]
fn numbers_have_one_form_only() {
    let corrupt = |bytes: &[u8]| {
        let error = value::<u64>(bytes).unwrap_err();
        assert!(error.is(ErrorKind::Corrupt), "{error}");
    };
    // 5 in two bytes, in eight, and in nine.
    corrupt(&[0b0001_0110, 0]);
    corrupt(&[0x80, 5, 0, 0, 0, 0, 0, 0]);
    corrupt(&[0, 5, 0, 0, 0, 0, 0, 0, 0]);
    // A byte too many.
    corrupt(&[1, 1]);
    assert!(value::<u16>(&message(&(1u32 << 16))).unwrap_err().is(ErrorKind::Corrupt));
    assert!(value::<char>(&message(&0xD800u32)).unwrap_err().is(ErrorKind::Corrupt));
    assert!(value::<Option<()>>(&[2]).unwrap_err().is(ErrorKind::Corrupt));
    assert!(value::<Vec<bool>>(&[5, 1, 2]).unwrap_err().is(ErrorKind::Corrupt));
}

#[test]
fn texts_of_every_length_come_back_and_are_utf8() {
    for len in 0..70 {
        let text: String = ('a'..='z').cycle().take(len).collect();
        let bytes = message(&text);
        assert_eq!(value::<String>(&bytes).unwrap(), text);
        let start = bytes.len() - len;
        for place in start..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[place] = 0xFF;
            assert!(value::<String>(&bytes).unwrap_err().is(ErrorKind::Corrupt), "{place} of {len}");
        }
        let text: String = "ä".repeat(len);
        assert_eq!(value::<String>(&message(&text)).unwrap(), text);
    }
}

#[test]
fn a_length_that_lies_takes_no_memory() {
    // Four billion elements, of which none is there.
    let bytes = message(&u32::MAX);
    assert!(value::<Vec<u64>>(&bytes).unwrap_err().is(ErrorKind::Limit));
    assert!(value::<Vec<()>>(&bytes).unwrap_err().is(ErrorKind::Limit));
    assert!(value::<String>(&bytes).unwrap_err().is(ErrorKind::Limit));
    assert!(value::<HashSet<u8>>(&bytes).unwrap_err().is(ErrorKind::Limit));
    let mut loader = Loader::new().limits(Limits::none());
    assert!(loader.message::<Vec<u8>>(&bytes).unwrap_err().is(ErrorKind::Truncated));
    assert!(loader.message::<Vec<String>>(&bytes).unwrap_err().is(ErrorKind::Truncated));
    assert!(loader.message::<Vec<u8>>(&message(&(1u64 << 32))).unwrap_err().is(ErrorKind::Corrupt));
}

#[test]
fn a_message_is_appended_and_leaves_nothing_when_it_fails() {
    let mut dumper = Dumper::new();
    let mut out = b"before".to_vec();
    let cell = (vec![1u8; 1000], std::cell::RefCell::new(1u8));
    let guard = cell.1.borrow_mut();
    assert!(dumper.message_into(&cell, &mut out).is_err());
    assert_eq!(out, b"before");
    drop(guard);
    dumper.message_into(&cell, &mut out).unwrap();
    assert_eq!(value::<(Vec<u8>, std::cell::RefCell<u8>)>(&out[6..]).unwrap(), cell);
}

#[test]
fn a_message_is_the_same_whatever_room_there_is() {
    for len in (0..40).chain(120..140) {
        let text: String = ('a'..='z').cycle().take(len).collect();
        let value = (u64::MAX, 300u16, text.clone(), 1.5f64, vec![7u16; len], text, true);
        let bytes = message(&value);
        assert_eq!(self::value::<(u64, u16, String, f64, Vec<u16>, String, bool)>(&bytes).unwrap(), value);
        for spare in 0..bytes.len() + 20 {
            let mut out = Vec::with_capacity(spare + 3);
            out.extend_from_slice(b"abc");
            Dumper::new().message_into(&value, &mut out).unwrap();
            assert_eq!((&out[..3], &out[3..]), (&b"abc"[..], &bytes[..]), "{spare} bytes of room");
        }
    }
}

#[test]
fn what_is_cut_off_is_missed_and_what_is_left_is_seen() {
    let value = ("a text".to_owned(), 300u16, Some(-7i32), vec![1u64 << 60, 5], [1.5f32, 2.5]);
    let bytes = message(&value);
    let read = |bytes: &[u8]| self::value::<(String, u16, Option<i32>, Vec<u64>, [f32; 2])>(bytes);
    assert_eq!(read(&bytes).unwrap(), value);
    for end in 0..bytes.len() {
        assert!(read(&bytes[..end]).unwrap_err().is(ErrorKind::Truncated), "{end} of {}", bytes.len());
    }
    let mut longer = bytes;
    longer.push(0);
    assert!(read(&longer).is_err());
}

#[test]
fn errors_say_where() {
    let list = vec![("a".to_owned(), Some(true)), ("b".to_owned(), None)];
    let mut bytes = message(&list);
    *bytes.last_mut().unwrap() = 9;
    let error = value::<Vec<(String, Option<bool>)>>(&bytes).unwrap_err();
    assert_eq!((error.path().as_str(), error.offset()), ("[1]", Some(bytes.len() as u64)), "{error}");
    let map = BTreeMap::from([("key".to_owned(), vec![true])]);
    let mut bytes = message(&map);
    *bytes.last_mut().unwrap() = 9;
    let error = value::<BTreeMap<String, Vec<bool>>>(&bytes).unwrap_err();
    assert!(error.path().contains("key"), "{error}");
}

#[test]
fn keys_that_occur_twice_are_refused() {
    let error = value::<BTreeMap<u8, u8>>(&message(&vec![(1u8, 2u8), (1, 3)])).unwrap_err();
    assert!(error.is(ErrorKind::Value) && error.path() == "[1]", "{error}");
    assert!(value::<HashSet<u8>>(&message(&vec![1u8, 1])).unwrap_err().is(ErrorKind::Value));
}

/// A type whose state is another, and which counts those that live.
#[derive(Debug)]
struct Counted(u8, Rc<Cell<i32>>);

impl Persist for Counted {
    type Saved<'a> = u8;
    type Loaded = u8;

    fn get_state(&self) -> Result<u8> {
        Ok(self.0)
    }

    fn set_state(number: u8, context: &Context) -> Result<Self> {
        let live = context.get::<Rc<Cell<i32>>>()?.clone();
        if number == 9 {
            return Err(crate::Error::new("nine is not for us"));
        }
        live.set(live.get() + 1);
        Ok(Counted(number, live))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.1.set(self.1.get() - 1);
    }
}

#[test]
fn hooks_run_and_what_they_made_is_dropped_when_one_fails() {
    type Holder = ((Counted, [Counted; 2]), Vec<Counted>, Box<Counted>, Option<Counted>, BTreeMap<u8, Counted>);
    let live = Rc::new(Cell::new(0));
    let mut loader = Loader::new().provide(live.clone());
    let bytes = message(&((1u8, [2u8, 3]), vec![4u8, 5], 6u8, Some(7u8), BTreeMap::from([(0u8, 8u8)])));
    let holder: Holder = loader.message(&bytes).unwrap();
    assert_eq!((live.get(), holder.1[1].0, holder.4[&0].0), (8, 5, 8));
    assert_eq!(message(&holder), bytes);
    drop(holder);
    assert_eq!(live.get(), 0);
    for place in 0..bytes.len() {
        let mut bytes = bytes.clone();
        if std::mem::replace(&mut bytes[place], 9) != 0 {
            assert!(loader.message::<Holder>(&bytes).is_err() || live.get() == 0);
            assert_eq!(live.get(), 0, "{place}");
        }
    }
}

#[test]
fn what_is_large_is_dropped_as_what_is_small_is() {
    type Large = ([Counted; 20], (Counted, [Counted; 20]), Counted);
    let live = Rc::new(Cell::new(0));
    let mut loader = Loader::new().provide(live.clone());
    let mut bytes = [1u8; 42].to_vec();
    drop(loader.message::<Large>(&bytes).unwrap());
    for place in 0..bytes.len() {
        bytes[place] = 9;
        assert!(loader.message::<Large>(&bytes).is_err());
        assert_eq!(live.get(), 0, "{place}");
        bytes[place] = 1;
    }
    // All is there, and a byte too many.
    bytes.push(1);
    assert!(loader.message::<Large>(&bytes).is_err());
    assert_eq!(live.get(), 0);
}

#[test]
fn types_that_hold_themselves_are_bare_values() {
    #[derive(Debug, PartialEq)]
    struct Chain(Option<Box<Chain>>);
    impl Persist for Chain {
        type Saved<'a> = &'a Option<Box<Chain>>;
        type Loaded = Option<Box<Chain>>;
        fn get_state(&self) -> Result<&Option<Box<Chain>>> {
            Ok(&self.0)
        }
        fn set_state(next: Option<Box<Chain>>, _: &Context) -> Result<Self> {
            Ok(Chain(next))
        }
    }
    let chain = (0..500).fold(Chain(None), |next, _| Chain(Some(Box::new(next))));
    let mut dumper = Dumper::new();
    let bytes = dumper.message(&chain).unwrap();
    assert_eq!(bytes, Dumper::new().bare(true).dumps(&chain).unwrap());
    assert_eq!(Loader::new().message::<Chain>(&bytes).unwrap(), chain);
    let mut loader = Loader::new().limits(Limits { depth: 100, ..Limits::default() });
    assert!(loader.message::<Chain>(&bytes).unwrap_err().is(ErrorKind::Limit));
    // The dumper goes on with others.
    assert_eq!(dumper.message(&1u8).unwrap(), [1]);
}

#[test]
fn types_that_borrow_are_refused() {
    let error = Loader::new().message::<&str>(&[1]).unwrap_err();
    assert!(error.is(ErrorKind::Unsupported), "{error}");
}
