//! What `WriteRows` does with one row of a struct that holds itself: such rows are written one at a time.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};

use super::{Expander, type_span};
use crate::model::Variant;

impl Expander<'_> {
    /// The methods, for structs whose fields name the type. Others, which may hold themselves by way of another type, are
    /// written by their record, as are structs with fields that only functions of a module save.
    pub(super) fn row(&self) -> Option<TokenStream> {
        let site = &self.site;
        let [variant] = &self.model.variants[..] else { return None };
        let itself = |field: &syn::Type| mentions(field.to_token_stream(), self.ident);
        if !self.is_struct()
            || variant.saved().any(|(_, saved)| saved.with.is_some())
            || !variant.saved().any(|(field, _)| itself(field.ty))
        {
            return None;
        }
        let (write, prefetch) = (self.write_row(variant), self.prefetch_row(variant));
        Some(quote_spanned!(*site=> #write #prefetch))
    }

    fn write_row(&self, variant: &Variant<'_>) -> TokenStream {
        let Expander { lib, site, .. } = self;
        let ask_first = self.ask_first();
        let before_save = self.before_save(|hook| quote_spanned!(*site=> #hook(self)?;));
        // Nothing stands in the column that says which form a row is, nor in one of presence.
        let present = self.older().map(|_| quote_spanned!(*site=> let __at = __at + 1;));
        let writes = variant.saved().map(|(field, saved)| {
            let (ty, member) = (field.ty, &field.member);
            let (before, columns) = (usize::from(saved.default.is_some()), self.step(field, saved));
            let write = quote_spanned! {type_span(field)=>
                <#ty as #lib::Encode>::write_one(&self.#member, __writer, __at + #before)
            };
            let write = self.in_field(variant, field, &write);
            quote_spanned!(*site=> #write?; let __at = __at + #columns;)
        });
        quote_spanned! {*site=>
            fn write_row(
                &self,
                __writer: &mut #lib::Writer<'_>,
                __at: #lib::core::primitive::usize,
            ) -> #lib::Result<()> {
                #ask_first
                #before_save
                #present
                #(#writes)*
                let _ = __at;
                #lib::core::result::Result::Ok(())
            }
        }
    }

    fn prefetch_row(&self, variant: &Variant<'_>) -> TokenStream {
        let Expander { lib, site, .. } = self;
        let ask_first = self.ask_first();
        let asks = variant.saved().map(|(field, _)| {
            let (ty, member) = (field.ty, &field.member);
            quote_spanned!(type_span(field)=> <#ty as #lib::Encode>::prefetch(&self.#member, __ahead);)
        });
        quote_spanned! {*site=>
            #[inline]
            fn prefetch_row(&self, __ahead: #lib::Ahead) {
                #ask_first
                #(#asks)*
            }
        }
    }
}

/// Whether a type is made of one of this name, or of `Self`.
fn mentions(ty: TokenStream, ident: &Ident) -> bool {
    ty.into_iter().any(|token| match token {
        TokenTree::Ident(found) => found == *ident || found == "Self",
        TokenTree::Group(group) => mentions(group.stream(), ident),
        _ => false,
    })
}
