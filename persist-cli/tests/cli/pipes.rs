use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use crate::library::packed;
use crate::process::Folder;

/// Reads one line of what the command writes, and closes the pipe.
fn closed_early(folder: &Folder, arguments: &[&str]) -> (String, i32, String) {
    let mut child = folder.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::with_capacity(64, child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    (line, child.wait().unwrap().code().unwrap(), err)
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let folder = Folder::new();
    let long: Vec<u64> = (0..200_000).map(|i| i * i).collect();
    folder.write("long", packed(&long));
    folder.write("other", packed(&vec![1u8; 200_000]));
    folder.write("many.json", "[1,2,3]\n".repeat(100_000));
    for (arguments, status) in [
        (&["show", "long", "--all"][..], 0),
        (&["show", "long", "--json"], 0),
        (&["show", "many.json"], 0),
        (&["convert", "many.json", "-", "--to", "json"], 0),
        (&["diff", "long", "other"], 1),
        (&["weigh", "long", "--json"], 0),
    ] {
        let (line, ended, err) = closed_early(&folder, arguments);
        assert!(!line.is_empty(), "{arguments:?}");
        assert_eq!((ended, err.as_str()), (status, ""), "{arguments:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_of() {
    let folder = Folder::new();
    folder.write("long", packed(&(0..100_000u32).collect::<Vec<_>>()));
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let ended = folder.command(&["show", "long", "--all"]).stdout(full).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(ended.status.code(), Some(2));
    let err = String::from_utf8(ended.stderr).unwrap();
    assert!(err.starts_with("persist: standard output: cannot be written: No space left on device"), "{err}");
    let ended = folder.run(&["convert", "long", "/dev/full", "--to", "json"]);
    assert!(ended.trouble().starts_with("/dev/full: cannot be written: No space left"), "{}", ended.err);
}

#[test]
fn commands_read_the_standard_input() {
    let folder = Folder::new();
    let bytes = packed(&("a", 1));
    assert_eq!(folder.run_on(&bytes, &["show"]).good(), "[\"a\", 1]\n");
    assert_eq!(folder.run_on(&bytes, &["show", "-", "[0]"]).good(), "\"a\"\n");
    assert!(folder.run_on(&bytes, &["verify"]).good().starts_with("standard input: good "));
    assert!(folder.run_on(&bytes, &["weigh", "-"]).good().starts_with("PATH"));
    assert_eq!(folder.run_on(&bytes, &["convert", "-", "-", "--to", "json"]).good(), "[\"a\",1]\n");
    let nothing = "standard input: is empty: there is no value in it; see that it was written to its end";
    for arguments in [&["show"][..], &["weigh"], &["convert", "-", "out.json"]] {
        assert_eq!(folder.run_on(b"", arguments).trouble(), nothing);
    }
}
