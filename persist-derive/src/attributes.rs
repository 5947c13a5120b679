//! Reads the attributes of a type, a variant or a field, by one table of all words that may stand in them.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, ExprPath, LitInt, LitStr, Meta, Path, Token, Type, WherePredicate};

use crate::errors::Errors;
use crate::mistakes::Mistake;
use crate::rename::{RULES, Rule};

/// Where a word may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Type,
    Variant,
    Field,
    /// Inside `#[transient(..)]`.
    Transient,
    /// Inside `#[memoize(..)]`.
    Memo,
}

impl Place {
    fn phrase(self) -> &'static str {
        match self {
            Place::Type => "on a type",
            Place::Variant => "on a variant",
            Place::Field => "on a field",
            Place::Transient => "in `#[transient(..)]`",
            Place::Memo => "in `#[memoize(..)]`",
        }
    }

    /// Some of the words there.
    fn such(self) -> &'static str {
        if self == Place::Memo { "`path` or `version`" } else { "`rename` or `default`" }
    }
}

/// What was found; a word that was not given is `None`.
#[derive(Default)]
pub(crate) struct Attributes {
    pub(crate) krate: Option<Path>,
    pub(crate) rename: Option<LitStr>,
    pub(crate) rename_all: Option<Rule>,
    pub(crate) rename_all_fields: Option<Rule>,
    pub(crate) bound: Option<Vec<WherePredicate>>,
    pub(crate) before_save: Option<ExprPath>,
    pub(crate) after_load: Option<ExprPath>,
    /// The expression of `default`, where there is one.
    pub(crate) default: Option<Expr>,
    pub(crate) aliases: Vec<LitStr>,
    pub(crate) version: Option<(u32, Span)>,
    pub(crate) upgrade_from: Option<Type>,
    pub(crate) from: Option<Type>,
    pub(crate) try_from: Option<Type>,
    pub(crate) into: Option<Type>,
    pub(crate) with: Option<ExprPath>,
    /// The attribute `#[transient]` itself, and where it stands.
    pub(crate) transient: bool,
    pub(crate) place: Option<Span>,
    pub(crate) rebuild: Option<Expr>,
    /// What of a memo's options are expressions, by their words.
    pub(crate) options: Vec<(&'static str, Expr)>,
    pub(crate) ignored: Vec<Ident>,
    pub(crate) handle: Option<Path>,
    words: Vec<(Place, &'static str, Span)>,
}

/// A word, the places where it may stand, and what is done with it.
struct Word {
    name: &'static str,
    places: &'static [Place],
    standing: Standing,
}

enum Standing {
    /// It works; how it is written, and what takes its value.
    Works(&'static str, fn(&mut Attributes, &mut Value<'_, '_>)),
    /// It is one of serde's or otherwise expected, and there is something else to write.
    FromSerde(&'static str),
}

const TYPE: &[Place] = &[Place::Type];
const FIELD: &[Place] = &[Place::Field];
const VARIANT: &[Place] = &[Place::Variant];
const TRANSIENT: &[Place] = &[Place::Transient];
const MEMO: &[Place] = &[Place::Memo];
const TYPE_OR_MEMO: &[Place] = &[Place::Type, Place::Memo];
const MEMBER: &[Place] = &[Place::Variant, Place::Field];
const ANY: &[Place] = &[Place::Type, Place::Variant, Place::Field];

const fn works(
    name: &'static str,
    places: &'static [Place],
    form: &'static str,
    take: fn(&mut Attributes, &mut Value<'_, '_>),
) -> Word {
    Word { name, places, standing: Standing::Works(form, take) }
}

const fn from_serde(name: &'static str, cure: &'static str) -> Word {
    Word { name, places: ANY, standing: Standing::FromSerde(cure) }
}

/// The one table.
const WORDS: &[Word] = &[
    works("crate", TYPE_OR_MEMO, "crate = path::to::persist", |found, value| {
        found.krate = value.parse_with(Path::parse_mod_style);
    }),
    works("rename", ANY, "rename = \"name\"", |found, value| found.rename = value.parse()),
    works("rename_all", TYPE, "rename_all = \"rule\"", |found, value| found.rename_all = value.rule()),
    works("rename_all_fields", TYPE, "rename_all_fields = \"rule\"", |found, value| {
        found.rename_all_fields = value.rule();
    }),
    works("bound", TYPE, "bound = \"T: Bound\"", |found, value| found.bound = value.bound()),
    works("transparent", TYPE, "transparent", |_, _| {}),
    works("before_save", TYPE, "before_save = path::to::function", |found, value| found.before_save = value.parse()),
    works("after_load", TYPE, "after_load = path::to::function", |found, value| found.after_load = value.parse()),
    works("default", FIELD, "default` or `default = expression", |found, value| {
        found.default = if value.is_given() { value.expression() } else { None };
    }),
    works("with", FIELD, "with = path::to::module", |found, value| found.with = value.parse()),
    works("serde", FIELD, "serde", |_, _| {}),
    works("rebuild", TRANSIENT, "rebuild = expression", |found, value| found.rebuild = value.expression()),
    works("provided", TRANSIENT, "provided", |_, _| {}),
    works("default", TYPE, "default` or `default = expression", |found, value| {
        found.default = if value.is_given() { value.expression() } else { None };
    }),
    works("deny_unknown_fields", TYPE, "deny_unknown_fields", |_, _| {}),
    works("version", TYPE, "version = 2", |found, value| found.version = value.version()),
    works("upgrade_from", TYPE, "upgrade_from = OlderType", |found, value| found.upgrade_from = value.parse()),
    works("from", TYPE, "from = Type", |found, value| found.from = value.parse()),
    works("try_from", TYPE, "try_from = Type", |found, value| found.try_from = value.parse()),
    works("into", TYPE, "into = Type", |found, value| found.into = value.parse()),
    works("alias", MEMBER, "alias = \"name\"", |found, value| found.aliases.extend(value.parse::<LitStr>())),
    works("alias_one", FIELD, "alias_one", |_, _| {}),
    works("unknown", FIELD, "unknown", |_, _| {}),
    works("other", VARIANT, "other", |_, _| {}),
    works("path", MEMO, "path = expression", |found, value| found.option("path", value)),
    works("version", MEMO, "version = expression", |found, value| found.option("version", value)),
    works("name", MEMO, "name = expression", |found, value| found.option("name", value)),
    works("ttl", MEMO, "ttl = expression", |found, value| found.option("ttl", value)),
    works("max_size", MEMO, "max_size = expression", |found, value| found.option("max_size", value)),
    works("max_entries", MEMO, "max_entries = expression", |found, value| found.option("max_entries", value)),
    works("on_error", MEMO, "on_error = expression", |found, value| found.option("on_error", value)),
    works("ignore", MEMO, "ignore(argument, ..)", |found, value| found.ignored = value.names()),
    works("cache_errors", MEMO, "cache_errors", |_, _| {}),
    works("handle", MEMO, "handle = name` or `handle = Self::name", |found, value| found.handle = value.handle()),
    from_serde("flatten", "give the inner struct a field of its own, or write its fields here"),
    from_serde("untagged", "an enum is always saved with the names of its variants; leave it out"),
    from_serde("tag", "an enum is always saved with the names of its variants; leave it out"),
    from_serde("content", "an enum is always saved with the names of its variants; leave it out"),
    from_serde("skip", "write `#[transient]` on the field"),
    from_serde("skip_serializing", "a field is both saved and loaded, or neither: write `#[transient]` on it"),
    from_serde("skip_deserializing", "a field is both saved and loaded, or neither: write `#[transient]` on it"),
    from_serde("skip_serializing_if", "a field is always saved; `default` helps where old data lack it"),
    from_serde(
        "serialize_with",
        "write `with = path::to::module`, with the functions `get_state` and `set_state` in it",
    ),
    from_serde(
        "deserialize_with",
        "write `with = path::to::module`, with the functions `get_state` and `set_state` in it",
    ),
    from_serde("transient", "write `#[transient]`, which is an attribute of its own"),
];

impl Attributes {
    /// Reads the attributes that stand at one place.
    pub(crate) fn read(attributes: &[Attribute], place: Place, errors: &mut Errors) -> Attributes {
        let mut found = Attributes::default();
        for attribute in attributes {
            let span = attribute.path().span();
            let is = |name: &str| attribute.path().is_ident(name);
            if is("transient") {
                found.place.get_or_insert(span);
            }
            match (&attribute.meta, place) {
                _ if !is("persist") && !is("transient") => {}
                (_, Place::Type) if is("transient") => errors.report(span, &Mistake::TransientType {}),
                (_, Place::Variant) if is("transient") => errors.report(span, &Mistake::TransientVariant {}),
                _ if is("transient") && found.transient => {
                    errors.report(span, &Mistake::Repeated { word: "transient".into() });
                }
                (Meta::Path(_), _) if is("transient") => found.transient = true,
                (Meta::List(list), _) => {
                    let place = if is("transient") { Place::Transient } else { place };
                    found.transient |= is("transient");
                    let read = |input: ParseStream<'_>| {
                        found.read_words(input, place, errors);
                        Ok(())
                    };
                    // It takes all tokens, and fails at none.
                    list.parse_args_with(read).unwrap_or_default();
                }
                _ if is("transient") => {
                    let form = "#[transient]`, `#[transient(rebuild = expression)]` or `#[transient(provided)]".into();
                    errors.report(span, &Mistake::NotAList { attribute: "transient".into(), form });
                }
                _ => {
                    let form = "#[persist(..)]".into();
                    errors.report(span, &Mistake::NotAList { attribute: "persist".into(), form });
                }
            }
        }
        found
    }

    /// Reads what stands in `#[memoize(..)]`.
    pub(crate) fn read_memo(options: TokenStream, errors: &mut Errors) -> Attributes {
        let mut found = Attributes::default();
        let read = |input: ParseStream<'_>| {
            found.read_words(input, Place::Memo, errors);
            Ok(())
        };
        // It takes all tokens, and fails at none.
        read.parse2(options).unwrap_or_default();
        found
    }

    /// The expression of one of a memo's options.
    pub(crate) fn expression_of(&self, name: &str) -> Option<&Expr> {
        self.options.iter().find(|option| option.0 == name).map(|option| &option.1)
    }

    fn option(&mut self, name: &'static str, value: &mut Value<'_, '_>) {
        self.options.extend(value.expression().map(|expression| (name, expression)));
    }

    /// The words in `#[persist(..)]`, with their places.
    pub(crate) fn persist_words(&self) -> impl Iterator<Item = (&'static str, Span)> {
        self.words.iter().filter(|(place, ..)| *place != Place::Transient).map(|&(_, name, span)| (name, span))
    }

    /// Whether a word was given.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.words.iter().any(|word| word.1 == name)
    }

    /// Where a word stands.
    pub(crate) fn span(&self, name: &str) -> Span {
        self.words.iter().find(|word| word.1 == name).map_or_else(Span::call_site, |word| word.2)
    }

    fn read_words(&mut self, input: ParseStream<'_>, place: Place, errors: &mut Errors) {
        while !input.is_empty() {
            match input.call(Ident::parse_any) {
                Ok(name) => self.read_word(&name, input, place, errors),
                Err(error) => errors.report(error.span(), &Mistake::NotAWord { such: place.such().into() }),
            }
            // What a mistake left of the word.
            while !input.is_empty() && !input.peek(Token![,]) {
                let _ = input.parse::<TokenTree>();
            }
            let _ = input.parse::<Option<Token![,]>>();
        }
    }

    fn read_word(&mut self, name: &Ident, input: ParseStream<'_>, place: Place, errors: &mut Errors) {
        let text = name.unraw().to_string();
        let known: Vec<&'static Word> = WORDS.iter().filter(|word| word.name == text).collect();
        let Some(word) = known.iter().find(|word| word.places.contains(&place)) else {
            let mistake = if known.is_empty() { unknown(text, place) } else { wrong_place(text, place, &known) };
            return errors.report(name.span(), &mistake);
        };
        match word.standing {
            Standing::Works(form, take) => {
                // A type may have had many names.
                if self.has(word.name) && word.name != "alias" {
                    errors.report(name.span(), &Mistake::Repeated { word: text });
                }
                self.words.push((place, word.name, name.span()));
                let mut value = Value { name, form, input, errors, failed: false };
                take(self, &mut value);
                if !value.failed && !input.is_empty() && !input.peek(Token![,]) {
                    value.has_wrong_form(name.span());
                }
            }
            Standing::FromSerde(cure) => {
                errors.report(name.span(), &Mistake::FromSerde { word: text, cure: cure.into() });
            }
        }
    }
}

/// What follows a word.
struct Value<'v, 'i> {
    name: &'v Ident,
    form: &'static str,
    input: ParseStream<'i>,
    errors: &'v mut Errors,
    failed: bool,
}

impl Value<'_, '_> {
    fn fail(&mut self, span: Span, mistake: &Mistake) {
        self.failed = true;
        self.errors.report(span, mistake);
    }

