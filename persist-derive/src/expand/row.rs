//! What is done with one row of a struct that holds itself: such rows are written and read one at a time.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};

use super::{Expander, type_span};
use crate::model::Variant;

impl Expander<'_> {
    /// The variant of a struct whose fields name the type. What is done for those is not done for others, which may hold
    /// themselves by way of another type.
    fn itself(&self) -> Option<&Variant<'_>> {
        let [variant] = &self.model.variants[..] else { return None };
        let mut types = variant.saved().map(|(field, _)| field.ty.to_token_stream());
        (self.is_struct() && types.any(|ty| mentions(ty, self.ident))).then_some(variant)
    }

    /// The methods of `WriteRows`. Structs with fields that only functions of a module save are written by their record.
    pub(super) fn row(&self) -> Option<TokenStream> {
        let site = &self.site;
        let variant = self.itself().filter(|variant| variant.saved().all(|(_, saved)| saved.with.is_none()))?;
        let (write, prefetch) = (self.write_row(variant), self.prefetch_row(variant));
        Some(quote_spanned!(*site=> #write #prefetch))
    }

    /// Reads a row by itself, each field in line: a call through a pointer for each takes longer than most fields do.
    pub(super) fn read_row(&self) -> Option<TokenStream> {
        let Expander { lib, site, .. } = self;
        let variant = self.itself()?;
        let place = self.with_parameters(self.read_ident());
        let reads = variant.saved().map(|(field, saved)| {
            let (local, ty, member, columns) =
                (&field.local, field.ty, self.read_member(field), self.step(field, saved));
            let read = self.read(field, saved);
            let read = quote_spanned! {*site=>
                // SAFETY: the offset is that of the field.
                unsafe { __slots.field::<#ty>(#lib::core::mem::offset_of!(#place, #member)) }.read(|__slots| #read)
            };
            let read = self.in_field(variant, field, &read);
            quote_spanned!(*site=> let #local = #read?; let __at = __at + #columns;)
        });
        let locals = variant.saved().map(|(field, _)| &field.local);
        Some(quote_spanned! {*site=>
            if __slots.len() == 1 {
                #(#reads)*
                let _ = __at;
                #(#locals.keep();)*
                // SAFETY: every field was filled, and left to the struct.
                return #lib::core::result::Result::Ok(unsafe { __slots.assume_filled() });
            }
        })
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
