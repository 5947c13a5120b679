//! The one table of what can be wrong with a type.
//!
//! Each row has a compile-fail case of its name under `tests/ui`; a test looks for it.

use std::fmt;

macro_rules! mistakes {
    ($($name:ident { $($part:ident),* } = $text:literal;)*) => {
        /// What is wrong, with the parts that its message names.
        #[derive(Debug)]
        pub(crate) enum Mistake {
            $($name { $($part: String),* },)*
        }

        impl fmt::Display for Mistake {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Mistake::$name { $($part),* } => write!(f, $text),)*
                }
            }
        }
    };
}

mistakes! {
    // The type as a whole.
    Union {} = "a union cannot be saved: nothing says which of its fields is in use; write `impl Persist` by hand";
    Packed {} = "a `repr(packed)` struct cannot be saved: its fields cannot be borrowed; leave `packed` out, or write `impl Persist` by hand";
    NoVariants {} = "an enum without variants has no value that could be saved";
    TooManyVariants { count } = "an enum of {count} variants cannot be saved: 65536 are the most";

    // The form of attributes.
    NotAList { attribute, form } = "this is not how `{attribute}` is written; write `{form}`";
    NotAWord { such } = "this should be the name of an attribute, such as {such}";
    WrongForm { word, form } = "this is not how `{word}` is written; write `{form}`";
    BadExpression { word, why } = "`{word}` takes an expression: {why}";
    BadBound { why } = "`bound` takes what a where-clause takes: {why}";
    BadVersion {} = "`version` takes a number from 1 to 4294967295";
    UnknownRule { rule, known } = "there is no rule `{rule}`; the rules are {known}";

    // Attributes that are not there.
    UnknownWord { word, place, known } = "there is no `{word}` {place}; known are {known}";
    SimilarWord { word, place, similar } = "there is no `{word}` {place}; did you mean `{similar}`?";
    WrongPlace { word, place, right } = "`{word}` does not belong {place}, but {right}";
    FromSerde { word, cure } = "`{word}` is not one of persist's attributes: {cure}";

    // Attributes that do not go together.
    Repeated { word } = "`{word}` is given twice";
    TransientType {} = "`#[transient]` belongs on fields: a type cannot be left out of itself";
    TransientVariant {} = "`#[transient]` belongs on fields: a value of this variant would have nothing to come back as";
    TransientWith { word } = "a transient field is not saved, so `{word}` has no meaning for it";
    RebuildProvided {} = "a field is either rebuilt or provided: `rebuild = context.get::<T>()?..` does both";
    SerdeWith {} = "`serde` is itself a `with`: keep one of the two";
    TransparentEnum {} = "`transparent` is for structs: it saves a struct as its one field";
    TransparentFields { count } = "`transparent` saves a struct as its one field, but {count} fields here are saved";
    TransparentDefault {} = "the field of a `transparent` struct cannot have a default: it is never absent";
    RenameAllFields {} = "`rename_all_fields` is for the fields of an enum's variants; `rename_all` is for those of a struct";

    ContainerDefault {} = "`default` on an enum has no meaning: give it to the fields that may be absent";
    VersionForm {} = "a type with a `version` is a struct with named fields or an enum: others have no place for it in JSON and CBOR";
    UpgradeVersion {} = "`upgrade_from` reads older versions: give the type a `version` above that of the older type, such as `version = 2`";
    FromWithoutInto { word } = "`{word}` says what is loaded: say what is saved by `into = Type`";
    IntoWithoutFrom {} = "`into` says what is saved: say what is loaded by `from = Type` or `try_from = Type`";
    FromTryFrom {} = "a value is made by `from` or by `try_from`: keep one of the two";
    Converted { word } = "the type is saved as another one, so `{word}` has no meaning for it";
    UnknownForm {} = "`unknown` belongs on a named field: only names can be unknown";
    UnknownTwice {} = "unknown fields are kept in one place: `unknown` stands on another field already";
    UnknownWith { word } = "a field that keeps what is unknown has no name of its own, so `{word}` has no meaning for it";
    UnknownDenied {} = "`deny_unknown_fields` leaves nothing for this field to keep";
    OtherForm {} = "`other` belongs on a variant without fields: what the unknown one held is passed over";
    OtherTwice {} = "`other` stands on another variant already";

    // Fields and names.
    Reference {} = "a reference cannot be loaded: nothing would own what it points to; use an owned type such as `String`, `Vec` or `Box`, or leave the field out with `#[transient(..)]`";
    RenamedPosition {} = "a field without a name is saved by its position, and cannot be renamed";
    AliasedPosition {} = "a field without a name is loaded by its position, and has no aliases";
    SameField { name } = "two fields have the name `{name}`";
    SameVariant { name } = "two variants have the name `{name}`";

    // Functions whose results are kept.
    NotAFunction {} = "`#[memoize]` belongs on a function that has a body";
    MemoPath {} = "say where results are kept: `path = \"cache\"`, or any other expression that gives a path";
    ConstFunction {} = "a `const fn` cannot be memoized: what the compiler runs has no files; leave `const` out";
    ArgumentPattern {} = "the key names arguments, and this one has no name: give it one, and take it apart in the body";
    MutableArgument { name } = "what the function changes in `{name}` would not happen where its result was kept: take it by value or by `&`, or leave it out of the key by `ignore({name})`";
    ImplArgument { name } = "`{name}` cannot be a part of the key, since it may be of any type: name that by a type parameter such as `T: Persist`, or take a type such as `&str` or `&Path`";
    UnknownArgument { name, known } = "there is no argument `{name}` to ignore; known are {known}";
    NoResult {} = "this function gives nothing back that could be kept";
    BorrowedResult {} = "a reference cannot be loaded: nothing would own what it points to; give back an owned type such as `String` or `Vec`";
    ImplResult {} = "what is loaded needs a type: write the one that this `impl` stands for";
    TtlForm {} = "`ttl` takes a `Duration`, such as `Duration::from_secs(3600)`";
    CacheErrors {} = "`cache_errors` is for functions that give a `Result<..>`; what others give is kept in any case";
}
