//! Folders of files, and what must hold of each file.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};

use persist::{Decode, Dumper, Encode, Loader, Protocol, Result, inspect};
use persist_core::split;

/// The folder of what is written today; named for the release that was the first to write so.
const CURRENT: &str = "0.1";

/// The variable that, set to `write`, has files written that are missing.
const SWITCH: &str = "PERSIST_GOLDEN";

/// Bytes of a file, and of a whole folder: they are kept for good, and by every clone.
const FILE_BYTES: u64 = 4 << 10;
const FOLDER_BYTES: u64 = 300_000;

/// A text of more bytes is shown by its start and a hash of all of it.
const SHOWN: usize = 1_500;

/// How a value is written; the extension of its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Packed,
    /// Without checksum.
    Unchecked,
    /// At level Small.
    Small,
    Bare,
    Json,
    Cbor,
}

impl Form {
    pub(crate) const ALL: &[Form] = &[Form::Packed, Form::Unchecked, Form::Small, Form::Bare, Form::Json, Form::Cbor];
    pub(crate) const PACKED: &[Form] = &[Form::Packed, Form::Unchecked, Form::Small, Form::Bare];
    /// Those that tell of the type, or need not: what another type can load.
    const SELF_DESCRIBING: &[Form] = &[Form::Packed, Form::Small, Form::Json, Form::Cbor];

    fn extension(self) -> &'static str {
        match self {
            Form::Packed => "packed",
            Form::Unchecked => "unchecked",
            Form::Small => "small",
            Form::Bare => "bare",
            Form::Json => "json",
            Form::Cbor => "cbor",
        }
    }

    /// None without the feature that it needs.
    #[cfg_attr(feature = "zstd", allow(clippy::unnecessary_wraps, reason = "only without it is there none"))]
    fn dumper(self) -> Option<Dumper> {
        let dumper = Dumper::new();
        match self {
            Form::Packed => Some(dumper),
            Form::Unchecked => Some(dumper.checksum(false)),
            #[cfg(feature = "zstd")]
            Form::Small => Some(dumper.level(persist::Level::Small)),
            #[cfg(not(feature = "zstd"))]
            Form::Small => None,
            Form::Bare => Some(dumper.bare(true)),
            Form::Json => Some(dumper.protocol(Protocol::Json)),
            Form::Cbor => Some(dumper.protocol(Protocol::Cbor)),
        }
    }

    fn loader(self) -> Loader {
        Loader::new().bare(self == Form::Bare)
    }
}

/// Whether the bytes of a form hold what they should.
type Check<'c> = &'c dyn Fn(Form, &[u8]) -> Result<(), String>;

/// Holds cases against files, and gathers all that is wrong.
pub(crate) struct Golden {
    folders: Vec<PathBuf>,
    write: bool,
    named: BTreeSet<PathBuf>,
    problems: Vec<String>,
}

