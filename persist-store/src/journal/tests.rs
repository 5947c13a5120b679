use std::time::{Duration, SystemTime};

use persist_core::{Dumper, dumps, loads};

use super::*;

const ID: u64 = 77;

fn time(number: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(number)
}

fn record(sequence: u64, write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = vec![0; RECORD];
    write(&mut bytes);
    seal(&mut bytes, ID, sequence);
    bytes
}

/// A file with a value, then as many records as there are further ones.
fn file(values: &[Vec<u32>]) -> Vec<u8> {
    let mut dumper = Dumper::new().diffable(true);
    let values: Vec<_> = values.iter().map(|value| dumper.dumps(value).unwrap()).collect();
    let mut file = values[0].clone();
    file.extend_from_slice(&Header { id: ID }.bytes(file.len() as u64));
    for (number, pair) in (1..).zip(values.windows(2)) {
        file.extend(record(number, |out| {
            updates(out, time(number), 1);
            diff(&pair[0], &pair[1], out);
        }));
    }
    file
}

fn values() -> Vec<Vec<u32>> {
    (0..6).map(|count| (0..count * 3).collect()).collect()
}

fn value(file: &[u8]) -> Result<Vec<u32>> {
    loads(&Journal::read(file.to_vec())?.into_value()?)
}

#[test]
fn records_are_applied_one_after_the_other() {
    let file = file(&values());
    let mut seen = Vec::new();
    let journal = Journal::read_each(file.clone(), |record, bytes| {
        seen.push((record.sequence, record.time, loads::<Vec<u32>>(bytes).unwrap()));
    })
    .unwrap();
    assert_eq!(loads::<Vec<u32>>(&journal.value).unwrap(), values()[5]);
    let expected: Vec<_> =
        (1..6).map(|number| (number as u64, time(number as u64), values()[number].clone())).collect();
    assert_eq!(seen, expected);
    assert_eq!((journal.damage, journal.closed, journal.records.len()), (None, false, 5));
    assert_eq!((journal.end, journal.next), (file.len() as u64, 6));
}

#[test]
fn a_file_without_a_journal_is_its_value() {
    for bytes in [dumps(&7u8).unwrap(), b"[1, 2]".to_vec(), Vec::new(), vec![0xA0]] {
        let journal = Journal::read(bytes.clone()).unwrap();
        assert_eq!((journal.value, journal.records.len()), (bytes, 0));
    }
}

/// Wherever a file with a journal is cut, it has the value of the records before it; where its own value is cut, it is an
/// error.
#[test]
fn a_file_that_is_cut_has_the_value_before_the_cut() {
    let file = file(&values());
    let base = packed_len(&file).unwrap();
    let ends: Vec<_> =
        Journal::read(file.clone()).unwrap().records.iter().map(|record| record.bytes.end as usize).collect();
    for end in 0..file.len() {
        let found = value(&file[..end]);
        match end {
            _ if end == base => assert_eq!(found.unwrap(), values()[0]),
            _ if end < base + HEADER => assert!(found.is_err(), "{end}"),
            _ => assert_eq!(found.unwrap(), values()[ends.iter().filter(|&&record| record <= end).count()], "{end}"),
        }
    }
}

/// Zeros behind a journal are its end, and so is whatever a crash may have left of the last record.
#[test]
fn a_torn_record_is_where_the_journal_ends() {
    let all = file(&values());
    let journal = Journal::read(all.clone()).unwrap();
    let last = journal.records[4].bytes.start as usize;
    for (from, to) in [(0, 4), (4, 12), (12, 16), (0, 16), (20, 25), (0, all.len() - last)] {
        let mut torn = all.clone();
        torn[last + from..last + to].fill(0);
        torn.extend_from_slice(&[0; 5000]);
        let journal = Journal::read(torn).unwrap();
        assert_eq!(loads::<Vec<u32>>(&journal.value).unwrap(), values()[4]);
        assert_eq!((journal.end, journal.next), (last as u64, 5));
        assert_eq!(journal.damage.is_none(), to == all.len() - last);
    }
}

