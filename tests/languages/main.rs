//! CBOR and JSON as others read and write them: Python's `cbor2` and `json`, JavaScript's `cbor-x` and `JSON`; and level Small
//! of Packed, by the reader in Python.
//!
//! These tests are ignored unless they are asked for, as they need packages: `.ci/run` installs these, and tells where they are by
//! `PERSIST_PYTHON`, a Python that has `cbor2` and `zstandard`, and `NODE_PATH`, a folder that has `cbor-x`. What they show is in a table
//! of docs/format.md.

mod cbor_from_javascript;
mod cbor_from_python;
mod cbor_to_others;
mod json;
mod packed;
mod typed_arrays;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io::Write;
use std::process::{Command, Stdio};

use persist::{Decode, Dumper, Encode, Persist, Protocol, Value, load, loads};

/// A language's interpreter, and where the scripts for it are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Language {
    Python,
    JavaScript,
}

impl Language {
    /// Runs a script on input; gives its lines.
    fn run(self, script: &str, arguments: &[&str], input: impl AsRef<[u8]>) -> Vec<String> {
        let (program, folder) = match self {
            Language::Python => (std::env::var("PERSIST_PYTHON").unwrap_or("python3".to_owned()), "python"),
            Language::JavaScript => ("node".to_owned(), "javascript"),
        };
        let mut child = Command::new(&program)
            .arg(format!("{}/tests/{folder}/{script}", env!("CARGO_MANIFEST_DIR")))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("`{program}` does not start: {error}"));
        let mut stdin = child.stdin.take().expect("it is piped");
        let input = input.as_ref().to_owned();
        // A script may write before it has read all.
        let writer = std::thread::spawn(move || stdin.write_all(&input));
        let output = child.wait_with_output().expect("the script should end");
        assert!(output.status.success(), "{script} failed: {}", output.status);
        writer.join().expect("it does not panic").expect("the script should take its input");
        String::from_utf8(output.stdout).expect("what scripts write is UTF-8").lines().map(str::to_owned).collect()
    }

    /// What a script's lines `name, tab, hexadecimal digits` hold.
    fn items(self) -> Items {
        let script = if self == Language::Python { "cbor.py" } else { "cbor.js" };
        let lines = self.run(script, &["write"], "");
        let item = |line: &String| {
            let (name, digits) = line.split_once('\t').expect("a line has a name and digits");
            (name.to_owned(), unhex(digits))
        };
        Items(lines.iter().map(item).collect())
    }
}

/// CBOR that another program wrote, by name; what is loaded is taken away.
struct Items(BTreeMap<String, Vec<u8>>);

impl Items {
    fn take(&mut self, name: &str) -> Vec<u8> {
        self.0.remove(name).unwrap_or_else(|| panic!("the script writes no `{name}`"))
    }

    /// An item that loads as this value, from bytes and from a stream.
    fn loads<T: Encode + Decode + Debug>(&mut self, name: &str, value: &T) {
        let bytes = self.take(name);
        same(name, &loads(&bytes).unwrap_or_else(|error| panic!("{name}: {error}")), value);
        same(name, &load(&bytes[..]).unwrap_or_else(|error| panic!("{name}: {error}")), value);
        // As a dynamic value, too.
        loads::<Value>(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    /// An item that a dynamic value takes, as is shown, and gives back as it was.
    fn shows(&mut self, name: &str, shown: &str) {
        let bytes = self.take(name);
        let value: Value = loads(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(value.to_string(), shown, "{name}");
        let again = loads::<Value>(&cbor(&value)).unwrap();
        assert_eq!(again.to_string(), shown, "{name}");
    }

    /// An item that does not load as a type, with this in the error.
    fn refuses<T: Decode + Debug>(&mut self, name: &str, said: &str) {
        let error = loads::<T>(&self.take(name)).unwrap_err().to_string();
        assert!(error.contains(said), "{name}: {error}");
    }

    fn finish(self) {
        assert!(self.0.is_empty(), "no test has: {:?}", self.0.keys());
    }
}

/// Equal; NaN is equal to itself.
fn same<T: Debug>(what: &str, found: &T, expected: &T) {
    assert_eq!(format!("{found:?}"), format!("{expected:?}"), "{what}");
}

fn cbor<T: Encode>(value: &T) -> Vec<u8> {
    Dumper::new().protocol(Protocol::Cbor).dumps(value).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |digits, byte| digits + &format!("{byte:02x}"))
}

fn unhex(digits: &str) -> Vec<u8> {
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).expect("two hexadecimal digits");
    (0..digits.len()).step_by(2).map(byte).collect()
}

/// What the scripts of both languages write, too.
#[derive(Persist, Debug, Clone, PartialEq)]
struct Record {
    id: u32,
    name: String,
    note: Option<String>,
    sizes: Vec<f64>,
    shape: Shape,
    raw: Vec<u8>,
}

#[derive(Persist, Debug, Clone, PartialEq)]
enum Shape {
    Empty,
    Circle(f64),
    Line { from: u8, to: u8 },
}

fn record() -> Record {
    Record {
        id: 7,
        name: "n".into(),
        note: None,
        sizes: vec![1.5, 0.1, 2.0],
        shape: Shape::Circle(0.5),
        raw: vec![0, 255],
    }
}
