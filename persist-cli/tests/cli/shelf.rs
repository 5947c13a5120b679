//! Files of shelves: checked, made smaller, and refused by commands that take values.

use persist::Shelf;

use crate::process::Folder;

fn folder() -> Folder {
    let folder = Folder::new();
    let shelf = Shelf::<u64, Vec<u8>>::open(folder.path("shelf")).unwrap();
    shelf.extend((0..2000).map(|key| (key, vec![7; 1000]))).unwrap();
    shelf.retain(|key, _| *key < 10).unwrap();
    folder
}

#[test]
fn a_shelf_is_checked_and_made_smaller() {
    let folder = folder();
    assert_eq!(folder.run(&["verify", "shelf"]).good(), "shelf: good (1 shelf)\n");
    let before = folder.read("shelf").len();
    let told = folder.run(&["compact", "shelf"]).good();
    let after = folder.read("shelf").len();
    assert_eq!(told, format!("shelf: a shelf of {before} bytes, now {after}\n"));
    assert!(after < before, "{told}");
    let shelf = Shelf::<u64, Vec<u8>>::open(folder.path("shelf")).unwrap();
    assert_eq!(shelf.len().unwrap(), 10);

    // While it is open, nobody else has it.
    for command in ["verify", "compact"] {
        let told = folder.run(&[command, "shelf"]).trouble().to_owned();
        assert!(told.starts_with("shelf: "), "{told}");
    }
}

#[test]
fn a_damaged_shelf_is_bad() {
    let folder = folder();
    let mut bytes = folder.read("shelf");
    for byte in bytes.iter_mut().skip(4096).step_by(97) {
        *byte ^= 0x55;
    }
    folder.write("shelf", bytes);
    let told = folder.run(&["verify", "shelf"]).ended(1);
    assert!(told.starts_with("shelf: bad: "), "{told}");
}

#[test]
fn commands_for_values_say_what_a_shelf_is() {
    let folder = folder();
    for command in ["show", "weigh", "schema"] {
        let told = folder.run(&[command, "shelf"]).trouble().to_owned();
        assert!(told.contains("is a shelf: `verify` and `compact` take it"), "{told}");
    }
}
