//! Messages: a value's fields one after the other.

use proc_macro2::TokenStream;
use quote::quote_spanned;

use super::{Expander, With, type_span};
use crate::model::{Field, Saved, Variant};

impl Expander<'_> {
    /// The function that writes a value to a message.
    pub(super) fn send(&self) -> TokenStream {
        let Expander { lib, site, .. } = self;
        let ask_first = self.ask_first();
        let before_save = self.before_save(|hook| quote_spanned!(*site=> #hook(self)?;));
        let count = self.model.variants.len();
        let arms = self.model.variants.iter().enumerate().map(|(tag, variant)| {
            let path = self.path(self.ident, variant);
            let members = variant.saved().map(|(field, _)| &field.member);
            let locals = variant.saved().map(|(field, _)| &field.local);
            let tag = tag as u16;
            let tag = (!self.is_struct()).then(|| quote_spanned!(*site=> __out.tag(#count, #tag);));
            let sent = variant.saved().map(|(field, saved)| {
                let sent = self.in_field(variant, field, &self.send_field(field, saved));
                quote_spanned!(*site=> #sent?;)
            });
            quote_spanned!(*site=> #path { #(#members: #locals,)* .. } => { #tag #(#sent)* })
        });
        quote_spanned! {*site=>
            #[inline]
            fn send_row(&self, __out: &mut #lib::Outgoing<'_>) -> #lib::Result<()> {
                #ask_first
                #before_save
                match self { #(#arms)* }
                #lib::core::result::Result::Ok(())
            }
        }
    }

    fn send_field(&self, field: &Field<'_>, saved: &Saved) -> TokenStream {
        let (lib, ty, local) = (&self.lib, field.ty, &field.local);
        match With::of(saved) {
            None => quote_spanned!(type_span(field)=> <#ty as #lib::Encode>::send(#local, __out)),
            Some(With { site, get_state, .. }) => {
                quote_spanned!(site=> #lib::send_with::<#ty, _>(#local, __out, #get_state))
            }
        }
    }

    /// A function that reads a value of a message, or its state, into a slot.
    pub(super) fn receive(&self, name: &str, ty: &TokenStream) -> TokenStream {
        let Expander { lib, site, .. } = self;
        let (name, ask_first) = (self.local(name), self.ask_first());
        let count = self.model.variants.len();
        let received = match &self.model.variants[..] {
            [variant] if self.is_struct() => self.receive_in_place(variant),
            variants => {
                let arms = variants.iter().enumerate().map(|(tag, variant)| {
                    let tag = if tag + 1 == count { quote_spanned!(*site=> _) } else { quote_spanned!(*site=> #tag) };
                    let value = self.receive_variant(variant);
                    quote_spanned!(*site=> #tag => __slot.put({ #value }),)
                });
                quote_spanned! {*site=>
                    #lib::core::result::Result::Ok(match __input.tag(#count)? { #(#arms)* })
                }
            }
        };
        quote_spanned! {*site=>
            #[inline]
            fn #name<'__slot>(
                __input: &mut #lib::Incoming<'_>,
                __slot: #lib::Slot<'__slot, #ty>,
            ) -> #lib::Result<#lib::Done<'__slot>> {
                #ask_first
                #received
            }
        }
    }

    /// A struct's fields, each into its place.
    fn receive_in_place(&self, variant: &Variant<'_>) -> TokenStream {
        let Expander { lib, site, .. } = self;
        let place = self.with_parameters(self.read_ident());
        let received = variant.saved().map(|(field, saved)| {
            let (local, ty, member) = (&field.local, field.ty, self.read_member(field));
            let received = match With::of(saved) {
                None => quote_spanned!(type_span(field)=> <#ty as #lib::Decode>::receive(__input, __slot)),
                Some(With { site, set_state, .. }) => {
                    let value = quote_spanned!(site=> #lib::receive_with::<#ty, _>(__input, #set_state));
                    quote_spanned!(site=> #value.map(|__value| __slot.put(__value)))
                }
            };
            let received = quote_spanned! {*site=>
                // SAFETY: the offset is that of the field.
                unsafe { __slot.field::<#ty>(#lib::core::mem::offset_of!(#place, #member)) }
                    .receive(|__slot| #received)
            };
            let received = self.in_field(variant, field, &received);
            quote_spanned!(*site=> let #local = #received?;)
        });
        let locals = variant.saved().map(|(field, _)| &field.local);
        quote_spanned! {*site=>
            #(#received)*
            #(#locals.keep();)*
            // SAFETY: every field was filled, and left to the struct.
            #lib::core::result::Result::Ok(unsafe { __slot.assume_filled() })
        }
    }

    fn receive_variant(&self, variant: &Variant<'_>) -> TokenStream {
        let Expander { lib, site, .. } = self;
        let received = variant.saved().map(|(field, saved)| {
            let (local, ty) = (&field.local, field.ty);
            let received = match With::of(saved) {
                None => quote_spanned!(type_span(field)=> __input.value::<#ty>()),
                Some(With { site, set_state, .. }) => {
                    quote_spanned!(site=> #lib::receive_with::<#ty, _>(__input, #set_state))
                }
            };
            let received = self.in_field(variant, field, &received);
            quote_spanned!(*site=> let #local = #received?;)
        });
        let path = self.path(self.read_ident(), variant);
        let members = variant.saved().map(|(field, _)| self.read_member(field));
        let locals = variant.saved().map(|(field, _)| &field.local);
        let marker = self.model.has_transient().then(|| self.marker());
        quote_spanned! {*site=>
            #(#received)*
            #path { #(#members: #locals,)* #marker }
        }
    }
}
