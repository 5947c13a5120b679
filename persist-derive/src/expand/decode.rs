//! `ReadRows`: columns to values, or to their states.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote_spanned};
use syn::Member;
use syn::spanned::Spanned;

use super::{Expander, With, type_span};
use crate::model::{Default, Field, Saved, Variant};

impl Expander<'_> {
    /// The impl of `ReadRows`; for a state it refers to an impl for the type, so that `Self` is what users mean by it.
    pub(super) fn read_rows(&self) -> TokenStream {
        let Expander { lib, site, .. } = self;
        let read = match &self.model.variants[..] {
            [variant] if self.is_struct() => self.read_in_place(variant),
            variants => self.read_by_tag(variants),
        };
        let ask_first = self.ask_first();
        let read = quote_spanned!(*site=> #ask_first #read);
        let this = quote_spanned!(*site=> Self);
        if let (Some(older), false) = (self.older(), self.model.has_transient()) {
            let own = self.implement("ReadCurrent", self.ident, &self.reading("read_current", &this, &read));
            let upgrade = self.upgrade(older);
            let versions = quote_spanned! {*site=>
                #lib::read_versions::<Self, #older>(__reader, __at, __slots, |__older| #upgrade)
            };
            let (versions, receive) = (self.reading("read_rows", &this, &versions), self.receive("receive_row", &this));
            let read = self.implement("ReadRows", self.ident, &quote_spanned!(*site=> #versions #receive));
            return quote_spanned!(*site=> #own #read);
        }
        if !self.model.has_transient() {
            let (read, receive) = (self.reading("read_rows", &this, &read), self.receive("receive_row", &this));
            return self.implement("ReadRows", self.ident, &quote_spanned!(*site=> #read #receive));
        }
        let (ty, state) = (self.with_parameters(self.ident), self.with_parameters(&self.state));
        let (reading, receive) = (self.reading("read_state", &state, &read), self.receive("receive_state", &state));
        let body = quote_spanned!(*site=> type State = #state; #reading #receive);
        let own = self.implement("ReadState", self.ident, &body);
        let read = quote_spanned!(*site=> <#ty as #lib::ReadState>::read_state(__reader, __at, __slots));
        let read = self.reading("read_rows", &this, &read);
        let body = quote_spanned! {*site=>
            #read
            fn receive_row<'__slot>(
                __input: &mut #lib::Incoming<'_>,
                __slot: #lib::Slot<'__slot, Self>,
            ) -> #lib::Result<#lib::Done<'__slot>> {
                <#ty as #lib::ReadState>::receive_state(__input, __slot)
            }
        };
        let state = self.implement("ReadRows", &self.state, &body);
        quote_spanned!(*site=> #own #state)
    }

    /// A function that reads rows of a type.
    fn reading(&self, name: &str, ty: &TokenStream, body: &TokenStream) -> TokenStream {
        let Expander { lib, site, .. } = self;
        let name = self.local(name);
        quote_spanned! {*site=>
            fn #name<'__slots>(
                __reader: &mut #lib::Reader<'_>,
                __at: #lib::core::primitive::usize,
                __slots: #lib::Slots<'__slots, #ty>,
            ) -> #lib::Result<#lib::Done<'__slots>> {
                #body
            }
        }
    }

    /// What a value of the older type becomes.
    pub(super) fn upgrade(&self, older: &syn::Type) -> TokenStream {
        let lib = &self.lib;
        let site = older.span().resolved_at(self.site);
        quote_spanned! {site=>
            #lib::converted(<Self as #lib::core::convert::TryFrom<#older>>::try_from(__older))
        }
    }

    /// A struct's fields, each into its place in all slots.
    fn read_in_place(&self, variant: &Variant<'_>) -> TokenStream {
        let Expander { lib, site, .. } = self;
        let place = self.with_parameters(self.read_ident());
        let members = variant.saved().map(|(field, _)| self.read_member(field)).collect();
        let (record, row) = (self.record_reader(variant, &place, members), self.read_row());
        quote_spanned! {*site=>
            #row
            // SAFETY: these are all fields of the type, with their offsets.
            unsafe { #lib::read_record::<#place>(__reader, __at, __slots, const { &#record }) }
        }
    }

    /// The constant that tells how the fields of a struct or variant are read: the members of a struct or tuple.
    fn record_reader(&self, variant: &Variant<'_>, place: &TokenStream, members: Vec<Member>) -> TokenStream {
        let Expander { lib, site, .. } = self;
        let owner = &variant.owner;
        let fields = variant.saved().zip(members).map(|((field, saved), member)| {
            let (ty, label) = (field.ty, &field.label);
            let (offset, columns) =
                (quote_spanned!(*site=> #lib::core::mem::offset_of!(#place, #member)), self.step(field, saved));
            let reader = if saved.with.is_none() && saved.default.is_none() {
                quote_spanned!(type_span(field)=> #lib::FieldReader::new::<#ty>(#offset, #columns, #label))
            } else {
                let read = self.read(field, saved);
                quote_spanned! {*site=>
                    #lib::FieldReader::by::<#ty>(#offset, #columns, #label, |__reader, __at, __places| unsafe {
                        __places.fill::<#ty>(|__slots| #read)
                    })
                }
            };
            // SAFETY: the field is there, and of this type; its places are filled.
            quote_spanned!(*site=> unsafe { #reader })
        });
        quote_spanned!(*site=> #lib::RecordReader { owner: #owner, fields: const { &[#(#fields),*] } })
    }

    /// An enum's rows: those of a batch that are of one variant together.
    fn read_by_tag(&self, variants: &[Variant<'_>]) -> TokenStream {
        let Expander { lib, site, .. } = self;
        let count = variants.len();
        if variants.iter().all(|variant| variant.fields.is_empty()) {
            let arms = variants.iter().enumerate().map(|(tag, variant)| {
                let tag = if tag + 1 == count { quote_spanned!(*site=> _) } else { quote_spanned!(*site=> #tag) };
                let path = self.path(self.read_ident(), variant);
                quote_spanned!(*site=> #tag => #path {},)
            });
            return quote_spanned! {*site=>
                #lib::read_units(__reader, __at, __slots, #count, |__tag| match __tag { #(#arms)* })
            };
        }
        let variants = variants.iter().map(|variant| self.variant_reader(variant));
        quote_spanned! {*site=>
            // SAFETY: these are the variants, in the order of their tags.
            unsafe {
                #lib::read_variants(__reader, __at, __slots, const { &#lib::with_starts([#(#variants),*]) })
            }
        }
    }

    /// The constant that tells how a variant is read: its fields as a tuple, of which rows are made.
    fn variant_reader(&self, variant: &Variant<'_>) -> TokenStream {
        let Expander { lib, site, .. } = self;
        let types = variant.saved().map(|(field, _)| field.ty);
        let fields = quote_spanned!(*site=> (#(#types,)*));
        let members = (0..variant.saved().count()).map(Member::from).collect();
        let record = self.record_reader(variant, &fields, members);
        let locals: Vec<_> = variant.saved().map(|(field, _)| &field.local).collect();
        let (ty, path) = (self.with_parameters(self.read_ident()), self.path(self.read_ident(), variant));
        let members = variant.saved().map(|(field, _)| self.read_member(field));
        let marker = self.model.has_transient().then(|| self.marker());
        quote_spanned! {*site=>
            // SAFETY: the record is that of the tuple, of each of which a row is made.
            unsafe {
                #lib::VariantReader::new::<#fields>(#record, |__fields, __picked| unsafe {
                    #lib::make_rows::<#fields, #ty>(__fields, __picked, |(#(#locals,)*)| {
                        #path { #(#members: #locals,)* #marker }
                    })
                })
            }
        }
    }

    /// Reads one field into its slots.
    pub(super) fn read(&self, field: &Field<'_>, saved: &Saved) -> TokenStream {
        let Expander { lib, site, .. } = self;
        let ty = field.ty;
        let default = saved.default.as_ref().map(|default| match default {
            Default::Trait => {
                quote_spanned!(type_span(field)=> <#ty as #lib::core::default::Default>::default())
            }
            Default::Expression(expression) => {
                quote_spanned!(*site=> { let __value: #ty = #expression; __value })
            }
            Default::Container(expression) => {
                let of_trait = || quote_spanned!(*site=> #lib::core::default::Default::default());
                let whole = expression.as_ref().map_or_else(of_trait, ToTokens::to_token_stream);
                let member = &field.member;
                quote_spanned!(*site=> { let __whole: Self = #whole; __whole.#member })
            }
        });
        let default = default.map(|value| quote_spanned!(*site=> || #lib::core::result::Result::Ok(#value)));
        match (With::of(saved), default) {
            (None, None) => {
                quote_spanned!(type_span(field)=> <#ty as #lib::Decode>::read(__reader, __at, __slots))
            }
            (None, Some(default)) => quote_spanned!(*site=> __reader.or_default(__at, __slots, #default)),
            (Some(With { site, set_state, .. }), None) => {
                quote_spanned!(site=> #lib::read_with(__reader, __at, __slots, #set_state))
            }
            (Some(With { site, set_state, .. }), Some(default)) => {
                quote_spanned!(site=> #lib::read_with_or(__reader, __at, __slots, #set_state, #default))
            }
        }
    }
}