/// No flipped bit gives another value than one that was there; in the middle it is an error.
#[test]
fn every_flipped_bit_is_found() {
    let all = file(&values());
    let journal = Journal::read(all.clone()).unwrap();
    let (base, last) = (journal.base as usize, journal.records[4].bytes.start as usize);
    for bit in 0..all.len() * 8 {
        let mut file = all.clone();
        file[bit / 8] ^= 1 << (bit % 8);
        match value(&file) {
            // What a record writes over is of no account any more.
            Ok(found) if found == values()[5] => assert!(bit / 8 < base, "bit {bit}"),
            Ok(found) => assert!(bit / 8 >= last && found == values()[4], "bit {bit}"),
            Err(error) => assert!(bit / 8 < last, "bit {bit}: {error}"),
        }
    }
}

#[test]
fn a_closed_journal_ends_with_its_mark() {
    let mut all = file(&values());
    all.extend(record(6, |out| closed(out, time(6))));
    let journal = Journal::read(all.clone()).unwrap();
    assert!(journal.closed && journal.damage.is_none());
    assert_eq!((journal.records.len(), journal.records[5].updates), (6, 0));
    // Now the last update is known to have been whole.
    let last = journal.records[4].bytes.start as usize;
    all[last + RECORD + 3] ^= 1;
    assert!(value(&all).unwrap_err().to_string().contains("record 5 of the journal is damaged, and record 6"));
}

#[test]
fn a_journal_of_another_file_or_version_is_an_error() {
    let all = file(&values());
    let base = packed_len(&all).unwrap();
    let told = |file: &[u8]| value(file).unwrap_err().to_string();
    let other = [&dumps(&vec![1u32]).unwrap()[..], &all[base..]].concat();
    assert!(told(&other).contains("the journal belongs to another value"), "{}", told(&other));

    let mut newer = all.clone();
    newer[base + 4] = 2;
    let check = crc32fast::hash(&newer[base..base + 24]);
    newer[base + 24..base + 28].copy_from_slice(&check.to_le_bytes());
    assert!(told(&newer).contains("version 2") && told(&newer).contains("update it"), "{}", told(&newer));

    let trailing = [&all[..base], b"more"].concat();
    assert!(told(&trailing).contains("4 bytes are left after the value"), "{}", told(&trailing));
}

/// Records with a good checksum, of somebody who means ill: an error, and no memory for it.
#[test]
fn records_that_lie_are_errors() {
    let all = file(&values()[..1]);
    let lies: [&[u8]; 8] = [
        &[],
        &[3, 0],
        &[1, 0, 0],
        &[1, 0, 200],
        &[1, 0, 1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 0],
        &[1, 0, 1, 5, 1, 200, 0, 0],
        &[1, 0, 1, 5, 1, 0, 0, 200],
        &[1, 0, 1, 5, 200, 1, 1, 1],
    ];
    for lie in lies {
        let file = [&all[..], &record(1, |out| out.extend_from_slice(lie))].concat();
        let error = value(&file).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt, "{lie:?}: {error}");
    }
}

/// The example of `docs/format.md`.
#[test]
fn the_example_of_the_format_reads() {
    const FILE: &str = "
        FC 50 53 54 01 03 05 02 0C 01 03 20 81 66 07 24 04 00 00 40 08 01 02 03 1D 97 34 66
        FC 50 53 4A 01 00 00 00 08 07 06 05 04 03 02 01 1C 00 00 00 00 00 00 00 CB 16 5A 53
        0F 00 00 00 01 00 00 00 00 00 00 00 26 57 DD F3 01 AC 02 01 1C 01 16 06 06 09 03 DE 67 F3 0C
        03 00 00 00 02 00 00 00 00 00 00 00 32 C8 E4 15 02 AC 02";
    let file = FILE.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect();
    let journal = Journal::read(file).unwrap();
    assert_eq!((journal.base, journal.closed, journal.records.len()), (28, true, 2));
    let first = &journal.records[0];
    assert_eq!((first.updates, &first.bytes), (1, &(56..87)));
    assert_eq!(first.time, SystemTime::UNIX_EPOCH + Duration::from_millis(300));
    assert_eq!(loads::<[u8; 3]>(&journal.value).unwrap(), [1, 9, 3]);
}
