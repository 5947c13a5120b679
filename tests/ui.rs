//! What the compiler says of types with mistakes: one file each in `tests/ui`, with the expected message beside it.

use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn mistakes_are_reported() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
    cases.compile_fail("tests/ui/*/*.rs");
    if cfg!(feature = "memo") {
        cases.compile_fail("tests/ui/memo/*/*.rs");
    }
}

/// Mistakes that take a type too big for a file; they have unit tests in the derive itself.
const TOO_BIG: [&str; 1] = ["TooManyVariants"];

/// Each row of the derive's table of mistakes has a case of its name, in which its message is given.
#[test]
fn each_mistake_has_a_case() {
    let source = source("mistakes.rs");
    let rows = source.lines().filter_map(|line| line.trim().strip_suffix("\";")?.split_once("} = \""));
    let mut count = 0;
    for (left, text) in rows {
        let name = left.split_once(' ').unwrap().0;
        count += 1;
        if TOO_BIG.contains(&name) {
            continue;
        }
        let case = snake_case(name) + ".stderr";
        let path = expectations().into_iter().find(|path| path.ends_with(&case));
        let path = path.unwrap_or_else(|| panic!("no case {case} for the mistake {name}"));
        let stderr = read(&path);
        // What stands between the parts that are filled in.
        for piece in text.split(['{', '}']).step_by(2) {
            assert!(stderr.contains(&piece.replace("\\\"", "\"")), "{} lacks: {piece}", path.display());
        }
    }
    assert!(count > 20, "the table is not read");
}

/// Each row of the derive's table of words has a case for what is said of it.
#[test]
fn each_word_has_a_case() {
    let said: String = expectations().iter().map(|path| read(path)).collect();
    let source = source("attributes.rs");
    let (_, table) = source.split_once("const WORDS").unwrap();
    let (table, _) = table.split_once("];").unwrap();
    let mut count = 0;
    let table = table.replace("\n        ", " ");
    for (kind, arguments) in table.lines().filter_map(|row| row.trim().split_once('(')) {
        let literals = literals_of(arguments);
        let expected = match (kind, &literals[..]) {
            ("works", [word, form, ..]) => format!("this is not how `{word}` is written; write `{form}`"),
            ("from_serde", [word, cure]) => format!("`{word}` is not one of persist's attributes: {cure}"),
            _ => continue,
        };
        count += 1;
        assert!(said.contains(&expected), "no case says: {expected}");
    }
    assert!(count > 30, "the table is not read");
}

/// The string literals in a piece of source.
fn literals_of(source: &str) -> Vec<String> {
    let plain = source.replace("\\\"", "\u{0}");
    plain.split('"').skip(1).step_by(2).map(|literal| literal.replace('\u{0}', "\"")).collect()
}

fn source(name: &str) -> String {
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("persist-derive/src").join(name))
}

fn expectations() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui");
    let mut found = Vec::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "stderr") {
                found.push(path);
            }
        }
    }
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}
