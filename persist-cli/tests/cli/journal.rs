//! Files with a journal behind their value: as a live value leaves them, torn, damaged, and folded.

use std::collections::BTreeMap;
use std::path::Path;

use persist::{Dumper, Level, Persist, Persistent, Protocol};

use crate::library::{Library, dumped, library, packed};
use crate::process::Folder;

/// A file of a live value, after some updates and its end.
pub(crate) fn journaled(path: &Path) {
    let live = Persistent::<Library>::builder(path).open_or_else(library).unwrap();
    live.update(|library| library.name.push_str(" Library")).unwrap();
    live.update(|library| drop(library.lent.insert(5, Some("Bob".to_owned())))).unwrap();
    live.update(|library| drop(library.shelves.remove(0))).unwrap();
    live.close().unwrap();
}

fn folder() -> Folder {
    let folder = Folder::new();
    journaled(&folder.path("live"));
    let mut value = library();
    value.name.push_str(" Library");
    value.lent.insert(5, Some("Bob".to_owned()));
    value.shelves.remove(0);
    folder.write("plain", packed(&value));
    folder
}

/// Where the records of a file are, as `log` tells.
fn records(folder: &Folder, name: &str) -> Vec<std::ops::Range<usize>> {
    let told: serde_json::Value = serde_json::from_str(&folder.run(&["log", name, "--json"]).text()).unwrap();
    let number = |value: &serde_json::Value| usize::try_from(value.as_u64().unwrap()).unwrap();
    let records = told["records"].as_array().unwrap().iter();
    records.map(|record| number(&record["offset"])..number(&record["offset"]) + number(&record["bytes"])).collect()
}

#[test]
fn all_commands_see_the_value_that_the_journal_leaves() {
    let folder = folder();
    let plain = folder.run(&["show", "plain"]).good();
    assert_eq!(folder.run(&["show", "live"]).good(), plain);
    assert_eq!(folder.run_on(&folder.read("live"), &["show"]).good(), plain);
    assert_eq!(folder.run(&["diff", "plain", "live"]).ended(0), "");
    assert_eq!(folder.run(&["schema", "live"]).good(), folder.run(&["schema", "plain"]).good());
    folder.run(&["convert", "live", "converted.persist"]).good();
    assert_eq!(folder.run(&["diff", "plain", "converted.persist"]).ended(0), "");
    let json = |name| folder.run(&["convert", name, "-", "--to", "json"]).good();
    assert_eq!(json("live"), json("plain"));
    let weights: serde_json::Value = serde_json::from_str(&folder.run(&["weigh", "live", "--json"]).good()).unwrap();
    let parts = weights["parts"].as_array().unwrap().iter();
    assert_eq!(parts.map(|part| part["bytes"].as_u64().unwrap()).sum::<u64>(), weights["bytes"].as_u64().unwrap());
    let size = folder.read("live").len();
    let told = folder.run(&["verify", "live"]).good();
    let expected = "with a journal of 3 records, 3 updates, closed";
    assert_eq!(told, format!("live: good (1 value, packed, {size} bytes; {expected})\n"));
    // Several values one after the other are no journal.
    folder.write("two", packed(&1u8).repeat(2));
    assert_eq!(folder.run(&["show", "two"]).good(), "# value 1\n1\n# value 2\n1\n");
}

#[test]
fn log_tells_of_each_record() {
    let folder = folder();
    let log = folder.run(&["log", "live"]).good();
    let lines: Vec<&str> = log.lines().collect();
    assert!(lines[0].starts_with("record 1  20") && lines[0].contains("Z  1 update, "), "{log}");
    assert!(lines.last().unwrap().contains("  closed, "), "{log}");
    let changes = folder.run(&["log", "live", "-p"]).good();
    assert!(changes.contains("\n  + lent[5]: \"Bob\"\n"), "{changes}");
    assert!(changes.contains("\n  - shelves[0]: Shelf { place: Place::Cellar, books: {} }\n"), "{changes}");
    let newest = folder.run(&["log", "live", "-p", "-n", "2"]).good();
    assert!(newest.starts_with("… ") && newest.contains("shelves[0]") && !newest.contains("lent[5]"), "{newest}");
    let told: serde_json::Value =
        serde_json::from_str(&folder.run(&["log", "live", "--json", "--changes"]).good()).unwrap();
    assert_eq!(told["closed"], true);
    let records = told["records"].as_array().unwrap();
    let bob = records.iter().find(|record| record["changes"][0]["path"] == "lent[5]").unwrap();
    assert_eq!((&bob["changes"][0]["change"], &bob["updates"]), (&"added".into(), &1.into()));
    assert!(folder.run(&["log", "plain"]).good().starts_with("plain: no records behind the value of "));
    assert_eq!(folder.run(&["log", "none"]).trouble(), "none: is not there; see that the name is right");
    folder.write("foreign", [&packed(&1u8)[..], b"more"].concat());
    assert!(folder.run(&["log", "foreign"]).trouble().contains("4 bytes are left after the value"));
    folder.write("empty", "");
    folder.write("text", "[1]");
    assert_eq!(folder.run(&["log", "text"]).trouble(), "text: is not packed, and only packed files have a journal");
    assert!(folder.run(&["log", "empty"]).trouble().starts_with("empty: is empty"));
}

