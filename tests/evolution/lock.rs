//! The lock beside these tests: these types may change, but never so that their old files do not load.

use persist::Persist;

#[derive(Persist)]
#[allow(dead_code)]
struct Session {
    user: String,
    jobs: Vec<Job>,
}

#[derive(Persist)]
#[allow(dead_code)]
enum Job {
    Fetch { url: String },
    Sleep(u32),
}

#[test]
fn saved_files_stay_readable() {
    persist::assert_schema_lock!("tests/evolution/schema.lock", Session, Vec<Job>);
}
