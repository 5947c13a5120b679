use std::time::Duration;

use persist_core::{Dumper, dumps, loads};

use super::*;
use crate::journal::{RECORD, closed, diff, seal, updates};

const ID: u64 = 0x1122_3344_5566_7788;

fn time(number: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(number)
}

fn record(sequence: u64, write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = vec![0; RECORD];
    write(&mut bytes);
    seal(&mut bytes, ID, sequence);
    bytes
}

/// A file with a value, and a record for each further one; and where each record starts.
fn file(values: &[Vec<u64>]) -> (Vec<u8>, Vec<usize>) {
    let mut dumper = Dumper::new();
    let values: Vec<_> = values.iter().map(|value| dumper.dumps(value).unwrap()).collect();
    let mut file = values[0].clone();
    file.extend_from_slice(&Header { id: ID }.bytes(file.len() as u64));
    let mut starts = Vec::new();
    for (number, pair) in (1..).zip(values.windows(2)) {
        starts.push(file.len());
        file.extend(record(number, |out| {
            updates(out, time(number), 1);
            diff(&pair[0], &pair[1], out);
        }));
    }
    starts.push(file.len());
    (file, starts)
}

fn values() -> Vec<Vec<u64>> {
    (1..6).map(|count| (0..count * 3).map(|i| i * 1_000_003).collect()).collect()
}

fn value(salvaged: &SalvagedFile) -> Vec<u64> {
    loads(&salvaged.bytes).unwrap()
}

#[test]
fn the_value_before_the_damage_and_what_is_lost_behind_it() {
    let values = values();
    let (file, starts) = file(&values);
    for (number, &start) in starts[..4].iter().enumerate() {
        let mut damaged = file.clone();
        damaged[start + 20] ^= 1;
        let salvaged = salvage(&damaged).unwrap();
        assert_eq!(value(&salvaged), values[number]);
        assert_eq!(salvaged.records, number as u64);
        assert_eq!(salvaged.damage.as_ref().unwrap().offset, start as u64);
        let unused: Vec<_> = salvaged.unused.iter().map(|lost| (lost.sequence, lost.time, lost.updates)).collect();
        let expected: Vec<_> = (number as u64 + 2..5).map(|number| (number, time(number), 1)).collect();
        assert_eq!(unused, expected);
        // Behind the last record nothing tells that it was acknowledged.
        assert_eq!(salvaged.is_whole(), number == 3);
    }
}

/// Whatever bit is flipped, and wherever the file is cut: what is left was there, and is the newest that there is.
#[test]
fn every_flipped_bit_and_every_cut() {
    let values = values();
    let (mut file, starts) = file(&values);
    file.extend(record(5, |out| closed(out, time(5))));
    let base = packed_len(&file).unwrap();
    for bit in 0..file.len() * 8 {
        let (mut damaged, at) = (file.clone(), bit / 8);
        damaged[at] ^= 1 << (bit % 8);
        let Ok(salvaged) = salvage(&damaged) else {
            // The value has one chunk only.
            assert!(at < base, "bit {bit}");
            continue;
        };
        let left = value(&salvaged);
        let number = starts.iter().filter(|&&start| start <= at).count();
        if at < base {
            // What is written over by a record is of no account.
            assert_eq!(left, values[4], "bit {bit}");
        } else if number == 0 {
            // The header; with its id, it is the records that are lost.
            let with_id = (base + 8..base + 16).contains(&at);
            assert_eq!(left, values[if with_id { 0 } else { 4 }], "bit {bit}");
            assert_eq!(salvaged.is_whole(), !with_id, "bit {bit}");
        } else {
            assert_eq!(left, values[number - 1], "bit {bit}");
            assert_eq!(salvaged.is_whole(), number == 5, "bit {bit}");
        }
    }
    for end in 0..file.len() {
        let Ok(salvaged) = salvage(&file[..end]) else {
            assert!(end < base, "{end}");
            continue;
        };
        let whole = starts.iter().filter(|&&start| start <= end).count().max(1);
        assert_eq!(value(&salvaged), values[whole - 1], "{end}");
    }
}

/// A damaged value of several chunks, with a journal that changed others.
#[test]
fn damage_in_the_value_before_a_journal() {
    let first: Vec<u64> = (0..60_000u64).map(|i| i.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1).collect();
    let mut second = first.clone();
    *second.last_mut().unwrap() = 17;
    let (file, starts) = file(&[first, second.clone()]);
    let middle = starts[0] / 2;
    // A byte of a chunk; the length of one, so that the end of the value is not found by the lengths.
    for (at, bit) in [(middle, 1), (length_of_second_chunk(&file), 0x20)] {
        let mut damaged = file.clone();
        damaged[at] ^= bit;
        let salvaged = salvage(&damaged).unwrap();
        assert_eq!((salvaged.records, salvaged.damage.is_none()), (1, true));
        let lost = salvaged.lost[0].elements.clone().unwrap().range.unwrap();
        let mut expected = second.clone();
        expected.drain(lost.start as usize..lost.end as usize);
        assert!(value(&salvaged) == expected && !salvaged.is_whole());
    }
    // Bytes that are missing: what the journal changed is elsewhere now.
    let mut damaged = file.clone();
    damaged.drain(middle..middle + 7);
    let salvaged = salvage(&damaged).unwrap();
    assert_eq!((salvaged.records, salvaged.unused.len()), (0, 1));
    assert!(!salvaged.lost.is_empty() && salvaged.damage.is_some());
}

/// Where the third byte of the length of the second chunk stands.
fn length_of_second_chunk(file: &[u8]) -> usize {
    let schema = usize::from(file[6]);
    let first = 7 + schema + 4;
    let len = u32::from_le_bytes(*file[first..].first_chunk().unwrap()) as usize & ((1 << 30) - 1);
    first + 4 + len + 4 + 2
}

#[test]
fn files_without_a_journal() {
    let bytes = dumps(&"text").unwrap();
    let more = [&bytes[..], b"more"].concat();
    let salvaged = salvage(&more).unwrap();
    assert_eq!((salvaged.bytes == bytes, salvaged.len, salvaged.is_whole()), (true, bytes.len(), true));
    assert!(salvage(&[]).is_err() && salvage(&bytes[..7]).is_err());
    assert_eq!(salvage(b"[1, 2").unwrap().bytes, b"[1,2]\n");
}