/// What is torn was never acknowledged; what is damaged in the middle was.
#[test]
fn torn_and_damaged_records() {
    let folder = folder();
    let (bytes, places) = (folder.read("live"), records(&folder, "live"));
    let last = places[places.len() - 2].clone();
    folder.write("torn", &bytes[..last.end - 3]);
    let told = folder.run(&["verify", "torn"]).good();
    assert!(told.contains(&format!("bytes from byte {} on of a record that was never whole", last.start)), "{told}");
    assert!(folder.run(&["show", "torn", "shelves[0].place"]).good().contains("Cellar"));
    assert!(folder.run(&["log", "torn"]).good().contains("it was never acknowledged"));
    let ended = folder.run(&["salvage", "torn", "-o", "saved"]);
    assert!(ended.good().contains("was never whole"), "{ended:?}");

    let mut damaged = bytes.clone();
    damaged[last.start + 20] ^= 1;
    folder.write("damaged", &damaged);
    let number = places.len() - 1;
    for command in ["show", "weigh", "schema"] {
        let ended = folder.run(&[command, "damaged"]);
        assert!(ended.trouble().contains(&format!("record {number} of the journal is damaged")), "{}", ended.err);
        assert!(ended.trouble().contains("`persist salvage`"), "{}", ended.err);
    }
    assert!(folder.run(&["verify", "damaged"]).ended(1).starts_with("damaged: bad: record "));
    assert!(folder.run(&["log", "damaged"]).ended(1).contains(&format!("record {number} is damaged (at byte ")));
    assert!(folder.run(&["compact", "damaged"]).trouble().contains("`persist salvage`"));
    let told = folder.run(&["salvage", "damaged", "-o", "left"]).ended(1);
    assert!(told.contains(&format!("record {number} of the journal is damaged (at byte {}", last.start)), "{told}");
    assert!(told.contains(&format!("left: {} bytes written", folder.read("left").len())), "{told}");
    let left: Library = persist::open(folder.path("left")).unwrap();
    assert_eq!((left.shelves.len(), left.lent.len()), (3, 3));
    assert_eq!(folder.read("damaged"), damaged);
}

#[test]
fn compact_folds_the_journal_in() {
    let folder = folder();
    let before = folder.read("live").len();
    let told = folder.run(&["compact", "live", "plain", "--keep", "1"]).good();
    let after = folder.read("live").len();
    assert!(told.starts_with(&format!("live: {before} bytes, now {after} (")), "{told}");
    assert!(told.ends_with(&format!("plain: has no journal, {} bytes\n", folder.read("plain").len())), "{told}");
    assert!(after < before && folder.path("live.~1~").exists());
    assert_eq!(folder.run(&["diff", "live", "plain"]).ended(0), "");
    assert_eq!(folder.run(&["diff", "live", "live.~1~"]).ended(0), "");
    assert!(folder.run(&["compact", "none"]).trouble().contains("there is no such file"));

    let live = Persistent::<Library>::open(folder.path("live")).unwrap();
    let ended = folder.run(&["compact", "live"]);
    assert!(ended.trouble().contains(&std::process::id().to_string()), "{}", ended.err);
    drop(live);
    folder.run(&["compact", "live"]).good();
}

#[cfg(unix)]
#[test]
fn compact_keeps_permissions_and_links() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let folder = folder();
    std::fs::set_permissions(folder.path("live"), std::fs::Permissions::from_mode(0o640)).unwrap();
    symlink("live", folder.path("link")).unwrap();
    folder.run(&["compact", "link"]).good();
    assert!(std::fs::symlink_metadata(folder.path("link")).unwrap().is_symlink());
    assert_eq!(std::fs::metadata(folder.path("live")).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(folder.run(&["log", "live"]).good().contains("no records"));
}

#[test]
fn history_tells_of_generations() {
    let folder = Folder::new();
    let options = persist::FileOptions::new().keep(3);
    for count in 1..=3u32 {
        options.save(folder.path("numbers"), &(0..count).collect::<Vec<_>>()).unwrap();
    }
    let told = folder.run(&["history", "numbers", "-p"]).good();
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), 5, "{told}");
    assert!(lines[0].starts_with("numbers.~1~  20") && lines[0].ends_with(" bytes"), "{told}");
    assert!(lines[1].starts_with("numbers.~2~  20") && lines[1].ends_with(" bytes, 1 difference"), "{told}");
    assert_eq!((lines[2], lines[4]), ("  + [1]: 1", "  + [2]: 2"));
    assert!(lines[3].starts_with("numbers  20"), "{told}");
    folder.write("numbers.~2~", &packed(&7u8)[..6]);
    let told: serde_json::Value = serde_json::from_str(&folder.run(&["history", "numbers", "--json"]).good()).unwrap();
    assert_eq!((&told[0]["generation"], &told[1]["differences"]), (&1.into(), &serde_json::Value::Null));
    assert!(told[1]["error"].is_string() && told[2]["generation"].is_null(), "{told}");
    assert_eq!(folder.run(&["history", "none"]).trouble(), "none: is not there; see that the name is right");

    journaled(&folder.path("live"));
    assert!(folder.run(&["history", "live"]).good().contains(" updates in its journal"));
}

