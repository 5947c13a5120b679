//! Refuses what cannot be saved, and attributes that do not go together.

use std::collections::HashSet;

use syn::punctuated::Punctuated;
use syn::visit::Visit;
use syn::{Attribute, Meta, Token, Type, TypeReference};

use crate::attributes::Attributes;
use crate::errors::Errors;
use crate::mistakes::Mistake;
use crate::model::{Field, Kind, Model, Name, Style, Variant};

/// As many as tags can tell apart.
const VARIANTS: usize = 1 << 16;

/// Reports everything that is wrong with a type beside its attributes' own form.
pub(crate) fn check(model: &Model<'_>, errors: &mut Errors) {
    check_packed(&model.input.attrs, errors);
    match model.kind {
        Kind::Struct => check_struct(model, errors),
        Kind::Enum => check_enum(model, errors),
        Kind::Union => errors.report(model.input.ident.span(), &Mistake::Union {}),
    }
    check_conversion(model, errors);
    check_version(model, errors);
    for variant in &model.variants {
        let names = variant
            .saved()
            .filter(|(field, _)| !field.is_unknown())
            .map(|(field, saved)| (&saved.name, &field.attributes));
        check_names(names, |name| Mistake::SameField { name }, errors);
        variant.fields.iter().for_each(|field| check_field(field, errors));
        check_unknown(model, variant, errors);
    }
}

/// What else may be said of a type that is saved as another one.
const OF_CONVERTED: &[&str] = &["crate", "bound", "from", "try_from", "into", "before_save", "after_load"];

/// A type that is saved as another one is that: nothing else has a meaning for it.
fn check_conversion(model: &Model<'_>, errors: &mut Errors) {
    let attributes = &model.attributes;
    if attributes.from.is_some() && attributes.try_from.is_some() {
        errors.report(attributes.span("try_from"), &Mistake::FromTryFrom {});
    }
    for word in ["from", "try_from"] {
        if attributes.has(word) && !attributes.has("into") {
            errors.report(attributes.span(word), &Mistake::FromWithoutInto { word: word.into() });
        }
    }
    if attributes.has("into") && !attributes.has("from") && !attributes.has("try_from") {
        errors.report(attributes.span("into"), &Mistake::IntoWithoutFrom {});
    }
    if model.converted().is_none() {
        return;
    }
    let outer = attributes.persist_words().filter(|(word, _)| !OF_CONVERTED.contains(word));
    let variants = model.variants.iter().flat_map(|variant| variant.attributes.persist_words());
    let fields = model.fields().flat_map(|field| {
        let transient = field.attributes.place.map(|span| ("transient", span));
        field.attributes.persist_words().chain(transient)
    });
    for (word, span) in outer.chain(variants).chain(fields) {
        errors.report(span, &Mistake::Converted { word: word.into() });
    }
}

fn check_version(model: &Model<'_>, errors: &mut Errors) {
    let attributes = &model.attributes;
    let version = attributes.version;
    if let Some((_, span)) = version {
        let has_place = model.kind == Kind::Enum
            || (model.variants.iter().all(|variant| variant.style == Style::Named) && !attributes.has("transparent"));
        if !has_place {
            errors.report(span, &Mistake::VersionForm {});
        }
    }
    if attributes.has("upgrade_from") && version.is_none_or(|(version, _)| version < 2) && !failed(attributes) {
        errors.report(attributes.span("upgrade_from"), &Mistake::UpgradeVersion {});
    }
}

/// Whether a version is given that is wrong in itself.
fn failed(attributes: &Attributes) -> bool {
    attributes.has("version") && attributes.version.is_none()
}

/// The field that keeps what is unknown.
fn check_unknown(model: &Model<'_>, variant: &Variant<'_>, errors: &mut Errors) {
    for (index, field) in variant.fields.iter().filter(|field| field.is_unknown()).enumerate() {
        let span = field.attributes.span("unknown");
        if index > 0 {
            errors.report(span, &Mistake::UnknownTwice {});
        }
        if variant.style != Style::Named {
            errors.report(span, &Mistake::UnknownForm {});
        }
        if model.attributes.has("deny_unknown_fields") {
            errors.report(span, &Mistake::UnknownDenied {});
        }
        for (word, span) in field.attributes.persist_words().filter(|(word, _)| *word != "unknown") {
            errors.report(span, &Mistake::UnknownWith { word: word.into() });
        }
    }
}

fn check_packed(attributes: &[Attribute], errors: &mut Errors) {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("repr")) {
        let words = match &attribute.meta {
            Meta::List(list) => list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated),
            _ => continue,
        };
        // What is no list of words is refused by the compiler.
        for word in words.into_iter().flatten().filter(|word| word.path().is_ident("packed")) {
            errors.report_at(word, &Mistake::Packed {});
        }
    }
}

fn check_struct(model: &Model<'_>, errors: &mut Errors) {
    let attributes = &model.attributes;
    if attributes.rename_all_fields.is_some() {
        errors.report(attributes.span("rename_all_fields"), &Mistake::RenameAllFields {});
    }
    if attributes.has("transparent") {
        model.variants.iter().for_each(|variant| check_transparent(model, variant, errors));
    }
}

