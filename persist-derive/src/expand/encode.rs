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
        let row = self.row();
        let alone = row.as_ref().map(|_| {
            quote_spanned! {*site=>
                if __rows.len() == 1 {
                    return <Self as #lib::WriteRows>::write_row(__rows.get(0), __writer, __at);
                }
            }
        });
        let body = quote_spanned! {*site=>
            fn write_rows(
                __rows: #lib::Rows<'_, Self>,
                __writer: &mut #lib::Writer<'_>,
                __at: #lib::core::primitive::usize,
            ) -> #lib::Result<()> {
                #ask_first
                #alone
                #before_save
                #present
                #write
            }
        };
        let send = self.send();
        self.implement("WriteRows", self.ident, &quote_spanned!(*site=> #body #row #send))
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
        let record = self.record_writer(variant, |field| {
            let member = &field.member;
            quote_spanned!(*site=> #lib::core::mem::offset_of!(Self, #member))
        });
        quote_spanned! {*site=>
            #proof
            // SAFETY: the fields are those of the type, by the proof, with their offsets.
            unsafe { #lib::write_record(__rows, __writer, __at, const { &#record }) }
        }
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
            return quote_spanned! {*site=>
                #lib::write_units(__rows, __writer, __at, #count, #tag);
                #lib::core::result::Result::Ok(())
            };
        }
        let records = variants.iter().map(|variant| self.record_writer(variant, |_| quote_spanned!(*site=> 0)));
        let fields = variants.iter().enumerate().map(|(tag, variant)| {
            let path = self.path(self.ident, variant);
            let tag = tag as u16;
            let members = variant.saved().map(|(field, _)| &field.member);
            let locals: Vec<_> = variant.saved().map(|(field, _)| &field.local).collect();
            let types = variant.saved().map(|(field, _)| field.ty);
            quote_spanned! {*site=>
                #path { #(#members: #locals,)* .. } => {
                    __take(#tag, &[#(#lib::core::ptr::from_ref::<#types>(#locals).cast::<()>()),*])
                }
            }
        });
        quote_spanned! {*site=>
            // SAFETY: the fields are those of the variants, and of the types that their pointers have.
            unsafe {
                #lib::write_variants(__rows, __writer, __at, const { &[#(#records),*] }, #tag, |__row, __take| {
                    match __row { #(#fields)* }
                })
            }
        }
    }

    /// The constant that tells how a struct or variant is written.
    fn record_writer(&self, variant: &Variant<'_>, offset: impl Fn(&Field<'_>) -> TokenStream) -> TokenStream {
        let Expander { lib, site, .. } = self;
        let owner = &variant.owner;
        let fields = variant.saved().map(|(field, saved)| {
            let (ty, label, offset) = (field.ty, &field.label, offset(field));
            let columns = self.step(field, saved);
            let writer = match (With::of(saved), &saved.default) {
                (None, None) => {
                    quote_spanned!(type_span(field)=> #lib::FieldWriter::new::<#ty>(#offset, #columns, #label))
                }
                (None, Some(_)) => {
                    quote_spanned!(type_span(field)=> #lib::FieldWriter::with_default::<#ty>(#offset, #columns, #label))
                }
                (Some(With { site, get_state, .. }), default) => {
                    // Nothing stands in the column of presence.
                    let before = usize::from(default.is_some());
                    quote_spanned! {site=>
                        #lib::FieldWriter::by(#offset, #columns, #label, |__rows, __writer, __at| {
                            #lib::write_with(unsafe { __rows.cast::<#ty>() }, __writer, __at + #before, #get_state)
                        })
                    }
                }
            };
            // SAFETY: the field is there, and of this type.
            quote_spanned!(*site=> unsafe { #writer })
        });
        quote_spanned!(*site=> #lib::RecordWriter { owner: #owner, fields: const { &[#(#fields),*] } })
    }

    /// Columns between a field and the next one: none in a run of floats.
    pub(super) fn step(&self, field: &Field<'_>, saved: &Saved) -> TokenStream {
        let lib = &self.lib;
        let columns = self.columns(field, saved);
        if self.is_struct() { quote_spanned!(self.site=> #lib::step::<Self>(#columns)) } else { columns }
    }
}
