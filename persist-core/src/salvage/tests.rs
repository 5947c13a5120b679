use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::{Dumper, dumps, loads};
use persist_derive::Persist;

#[derive(Clone, Debug, PartialEq, Persist)]
#[persist(crate = crate)]
struct Library {
    name: String,
    shelves: Vec<Shelf>,
    #[persist(default)]
    lent: BTreeMap<u32, String>,
    #[persist(default)]
    open: bool,
}

#[derive(Clone, Debug, PartialEq, Persist)]
#[persist(crate = crate)]
struct Shelf {
    id: u64,
    books: Vec<String>,
}

fn shelf(id: u64) -> Shelf {
    let books = (0..id % 5).map(|book| format!("book {} of {id}", book * 7)).collect();
    Shelf { id: id.wrapping_mul(0x9E37_79B9_7F4A_7C15), books }
}

fn library(shelves: u64, lent: u32) -> Library {
    Library {
        name: "Central".to_owned(),
        shelves: (0..shelves).map(shelf).collect(),
        lent: (0..lent).map(|id| (id * 3, format!("reader {}", id.wrapping_mul(2_654_435_761)))).collect(),
        open: true,
    }
}

/// Where the chunks of a frame stand: their heads, and behind their checks.
fn chunks(bytes: &[u8]) -> Vec<std::ops::Range<usize>> {
    let found = recover(bytes, &Limits::default()).unwrap();
    let starts: Vec<usize> = found
        .pieces
        .iter()
        .map(|piece| match piece {
            crate::frame::Piece::Good(_, found) => found.offset() as usize - 4,
            crate::frame::Piece::Damaged { .. } => panic!("it is good"),
        })
        .collect();
    let ends = starts[1..].iter().copied().chain([bytes.len()]);
    starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect()
}

fn dumpers() -> Vec<Dumper> {
    let dumpers = vec![Dumper::new()];
    #[cfg(feature = "zstd")]
    let dumpers = dumpers.into_iter().chain([Dumper::new().level(crate::Level::Small)]).collect();
    dumpers
}

#[test]
fn what_is_good_comes_back_as_it_is() {
    let value = library(5000, 10);
    for mut dumper in dumpers() {
        let mut bytes = dumper.dumps(&value).unwrap();
        let len = bytes.len();
        bytes.extend_from_slice(b"more");
        let salvaged = salvage(&bytes).unwrap();
        assert_eq!((&salvaged.bytes[..], salvaged.len, salvaged.lost.len()), (&bytes[..len], len, 0));
        assert!(salvaged.checked);
    }
    for protocol in [Protocol::Json, Protocol::Cbor] {
        let bytes = Dumper::new().protocol(protocol).dumps(&value).unwrap();
        let salvaged = salvage(&bytes).unwrap();
        assert_eq!((salvaged.bytes.len() <= bytes.len(), salvaged.lost.len()), (true, 0));
        let left = crate::Loader::new().protocol(protocol).loads::<Library>(&salvaged.bytes).unwrap();
        assert_eq!(left, value);
    }
}

type Damage<'d> = &'d dyn Fn(&mut Vec<u8>);

/// A damaged chunk takes its elements with it, whatever is wrong with it, and no others.
#[test]
fn elements_of_damaged_chunks_are_left_out() {
    let value = library(40_000, 100);
    for mut dumper in dumpers() {
        let bytes = dumper.dumps(&value).unwrap();
        let places = chunks(&bytes);
        if places.len() < 3 {
            // Of level Small, or where columns are wide, chunks have megabytes.
            continue;
        }
        for (number, chunk) in places.iter().enumerate().skip(1).take(places.len() - 2).step_by(places.len() / 4) {
            // A byte, the length, all of it, bytes that are missing, and bytes too many.
            let damages: [Damage<'_>; 5] = [
                &|bytes| bytes[chunk.start + 100] ^= 4,
                &|bytes| bytes[chunk.start + 2] ^= 1,
                &|bytes| bytes[chunk.clone()].fill(0),
                &|bytes| _ = bytes.drain(chunk.start + 10..chunk.start + 60),
                &|bytes| _ = bytes.splice(chunk.start + 10..chunk.start + 11, *b"\r\n"),
            ];
            for damage in damages {
                let mut damaged = bytes.clone();
                damage(&mut damaged);
                let salvaged = salvage(&damaged).unwrap();
                let [lost] = &salvaged.lost[..] else { panic!("{:?}", salvaged.lost) };
                let elements = lost.elements.clone().unwrap();
                let range = elements.range.unwrap();
                assert_eq!((lost.path.as_str(), lost.chunk), ("Library.shelves", Some(number as u32 + 1)));
                assert_eq!((elements.of, lost.offset), (Some(value.shelves.len() as u64), chunk.start as u64));
                let left: Library = loads(&salvaged.bytes).unwrap();
                let mut expected = value.clone();
                expected.shelves.drain(range.start as usize..range.end as usize);
                assert!(range.end > range.start && left == expected, "{range:?}");
                assert!(salvage(&salvaged.bytes).unwrap().lost.is_empty());
            }
        }
    }
}