fn check_transparent(model: &Model<'_>, variant: &Variant<'_>, errors: &mut Errors) {
    let count = variant.saved().count();
    if count != 1 {
        let count = count.to_string();
        errors.report(model.attributes.span("transparent"), &Mistake::TransparentFields { count });
    }
    for (field, _) in variant.saved().filter(|(_, saved)| saved.default.is_some()) {
        let own = field.attributes.has("default");
        let span = if own { field.attributes.span("default") } else { model.attributes.span("default") };
        errors.report(span, &Mistake::TransparentDefault {});
    }
}

fn check_enum(model: &Model<'_>, errors: &mut Errors) {
    let span = model.input.ident.span();
    match model.variants.len() {
        0 => errors.report(span, &Mistake::NoVariants {}),
        count if count > VARIANTS => errors.report(span, &Mistake::TooManyVariants { count: count.to_string() }),
        _ => {}
    }
    if model.attributes.has("transparent") {
        errors.report(model.attributes.span("transparent"), &Mistake::TransparentEnum {});
    }
    if model.attributes.has("default") {
        errors.report(model.attributes.span("default"), &Mistake::ContainerDefault {});
    }
    let names = model.variants.iter().map(|variant| (&variant.name, &variant.attributes));
    check_names(names, |name| Mistake::SameVariant { name }, errors);
    for (index, variant) in model.variants.iter().filter(|variant| variant.attributes.has("other")).enumerate() {
        let span = variant.attributes.span("other");
        if index > 0 {
            errors.report(span, &Mistake::OtherTwice {});
        }
        if variant.saved().next().is_some() {
            errors.report(span, &Mistake::OtherForm {});
        }
    }
}

/// No two of them may have one name, be it an older one.
fn check_names<'n>(
    names: impl Iterator<Item = (&'n Name, &'n Attributes)>,
    same: fn(String) -> Mistake,
    errors: &mut Errors,
) {
    let mut known = HashSet::new();
    let all = names.flat_map(|(name, attributes)| {
        let aliases = attributes.aliases.iter().map(|alias| (alias.value(), alias.span()));
        std::iter::once((name.text.clone(), name.span)).chain(aliases)
    });
    for (name, span) in all {
        if !known.insert(name.clone()) {
            errors.report(span, &same(name));
        }
    }
}

fn check_field(field: &Field<'_>, errors: &mut Errors) {
    let attributes = &field.attributes;
    if attributes.rebuild.is_some() && attributes.has("provided") {
        errors.report(attributes.span("provided"), &Mistake::RebuildProvided {});
    }
    let Some(saved) = field.saved() else {
        for (word, span) in attributes.persist_words() {
            errors.report(span, &Mistake::TransientWith { word: word.into() });
        }
        return;
    };
    if attributes.has("serde") && attributes.with.is_some() {
        errors.report(attributes.span("serde"), &Mistake::SerdeWith {});
    }
    if matches!(field.member, syn::Member::Unnamed(_)) && attributes.rename.is_some() {
        errors.report(attributes.span("rename"), &Mistake::RenamedPosition {});
    }
    if matches!(field.member, syn::Member::Unnamed(_)) && attributes.has("alias") {
        errors.report(attributes.span("alias"), &Mistake::AliasedPosition {});
    }
    if saved.with.is_none() {
        refuse_references(field.ty, &Mistake::Reference {}, errors);
    }
}

/// Reports references in a type that would have to be loaded.
pub(crate) fn refuse_references(ty: &Type, mistake: &Mistake, errors: &mut Errors) {
    References { mistake, errors }.visit_type(ty);
}

struct References<'e> {
    mistake: &'e Mistake,
    errors: &'e mut Errors,
}

impl<'ast> Visit<'ast> for References<'_> {
    fn visit_type_reference(&mut self, reference: &'ast TypeReference) {
        self.errors.report_at(reference, self.mistake);
    }

    // What stands in these is not loaded.
    fn visit_type_fn_ptr(&mut self, _: &'ast syn::TypeFnPtr) {}
    fn visit_type_trait_object(&mut self, _: &'ast syn::TypeTraitObject) {}
    fn visit_type_macro(&mut self, _: &'ast syn::TypeMacro) {}
    fn visit_expr(&mut self, _: &'ast syn::Expr) {}

    fn visit_path_segment(&mut self, segment: &'ast syn::PathSegment) {
        if segment.ident != "PhantomData" {
            syn::visit::visit_path_segment(self, segment);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_are_counted() {
        let count = |count: usize| -> Vec<String> {
            let variants = (0..count).map(|i| format!("V{i}")).collect::<Vec<_>>().join(",");
            let input = syn::parse_str(&format!("enum Wide {{ {variants} }}")).expect("it is an enum");
            let mut errors = Errors::new();
            check(&Model::read(&input, &mut errors), &mut errors);
            errors.finish().into_iter().map(|tokens| tokens.to_string()).collect()
        };
        assert!(count(VARIANTS).is_empty());
        let errors = count(VARIANTS + 1);
        assert!(errors.len() == 1 && errors[0].contains("an enum of 65537 variants cannot be saved"), "{errors:?}");
    }
}
