use std::path::Path;
use std::process::Command;

use persist::Protocol;

use crate::diff::later;
use crate::library::{dumped, library, packed};
use crate::process::{Folder, beside};

/// Each example of the README is run, and writes what stands there.
#[test]
fn the_examples_of_the_readme_are_real() {
    let folder = Folder::new();
    folder.write("library.persist", packed(&library()));
    folder.write("later.persist", packed(&later()));
    folder.write("cut.persist", &packed(&library())[..250]);
    folder.write("readings.persist", packed(&(0..1000u32).collect::<Vec<_>>()));
    folder.write("library.json", dumped(Protocol::Json, &library()));
    for name in ["shared", "class4"] {
        let to = if name == "shared" { "state.pickle" } else { "account.pickle" };
        std::fs::copy(beside(&format!("pickles/{name}.pickle")), folder.path(to)).unwrap();
    }
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let blocks = readme.split("```console\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let mut count = 0;
    for block in blocks {
        let (mut expected, mut found) = (String::new(), String::new());
        for line in block.lines() {
            expected += &format!("{line}\n");
            if let Some(command) = line.strip_prefix("$ ") {
                found += &format!("{line}\n{}", shell(&folder, command));
                count += 1;
            }
        }
        assert_eq!(found, expected);
    }
    assert!(count > 12, "{count}");
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
