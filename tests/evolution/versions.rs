//! Types with versions, and values of older ones that are upgraded.

use persist::{ErrorKind, Persist, Protocol, dumps, loads};

use crate::{PROTOCOLS, evolves, refused, through};

/// As it was first: a type without versions.
#[derive(Persist, Clone, Debug, PartialEq)]
#[persist(rename = "Session")]
struct SessionV1 {
    user: String,
    host: String,
}

#[derive(Persist, Clone, Debug, PartialEq)]
#[persist(rename = "Session", version = 2, upgrade_from = SessionV1)]
struct SessionV2 {
    user: String,
    address: (String, u16),
}

#[derive(Persist, Clone, Debug, PartialEq)]
#[persist(version = 3, upgrade_from = SessionV2)]
struct Session {
    users: Vec<String>,
    address: String,
}

impl TryFrom<SessionV1> for SessionV2 {
    type Error = std::num::ParseIntError;

    fn try_from(old: SessionV1) -> Result<Self, Self::Error> {
        let (host, port) = old.host.split_once(':').unwrap_or((&old.host, "80"));
        Ok(SessionV2 { address: (host.to_owned(), port.parse()?), user: old.user })
    }
}

impl From<SessionV2> for Session {
    fn from(old: SessionV2) -> Self {
        let (host, port) = old.address;
        Session { users: vec![old.user], address: format!("{host}:{port}") }
    }
}

fn first() -> SessionV1 {
    SessionV1 { user: "u".into(), host: "h:8080".into() }
}

fn second() -> SessionV2 {
    SessionV2 { user: "u".into(), address: ("h".into(), 8080) }
}

fn third() -> Session {
    Session { users: vec!["u".into()], address: "h:8080".into() }
}

#[test]
fn every_version_upgrades_to_the_last() {
    evolves(&first(), &second());
    evolves(&first(), &third());
    evolves(&second(), &third());
    evolves(&third(), &third());
    evolves(&second(), &second());
}

#[test]
fn versions_stand_first_in_protocols_without_schema() {
    let json = |value: &dyn Fn() -> Vec<u8>| String::from_utf8(value()).unwrap();
    let text = json(&|| persist::Dumper::new().protocol(Protocol::Json).dumps(&third()).unwrap());
    assert_eq!(text, r#"{"@version":3,"users":["u"],"address":"h:8080"}"#);
    // Wherever it stands, it counts.
    let moved = r#"{"user":"u","address":["h",8080],"@version":2}"#;
    assert_eq!(loads::<Session>(moved.as_bytes()).unwrap(), third());
    let explicit = r#"{"@version":1,"user":"u","host":"h:8080"}"#;
    assert_eq!(loads::<Session>(explicit.as_bytes()).unwrap(), third());
    assert_eq!(loads::<SessionV1>(explicit.as_bytes()).unwrap(), first());
    for bad in ["0", "-1", "\"3\"", "1.5", "null"] {
        let text = format!(r#"{{"@version":{bad},"users":[],"address":""}}"#);
        assert_eq!(loads::<Session>(text.as_bytes()).unwrap_err().kind(), ErrorKind::Shape, "{bad}");
    }
}

#[test]
fn newer_versions_are_refused() {
    for protocol in PROTOCOLS {
        for error in [
            refused::<_, SessionV2>(protocol, &third()),
            refused::<_, SessionV1>(protocol, &third()),
            refused::<_, SessionV1>(protocol, &second()),
            refused::<_, Vec<SessionV2>>(protocol, &vec![third(); 3]),
        ] {
            assert_eq!(error.kind(), ErrorKind::Version, "{protocol:?}: {error}");
            assert!(error.to_string().contains("newer version of the program"), "{error}");
        }
    }
}

#[test]
fn an_upgrade_may_fail() {
    let bad = SessionV1 { user: "u".into(), host: "h:port".into() };
    let rows = vec![(1u8, first()), (2, bad)];
    for protocol in PROTOCOLS {
        let error = refused::<_, Vec<(u8, Session)>>(protocol, &rows);
        assert_eq!(error.kind(), ErrorKind::Hook);
        assert!(error.to_string().contains("invalid digit"), "{error}");
        let source = std::error::Error::source(&error).expect("the upgrade's error is kept");
        assert!(source.is::<std::num::ParseIntError>());
    }
}

#[test]
fn enums_have_versions() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    enum JobV1 {
        Stop,
        Run(String),
    }
    #[derive(Persist, Clone, Debug, PartialEq)]
    #[persist(version = 2, upgrade_from = JobV1)]
    enum Job {
        Halt,
        Run { command: String, retries: u8 },
    }
    impl From<JobV1> for Job {
        fn from(old: JobV1) -> Self {
            match old {
                JobV1::Stop => Job::Halt,
                JobV1::Run(command) => Job::Run { command, retries: 3 },
            }
        }
    }
    evolves(&JobV1::Stop, &Job::Halt);
    evolves(&JobV1::Run("r".into()), &Job::Run { command: "r".into(), retries: 3 });
    evolves(&Job::Halt, &Job::Halt);
    evolves(&vec![JobV1::Stop, JobV1::Run("r".into())], &vec![Job::Halt, Job::Run { command: "r".into(), retries: 3 }]);
    let text = persist::Dumper::new().protocol(Protocol::Json).dumps(&Job::Halt).unwrap();
    assert_eq!(text, br#"{"@version":2,"Halt":null}"#);
}

#[test]
fn versions_change_by_the_rules_where_nothing_is_upgraded() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    #[persist(version = 5)]
    struct New {
        user: String,
        #[persist(default)]
        size: u8,
    }
    evolves(&first(), &New { user: "u".into(), size: 0 });
    evolves(&New { user: "u".into(), size: 1 }, &New { user: "u".into(), size: 1 });
}

#[test]
fn older_forms_have_transient_fields_and_hooks() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    #[persist(version = 2, upgrade_from = SessionV1, after_load = Self::loaded)]
    struct Live {
        user: String,
        #[transient(rebuild = format!("to {user}"))]
        connection: String,
        #[transient]
        loads: u32,
    }
    impl Live {
        fn loaded(&mut self, _: &persist::Context) -> persist::Result<()> {
            self.loads += 1;
            Ok(())
        }
    }
    impl From<SessionV1> for Live {
        fn from(old: SessionV1) -> Self {
            Live { connection: format!("to {}", old.user), user: old.user, loads: 0 }
        }
    }
    let live = Live { user: "u".into(), connection: "to u".into(), loads: 1 };
    evolves(&first(), &live);
    evolves(&live, &live);
    let _ = (dumps(&live), through::<_, Live>(Protocol::Packed, &live));
}

