//! Files of every release load for good, as the values that they were made of: those in the folders beside this file, one
//! folder for each form that the bytes have had. How they are made is in CONTRIBUTING.md.

mod evolution;
mod folder;
mod leaves;
mod many;
mod recursion;
mod types;
mod wide;

use folder::Golden;

#[test]
fn all_files_load_and_are_written_as_ever() {
    let mut golden = Golden::new();
    leaves::cases(&mut golden);
    types::cases(&mut golden);
    wide::cases(&mut golden);
    recursion::cases(&mut golden);
    many::cases(&mut golden);
    evolution::cases(&mut golden);
    golden.finish();
}
