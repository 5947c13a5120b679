use std::path::Path;
use std::process::Command;

use persist::{FileOptions, Protocol};

use crate::diff::later;
use crate::journal::journaled;
use crate::library::{dumped, library, packed};
use crate::process::{Folder, beside};

/// Each example of the README is run, and writes what stands there; with `README=overwrite`, it stands there from then on.
#[test]
fn the_examples_of_the_readme_are_real() {
    let folder = Folder::new();
    folder.write("library.persist", packed(&library()));
    folder.write("later.persist", packed(&later()));
    folder.write("cut.persist", &packed(&library())[..250]);
    folder.write("readings.persist", packed(&(0..1000u32).collect::<Vec<_>>()));
    folder.write("library.json", dumped(Protocol::Json, &library()));
    let broken = packed(&(0..100_000u64).map(|i| i.wrapping_mul(0x9E37_79B9_7F4A_7C15)).collect::<Vec<_>>());
    let middle = broken.len() / 2;
    folder.write("broken.persist", [&broken[..middle], &[!broken[middle]], &broken[middle + 1..]].concat());
    journaled(&folder.path("live.persist"));
    let mut damaged = folder.read("live.persist");
    let header = damaged.windows(4).position(|bytes| bytes == b"\xFCPSJ").unwrap();
    damaged[header + 50] ^= 1;
    folder.write("damaged.persist", damaged);
    for count in 1..=3u32 {
        FileOptions::new().keep(2).save(folder.path("numbers"), &(0..count).collect::<Vec<_>>()).unwrap();
    }
    for (name, to) in [("shared", "state.pickle"), ("class4", "account.pickle")] {
        std::fs::copy(beside(&format!("pickles/{name}.pickle")), folder.path(to)).unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let mut blocks = readme.split("```console\n");
    let mut real = blocks.next().unwrap().to_owned();
    for block in blocks {
        let (block, after) = block.split_once("```").unwrap();
        real += "```console\n";
        for command in block.lines().filter_map(|line| line.strip_prefix("$ ")) {
            real.extend(["$ ", command, "\n", &shell(&folder, command)]);
        }
        real.extend(["```", after]);
    }
    if std::env::var_os("README").is_some_and(|what| what == "overwrite") {
        std::fs::write(&path, &real).unwrap();
    } else {
        assert_eq!(readme, real);
    }
}

fn shell(folder: &Folder, command: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_persist")).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    let output = Command::new("sh")
        .args(["-c", &format!("{command} 2>&1")])
        .current_dir(folder.path(""))
        .env("PATH", format!("{}:{path}", program.display()))
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}
