//! What a type is to the expander: variants of fields, of which some are transient. A struct is one variant.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Expr, Index, Member, Path, Type, parse_quote};

use crate::attributes::{Attributes, Place};
use crate::errors::Errors;
use crate::rename::Rule;

/// A type that is to be saved.
pub(crate) struct Model<'a> {
    pub(crate) input: &'a DeriveInput,
    pub(crate) attributes: Attributes,
    /// The library's path.
    pub(crate) krate: Path,
    /// The name it is saved under.
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) variants: Vec<Variant<'a>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Its one variant is the struct itself.
    Struct,
    Enum,
    /// It is only read to be refused.
    Union,
}

/// A variant, or all of a struct.
pub(crate) struct Variant<'a> {
    pub(crate) attributes: Attributes,
    /// None of a struct.
    pub(crate) ident: Option<&'a Ident>,
    /// How errors call it: `Struct`, or `Enum::Variant`.
    pub(crate) owner: String,
    pub(crate) name: Name,
    pub(crate) style: Style,
    pub(crate) fields: Vec<Field<'a>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Named,
    Tuple,
    Newtype,
    Unit,
}

/// A field.
pub(crate) struct Field<'a> {
    pub(crate) attributes: Attributes,
    pub(crate) ty: &'a Type,
    pub(crate) member: Member,
    /// What it is called in the expansion, and in the state.
    pub(crate) local: Ident,
    /// What `rebuild` expressions call it.
    pub(crate) sibling: Ident,
    /// How errors call it.
    pub(crate) label: String,
    pub(crate) kind: FieldKind,
}

pub(crate) enum FieldKind {
    Saved(Saved),
    Transient(Transient),
}

/// A field that is saved.
pub(crate) struct Saved {
    pub(crate) name: Name,
    pub(crate) default: Option<Default>,
    pub(crate) with: Option<With>,
}

/// The module whose functions save and load a field, and where it is asked for.
pub(crate) struct With {
    pub(crate) module: TokenStream,
    pub(crate) span: Span,
}

/// What an absent field becomes.
#[allow(clippy::large_enum_variant, reason = "a type has few of them")]
pub(crate) enum Default {
    Trait,
    Expression(Expr),
    /// What it is in the default of the struct: an expression, or that of the trait.
    Container(Option<Expr>),
}

/// How a field that is not saved comes back.
#[allow(clippy::large_enum_variant, reason = "a type has few of them")]
pub(crate) enum Transient {
    Default,
    Rebuild(Expr),
    Provided,
}

/// A name to save under, and where it comes from.
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) span: Span,
}

impl<'a> Model<'a> {
    /// Reads a type with its attributes.
    pub(crate) fn read(input: &'a DeriveInput, errors: &mut Errors) -> Model<'a> {
        let attributes = Attributes::read(&input.attrs, Place::Type, errors);
        let krate = attributes.krate.clone().unwrap_or_else(|| parse_quote!(::persist));
        let owner = input.ident.unraw().to_string();
        let name = Name::of(&attributes, &owner, input.ident.span(), str::to_owned).text;
        let (kind, variants) = match &input.data {
            Data::Struct(data) => {
                let mut fields = read_fields(&data.fields, attributes.rename_all, &krate, errors);
                if attributes.has("default") {
                    fields.iter_mut().for_each(|field| field.default_in(&attributes));
                }
                let name = Name { text: name.clone(), span: input.ident.span() };
                let (attributes, style) = (Attributes::default(), Style::of(&data.fields));
                (Kind::Struct, vec![Variant { attributes, ident: None, owner, name, style, fields }])
            }
            Data::Enum(data) => {
                let read = |variant| read_variant(variant, &owner, &attributes, &krate, errors);
                (Kind::Enum, data.variants.iter().map(read).collect())
            }
            Data::Union(_) => (Kind::Union, vec![]),
        };
        Model { input, attributes, krate, name, kind, variants }
    }

    /// All fields of all variants.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &Field<'a>> {
        self.variants.iter().flat_map(|variant| &variant.fields)
    }

    /// The types that it is saved as and loaded from, where these are others.
    pub(crate) fn converted(&self) -> Option<(&Type, &Type)> {
        let attributes = &self.attributes;
        attributes.into.as_ref().zip(attributes.from.as_ref().or(attributes.try_from.as_ref()))
    }

    /// Whether some field is left out, so that the type is read as a state without it.
    pub(crate) fn has_transient(&self) -> bool {
        self.fields().any(|field| field.transient().is_some())
    }
}

impl<'a> Variant<'a> {
    /// The fields that are saved, with what is known of them as such.
    pub(crate) fn saved(&self) -> impl Iterator<Item = (&Field<'a>, &Saved)> {
        self.fields.iter().filter_map(|field| Some((field, field.saved()?)))
    }
}

