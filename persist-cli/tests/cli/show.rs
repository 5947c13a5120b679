use persist::Protocol;

use crate::library::{dumped, library, packed};
use crate::process::Folder;

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("library", packed(&library()));
    folder.write("library.json", dumped(Protocol::Json, &library()));
    folder.write("library.cbor", dumped(Protocol::Cbor, &library()));
    folder
}

#[test]
fn a_tree_has_the_names_of_types_fields_and_variants() {
    let expected = "\
Library
  name: \"Central\"
  shelves: list of 3
    [0]: Shelf { place: Place::Cellar, books: {} }
    [1]: Shelf
      place: Place::Room(7)
      books: map of 2
        \"E\": Book { title: \"Emma\", pages: 474, cover: h'01ff' }
        \"U\": Book { title: \"Ulysses\", pages: 730, cover: h'01ff' }
    [2]: Shelf
      place: Place::Hall { row: 2, at: [0.5, 1.0] }
      books: {\"F\": Book { title: \"Faust\", pages: 160, cover: h'01ff' }}
  lent: {4: null, 17: \"Ada\"}
  host: IpAddr::V4(h'7f000001')
";
    assert_eq!(folder().run(&["show", "library"]).good(), expected);
}

#[test]
fn other_protocols_show_what_they_have() {
    let folder = folder();
    let json = folder.run(&["show", "library.json"]).good();
    assert!(json.starts_with("map of 4\n  \"name\": \"Central\"\n  \"shelves\": list of 3\n"), "{json}");
    assert!(json.contains("\"host\": \"127.0.0.1\""), "{json}");
    let cbor = folder.run(&["show", "library.cbor", "shelves[1].books.E"]).good();
    assert_eq!(cbor, "{\"title\": \"Emma\", \"pages\": 474, \"cover\": h'01ff'}\n");
}

#[test]
fn a_path_picks_a_part() {
    let folder = folder();
    for (path, expected) in [
        (r#"shelves[1].books["E"].title"#, "\"Emma\"\n"),
        ("Library.shelves[-1].place.Hall.row", "2\n"),
        ("shelves[2].place.at[0]", "0.5\n"),
        ("shelves[1].place.Room", "7\n"),
        ("lent[17]", "\"Ada\"\n"),
        ("host.V4", "h'7f000001'\n"),
    ] {
        assert_eq!(folder.run(&["show", "library", path]).good(), expected, "{path}");
    }
}

#[test]
fn a_path_that_leads_nowhere_tells_what_there_is() {
    let folder = folder();
    for (path, expected) in [
        ("shelf", "library: there is no `shelf` in the value, which has the fields name, shelves, lent, host"),
        ("shelves[3]", "library: there is no `[3]` in `shelves`, which is a list of 3"),
        ("lent[5]", "library: there is no `[5]` in `lent`, which has the keys 4, 17"),
        ("shelves[0].place.Room", "library: there is no `Room` in `shelves[0].place`, which is Place::Cellar"),
        ("name.x", "library: there is no `x` in `name`, which is \"Central\""),
    ] {
        assert_eq!(folder.run(&["show", "library", path]).trouble(), expected);
    }
    let wrong = folder.run(&["show", "library", "a[0"]);
    assert_eq!(wrong.status, 2);
    assert!(wrong.err.contains("the bracket `[0` is not closed"), "{}", wrong.err);
}

#[test]
fn json_and_cbor_are_plain() {
    let folder = folder();
    let json = folder.run(&["show", "library", "shelves[2]", "--json"]).good();
    let expected = r#"{
  "place": {
    "Hall": {
      "row": 2,
      "at": [
        0.5,
        1.0
      ]
    }
  },
  "books": {
    "F": {
      "title": "Faust",
      "pages": 160,
      "cover": [
        1,
        255
      ]
    }
  }
}
"#;
    assert_eq!(json, expected);
    let cbor = folder.run(&["show", "library", "shelves[1].books.E", "--cbor"]);
    assert_eq!(cbor.status, 0);
    let value = persist::inspect(&cbor.out).unwrap();
    assert_eq!(value.to_string(), r#"{"title": "Emma", "pages": 474, "cover": h'01ff'}"#);
}

#[test]
fn long_lists_and_texts_are_shortened_unless_asked() {
    let folder = Folder::new();
    folder.write("long", packed(&(0..1000u32).collect::<Vec<_>>()));
    let ten = folder.run(&["show", "long"]).good();
    assert!(ten.starts_with("list of 1000\n  [0]: 0\n"), "{ten}");
    assert!(ten.ends_with("  [9]: 9\n  … 990 more, left out; `--all` shows them\n"), "{ten}");
    let two = folder.run(&["show", "long", "--limit", "2"]).good();
    assert_eq!(two, "list of 1000\n  [0]: 0\n  [1]: 1\n  … 998 more, left out; `--all` shows them\n");
    assert_eq!(folder.run(&["show", "long", "--all"]).good().lines().count(), 1001);
    folder.write("text", packed(&("x".repeat(5000), vec![7u8; 5000])));
    let text = folder.run(&["show", "text"]).good();
    assert!(text.contains("xxx\" … 4700 more bytes of text, left out\n"), "{text}");
    assert!(text.contains("0707' … 4850 more bytes, left out\n"), "{text}");
    let all = folder.run(&["show", "text", "--all"]).good();
    assert!(all.len() > 3 * 5000 && !all.contains('…'));
}

#[test]
fn several_values_are_shown_one_after_the_other() {
    let folder = Folder::new();
    let mut bytes = packed(&1u8);
    bytes.extend(dumped(Protocol::Json, &"two"));
    bytes.extend(dumped(Protocol::Cbor, &(3, ())));
    folder.write("several", &bytes);
    let expected = "# value 1\n1\n# value 2\n\"two\"\n# value 3\n[3, null]\n";
    assert_eq!(folder.run(&["show", "several"]).good(), expected);
    assert_eq!(folder.run(&["show", "several", "--value", "2"]).good(), "\"two\"\n");
    let none = folder.run(&["show", "several", "--value", "4"]);
    assert_eq!(none.trouble(), "several: there is no value 4; the last one is value 3");
    // What is good is shown, before what is not.
    folder.write("cut", &bytes[..bytes.len() - 1]);
    let cut = folder.run(&["show", "cut"]);
    assert_eq!(cut.text(), "# value 1\n1\n# value 2\n\"two\"\n");
    let at = bytes.len() - 1;
    assert_eq!(cut.trouble(), format!("cut: value 3: the bytes end before the value does (at byte {at})"));
}

#[test]
fn colours_are_for_terminals_and_those_who_ask() {
    let folder = folder();
    let colored = |arguments: &[&str], variable: Option<&str>| {
        let mut command = folder.command(arguments);
        variable.map(|value| command.env("NO_COLOR", value));
        command.output().unwrap().stdout.contains(&0x1B)
    };
    assert!(!colored(&["show", "library"], None));
    assert!(colored(&["show", "library", "--color", "always"], None));
    assert!(colored(&["--color=always", "show", "library"], Some("1")));
    assert!(!colored(&["show", "library", "--color", "never"], None));
}

#[test]
fn names_and_texts_write_nothing_to_the_terminal_but_themselves() {
    let folder = Folder::new();
    folder.write("evil.json", r#"{"@record":["\u001b[2J",{"\u001b[31m":"\u001b]0;title\u0007","b":["\u001b[H"]}]}"#);
    for arguments in [&["show", "evil.json"][..], &["weigh", "evil.json"], &["show", "evil.json", "x"]] {
        let ended = folder.run(arguments);
        let all = ended.text() + &ended.err;
        assert!(!all.chars().any(|char| char.is_control() && char != '\n'), "{arguments:?}: {all:?}");
    }
}