impl Golden {
    pub(crate) fn new() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
        let mut folders = entries(&root);
        folders.retain(|path| path.is_dir());
        let current = root.join(CURRENT);
        if !folders.contains(&current) {
            folders.push(current);
        }
        let write = match std::env::var(SWITCH) {
            Ok(word) if word == "write" => true,
            Ok(word) => panic!("{SWITCH} is `{word}`, and can be `write` only"),
            Err(_) => false,
        };
        assert!(!write || cfg!(feature = "zstd"), "files of all forms are written with the feature `zstd` only");
        Golden { folders, write, named: BTreeSet::new(), problems: Vec::new() }
    }

    /// A value in all forms.
    pub(crate) fn value<T: Encode + Decode + Debug>(&mut self, name: &str, value: &T) {
        self.forms(name, Form::ALL, value);
    }

    /// A value in these forms only.
    pub(crate) fn forms<T: Encode + Decode + Debug>(&mut self, name: &str, forms: &[Form], value: &T) {
        self.case(name, forms, std::slice::from_ref(value), &[&|form, bytes| check(form, bytes, value)]);
    }

    /// A value that was saved as one type, and loads as that and as a newer one.
    pub(crate) fn older<Old, New>(&mut self, name: &str, old: &Old, new: &New)
    where
        Old: Encode + Decode + Debug,
        New: Encode + Decode + Debug,
    {
        let checks: [Check<'_>; 2] = [&|form, bytes| check(form, bytes, old), &|form, bytes| check(form, bytes, new)];
        self.case(name, Form::SELF_DESCRIBING, std::slice::from_ref(old), &checks);
    }

    /// Several values, one after the other.
    pub(crate) fn stream<T: Encode + Decode + Debug>(&mut self, name: &str, values: &[T]) {
        let forms: Vec<_> = Form::ALL.iter().copied().filter(|&form| form != Form::Bare).collect();
        self.case(
            name,
            &forms,
            values,
            &[&|form, bytes| {
                let (mut left, mut loader) = (bytes, form.loader());
                for value in values {
                    same(&loader.load(&mut left).map_err(|error| error.to_string())?, value)?;
                }
                if left.is_empty() { Ok(()) } else { Err("bytes are left after the last value".to_owned()) }
            }],
        );
    }

    /// Holds one case against the files of all folders.
    fn case<T: Encode>(&mut self, name: &str, forms: &[Form], values: &[T], checks: &[Check<'_>]) {
        let today: Vec<(Form, Option<Vec<u8>>)> =
            forms.iter().map(|&form| (form, form.dumper().map(|dumper| dumps(dumper, values)))).collect();
        for folder in self.folders.clone() {
            let is_current = folder.ends_with(CURRENT);
            let mut shown: Vec<String> = Vec::new();
            for (form, today) in &today {
                let path = folder.join(format!("{name}.{}", form.extension()));
                let bytes = self.file(&path, today.as_deref().filter(|_| is_current), is_current);
                let (Some(bytes), Some(_)) = (bytes, today) else { continue };
                for check in checks {
                    if let Err(problem) = check(*form, &bytes) {
                        self.problem(&path, &problem);
                    }
                }
                // All packed forms of a value show the same; a bare one shows nothing by itself.
                if *form == Form::Bare {
                    continue;
                }
                match show(&bytes) {
                    Ok(text) if shown.contains(&text) => {}
                    Ok(text) => shown.push(text),
                    Err(error) => self.problem(&path, &error.to_string()),
                }
            }
            let path = folder.join(format!("{name}.txt"));
            let shown = shown.concat();
            // Without zstd there may be nothing to show.
            self.file(&path, Some(shown.as_bytes()).filter(|text| !text.is_empty()), is_current);
        }
    }

    /// The bytes of a file, which is written where it is missing and may be; it must hold what is given.
    ///
    /// In an older folder it may be missing: the case is newer.
    fn file(&mut self, path: &Path, expected: Option<&[u8]>, is_current: bool) -> Option<Vec<u8>> {
        assert!(self.named.insert(path.to_owned()), "two cases have the file {}", path.display());
        if !path.exists() {
            match expected {
                Some(bytes) if is_current && self.write => {
                    fs::create_dir_all(path.parent().expect("it is in a folder")).unwrap();
                    fs::write(path, bytes).unwrap();
                }
                _ if is_current => {
                    self.problem(path, "the file is missing");
                    return None;
                }
                _ => return None,
            }
        }
        let found = fs::read(path).unwrap();
        if let Some(expected) = expected
            && found != expected
        {
            self.problem(path, &difference(&found, expected));
        }
        Some(found)
    }

    fn problem(&mut self, path: &Path, what: &str) {
        self.problems.push(format!("{}: {what}", path.display()));
    }

    /// Fails where a file is one of no case or too large, or anything was wrong before.
    pub(crate) fn finish(mut self) {
        for folder in self.folders.clone() {
            let (mut left, mut size) = (vec![folder.clone()], 0);
            while let Some(path) = left.pop() {
                if path.is_dir() {
                    left.extend(entries(&path));
                    continue;
                }
                let bytes = fs::metadata(&path).unwrap().len();
                size += bytes;
                if !self.named.contains(&path) {
                    self.problem(&path, "no case has this file");
                }
                if bytes > FILE_BYTES {
                    self.problem(&path, &format!("{bytes} bytes are too many"));
                }
            }
            if size > FOLDER_BYTES {
                self.problem(&folder, &format!("{size} bytes are too many"));
            }
        }
        assert!(self.problems.is_empty(), "{}\n(see `Golden files` in CONTRIBUTING.md)", self.problems.join("\n"));
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn dumps<T: Encode>(mut dumper: Dumper, values: &[T]) -> Vec<u8> {
    if let [value] = values {
        return dumper.dumps(value).unwrap();
    }
    let mut bytes = Vec::new();
    values.iter().for_each(|value| dumper.dump(value, &mut bytes).unwrap());
    bytes
}

/// A file has the value, in whichever way it is loaded.
fn check<T: Encode + Decode + Debug>(form: Form, bytes: &[u8], value: &T) -> Result<(), String> {
    let load = || -> Result<[T; 2]> {
        form.loader().verify::<T>(bytes)?;
        Ok([form.loader().loads(bytes)?, form.loader().load(&mut &bytes[..])?])
    };
    load().map_err(|error| error.to_string())?.iter().try_for_each(|loaded| same(loaded, value))
}

/// Equal, to the last bit of a float (by their bytes), and in what is not saved (as they are shown): NaN is equal to itself.
fn same<T: Encode + Debug>(loaded: &T, value: &T) -> Result<(), String> {
    let bytes = |value: &T| Dumper::new().dumps(value).unwrap();
    let (found, expected) = (format!("{loaded:?}"), format!("{value:?}"));
    if bytes(loaded) == bytes(value) && found == expected {
        return Ok(());
    }
    Err(format!("another value: {}\ninstead of: {}", shorten(&found), shorten(&expected)))
}

/// What is seen of a file without its types: its protocol, and a line for each value.
fn show(bytes: &[u8]) -> Result<String> {
    let mut lines = Vec::new();
    for part in split(bytes) {
        lines.push(inspect(&part?.bytes)?.to_string());
    }
    let protocol = format!("{:?}", Protocol::recognise(bytes)).to_lowercase();
    Ok(format!("{protocol}: {}\n", shorten(&lines.join("\n  "))))
}

/// The text, or its start and a hash (FNV-1a) of all of it.
fn shorten(text: &str) -> String {
    if text.len() <= SHOWN {
        return text.to_owned();
    }
    let hash = text
        .bytes()
        .fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3));
    let start: String = text.chars().take(SHOWN / 5).collect();
    format!("{start}.. ({} bytes, hash {hash:016x})", text.len())
}

fn difference(found: &[u8], expected: &[u8]) -> String {
    let at = found.iter().zip(expected).take_while(|(found, expected)| found == expected).count();
    format!(
        "today {} bytes would be written, which differ from the {} of the file from byte {at} on",
        expected.len(),
        found.len()
    )
}