/// Several gaps: what is left is in order, and what is known of the gaps is true.
#[test]
fn several_gaps() {
    let numbers: Vec<u64> = (0..200_000u64).map(|i| i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 8).collect();
    let mut bytes = dumps(&numbers).unwrap();
    let places = chunks(&bytes);
    assert!(places.len() > 8);
    for number in [2, 3, 6] {
        bytes[places[number].start + 50] ^= 1;
    }
    let salvaged = salvage(&bytes).unwrap();
    let left: Vec<u64> = loads(&salvaged.bytes).unwrap();
    let mut rest = numbers.iter();
    assert!(left.iter().all(|number| rest.any(|other| other == number)));
    let [first, second] = &salvaged.lost[..] else { panic!("{:?}", salvaged.lost) };
    assert_eq!((first.chunk, second.chunk), (Some(3), Some(7)));
    let (first, second) = (first.elements.as_ref().unwrap(), second.elements.as_ref().unwrap());
    assert_eq!((first.left, second.left, first.of), (left.len() as u64, left.len() as u64, Some(200_000)));
    assert_eq!(first.range, None);
    assert_eq!(left[first.after as usize - 1], numbers[first.after as usize - 1]);
    assert_ne!(left[first.after as usize], numbers[first.after as usize]);
    assert!(second.after > first.after);
    assert_eq!(left.last(), numbers.last());
}

/// What stands between two sequences is in the last chunk of the one, which is the first of the other.
#[test]
fn a_chunk_of_two_sequences() {
    let value = library(40_000, 40_000);
    let bytes = dumps(&value).unwrap();
    let places = chunks(&bytes);
    let mut seen = [false; 2];
    for (number, chunk) in places.iter().enumerate().skip(1) {
        let mut damaged = bytes.clone();
        damaged[chunk.start + 77] ^= 0x40;
        let salvaged = salvage(&damaged).unwrap();
        let left: Library = loads(&salvaged.bytes).unwrap();
        let mut rest = value.shelves.iter();
        assert!(left.name == value.name && left.shelves.iter().all(|shelf| rest.any(|other| other == shelf)));
        assert!(left.lent.iter().all(|(id, name)| value.lent.get(id) == Some(name)));
        let paths: Vec<&str> = salvaged.lost.iter().map(|lost| lost.path.as_str()).collect();
        match &paths[..] {
            ["Library.shelves"] => assert_eq!(left.lent, value.lent),
            ["Library.lent"] => {
                seen[0] = true;
                assert_eq!(left.shelves, value.shelves);
                let lost = salvaged.lost[0].elements.as_ref().unwrap();
                assert_eq!((lost.entries, lost.of), (true, Some(40_000)));
            }
            ["Library.shelves", "Library.lent"] => {
                seen[1] = true;
                let [shelves, lent] = [0, 1].map(|i| salvaged.lost[i].elements.as_ref().unwrap());
                assert_eq!(shelves.range, Some(left.shelves.len() as u64..40_000));
                assert_eq!((lent.range.as_ref(), lent.of, lent.after), (None, None, 0));
                assert!(!left.lent.is_empty() && !left.shelves.is_empty() && left.open);
            }
            // The last chunk.
            ["Library.lent", "Library.open"] => {
                assert_eq!((left.shelves == value.shelves, left.open), (true, false));
            }
            paths => panic!("chunk {number}: {paths:?}"),
        }
    }
    assert_eq!(seen, [true; 2]);
}

