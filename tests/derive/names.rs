//! The names that fields and variants are saved under.

use persist::{Persist, inspect};

use crate::{back, json};

#[derive(Persist, Clone, Debug, PartialEq)]
#[persist(rename = "config", rename_all = "kebab-case")]
struct Config {
    first_name: String,
    #[persist(rename = "URL")]
    url: String,
    r#type: u8,
    #[transient]
    #[allow(clippy::struct_field_names, reason = "it is left out, so its name matters to nobody")]
    left_out: u8,
}

#[derive(Persist, Clone, Debug, PartialEq)]
#[persist(rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
enum Event {
    KeyDown {
        key_code: u8,
        with_shift: bool,
    },
    #[persist(rename = "click")]
    MouseDown(u8),
    Quit,
}

#[test]
fn values_come_back_and_are_renamed() {
    let config = Config { first_name: "a".into(), url: "b".into(), r#type: 1, left_out: 0 };
    back(&config);
    assert_eq!(json(&config), r#"{"first-name":"a","URL":"b","type":1}"#);

    let events = vec![Event::KeyDown { key_code: 1, with_shift: true }, Event::MouseDown(2), Event::Quit];
    back(&events);
    assert_eq!(json(&events), r#"[{"KEY_DOWN":{"keyCode":1,"withShift":true}},{"click":2},"QUIT"]"#);
}

#[test]
fn the_types_name_is_a_label() {
    let config = Config { first_name: "a".into(), url: "b".into(), r#type: 1, left_out: 0 };
    let shown = inspect(&persist::dumps(&config).unwrap()).unwrap().to_string();
    assert!(shown.starts_with("config"), "{shown}");
}
