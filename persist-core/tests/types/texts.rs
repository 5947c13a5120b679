//! Structs of several texts, which are read row by row where they follow one another.

use persist_core::{Dumper, loads};

use crate::harness::everywhere;

#[derive(Clone, Debug, PartialEq, persist_derive::Persist)]
#[persist(crate = persist_core)]
struct Person {
    first: String,
    last: String,
    age: u8,
    alone: String,
    short: Box<str>,
    after: String,
    #[persist(default)]
    nick: String,
    // More than are read at a time.
    a: String,
    b: String,
    c: String,
    d: String,
    e: String,
    f: String,
    g: String,
    h: String,
    i: String,
    j: String,
}

#[derive(Clone, Debug, PartialEq, persist_derive::Persist)]
#[persist(crate = persist_core)]
enum Contact {
    Mail { name: String, host: String },
    Phone(u64),
    Post(String, String, String, u32, String),
}

fn person(seed: u32) -> Person {
    let text = |field: u32| {
        // Fields of which all are equal, of which few differ, and of which all do.
        let of = if field.is_multiple_of(3) { 0 } else { seed % (field * field) };
        format!("{of} text").repeat((seed * field % 7) as usize)
    };
    Person {
        first: text(1),
        last: "the same".into(),
        age: seed as u8,
        alone: text(2),
        short: text(3).into(),
        after: text(4),
        nick: text(5),
        a: text(6),
        b: text(7),
        c: text(8),
        d: text(9),
        e: text(10),
        f: text(11),
        g: text(12),
        h: text(13),
        i: text(14),
        j: text(15),
    }
}

fn contact(seed: u32) -> Contact {
    match seed % 3 {
        0 => Contact::Mail { name: format!("name {seed}"), host: "example.org".into() },
        1 => Contact::Phone(u64::from(seed)),
        _ => Contact::Post(seed.to_string(), String::new(), format!("street {seed}"), seed, "end".into()),
    }
}

#[test]
fn texts_come_back_in_their_fields() {
    everywhere(&(0..40).collect::<Vec<_>>(), |&seed| person(seed), Person::clone);
    everywhere(&(0..40).collect::<Vec<_>>(), |&seed| contact(seed), Contact::clone);
}

#[test]
fn as_many_rows_as_one_likes() {
    for count in (0..40).chain([63, 64, 65, 79, 80, 81, 127, 128, 129, 1000]) {
        let people: Vec<Person> = (0..count).map(person).collect();
        let contacts: Vec<Vec<Contact>> =
            (0..count).map(|seed| (0..seed % 20).map(|i| contact(seed + i)).collect()).collect();
        // Small columns without their compression, which is a feature.
        for mut dumper in [Dumper::new(), Dumper::new().small_columns()] {
            let bytes = dumper.dumps(&(&people, &contacts)).unwrap();
            let back: (Vec<Person>, Vec<Vec<Contact>>) = loads(&bytes).unwrap();
            assert_eq!(back, (people.clone(), contacts.clone()), "{count} with {dumper:?}");
        }
    }
}
