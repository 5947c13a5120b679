use persist::{Dumper, Level, Persist, Protocol};

use crate::library::{dumped, library, packed};
use crate::process::Folder;

/// The library as a later program has it.
#[derive(Persist)]
#[persist(rename = "Library")]
struct Later {
    name: String,
    #[persist(default)]
    opened: Option<u16>,
    lent: Vec<(u32, String)>,
}

#[test]
fn a_schema_is_shown_as_definitions() {
    let folder = Folder::new();
    folder.write("library", packed(&library()));
    let shown = folder.run(&["schema", "library"]).good();
    let expected = "\
struct Library {
    name: String,
    shelves: Vec<Shelf>,
    lent: Map<u32, Option<String>>,
    host: IpAddr,
}

struct Shelf {
    place: Place,
    books: Map<String, Book>,
}

enum Place {
    Cellar,
    Room(u16),
    Hall {
        row: u8,
        at: (f32, f32),
    },
}

struct Book {
    title: String,
    pages: u16,
    cover: Vec<u8>,
}
";
    assert!(shown.starts_with(expected), "{shown}");
    folder.write("numbers", Dumper::new().level(Level::Small).dumps(&vec![1u8; 9]).unwrap());
    assert_eq!(folder.run(&["schema", "numbers"]).good(), "Vec<u8>\n");
}

#[test]
fn a_lock_is_kept() {
    let folder = Folder::new();
    folder.write("library", packed(&library()));
    let missing = folder.run(&["schema", "library", "--check", "schema.lock"]);
    assert!(missing.trouble().contains("--update"));
    assert_eq!(folder.run(&["schema", "library", "--update", "schema.lock"]).good(), "");
    assert_eq!(folder.run(&["schema", "library", "--check", "schema.lock"]).good(), "");
    let lock = String::from_utf8(folder.read("schema.lock")).unwrap();
    assert!(lock.contains("[Library]") && lock.contains("#     shelves: Vec<Shelf>,"), "{lock}");

    let later = Later { name: "n".into(), opened: Some(9), lent: vec![(1, "a".into())] };
    folder.write("later", Dumper::new().dumps(&later).unwrap());
    let broken = folder.run(&["schema", "later", "--check", "schema.lock"]).ended(1);
    for part in ["later: ", "Library.lent", "Map<u32, Option<String>>", "Vec<(u32, String)>"] {
        assert!(broken.contains(part), "{part}: {broken}");
    }
    assert!(!broken.contains("opened"), "a field with a default breaks nothing: {broken}");
    let refused = folder.run(&["schema", "later", "--update", "schema.lock"]).ended(1);
    assert!(refused.contains("schema.lock: "), "{refused}");
    assert_eq!(String::from_utf8(folder.read("schema.lock")).unwrap(), lock);

    let other = folder.run(&["schema", "later", "--check", "schema.lock", "--name", "Other"]);
    assert!(other.trouble().contains("Library"), "{other:?}");
    assert_eq!(folder.run(&["schema", "later", "--update", "schema.lock", "--name", "Later"]).good(), "");
}

#[test]
fn what_has_no_schema_says_so() {
    let folder = Folder::new();
    folder.write("library.json", dumped(Protocol::Json, &library()));
    assert!(folder.run(&["schema", "library.json"]).trouble().contains("has no schema"));
    folder.write("library", packed(&library()));
    folder.write("bad.lock", "not a lock");
    let error = folder.run(&["schema", "library", "--check", "bad.lock"]);
    assert!(error.trouble().contains("line 1 of the schema lock"), "{error:?}");
    let mut bytes = packed(&library());
    bytes[9] ^= 1;
    folder.write("damaged", bytes);
    folder.run(&["schema", "damaged"]).trouble();
}