/// The first chunk has what stands before the sequence, and its length.
#[test]
fn without_the_first_chunk() {
    let numbers: BTreeSet<u64> = (0..100_000u64).map(|i| i * 1_000_003).collect();
    let mut bytes = dumps(&numbers).unwrap();
    let first = chunks(&bytes)[0].clone();
    bytes[first.start + 9] ^= 1;
    let salvaged = salvage(&bytes).unwrap();
    let left: BTreeSet<u64> = loads(&salvaged.bytes).unwrap();
    assert!(left.is_subset(&numbers) && left.last() == numbers.last(), "{}", left.len());
    let lost = salvaged.lost[0].elements.as_ref().unwrap();
    assert_eq!((lost.left, lost.after, lost.range.as_ref()), (left.len() as u64, 0, None));

    // A name that is lost has no default: the value is there, but not of its type.
    let value = library(20_000, 3);
    let mut bytes = dumps(&value).unwrap();
    let first = chunks(&bytes)[0].clone();
    bytes[first.start + 9] ^= 1;
    let salvaged = salvage(&bytes).unwrap();
    assert_eq!(salvaged.lost[0].to_string().split(" (").next(), Some("Library.name is lost"));
    assert!(loads::<Library>(&salvaged.bytes).unwrap_err().to_string().contains("name"));
    let left = salvaged.value().unwrap();
    assert!(left.get("name").is_none() && left.get("open") == Some(&true.into()));
    assert!(left.get("shelves").and_then(|shelves| shelves.index(0)?.get("books")).is_some());
}

/// Wherever a value is cut, what is left was there; the more there is of it, the more is left.
#[test]
fn a_value_that_is_cut() {
    let value = library(20_000, 20_000);
    for mut dumper in dumpers() {
        let bytes = dumper.dumps(&value).unwrap();
        let mut before = (0, 0);
        for end in (0..bytes.len()).step_by(bytes.len() / 41) {
            let Ok(salvaged) = salvage(&bytes[..end]) else {
                assert_eq!(before, (0, 0));
                continue;
            };
            assert!(!salvaged.lost.is_empty());
            let left: Library = loads(&salvaged.bytes).unwrap();
            let now = (left.shelves.len(), left.lent.len());
            assert!(now >= before && left.name == value.name && !left.open);
            assert!(
                left.shelves == value.shelves[..now.0]
                    && left.lent.iter().all(|entry| value.lent.get(entry.0) == Some(entry.1))
            );
            before = now;
        }
        let last = chunks(&bytes).last().unwrap().len();
        assert!(before.0 == 20_000 || last > bytes.len() / 2, "{before:?}");
    }
}

/// No flipped bit of a value with checksums gives anything that was not there.
#[test]
fn every_flipped_bit_of_a_small_value() {
    let bytes = dumps(&library(3, 2)).unwrap();
    for bit in 0..bytes.len() * 8 {
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        assert!(salvage(&damaged).is_err_and(|error| !error.to_string().is_empty()), "bit {bit}");
    }
    for end in 0..bytes.len() {
        assert!(salvage(&bytes[..end]).is_err(), "{end}");
    }
}

/// Sequences of the same elements cannot be told apart where a gap lies between them: nothing goes to the wrong one.
#[test]
fn sequences_that_look_alike() {
    let numbers =
        |from: u64| (from..from + 60_000).map(|i| i.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1).collect::<Vec<u64>>();
    let value = (numbers(0), numbers(1 << 40));
    let bytes = dumps(&value).unwrap();
    for chunk in chunks(&bytes).iter().skip(1) {
        for cut in [false, true] {
            let mut damaged = bytes.clone();
            damaged[chunk.start + 5] ^= 1;
            if cut {
                damaged.truncate(bytes.len() - 10);
            }
            let salvaged = salvage(&damaged).unwrap();
            let schema = crate::Schema::of_file(&salvaged.bytes).unwrap().to_string();
            let left: (Vec<u64>, Vec<u64>) = loads(&salvaged.bytes).unwrap_or_else(|error| panic!("{schema}: {error}"));
            let is_part = |left: &[u64], all: &[u64]| {
                let mut rest = all.iter();
                left.iter().all(|number| rest.any(|other| other == number))
            };
            assert!(is_part(&left.0, &value.0) && is_part(&left.1, &value.1));
            assert!(!salvaged.lost.is_empty());
            if !cut {
                assert!(left.0.len() + left.1.len() > 80_000, "{}", left.0.len() + left.1.len());
            }
        }
    }
}

