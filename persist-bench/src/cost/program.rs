//! The source of the measured programs: one for each library, all of the same types.

use std::fmt::Write;

use super::types::{Definition, Type, Variant, name};

/// A library that the types are derived for.
#[derive(Clone, Copy, Debug)]
pub struct Library {
    /// What the table calls it.
    pub name: &'static str,
    /// Lines of `[dependencies]`; `{persist}` stands for the folder of persist.
    pub dependencies: &'static str,
    /// What the types derive beside `PartialEq`.
    derives: &'static str,
    /// An expression that encodes `value`, a reference to a `T`, and gives it back decoded.
    round_trip: &'static str,
}

impl Library {
    /// The name of the program's crate, which must not be that of the library's own.
    #[must_use]
    pub fn program(&self) -> String {
        format!("{}-types", self.name)
    }
}

/// What the program costs that only makes and compares the values: all others are measured less this one.
pub const FLOOR: Library =
    Library { name: "floor", dependencies: "", derives: "", round_trip: "{ black_box(value); T::sample() }" };

/// persist, and the libraries beside it, each used as its documentation begins.
pub const LIBRARIES: [Library; 4] = [
    Library {
        name: "persist",
        dependencies: "persist-rs = { path = '{persist}' }\n",
        derives: "persist::Persist",
        round_trip: "persist::loads(&black_box(persist::dumps(value).unwrap())).unwrap()",
    },
    Library {
        name: "postcard",
        dependencies: "serde = { version = '1.0.229', features = ['derive'] }\n\
                       postcard = { version = '=1.1.3', default-features = false, features = ['use-std'] }\n",
        derives: "serde::Serialize, serde::Deserialize",
        round_trip: "postcard::from_bytes(&black_box(postcard::to_stdvec(value).unwrap())).unwrap()",
    },
    Library {
        name: "bitcode",
        dependencies: "bitcode = '=0.6.9'\n",
        derives: "bitcode::Encode, bitcode::Decode",
        round_trip: "bitcode::decode(&black_box(bitcode::encode(value))).unwrap()",
    },
    Library {
        name: "rkyv",
        dependencies: "rkyv = '=0.8.18'\n",
        derives: "rkyv::Archive, rkyv::Serialize, rkyv::Deserialize",
        round_trip: "rkyv::from_bytes::<T, rkyv::rancor::Error>\
                     (&black_box(rkyv::to_bytes::<rkyv::rancor::Error>(value).unwrap())).unwrap()",
    },
];

/// persist without what a program may not use: to be no smaller than with it.
pub const WITHOUT_FEATURES: Library = Library {
    name: "persist",
    dependencies: "persist-rs = { path = '{persist}', default-features = false, features = ['derive'] }\n",
    ..LIBRARIES[0]
};

/// The program's `main.rs`.
///
/// With `one_root` only one value is encoded and decoded, which holds one of each type; otherwise each type is.
#[must_use]
pub fn source(library: &Library, types: &[Definition], one_root: bool) -> String {
    let Library { derives, round_trip, .. } = library;
    let mut out = format!(
        "#![allow(dead_code)]
use std::hint::black_box;

#[inline(never)]
fn text() -> String {{
    black_box(\"some text\").to_owned()
}}

macro_rules! check {{
    ($type:ty) => {{{{
        type T = $type;
        #[inline(never)]
        fn round_trip(value: &T) -> T {{
            {round_trip}
        }}
        #[inline(never)]
        fn check() {{
            let value = T::sample();
            assert!(round_trip(&value) == value);
        }}
        check();
    }}}};
}}
"
    );
    let mut types = types.to_vec();
    let mut roots = 0..types.len();
    if one_root {
        types.push(Definition::Struct(roots.map(Type::Own).collect()));
        roots = types.len() - 1..types.len();
    }
    for (index, definition) in types.iter().enumerate() {
        write_type(&mut out, index, definition, derives);
    }
    out.push_str("\nfn main() {\n");
    for root in roots {
        let _ = writeln!(out, "    check!({});", name(root));
    }
    out.push_str("}\n");
    out
}

fn write_type(out: &mut String, index: usize, definition: &Definition, derives: &str) {
    let name = name(index);
    let (kind, body, sample) = match definition {
        Definition::Struct(fields) => ("struct", named(fields, "pub "), format!("{name} {}", sample(fields))),
        Definition::Enum(variants) => {
            let mut body = String::from("{ ");
            let mut value = String::new();
            for (tag, variant) in variants.iter().enumerate() {
                let _ = match variant {
                    Variant::Unit => write!(body, "V{tag}, "),
                    Variant::Tuple(fields) => write!(body, "V{tag}({}), ", join(fields.iter().map(Type::source))),
                    Variant::Struct(fields) => {
                        // The last one that holds something by name is the one to be saved.
                        value = format!("{name}::V{tag} {}", sample(fields));
                        write!(body, "V{tag} {}, ", named(fields, ""))
                    }
                };
            }
            ("enum", body + "}", value)
        }
    };
    let _ = write!(
        out,
        "
#[derive({derives}{comma}PartialEq)]
pub {kind} {name} {body}

impl {name} {{
    #[inline(never)]
    fn sample() -> Self {{
        {sample}
    }}
}}
",
        comma = if derives.is_empty() { "" } else { ", " },
    );
}

/// The fields of a struct or variant.
fn named(fields: &[Type], visibility: &str) -> String {
    let fields = fields.iter().enumerate();
    format!("{{ {} }}", join(fields.map(|(i, field)| format!("{visibility}field{i}: {}", field.source()))))
}

/// Values for the fields.
fn sample(fields: &[Type]) -> String {
    let fields = fields.iter().enumerate();
    format!("{{ {} }}", join(fields.map(|(i, field)| format!("field{i}: {}", field.sample()))))
}

fn join(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_derives_makes_and_checks_each_type() {
        let types = [
            Definition::Struct(vec![Type::Text, Type::Plain(1)]),
            Definition::Enum(vec![
                Variant::Unit,
                Variant::Tuple(vec![Type::Own(0)]),
                Variant::Struct(vec![Type::Text]),
            ]),
        ];
        let program = source(&LIBRARIES[2], &types, false);
        assert!(program.contains("#[derive(bitcode::Encode, bitcode::Decode, PartialEq)]\npub struct Type0 { pub field0: String, pub field1: u8 }"));
        assert!(program.contains("pub enum Type1 { V0, V1(Type0), V2 { field0: String }, }"));
        assert!(program.contains("Type1::V2 { field0: text() }"));
        assert!(program.contains("check!(Type0);\n    check!(Type1);"));
        let program = source(&FLOOR, &types, true);
        assert!(program.contains("#[derive(PartialEq)]\npub struct Type2 { pub field0: Type0, pub field1: Type1 }"));
        assert!(program.contains("fn main() {\n    check!(Type2);\n}"));
    }
}