impl Field<'_> {
    /// Gives it the struct's default, where it has none of its own.
    fn default_in(&mut self, container: &Attributes) {
        if let FieldKind::Saved(saved) = &mut self.kind
            && !self.attributes.has("unknown")
        {
            saved.default.get_or_insert_with(|| Default::Container(container.default.clone()));
        }
    }

    /// Whether it keeps what the type does not know.
    pub(crate) fn is_unknown(&self) -> bool {
        self.attributes.has("unknown")
    }

    /// What is known of a field that is saved.
    pub(crate) fn saved(&self) -> Option<&Saved> {
        match &self.kind {
            FieldKind::Saved(saved) => Some(saved),
            FieldKind::Transient(_) => None,
        }
    }

    /// How a transient field comes back.
    pub(crate) fn transient(&self) -> Option<&Transient> {
        match &self.kind {
            FieldKind::Saved(_) => None,
            FieldKind::Transient(transient) => Some(transient),
        }
    }
}

impl Style {
    fn of(fields: &syn::Fields) -> Style {
        match fields {
            syn::Fields::Named(_) => Style::Named,
            syn::Fields::Unnamed(fields) if fields.unnamed.len() == 1 => Style::Newtype,
            syn::Fields::Unnamed(_) => Style::Tuple,
            syn::Fields::Unit => Style::Unit,
        }
    }
}

impl Name {
    /// The name that was asked for, or the one by a rule.
    fn of(attributes: &Attributes, own: &str, span: Span, rule: impl FnOnce(&str) -> String) -> Name {
        match &attributes.rename {
            Some(name) => Name { text: name.value(), span: name.span() },
            None => Name { text: rule(own), span },
        }
    }
}

fn read_variant<'a>(
    variant: &'a syn::Variant,
    owner: &str,
    outer: &Attributes,
    krate: &Path,
    errors: &mut Errors,
) -> Variant<'a> {
    let attributes = Attributes::read(&variant.attrs, Place::Variant, errors);
    let own = variant.ident.unraw().to_string();
    let apply = |own: &str| outer.rename_all.map_or_else(|| own.to_owned(), |rule| rule.apply_to_variant(own));
    Variant {
        ident: Some(&variant.ident),
        owner: format!("{owner}::{own}"),
        name: Name::of(&attributes, &own, variant.ident.span(), apply),
        style: Style::of(&variant.fields),
        fields: read_fields(&variant.fields, outer.rename_all_fields, krate, errors),
        attributes,
    }
}

fn read_fields<'a>(fields: &'a syn::Fields, rule: Option<Rule>, krate: &Path, errors: &mut Errors) -> Vec<Field<'a>> {
    let mut position = 0;
    let mut read = Vec::with_capacity(fields.len());
    for (index, field) in fields.iter().enumerate() {
        let attributes = Attributes::read(&field.attrs, Place::Field, errors);
        let kind = if attributes.transient {
            FieldKind::Transient(read_transient(&attributes))
        } else {
            // A field without a name is called by its position among those that are saved.
            let (own, span) = match &field.ident {
                Some(ident) => (ident.unraw().to_string(), ident.span()),
                None => (position.to_string(), field.ty.span()),
            };
            position += 1;
            let apply = |own: &str| match rule {
                Some(rule) if field.ident.is_some() => rule.apply_to_field(own),
                _ => own.to_owned(),
            };
            FieldKind::Saved(read_saved(&attributes, Name::of(&attributes, &own, span, apply), krate))
        };
        read.push(Field {
            attributes,
            ty: &field.ty,
            member: match &field.ident {
                Some(ident) => Member::Named(ident.clone()),
                None => Member::Unnamed(Index { index: index as u32, span: field.ty.span() }),
            },
            local: Ident::new(&format!("__{index}"), Span::mixed_site()),
            sibling: field.ident.clone().unwrap_or_else(|| format_ident!("_{index}", span = Span::call_site())),
            label: field.ident.as_ref().map_or_else(|| index.to_string(), |ident| ident.unraw().to_string()),
            kind,
        });
    }
    read
}

fn read_saved(attributes: &Attributes, name: Name, krate: &Path) -> Saved {
    let default = match &attributes.default {
        Some(expression) => Some(Default::Expression(expression.clone())),
        None => attributes.has("default").then_some(Default::Trait),
    };
    let with = if attributes.has("serde") {
        let span = attributes.span("serde").resolved_at(Span::mixed_site());
        let krate = moved(krate.to_token_stream(), span);
        Some(With { module: quote_spanned!(span=> #krate::with::serde), span })
    } else {
        attributes.with.as_ref().map(|module| With { module: module.to_token_stream(), span: module.span() })
    };
    Saved { name, default, with }
}

fn read_transient(attributes: &Attributes) -> Transient {
    match &attributes.rebuild {
        Some(expression) => Transient::Rebuild(expression.clone()),
        None if attributes.has("provided") => Transient::Provided,
        None => Transient::Default,
    }
}

/// The same path, as if it stood at that place.
fn moved(path: TokenStream, place: Span) -> TokenStream {
    let mut tokens: Vec<TokenTree> = path.into_iter().collect();
    tokens.iter_mut().for_each(|token| token.set_span(token.span().located_at(place)));
    tokens.into_iter().collect()
}
