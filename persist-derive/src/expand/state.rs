//! The state of a type with transient fields: the others, owned.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::Member;

use super::Expander;
use crate::model::{Field, Variant};

impl Expander<'_> {
    /// The state struct or enum, where there is one.
    pub(super) fn state(&self) -> TokenStream {
        if !self.model.has_transient() {
            return TokenStream::new();
        }
        let (site, name) = (self.site, &self.state);
        let (impl_generics, _, where_clause) = self.model.input.generics.split_for_impl();
        let where_clause = self.meaning_the_type(where_clause);
        let bodies = self.model.variants.iter().map(|variant| (variant.ident, self.state_fields(variant)));
        if self.is_struct() {
            let fields = bodies.map(|(_, fields)| fields);
            return quote_spanned!(site=> pub struct #name #impl_generics #where_clause { #(#fields)* });
        }
        let variants = bodies.map(|(ident, fields)| quote_spanned!(site=> #ident { #fields }));
        quote_spanned!(site=> pub enum #name #impl_generics #where_clause { #(#variants,)* })
    }

    fn state_fields(&self, variant: &Variant<'_>) -> TokenStream {
        let (site, lib, ty) = (self.site, &self.lib, self.with_parameters(self.ident));
        let fields = variant.saved().map(|(field, _)| {
            let (local, own) = (&field.local, self.meaning_the_type(field.ty));
            quote_spanned!(site=> #local: #own)
        });
        // It makes use of all parameters.
        quote_spanned!(site=> #(#fields,)* __marker: #lib::core::marker::PhantomData<#ty>)
    }

    /// The same tokens in which `Self` means the type, wherever they stand.
    pub(super) fn meaning_the_type(&self, tokens: impl ToTokens) -> TokenStream {
        replace_self(tokens.to_token_stream(), &self.with_parameters(self.ident))
    }

    /// What stands in the state beside the fields.
    pub(super) fn marker(&self) -> TokenStream {
        let lib = &self.lib;
        quote_spanned!(self.site=> __marker: #lib::core::marker::PhantomData)
    }

    /// The member of what is read that holds a field.
    pub(super) fn read_member(&self, field: &Field<'_>) -> Member {
        if self.model.has_transient() { Member::Named(field.local.clone()) } else { field.member.clone() }
    }
}

/// A type in which `Self` means another one.
fn replace_self(ty: TokenStream, this: &TokenStream) -> TokenStream {
    ty.into_iter()
        .flat_map(|token| match token {
            TokenTree::Ident(ident) if ident == "Self" => this.clone(),
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), replace_self(group.stream(), this));
                inner.set_span(group.span());
                TokenTree::Group(inner).into()
            }
            token => token.into(),
        })
        .collect()
}