#[test]
fn values_in_one_another() {
    #[derive(Debug, PartialEq, Persist)]
    #[persist(crate = crate)]
    enum Kind {
        Other,
        Some {
            tree: Box<Root>,
            #[persist(default)]
            after: u8,
        },
    }

    #[derive(Debug, PartialEq, Persist)]
    #[persist(crate = crate)]
    struct Root {
        children: Vec<Tree>,
        #[persist(default)]
        size: u32,
    }

    #[derive(Debug, Default, PartialEq, Persist)]
    #[persist(crate = crate)]
    struct Tree {
        name: String,
        children: Vec<Tree>,
        #[persist(default)]
        size: u32,
    }

    let tree = |id: u32| Tree {
        name: format!("tree {}", id.wrapping_mul(2_654_435_761)),
        children: (0..id % 3).map(|id| Tree { name: format!("leaf {id}"), ..Tree::default() }).collect(),
        size: id,
    };
    let value = Some(vec![Kind::Some {
        tree: Box::new(Root { children: (0..60_000).map(tree).collect(), size: 7 }),
        after: 9,
    }]);
    let bytes = dumps(&value).unwrap();
    assert_ne!(value, Some(vec![Kind::Other]));
    let places = chunks(&bytes);
    assert!(places.len() > 2);
    let mut damaged = bytes.clone();
    damaged[places[1].start + 40] ^= 8;
    let salvaged = salvage(&damaged).unwrap();
    let lost = salvaged.lost[0].to_string();
    assert!(
        lost.starts_with("[0].tree.children: elements ") && lost.contains(" of 60000 are lost (chunk 2 at byte "),
        "{lost}"
    );
    let left: Option<Vec<Kind>> = loads(&salvaged.bytes).unwrap();
    let Some([Kind::Some { tree: root, after: 9 }]) = left.as_deref() else { panic!("{left:?}") };
    assert!(root.children.iter().all(|child| *child == tree(child.size)) && root.size == 7);

    // The end is missing: with it what stands behind the children, in each of those around.
    let salvaged = salvage(&bytes[..bytes.len() - 5]).unwrap();
    let paths: Vec<&str> = salvaged.lost.iter().map(|lost| lost.path.as_str()).collect();
    assert_eq!(paths, ["[0].tree.children", "[0].tree.size", "[0].after"]);
    let left: Option<Vec<Kind>> = loads(&salvaged.bytes).unwrap();
    let Some([Kind::Some { tree: root, after: 0 }]) = left.as_deref() else { panic!("{left:?}") };
    assert!(root.children.iter().all(|child| *child == tree(child.size)) && root.size == 0);
}

/// Without checksums a group that does not open is left out.
#[test]
fn without_checksums() {
    let value = library(40_000, 3);
    let bytes = Dumper::new().checksum(false).dumps(&value).unwrap();
    let chunk = chunks(&bytes)[1].clone();
    let mut damaged = bytes.clone();
    // More rows than there are.
    damaged[chunk.start + 4] ^= 0x7F;
    let salvaged = salvage(&damaged).unwrap();
    assert!(!salvaged.checked);
    let left: Library = loads(&salvaged.bytes).unwrap();
    assert!(left.shelves.len() < 40_000 && left.lent == value.lent);
    for end in (0..bytes.len()).step_by(bytes.len() / 31) {
        if let Ok(salvaged) = salvage(&bytes[..end]) {
            let left: Library = loads(&salvaged.bytes).unwrap();
            assert_eq!(left.shelves, value.shelves[..left.shelves.len()]);
        }
    }
}

#[test]
fn texts_and_items_up_to_the_mistake() {
    let value = library(20, 3);
    for protocol in [Protocol::Json, Protocol::Cbor] {
        let bytes = Dumper::new().protocol(protocol).dumps(&value).unwrap();
        let mut most = 0;
        for end in 0..bytes.len() - 1 {
            let Ok(salvaged) = salvage(&bytes[..end]) else {
                assert!(most == 0, "{end}");
                continue;
            };
            assert!(!salvaged.checked && !salvaged.lost.is_empty(), "{protocol:?} {end}");
            let left = salvaged.value().unwrap();
            let Some(Value::List(shelves)) = left.get("shelves") else { continue };
            assert!(shelves.len() >= most);
            most = shelves.len();
            for (number, shelf) in shelves.iter().enumerate() {
                let id = i128::from(value.shelves[number].id);
                assert_eq!(shelf.get("id"), Some(&Value::Int(id)));
            }
        }
        assert_eq!(most, 20);
    }
    let salvaged = salvage(br#"{"a": [1, 2, {"b": 3}, nul], "c": 4}"#).unwrap();
    assert_eq!(salvaged.value().unwrap().to_string(), r#"{"a": [1, 2, {"b": 3}]}"#);
    assert!(salvaged.lost[0].to_string().starts_with("a: elements behind the first 3 that are left are lost"));
    for none in ["", " ", "nul", "\"text", "{\"a", "{\"@bytes\": \"00"] {
        let found = salvage(none.as_bytes());
        assert!(found.is_err() || found.unwrap().value().unwrap() == Value::Map(vec![]), "{none}");
    }
}
