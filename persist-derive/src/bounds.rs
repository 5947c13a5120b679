//! What the impls ask of type parameters: never anything of a field's type as a whole, so that recursive types compile.

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{Generics, PathSegment, Type, TypeMacro, TypePath, WherePredicate, parse_quote};

use crate::model::{Model, Transient};

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
    for field in model.fields() {
        if field.saved().is_some_and(|saved| saved.with.is_none()) {
            uses.visit_type(field.ty);
        }
    }
    let saved = &uses.found;
    let mut predicates: Vec<WherePredicate> =
        saved.iter().map(|ty| parse_quote!(#ty: #krate::__private::Persist)).collect();

    // What the traits of a transient field's type ask depends on its parameters.
    for field in model.fields() {
        let ty = field.ty;
        let bound: TokenStream = match field.transient() {
            _ if !uses.mentions(ty.to_token_stream()) => continue,
            Some(Transient::Default) => quote::quote!(#krate::__private::core::default::Default),
            Some(Transient::Provided) => {
                quote::quote!(#krate::__private::core::clone::Clone + #krate::__private::core::any::Any)
            }
            Some(Transient::Rebuild(_)) | None => continue,
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
        Uses { parameters: generics.type_params().map(|parameter| parameter.ident.clone()).collect(), found: Vec::new() }
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
