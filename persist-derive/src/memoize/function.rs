//! What a function is to the expander: arguments that make the key, and what is kept of its result.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{
    Attribute, Expr, FnArg, GenericArgument, ItemFn, Pat, Path, PathArguments, Receiver, ReceiverKind, ReturnType,
    Type, TypeImplTrait, parse_quote,
};

use crate::attributes::Attributes;
use crate::errors::Errors;
use crate::mistakes::Mistake;
use crate::validate::refuse_references;

/// A function whose results are kept.
pub(crate) struct Function {
    pub(crate) item: ItemFn,
    pub(crate) attributes: Attributes,
    /// The library's path.
    pub(crate) krate: Path,
    /// What the key is made of.
    pub(crate) arguments: Vec<Argument>,
    /// The type of its result, where it has one.
    pub(crate) result: Option<Type>,
    /// Whether what is kept is only the value of an `Ok`.
    pub(crate) is_fallible: bool,
}

/// An argument that is a part of the key.
pub(crate) struct Argument {
    /// How the body calls it.
    pub(crate) value: TokenStream,
    /// How errors call it.
    pub(crate) label: String,
    /// The place of its type.
    pub(crate) span: Span,
    /// Whether it is there at all may depend on these.
    pub(crate) cfgs: Vec<Attribute>,
}

impl Function {
    /// Reads a function, and refuses what cannot be kept.
    pub(crate) fn read(item: ItemFn, options: TokenStream, errors: &mut Errors) -> Function {
        let attributes = Attributes::read_memo(options, errors);
        let krate = attributes.krate.clone().unwrap_or_else(|| parse_quote!(::persist));
        if !attributes.has("path") {
            errors.report(Span::call_site(), &Mistake::MemoPath {});
        }
        if let Some(Expr::Lit(literal)) = attributes.expression_of("ttl") {
            errors.report_at(literal, &Mistake::TtlForm {});
        }
        if let Some(token) = &item.sig.constness {
            errors.report_at(token, &Mistake::ConstFunction {});
        }
        let arguments = read_arguments(&item, &attributes.ignored, errors);
        let (result, returns_result) = read_result(&item, &attributes, errors);
        let is_fallible = returns_result && !attributes.has("cache_errors");
        Function { item, attributes, krate, arguments, result, is_fallible }
    }
}

fn read_arguments(item: &ItemFn, ignored: &[Ident], errors: &mut Errors) -> Vec<Argument> {
    let (mut arguments, mut names) = (Vec::new(), Vec::new());
    for input in &item.sig.inputs {
        let (name, attributes, span) = match input {
            FnArg::Receiver(receiver) => {
                let span = receiver.self_token.span;
                (Ident::new("self", span), &receiver.attrs, span)
            }
            FnArg::Typed(typed) => match &*typed.pat {
                Pat::Ident(pat) if pat.by_ref.is_none() && pat.subpat.is_none() => {
                    (pat.ident.clone(), &typed.attrs, typed.ty.span())
                }
                pat => {
                    errors.report_at(pat, &Mistake::ArgumentPattern {});
                    continue;
                }
            },
        };
        names.push(name.clone());
        if ignored.contains(&name) {
            continue;
        }
        let label = name.unraw().to_string();
        check_argument(input, &label, errors);
        let cfgs = attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).cloned().collect();
        arguments.push(Argument { value: name.to_token_stream(), label, span, cfgs });
    }
    check_ignored(ignored, &names, errors);
    arguments
}

fn check_ignored(ignored: &[Ident], names: &[Ident], errors: &mut Errors) {
    for (index, name) in ignored.iter().enumerate() {
        if !names.contains(name) {
            let known: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            errors.report_at(name, &Mistake::UnknownArgument { name: name.to_string(), known });
        } else if ignored[..index].contains(name) {
            errors.report_at(name, &Mistake::Repeated { word: name.to_string() });
        }
    }
}

fn check_argument(input: &FnArg, label: &str, errors: &mut Errors) {
    let ty = match input {
        FnArg::Typed(typed) => Some(&*typed.ty),
        FnArg::Receiver(Receiver { kind: ReceiverKind::Typed(_, ty), .. }) => Some(&**ty),
        FnArg::Receiver(_) => None,
    };
    let is_mutable = match (input, ty) {
        (_, Some(Type::Reference(reference))) => reference.mutability.is_some(),
        (FnArg::Receiver(Receiver { kind: ReceiverKind::Reference(.., mutability), .. }), None) => mutability.is_some(),
        _ => false,
    };
    if is_mutable {
        errors.report_at(input, &Mistake::MutableArgument { name: label.to_owned() });
    }
    if let Some(ty) = ty {
        Impls { mistake: &Mistake::ImplArgument { name: label.to_owned() }, errors }.visit_type(ty);
    }
}

/// The type of what it gives, and whether it is a `Result`.
fn read_result(item: &ItemFn, attributes: &Attributes, errors: &mut Errors) -> (Option<Type>, bool) {
    let ty = match &item.sig.output {
        ReturnType::Type(_, ty) if !matches!(&**ty, Type::Tuple(tuple) if tuple.elems.is_empty()) => &**ty,
        _ => {
            errors.report_at(&item.sig.ident, &Mistake::NoResult {});
            return (None, false);
        }
    };
    let (is_result, value) = value_of_result(ty);
    let keeps_errors = attributes.has("cache_errors");
    if keeps_errors && !is_result {
        errors.report(attributes.span("cache_errors"), &Mistake::CacheErrors {});
    }
    let kept = if is_result && !keeps_errors { value } else { Some(ty) };
    if let Some(kept) = kept {
        refuse_references(kept, &Mistake::BorrowedResult {}, errors);
    }
    Impls { mistake: &Mistake::ImplResult {}, errors }.visit_type(ty);
    (Some(ty.clone()), is_result)
}

/// Whether a type is called `Result`, and the type of its `Ok`, where it is written.
fn value_of_result(ty: &Type) -> (bool, Option<&Type>) {
    let Type::Path(path) = ty else { return (false, None) };
    let Some(last) = path.path.segments.last().filter(|last| last.ident == "Result") else { return (false, None) };
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return (true, None) };
    let value = arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    (true, value)
}

/// Reports `impl Trait`.
struct Impls<'e> {
    mistake: &'e Mistake,
    errors: &'e mut Errors,
}

impl<'ast> Visit<'ast> for Impls<'_> {
    fn visit_type_impl_trait(&mut self, ty: &'ast TypeImplTrait) {
        self.errors.report_at(ty, self.mistake);
    }

    fn visit_expr(&mut self, _: &'ast Expr) {}
}

/// A name of the expansion, which no name of the function's own is.
pub(crate) fn local(name: &str) -> Ident {
    format_ident!("__{name}", span = Span::mixed_site())
}
