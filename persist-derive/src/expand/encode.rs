//! `WriteRows`: rows to columns, field by field.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::spanned::Spanned;

use super::{Expander, With, type_span};
use crate::model::{Field, Saved, Variant};

impl Expander<'_> {
    /// The impl of `WriteRows`.
    pub(super) fn write_rows(&self) -> TokenStream {
        let Expander { lib, site, .. } = self;
        let before_save = self.before_save(|hook| quote_spanned!(*site=> #lib::before_save(__rows, #hook)?;));
        let write = match &self.model.variants[..] {
            [variant] if self.is_struct() => self.write_in_place(variant),
            variants => self.write_by_variant(variants),
        };
        let ask_first = self.ask_first();
        // Nothing stands in the column that says which form a row is.
        let present = self.older().map(|_| quote_spanned!(*site=> let __at = __at + 1;));
        let body = quote_spanned! {*site=>
            fn write_rows(
                __rows: #lib::Rows<'_, Self>,
                __writer: &mut #lib::Writer<'_>,
                __at: #lib::core::primitive::usize,
            ) -> #lib::Result<()> {
                #ask_first
                #before_save
                #present
                #write
                #lib::core::result::Result::Ok(())
            }
        };
        let send = self.send();
        self.implement("WriteRows", self.ident, &quote_spanned!(*site=> #body #send))
    }

    /// Calls the hook `before_save`, where there is one.
    pub(super) fn before_save(&self, call: impl FnOnce(&TokenStream) -> TokenStream) -> Option<TokenStream> {
        let Expander { lib, site, .. } = self;
        self.model.attributes.before_save.as_ref().map(|hook| {
            let called = call(&quote_spanned!(*site=> __hook));
            let site = hook.span().resolved_at(*site);
            quote_spanned! {site=>
                let __hook: fn(&Self) -> #lib::Result<()> = #hook;
                #called
            }
        })
    }

    /// A struct's fields: moving to a field of all rows costs nothing.
    fn write_in_place(&self, variant: &Variant<'_>) -> TokenStream {
        let Expander { lib, site, ident, .. } = self;
        let proof = {
            let members = variant.fields.iter().map(|field| &field.member);
            let locals: Vec<_> = variant.fields.iter().map(|field| &field.local).collect();
            let types = variant.saved().map(|(field, _)| field.ty);
            let saved = variant.saved().map(|(field, _)| &field.local);
            quote_spanned! {*site=>
                // Proves what unsafe code here and beside relies on: these are all fields, and of these types.
                let _ = |#ident { #(#members: #locals),* }: &Self| {
                    #(let _: *const #types = #saved;)*
                };
            }
        };
        let writes = self.one_after_another(variant, |field, saved| {
            let (ty, member) = (field.ty, &field.member);
            // SAFETY: the offset is that of the field.
            let rows = quote_spanned! {*site=>
                unsafe { __rows.field::<#ty>(#lib::core::mem::offset_of!(Self, #member)) }
            };
            let write = self.write(variant, field, saved, &rows);
            quote_spanned!(*site=> #write?;)
        });
        quote_spanned!(*site=> #proof #writes)
    }

    /// The tags of all rows, then the fields of each variant, dense; or the one row that there is.
    fn write_by_variant(&self, variants: &[Variant<'_>]) -> TokenStream {
        let Expander { lib, site, .. } = self;
        let count = variants.len();
        let tags = variants.iter().enumerate().map(|(tag, variant)| {
            let path = self.path(self.ident, variant);
            let tag = tag as u16;
            quote_spanned!(*site=> #path { .. } => #tag)
        });
        let tag = quote_spanned!(*site=> |__row| match __row { #(#tags,)* });
        if variants.iter().all(|variant| variant.saved().next().is_none()) {
            return quote_spanned!(*site=> #lib::write_units(__rows, __writer, __at, #count, #tag););
        }
        let one = self.write_one(variants);
        let with_fields = variants.iter().enumerate().filter(|(_, variant)| variant.saved().next().is_some());
        let writes = with_fields.map(|(tag, variant)| self.write_variant(variant, tag));
        quote_spanned! {*site=>
            #one
            let mut __gather = #lib::Gather::new();
            for (__batch, __rows) in #lib::core::iter::Iterator::enumerate(__rows.batches()) {
                let __tags = #lib::Tags::of(__rows, #tag);
                __tags.write(__writer, __at, #count);
                let __at = __at + 1;
                #(#writes)*
            }
        }
    }

    /// A row by itself needs nothing gathered.
    fn write_one(&self, variants: &[Variant<'_>]) -> TokenStream {
        let Expander { lib, site, .. } = self;
        let count = variants.len();
        let (starts, first, advances) = self.starts(variants);
        let arms = variants.iter().zip(&starts).enumerate().map(|(tag, (variant, start))| {
            let path = self.path(self.ident, variant);
            let members = variant.saved().map(|(field, _)| &field.member);
            let locals = variant.saved().map(|(field, _)| &field.local);
            let writes = self.one_after_another(variant, |field, saved| {
                let local = &field.local;
                let rows = quote_spanned!(*site=> #lib::Rows::one(#local));
                let write = self.write(variant, field, saved, &rows);
                quote_spanned!(*site=> #write?;)
            });
            let tag = tag as u16;
            quote_spanned! {*site=>
                #path { #(#members: #locals,)* .. } => {
                    __writer.tag(__at, #count, #tag);
                    #lib::apart(|| {
                        let __at = #start;
                        #writes
                        #lib::core::result::Result::Ok(())
                    })
                }
            }
        });
        quote_spanned! {*site=>
            if __rows.len() == 1 {
                let #first = __at + 1;
                #advances
                return match __rows.get(0) { #(#arms)* };
            }
        }
    }

    fn write_variant(&self, variant: &Variant<'_>, tag: usize) -> TokenStream {
        let Expander { lib, site, .. } = self;
        let tag = tag as u16;
        let path = self.path(self.ident, variant);
        let members = variant.saved().map(|(field, _)| &field.member);
        let locals: Vec<_> = variant.saved().map(|(field, _)| &field.local).collect();
        let types = variant.saved().map(|(field, _)| field.ty);
        let writes = self.one_after_another(variant, |field, saved| {
            let (local, ty) = (&field.local, field.ty);
            // SAFETY: all rows are of this variant, so that each has the field where the first one has it.
            let rows = quote_spanned! {*site=>
                unsafe { __picked.field::<#ty>(#lib::offset_in(__first, #local)) }
            };
            let write = self.write(variant, field, saved, &rows);
            quote_spanned!(*site=> #write.map_err(__locate)?;)
        });
        let columns = variant.saved().map(|(field, saved)| self.columns(field, saved));
        quote_spanned! {*site=>
            #lib::apart(|| {
                let #lib::core::option::Option::Some((__first @ #path { #(#members: #locals,)* .. }, __picked)) =
                    #lib::pick(&mut __gather, __rows, &__tags, #tag)
                else {
                    return #lib::core::result::Result::Ok(());
                };
                // Proves what unsafe code here relies on: the fields are of these types.
                #(let _: *const #types = #locals;)*
                let __locate = |__error| #lib::in_variant(__error, __batch, &__tags, #tag);
                #writes
                #lib::core::result::Result::Ok(())
            })?;
            let __at = __at #(+ #columns)*;
        }
    }

    /// What is done with each field, at its columns.
    pub(super) fn one_after_another(
        &self,
        variant: &Variant<'_>,
        mut each: impl FnMut(&Field<'_>, &Saved) -> TokenStream,
    ) -> TokenStream {
        let Expander { lib, site, .. } = self;
        let steps = variant.saved().enumerate().map(|(i, (field, saved))| {
            let done = each(field, saved);
            if i + 1 == variant.saved().count() {
                return done;
            }
            let columns = self.columns(field, saved);
            quote_spanned!(*site=> #done let __at = __at + #lib::step::<Self>(#columns);)
        });
        quote_spanned!(*site=> #(#steps)*)
    }

    /// Writes one field of some rows, and says where it failed.
    fn write(&self, variant: &Variant<'_>, field: &Field<'_>, saved: &Saved, rows: &TokenStream) -> TokenStream {
        let (lib, ty) = (&self.lib, field.ty);
        // Nothing stands in the column of presence.
        let at = if saved.default.is_some() {
            quote_spanned!(self.site=> __at + 1)
        } else {
            quote_spanned!(self.site=> __at)
        };
        let written = match With::of(saved) {
            None => quote_spanned!(type_span(field)=> <#ty as #lib::Encode>::write(#rows, __writer, #at)),
            Some(With { site, get_state, .. }) => {
                quote_spanned!(site=> #lib::write_with(#rows, __writer, #at, #get_state))
            }
        };
        self.in_field(variant, field, &written)
    }
}
