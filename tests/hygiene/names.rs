//! Fields, variants, parameters and types with the names that the expansion uses itself, and raw ones.
#![allow(
    non_camel_case_types,
    clippy::struct_field_names,
    clippy::enum_variant_names,
    reason = "the names are the point"
)]

use persist::Persist;

use crate::back;

#[derive(Persist, Clone, Debug, PartialEq, Default)]
struct Fields {
    at: u8,
    rows: u16,
    writer: u32,
    reader: u64,
    slots: i8,
    builder: i16,
    value: String,
    state: char,
    saved: bool,
    loaded: (),
    error: Option<u8>,
    context: Vec<u8>,
    __at: u8,
    __rows: u8,
    __0: u8,
    __1: u8,
    __value: u8,
    __state: u8,
    __marker: u8,
    r#type: u8,
    r#match: u8,
    r#async: u8,
    #[transient(rebuild = *at + *__at + *__0 + r#type + r#async + context[0] + *__state)]
    sum: u8,
    #[transient(rebuild = *__1 + *sum)]
    __2: u8,
    #[transient(rebuild = { let __value = *__value; __value + *__marker })]
    __reader: u8,
}

#[derive(Persist, Clone, Debug, PartialEq)]
enum Variants {
    Ok(u8),
    Err { r#fn: u8, __tag: u8, __at0: u8 },
    Some,
    None(#[transient] u8, u16, #[transient(rebuild = *_0)] u8),
    __0 { __0: u8, __gather: u8, __locate: u8, __batch: u8, __row: u8 },
    State { field: u8 },
    Saved,
    Loaded,
}

#[derive(Persist, Clone, Debug, PartialEq)]
struct r#struct<r#dyn: Clone> {
    r#impl: r#dyn,
    #[transient(rebuild = Some(r#impl.clone()))]
    r#box: Option<r#dyn>,
}

/// One that names itself, whose fields are read one after the other.
#[derive(Persist, Clone, Debug, PartialEq)]
struct r#enum {
    at: u8,
    slots: Vec<r#enum>,
    reader: Option<Box<r#enum>>,
    __at: u8,
    __slots: String,
    __reader: u16,
    r#for: u32,
}

/// The state that is made for the next type is not called like this one.
#[derive(Persist, Clone, Debug, PartialEq)]
struct State {
    id: u8,
}

#[derive(Persist, Clone, Debug, PartialEq)]
struct Library<Layout, Run, Whole, View, Describe, const COLUMNS: usize, const AT: usize>
where
    Layout: Clone + PartialEq,
{
    state: State,
    layout: Layout,
    run: [Run; COLUMNS],
    whole: [Whole; AT],
    view: View,
    describe: Option<Describe>,
    #[transient(rebuild = state.id)]
    id: u8,
}

/// Lifetimes, too.
#[derive(Persist, Clone, Debug, PartialEq)]
struct Lifetimes<'s, 'a, 'saved, 'slots> {
    one: std::borrow::Cow<'s, str>,
    two: std::borrow::Cow<'a, str>,
    three: std::borrow::Cow<'saved, str>,
    #[transient]
    four: Option<&'slots u8>,
}

#[allow(non_upper_case_globals, dead_code, reason = "they are there to be in the way")]
mod consts {
    use persist::Persist;

    const at: u8 = 1;
    const rows: u8 = 1;
    const writer: u8 = 1;
    static reader: u8 = 1;
    static slots: u8 = 1;
    const value: u8 = 1;
    const state: u8 = 1;
    const error: u8 = 1;
    const builder: u8 = 1;

    #[derive(Persist, Clone, Debug, PartialEq)]
    pub(crate) enum InTheWay {
        A {
            id: u8,
            #[transient(rebuild = at + rows)]
            two: u8,
        },
        B(#[persist(default = value)] u8),
    }
}

#[test]
fn values_come_back() {
    back(&Fields { context: vec![0], ..Fields::default() });
    back(&[
        Variants::Ok(1),
        Variants::Err { r#fn: 2, __tag: 3, __at0: 4 },
        Variants::Some,
        Variants::None(0, 5, 0),
        Variants::__0 { __0: 6, __gather: 7, __locate: 8, __batch: 9, __row: 10 },
        Variants::State { field: 11 },
        Variants::Saved,
        Variants::Loaded,
    ]);
    back(&r#struct { r#impl: 5_u8, r#box: Some(5) });
    let inner = r#enum { at: 1, slots: Vec::new(), reader: None, __at: 2, __slots: "a".into(), __reader: 3, r#for: 4 };
    back(&r#enum { slots: vec![inner.clone(), inner.clone()], reader: Some(Box::new(inner.clone())), at: 5, ..inner });
    back(&Library::<u8, u8, char, (), bool, 1, 2> {
        state: State { id: 7 },
        layout: 1,
        run: [2],
        whole: ['a', 'b'],
        view: (),
        describe: Some(true),
        id: 7,
    });
    back(&Lifetimes { one: "a".into(), two: "b".into(), three: "c".into(), four: None });
    back(&[consts::InTheWay::A { id: 1, two: 2 }, consts::InTheWay::B(3)]);
}
