use persist::{Persist, Protocol};

use crate::library::{Book, Library, PROTOCOLS, Place, dumped, library, packed};
use crate::process::Folder;

/// The library after a day.
pub(crate) fn later() -> Library {
    let mut library = library();
    library.name.push_str(" Library");
    library.shelves.remove(0);
    library.shelves[0].place = Place::Room(8);
    library.shelves[0].books.remove("E");
    library.shelves[1].books.insert("I".to_owned(), Book { title: "Iliad".to_owned(), pages: 700, cover: vec![] });
    library.lent.insert(5, Some("Bob".to_owned()));
    library.lent.insert(4, Some("Cay".to_owned()));
    library
}

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("a", packed(&library()));
    folder.write("b", packed(&later()));
    folder
}

#[test]
fn differences_have_paths() {
    let expected = r#"~ name: "Central" -> "Central Library"
- shelves[0]: Shelf { place: Place::Cellar, books: {} }
~ shelves[1].place: 7 -> 8
- shelves[1].books["E"]: Book { title: "Emma", pages: 474, cover: h'01ff' }
+ shelves[2].books["I"]: Book { title: "Iliad", pages: 700, cover: h'' }
~ lent[4]: null -> "Cay"
+ lent[5]: "Bob"
"#;
    assert_eq!(folder().run(&["diff", "a", "b"]).ended(1), expected);
}

#[test]
fn the_exit_status_tells() {
    let folder = folder();
    assert_eq!(folder.run(&["diff", "a", "a"]).ended(0), "");
    assert_eq!(folder.run(&["diff", "a", "b", "--quiet"]).ended(1), "");
    assert_eq!(folder.run(&["diff", "a", "none"]).trouble(), "none: is not there; see that the name is right");
    let both = folder.run_on(&packed(&1), &["diff", "-", "-"]);
    assert_eq!(both.trouble(), "standard input: cannot be both files; name one of them");
    assert_eq!(folder.run_on(&packed(&library()), &["diff", "a", "-"]).ended(0), "");
}

#[test]
fn machines_get_json() {
    let lines = folder().run(&["diff", "a", "b", "--json"]).ended(1);
    let lines: Vec<&str> = lines.lines().collect();
    assert_eq!(lines.len(), 7);
    assert_eq!(lines[0], r#"{"path":"name","change":"changed","old":"Central","new":"Central Library"}"#);
    assert_eq!(lines[1], r#"{"path":"shelves[0]","change":"removed","old":{"place":"Cellar","books":{}}}"#);
    assert_eq!(lines[6], r#"{"path":"lent[5]","change":"added","new":"Bob"}"#);
}

#[test]
fn the_same_in_two_protocols_is_the_same() {
    let folder = Folder::new();
    for (protocol, end) in PROTOCOLS {
        folder.write(&format!("a.{end}"), dumped(protocol, &library()));
        folder.write(&format!("b.{end}"), dumped(protocol, &later()));
    }
    for (_, one) in PROTOCOLS {
        for (_, other) in PROTOCOLS {
            let (a, b) = (format!("a.{one}"), format!("b.{other}"));
            let same = folder.run(&["diff", &a, &format!("a.{other}")]);
            // JSON has text for an address, CBOR its numbers; only a packed file tells that these are an address.
            let without_type = one != "persist" && other != "persist" && one != other;
            if without_type {
                let (text, numbers) = ("\"127.0.0.1\"", "{\"V4\": [127, 0, 0, 1]}");
                let (old, new) = if one == "json" { (text, numbers) } else { (numbers, text) };
                assert_eq!(same.ended(1), format!("~ [\"host\"]: {old} -> {new}\n"));
            } else {
                assert_eq!(same.ended(0), "", "{one} and {other}");
            }
            let differences = folder.run(&["diff", &a, &b]).ended(1);
            assert!(differences.contains("\"Central\" -> \"Central Library\""), "{one} and {other}: {differences}");
            let count = 7 + usize::from(without_type);
            assert_eq!(differences.lines().count(), count, "{one} and {other}: {differences}");
        }
    }
}

#[test]
fn types_and_variants_go_by_name() {
    #[derive(Persist)]
    struct Circle {
        radius: f64,
    }

    #[derive(Persist)]
    struct Ball {
        radius: f64,
        mass: u8,
    }

    let folder = Folder::new();
    folder.write("a", packed(&(Circle { radius: 1.0 }, Place::Cellar)));
    folder.write("b", packed(&(Ball { radius: 2.0, mass: 3 }, Place::Room(1))));
    let expected = "\
~ [0]: type Circle -> Ball
~ [0].radius: 1.0 -> 2.0
+ [0].mass: 3
~ [1]: Place::Cellar -> Place::Room(1)
";
    assert_eq!(folder.run(&["diff", "a", "b"]).ended(1), expected);
}

#[test]
fn order_matters_unless_it_does_not() {
    let folder = Folder::new();
    folder.write("a.json", "[1, [2, 3]]");
    folder.write("b.json", "[[3, 2], 1]");
    folder.write("c.json", "[1, [3, 2]]");
    assert_eq!(folder.run(&["diff", "a.json", "c.json"]).ended(1), "~ [1]: the same 2 in another order\n");
    assert_eq!(folder.run(&["diff", "a.json", "c.json", "--unordered"]).ended(0), "");
    assert_eq!(folder.run(&["diff", "b.json", "c.json"]).ended(1), "~ (whole): the same 2 in another order\n");
}

#[test]
fn sets_have_no_order() {
    #[derive(Persist)]
    struct Tags(std::collections::HashSet<String>);

    #[derive(Persist)]
    #[expect(clippy::option_option, reason = "CBOR tells the one `Some` from the other by a map")]
    enum Kind {
        Tagged { tags: Tags, more: Option<Option<Vec<Tags>>> },
    }

    let tags = |tags: &[&str]| Tags(tags.iter().map(|&tag| tag.to_owned()).collect());
    let value = |last: &str| Kind::Tagged {
        tags: tags(&["a", "b", "c", last]),
        more: Some(Some(vec![tags(&["x", "y", "z"])])),
    };
    let folder = Folder::new();
    // Each has an order of its own; once, they may have the same.
    for _ in 0..4 {
        folder.write("a", packed(&value("d")));
        folder.write("b", packed(&value("d")));
        folder.write("b.cbor", dumped(Protocol::Cbor, &value("d")));
        folder.write("c", packed(&value("e")));
        assert_eq!(folder.run(&["diff", "a", "b"]).ended(0), "");
        assert_eq!(folder.run(&["diff", "a", "b.cbor"]).ended(0), "");
        assert_eq!(folder.run(&["diff", "a", "c"]).ended(1), "- tags.0: \"d\"\n+ tags.0: \"e\"\n");
    }
}

#[test]
fn files_of_several_values_are_compared_one_by_one() {
    let folder = Folder::new();
    folder.write("a.json", "1\n2\n3\n");
    folder.write("b.json", "1\n5\n");
    let expected = "~ value 2 (whole): 2 -> 5\n- value 3 (whole): 3\n";
    assert_eq!(folder.run(&["diff", "a.json", "b.json"]).ended(1), expected);
}

#[test]
fn long_lists_take_no_long_time() {
    let folder = Folder::new();
    let random = |seed: u64| {
        let mut state = seed;
        (0..200_000u32)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 60) as u32
            })
            .collect::<Vec<_>>()
    };
    folder.write("a", dumped(Protocol::Packed, &random(1)));
    folder.write("b", dumped(Protocol::Packed, &random(2)));
    let start = std::time::Instant::now();
    folder.run(&["diff", "a", "b", "--quiet"]).ended(1);
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}
