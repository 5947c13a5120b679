//! What the impls ask of type parameters: never anything of a field's type as a whole, so that recursive types compile.

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::visit::{self, Visit};
use syn::{Generics, PathSegment, Type, TypeMacro, TypePath, WherePredicate, parse_quote};

use crate::model::{Default, FieldKind, Model, Saved, Transient};

/// The type's generics with all that saving and loading ask.
pub(crate) fn generics(model: &Model<'_>) -> Generics {
    let mut generics = model.input.generics.clone();
    let predicates = match &model.attributes.bound {
        Some(predicates) => predicates.clone(),
        None => inferred(model),
    };
    if !predicates.is_empty() {
        generics.make_where_clause().predicates.extend(predicates);
    }
    generics
}

fn inferred(model: &Model<'_>) -> Vec<WherePredicate> {
    let krate = &model.krate;
    let mut uses = Uses::of(&model.input.generics);
    if let Some((saved, loaded)) = model.converted() {
        uses.visit_type(saved);
        uses.visit_type(loaded);
        return uses.found.iter().map(|ty| parse_quote!(#ty: #krate::__private::Persist)).collect();
    }
    for field in model.fields() {
        if field.saved().is_some_and(|saved| saved.with.is_none()) {
            uses.visit_type(field.ty);
        }
    }
    let saved = &uses.found;
    let mut predicates: Vec<WherePredicate> =
        saved.iter().map(|ty| parse_quote!(#ty: #krate::__private::Persist)).collect();

    let attributes = &model.attributes;
    if attributes.has("default") && attributes.default.is_none() && !uses.parameters.is_empty() {
        predicates.push(parse_quote!(Self: #krate::__private::core::default::Default));
    }

    // Whether a field can be made of nothing, or cloned, may depend on its type's parameters.
    for field in model.fields().filter(|field| uses.mentions(field.ty.to_token_stream())) {
        let ty = field.ty;
        let core = quote!(#krate::__private::core);
        let bound = match &field.kind {
            FieldKind::Transient(Transient::Default)
            | FieldKind::Saved(Saved { default: Some(Default::Trait), .. }) => quote!(#core::default::Default),
            FieldKind::Transient(Transient::Provided) => quote!(#core::clone::Clone + #core::any::Any),
            _ => continue,
        };
        predicates.push(parse_quote!(#ty: #bound));
    }
    predicates
}

/// Finds the parameters, and the projections of parameters, that types are made of.
struct Uses {
    parameters: HashSet<Ident>,
    found: Vec<Type>,
}

impl Uses {
    fn of(generics: &Generics) -> Uses {
        Uses {
            parameters: generics.type_params().map(|parameter| parameter.ident.clone()).collect(),
            found: Vec::new(),
        }
    }

    fn mentions(&self, tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(ident) => self.parameters.contains(&ident),
            TokenTree::Group(group) => self.mentions(group.stream()),
            _ => false,
        })
    }

    fn add(&mut self, ty: Type) {
        if !self.found.contains(&ty) {
            self.found.push(ty);
        }
    }
}

impl<'ast> Visit<'ast> for Uses {
    fn visit_type_path(&mut self, path: &'ast TypePath) {
        let projected = match &path.qself {
            Some(qself) => self.mentions(qself.ty.to_token_stream()),
            None => path.path.leading_colon.is_none() && self.parameters.contains(&path.path.segments[0].ident),
        };
        if projected {
            self.add(Type::Path(path.clone()));
        } else {
            visit::visit_type_path(self, path);
        }
    }

    fn visit_path_segment(&mut self, segment: &'ast PathSegment) {
        // It holds no value of what it names.
        if segment.ident != "PhantomData" {
            visit::visit_path_segment(self, segment);
        }
    }

    fn visit_type_macro(&mut self, ty: &'ast TypeMacro) {
        // What it becomes cannot be seen; whatever it mentions may be saved.
        let parameters: Vec<Ident> = self.parameters.iter().cloned().collect();
        for parameter in parameters {
            let only = Uses { parameters: HashSet::from([parameter.clone()]), found: Vec::new() };
            if only.mentions(ty.mac.tokens.clone()) {
                self.add(parse_quote!(#parameter));
            }
        }
    }
}