#[derive(Debug, PartialEq, Persist)]
struct Readings {
    station: String,
    values: Vec<u64>,
    by_day: BTreeMap<u32, String>,
}

fn readings() -> Readings {
    Readings {
        station: "North".to_owned(),
        values: (0..60_000u64).map(|i| i.wrapping_mul(0x9E37_79B9_7F4A_7C15)).collect(),
        by_day: (0..9).map(|day| (day, format!("day {day}"))).collect(),
    }
}

/// What is left of a damaged value loads as its type, at all levels.
#[test]
fn salvage_leaves_out_damaged_chunks() {
    let value = readings();
    for level in [Level::Fast, Level::Small] {
        let folder = Folder::new();
        let value = if level == Level::Fast { value.values.clone() } else { value.values.repeat(6) };
        let value = Readings { values: value, ..readings() };
        let bytes = Dumper::new().level(level).dumps(&value).unwrap();
        let mut damaged = bytes.clone();
        damaged[bytes.len() / 2] ^= 0x20;
        folder.write("damaged", &damaged);
        let told = folder.run(&["salvage", "damaged", "-o", "left"]).ended(1);
        assert!(told.starts_with("damaged: Readings.values: elements "), "{told}");
        assert!(told.contains(&format!(" of {} are lost (chunk ", value.values.len())), "{told}");
        let left: Readings = persist::open(folder.path("left")).unwrap();
        assert_eq!((&left.station, &left.by_day), (&value.station, &value.by_day));
        assert!(left.values.len() < value.values.len() && left.values.len() > value.values.len() / 3);
        folder.run(&["verify", "left"]).good();

        folder.write("cut", &bytes[..bytes.len() - 40]);
        let told = folder.run(&["salvage", "cut"]).ended(1);
        assert!(told.contains("cut: Readings.by_day: all entries are lost, however many there were (chunk "), "{told}");
        assert!(told.ends_with("cut: what is left was not written; say where to by `-o OUT`\n"), "{told}");
    }
}

#[test]
fn salvage_and_its_arguments() {
    let folder = Folder::new();
    folder.write("good", packed(&library()));
    let size = folder.read("good").len();
    let expected = format!("good: nothing is lost, {size} bytes\nleft: {size} bytes written\n");
    assert_eq!(folder.run(&["salvage", "good", "-o", "left"]).good(), expected);
    assert_eq!(folder.read("left"), folder.read("good"));
    let again = folder.run(&["salvage", "good", "-o", "left"]);
    assert_eq!(again.trouble(), "left: is there already; name another file, or replace it with `--force`");
    assert_eq!(folder.run(&["salvage", "good", "-o", "left", "--force"]).good(), expected);
    for same in ["good", "./good"] {
        let ended = folder.run(&["salvage", "good", "-o", same, "--force"]);
        assert!(ended.trouble().contains("is the damaged file itself"), "{}", ended.err);
    }
    let ended = folder.run_on(&folder.read("good"), &["salvage", "-o", "-"]);
    assert_eq!((ended.status, ended.out), (0, folder.read("good")));
    assert!(ended.err.contains("standard input: nothing is lost"), "{}", ended.err);

    // Nothing can be read of these.
    let mut damaged = folder.read("good");
    damaged[size - 30] ^= 1;
    folder.write("damaged", damaged);
    folder.write("header", &folder.read("good")[..40]);
    folder.write("noise", [0xFFu8; 64]);
    folder.write("empty", "");
    for file in ["damaged", "header", "noise", "empty", "none"] {
        let ended = folder.run(&["salvage", file, "-o", "nothing"]);
        assert!(ended.trouble().starts_with(&format!("{file}: ")), "{}", ended.err);
        assert!(!folder.path("nothing").exists());
    }

    // Several values; JSON that is cut.
    let two = [folder.read("good"), folder.read("header")].concat();
    folder.write("two", two);
    let told = folder.run(&["salvage", "two", "-o", "one"]).ended(1);
    assert!(told.contains(&format!("two: value 2, from byte {size} on: nothing of the value can be read")), "{told}");
    assert_eq!(folder.read("one"), folder.read("good"));
    let json = dumped(Protocol::Json, &library());
    folder.write("cut.json", &json[..json.len() - 60]);
    let told = folder.run(&["salvage", "cut.json", "-o", "left.json"]).ended(1);
    assert!(told.starts_with("cut.json: "), "{told}");
    assert_eq!(folder.run(&["show", "left.json", "name"]).good(), "\"Central\"\n");
}