    fn has_wrong_form(&mut self, span: Span) {
        self.fail(span, &Mistake::WrongForm { word: self.name.unraw().to_string(), form: self.form.into() });
    }

    fn is_given(&self) -> bool {
        self.input.peek(Token![=])
    }

    fn equals(&mut self) -> Option<()> {
        let found = self.input.parse::<Token![=]>().ok();
        if found.is_none() {
            self.has_wrong_form(self.name.span());
        }
        found.map(drop)
    }

    fn parse_with<T>(&mut self, parse: fn(ParseStream<'_>) -> syn::Result<T>) -> Option<T> {
        self.equals()?;
        let span = self.input.span();
        let parsed = self.input.call(parse).ok();
        if parsed.is_none() {
            self.has_wrong_form(span);
            // What stands there instead may have commas in it.
            let _ = self.input.parse::<Expr>();
        }
        parsed
    }

    fn parse<T: Parse>(&mut self) -> Option<T> {
        self.parse_with(T::parse)
    }

    fn expression(&mut self) -> Option<Expr> {
        self.equals()?;
        match self.input.parse() {
            Ok(expression) => Some(expression),
            Err(error) => {
                let word = self.name.unraw().to_string();
                self.fail(error.span(), &Mistake::BadExpression { word, why: error.to_string() });
                None
            }
        }
    }

    fn names(&mut self) -> Vec<Ident> {
        let parse = |input: ParseStream<'_>| {
            let names;
            syn::parenthesized!(names in input);
            names.parse_terminated(Ident::parse_any, Token![,])
        };
        match self.input.call(parse) {
            Ok(names) if !names.is_empty() => names.into_iter().collect(),
            _ => {
                self.has_wrong_form(self.name.span());
                Vec::new()
            }
        }
    }

