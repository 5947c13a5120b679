//! Files that are cut anywhere, or have any one bit flipped: a value that was there once, or an error.

use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use persist_core::Result;
use persist_store::fs::FileSystem;
use persist_store::{Persistent, open};

use crate::effort;
use crate::platter::Platter;
use crate::simulated::{Simulated, state};

/// A table, a map, and what may be missing: as a derived type has it.
type Notes = (String, Vec<(u32, String, f64)>, BTreeMap<String, Vec<u8>>, Option<Box<(bool, char)>>);

/// States of a value, one after the other.
fn states() -> Vec<Notes> {
    let mut notes = Notes::default();
    let mut states = Vec::new();
    for step in 0..7u32 {
        notes.0 = format!("step {step}");
        notes.1.push((step * 1001, format!("row {step}"), f64::from(step) / 3.0));
        match step % 3 {
            0 => _ = notes.2.insert(format!("key {step}"), vec![step as u8; 9]),
            1 => notes.3 = Some(Box::new((step > 3, 'x'))),
            _ => _ = notes.1.remove(0),
        }
        states.push(notes.clone());
    }
    states
}

/// A file with a snapshot and a journal with a record for each further state, as it is while it is open, without the zeros
/// behind it, and once it is closed.
fn files() -> (Vec<u8>, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes");
    let mut states = states().into_iter();
    let first = states.next().unwrap();
    let notes = Persistent::builder(&path).open_or_else(|| first).unwrap();
    for state in states {
        notes.update(|notes| *notes = state).unwrap();
    }
    let mut live = fs::read(&path).unwrap();
    live.truncate(live.iter().rposition(|&byte| byte != 0).unwrap() + 1);
    notes.close().unwrap();
    (live, fs::read(&path).unwrap())
}

/// The number of the state that is found, both ways; none where it is an error.
fn find(file: &[u8], path: &Path, states: &[Notes], what: &str) -> Option<usize> {
    fs::write(path, file).unwrap();
    let mut platter = Platter::default();
    let inode = platter.create("state");
    platter.write(inode, file, 0);
    platter.sync(inode);
    platter.sync_names();
    let simulated = Simulated::new(platter);
    let number = |notes: Result<Notes>| {
        let notes = notes.ok()?;
        Some(states.iter().position(|state| *state == notes).unwrap_or_else(|| panic!("{what}: other data: {notes:?}")))
    };
    let opened = catch_unwind(AssertUnwindSafe(|| {
        let live = Persistent::<Notes>::builder(state()).file_system(Arc::new(simulated.clone())).open();
        if live.is_err() {
            // A file that does not read is left as it is.
            assert_eq!(simulated.read(&state()).unwrap(), file, "{what}");
        }
        (number(open(path)), number(live.map(|live| live.read().clone())))
    }));
    let (one, other) = opened.unwrap_or_else(|_| panic!("{what}: a panic"));
    assert_eq!(one, other, "{what}");
    one
}

#[test]
fn a_file_that_is_cut_anywhere() {
    let since = Instant::now();
    let (folder, states, (live, closed)) = (tempfile::tempdir().unwrap(), states(), files());
    let path = folder.path().join("notes");
    for file in [&live, &closed] {
        let mut last = 0;
        for end in 0..=file.len() {
            let Some(found) = find(&file[..end], &path, &states, &format!("cut at {end}")) else { continue };
            assert!(found >= last, "cut at {end}: the state before that of a shorter file");
            last = found;
        }
        assert_eq!(last, states.len() - 1);
    }
    println!("files cut at each of {} bytes, in {:.1} s", live.len() + closed.len(), since.elapsed().as_secs_f64());
}

#[test]
fn a_file_with_any_bit_flipped() {
    let since = Instant::now();
    let (folder, states, (live, closed)) = (tempfile::tempdir().unwrap(), states(), files());
    let path = folder.path().join("notes");
    let (mut flips, mut noticed) = (0, 0);
    for (file, closed) in [(&live, false), (&closed, true)] {
        for bit in (0..file.len() * 8).step_by(effort(5, 1)) {
            let mut flipped = file.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            flips += 1;
            match find(&flipped, &path, &states, &format!("bit {bit}, closed: {closed}")) {
                None => noticed += 1,
                // The mark that it was closed has nothing in it. In a file that is open, what was written last may be
                // taken for torn.
                Some(found) => assert!(found + usize::from(!closed) + 1 >= states.len(), "bit {bit}: state {found}"),
            }
        }
    }
    println!("bits flipped: {flips}, errors: {noticed}, in {:.1} s", since.elapsed().as_secs_f64());
    assert!(noticed > flips / 2);
}
