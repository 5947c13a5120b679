//! What tells one call from all others: a hash of 256 bits.

use std::any::type_name;

use blake3::Hasher;
use persist_core::{Decode, Dumper, Encode, Protocol, Result, Schema};

/// A call: function, version, arguments, and all of their types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key(pub(super) [u8; 32]);

impl Key {
    /// As many digits of it name its folder.
    const FOLDER: usize = 2;

    /// The folder and the file that its result is kept in.
    pub(super) fn names(self) -> (String, String) {
        let mut folder = blake3::Hash::from_bytes(self.0).to_hex().to_string();
        let file = folder.split_off(Self::FOLDER);
        (folder, file)
    }

    /// Whether files of results have such a name.
    pub(super) fn is_file_name(name: &str) -> bool {
        name.len() == 2 * size_of::<Key>() - Self::FOLDER && is_hex(name)
    }

    /// Whether folders of results have such a name.
    pub(super) fn is_folder_name(name: &str) -> bool {
        name.len() == Self::FOLDER && is_hex(name)
    }
}

fn is_hex(name: &str) -> bool {
    name.bytes().all(|letter| matches!(letter, b'0'..=b'9' | b'a'..=b'f'))
}

/// Makes a [`Key`]. Each part goes in with its length, so that no two lists of parts are alike.
#[derive(Debug)]
pub(super) struct KeyMaker {
    hasher: Hasher,
    /// Its memory serves for all arguments.
    bytes: Vec<u8>,
}

impl KeyMaker {
    /// For a function of this name and version.
    pub(super) fn new(name: &str, version: &str) -> Self {
        // The number is that of the layout of keys and files: another one finds nothing of this one.
        let hasher = Hasher::new_derive_key("persist memo 1: function, version, instance, arguments, result");
        let mut maker = KeyMaker { hasher, bytes: Vec::new() };
        maker.part(name.as_bytes());
        maker.part(version.as_bytes());
        maker
    }

    /// The instance of a generic function: its type parameters, and those of its type, as the type of a closure in it
    /// names them.
    pub(super) fn instance<Closure>(&mut self) {
        self.part(parameters(type_name::<Closure>()).as_bytes());
    }

    /// An argument: its type's schema, and itself in the one form in which equal values have equal bytes.
    pub(super) fn argument<A: Encode>(&mut self, value: &A) -> Result<()> {
        let schema = Schema::of_saved::<A>()?;
        self.part(&schema.to_bytes());
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        let mut dumper = Dumper::new().protocol(Protocol::Cbor).deterministic(true);
        let dumped = dumper.dumps_into(value, &mut bytes);
        self.part(&bytes);
        self.bytes = bytes;
        dumped
    }

    /// The key of calls that give this type.
    pub(super) fn finish<T: Decode>(mut self) -> Result<Key> {
        let schema = Schema::of::<T>()?;
        self.part(&schema.to_bytes());
        Ok(Key(*self.hasher.finalize().as_bytes()))
    }

    fn part(&mut self, bytes: &[u8]) {
        self.hasher.update(&(bytes.len() as u64).to_le_bytes());
        self.hasher.update(bytes);
    }
}

/// What stands in angle brackets in a path: not where it leads, which the name tells, or is not to tell.
fn parameters(path: &str) -> String {
    let (mut inside, mut depth, mut before) = (String::new(), 0_usize, ' ');
    for letter in path.chars() {
        let is_close = letter == '>' && !matches!(before, '-' | '=');
        depth += usize::from(letter == '<');
        if depth > 0 {
            inside.push(letter);
        }
        depth = depth.saturating_sub(usize::from(is_close));
        before = letter;
    }
    inside
}

/// The folder of a function's results: a name that a person knows it by, and a hash of its full one.
pub(super) fn folder_name(name: &str) -> String {
    const LETTERS: usize = 40;
    let last = name.rsplit("::").next().unwrap_or(name);
    let mut folder: String =
        last.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '-')).take(LETTERS).collect();
    let hash = blake3::hash(name.as_bytes()).to_hex();
    folder.push('-');
    folder.push_str(&hash[..16]);
    folder
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;

    fn key<A: Encode>(arguments: &A) -> Key {
        let mut maker = KeyMaker::new("f", "1");
        maker.argument(arguments).unwrap();
        maker.finish::<u8>().unwrap()
    }

    #[test]
    fn equal_arguments_have_equal_keys() {
        let one: HashMap<u32, String> = (0..100).map(|i| (i, i.to_string())).collect();
        let other: HashMap<u32, String> = (0..100).rev().map(|i| (i, i.to_string())).collect();
        assert_eq!(key(&one), key(&other));
        let set: HashSet<u64> = (0..50).collect();
        assert_eq!(key(&set), key(&(0..50).rev().collect::<HashSet<u64>>()));
        assert_eq!(key(&"a"), key(&"a".to_owned()));
    }

    #[test]
    fn others_have_others() {
        let keys = [
            key(&1u8),
            key(&1u16),
            key(&2u8),
            key(&"a"),
            key(&("a", "")),
            key(&("", "a")),
            key(&0.0f64),
            key(&-0.0f64),
            KeyMaker::new("f", "1").finish::<u8>().unwrap(),
            KeyMaker::new("f", "1").finish::<u16>().unwrap(),
            KeyMaker::new("f", "2").finish::<u8>().unwrap(),
            KeyMaker::new("f1", "").finish::<u8>().unwrap(),
            KeyMaker::new("g", "1").finish::<u8>().unwrap(),
        ];
        assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len());
    }

    /// A change of the layout of keys is a change of the number in it. This one would make all results be computed
    /// anew.
    #[test]
    fn keys_stay() {
        let (folder, file) = key(&(1u8, "a")).names();
        assert!(Key::is_folder_name(&folder) && Key::is_file_name(&file));
        assert_eq!(folder + &file, "74338783e04e092dd8e194e02a2fecb17dcb18235d51835fe6941239835ae1b0");
    }

    #[test]
    fn instances_are_told_apart() {
        assert_eq!(parameters("a::f::{{closure}}"), "");
        assert_eq!(parameters("a::R<u8>::f<b::C<i8>, 5>::{{closure}}"), "<u8><b::C<i8>, 5>");
        assert_eq!(parameters("<a::A as b::T>::f::{{closure}}"), "<a::A as b::T>");
        assert_eq!(parameters("a::f<fn(u8) -> u8>::g<u8>"), "<fn(u8) -> u8><u8>");
        assert_eq!(parameters("a::f<dyn T<A = u8>>::g<u8>"), "<dyn T<A = u8>><u8>");
    }

    #[test]
    fn folders_are_told_apart() {
        assert_ne!(folder_name("a::f"), folder_name("b::f"));
        assert!(folder_name("a::f").starts_with("f-"));
        assert!(!folder_name("../../etc").contains(['/', '.']));
        assert_eq!(folder_name("").len(), 17);
    }

    #[test]
    fn what_borrows_cannot_be_a_result() {
        let error = KeyMaker::new("f", "1").finish::<&str>().unwrap_err().to_string();
        assert!(error.contains("cannot be loaded"), "{error}");
    }
}