    fn handle(&mut self) -> Option<Path> {
        let path = self.parse_with(Path::parse_mod_style)?;
        let is_one = match path.segments.len() {
            1 => !path.is_ident("Self"),
            2 => path.segments[0].ident == "Self",
            _ => false,
        };
        if !is_one || path.leading_colon.is_some() {
            self.has_wrong_form(path.span());
            return None;
        }
        Some(path)
    }

    fn version(&mut self) -> Option<(u32, Span)> {
        let number: LitInt = self.parse()?;
        match number.base10_parse() {
            Ok(version) if version != 0 => Some((version, number.span())),
            _ => {
                self.fail(number.span(), &Mistake::BadVersion {});
                None
            }
        }
    }

    fn bound(&mut self) -> Option<Vec<WherePredicate>> {
        let text: LitStr = self.parse()?;
        match text.parse_with(Punctuated::<WherePredicate, Token![,]>::parse_terminated) {
            Ok(predicates) => Some(predicates.into_iter().collect()),
            Err(error) => {
                self.fail(error.span(), &Mistake::BadBound { why: error.to_string() });
                None
            }
        }
    }

    fn rule(&mut self) -> Option<Rule> {
        let text: LitStr = self.parse()?;
        let rule = Rule::named(&text.value());
        if rule.is_none() {
            let known = listed(RULES.map(|(name, _)| name));
            self.fail(text.span(), &Mistake::UnknownRule { rule: text.value(), known });
        }
        rule
    }
}

#[cold]
fn unknown(word: String, place: Place) -> Mistake {
    let known = WORDS.iter().filter(|known| known.places.contains(&place));
    let mut known: Vec<&str> =
        known.filter(|known| matches!(known.standing, Standing::Works(..))).map(|known| known.name).collect();
    known.dedup();
    let nearest = known.iter().map(|known| (distance(known, &word), known)).min();
    let place = place.phrase().into();
    match nearest {
        Some((distance, similar)) if distance <= 2 => Mistake::SimilarWord { word, place, similar: (*similar).into() },
        _ => Mistake::UnknownWord { word, place, known: listed(known) },
    }
}

#[cold]
fn wrong_place(word: String, place: Place, known: &[&Word]) -> Mistake {
    let right: Vec<&str> = known.iter().flat_map(|word| word.places).map(|place| place.phrase()).collect();
    Mistake::WrongPlace { word, place: place.phrase().into(), right: right.join(" or ") }
}

fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Letters to insert, remove or replace to make one word of the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &b) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        assert_eq!(distance("rename", "rename"), 0);
        assert_eq!(distance("rename", "renam"), 1);
        assert_eq!(distance("rename", "reanme"), 2);
        assert_eq!(distance("", "abc"), 3);
    }
}