#[test]
fn floats_have_versions() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct Flat(f32, f32);
    #[derive(Persist, Clone, Debug, PartialEq)]
    struct PointV1 {
        x: f32,
        y: f32,
    }
    #[derive(Persist, Clone, Debug, PartialEq)]
    #[persist(version = 2, upgrade_from = PointV1)]
    struct Point {
        x: f32,
        y: f32,
        z: f32,
    }
    impl From<PointV1> for Point {
        fn from(PointV1 { x, y }: PointV1) -> Self {
            Point { x, y, z: 1.0 }
        }
    }
    evolves(&PointV1 { x: 1.0, y: 2.0 }, &Point { x: 1.0, y: 2.0, z: 1.0 });
    evolves(&Point { x: 1.0, y: 2.0, z: 3.0 }, &Point { x: 1.0, y: 2.0, z: 3.0 });
    assert!(loads::<Flat>(&dumps(&Flat(1.0, 2.0)).unwrap()).is_ok());
}

#[test]
fn an_older_form_may_hold_the_new_type() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    #[persist(rename = "Tree")]
    struct TreeV0 {
        label: String,
        children: Vec<TreeV0>,
    }
    #[derive(Persist, Clone, Debug, PartialEq)]
    #[persist(rename = "Tree")]
    struct TreeV1 {
        label: String,
        children: Vec<Tree>,
    }
    #[derive(Persist, Clone, Debug, PartialEq)]
    #[persist(version = 2, upgrade_from = TreeV1)]
    struct Tree {
        label: String,
        depth: usize,
        children: Vec<Tree>,
    }
    impl From<TreeV1> for Tree {
        fn from(old: TreeV1) -> Self {
            let depth = old.children.iter().map(|child| child.depth + 1).max().unwrap_or(0);
            Tree { label: old.label, depth, children: old.children }
        }
    }
    let leaf = |label: &str| TreeV0 { label: label.into(), children: vec![] };
    let old = TreeV0 {
        label: "root".into(),
        children: vec![leaf("a"), TreeV0 { label: "b".into(), children: vec![leaf("c")] }],
    };
    let new_leaf = |label: &str| Tree { label: label.into(), depth: 0, children: vec![] };
    let new = Tree {
        label: "root".into(),
        depth: 2,
        children: vec![new_leaf("a"), Tree { label: "b".into(), depth: 1, children: vec![new_leaf("c")] }],
    };
    evolves(&old, &new);
    evolves(&new, &new);
}
