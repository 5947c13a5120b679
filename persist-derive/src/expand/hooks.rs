//! `Persist` itself: what is saved, what is loaded, and how transient fields come back.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::spanned::Spanned;

use super::{Expander, type_span};
use crate::model::{Field, FieldKind, Transient, Variant};

impl Expander<'_> {
    /// The impl of `Persist`.
    pub(super) fn hooks(&self) -> TokenStream {
        let Expander { lib, site, .. } = self;
        let after_load = self.model.attributes.after_load.as_ref();
        let direct = !self.model.has_transient() && after_load.is_none();
        let direct = self.local(if direct { "both" } else { "saved" });
        let state = self.with_parameters(self.read_ident());
        let (mut loaded, mut value) = (state.clone(), quote_spanned!(*site=> __loaded));
        if self.model.has_transient() {
            value = self.rebuilt();
            if let Some(older) = self.older() {
                // The older type has its own way to come back.
                let upgrade = self.upgrade(older);
                loaded = quote_spanned!(*site=> #lib::Form<#state, #older>);
                value = quote_spanned! {*site=>
                    match __loaded {
                        #lib::Form::Current(__loaded) => #value,
                        #lib::Form::Older(__older) => #upgrade?,
                    }
                };
            }
        }
        let result = match after_load {
            None => quote_spanned!(*site=> #lib::core::result::Result::Ok(#value)),
            Some(hook) => {
                let site = hook.span().resolved_at(*site);
                quote_spanned! {site=>
                    let __hook: fn(&mut Self, &#lib::Context) -> #lib::Result<()> = #hook;
                    #lib::after_load(#value, __context, __hook)
                }
            }
        };
        let body = quote_spanned! {*site=>
            type Saved<'__saved> = #lib::View<'__saved, Self> where Self: '__saved;
            type Loaded = #lib::Whole<#loaded>;
            // SAFETY: the states that are the value itself are said to be so, and making these runs no code.
            const DIRECT: #lib::Direct<Self> = unsafe { #lib::Direct::#direct() };
            fn get_state(&self) -> #lib::Result<#lib::View<'_, Self>> {
                #lib::core::result::Result::Ok(#lib::View(self))
            }
            fn set_state(
                #lib::Whole(__loaded): #lib::Whole<#loaded>,
                __context: &#lib::Context,
            ) -> #lib::Result<Self> {
                #result
            }
        };
        self.implement("Persist", self.ident, &body)
    }

    /// The value of a state.
    fn rebuilt(&self) -> TokenStream {
        let arms = self.model.variants.iter().map(|variant| {
            let (from, to) = (self.path(&self.state, variant), self.path(self.ident, variant));
            let saved = variant.saved().map(|(field, _)| &field.local);
            let members = variant.fields.iter().map(|field| &field.member);
            let locals = variant.fields.iter().map(|field| &field.local);
            let transient = self.transient_fields(variant);
            quote_spanned! {self.site=>
                #from { #(#saved,)* .. } => {
                    #transient
                    #to { #(#members: #locals),* }
                }
            }
        });
        quote_spanned!(self.site=> match __loaded { #(#arms)* })
    }

    /// The transient fields, in the order they are declared: each may use the ones before it.
    fn transient_fields(&self, variant: &Variant<'_>) -> TokenStream {
        let mut siblings: Vec<&Field<'_>> = variant.saved().map(|(field, _)| field).collect();
        let mut made = TokenStream::new();
        for field in &variant.fields {
            let FieldKind::Transient(transient) = &field.kind else { continue };
            let (local, ty) = (&field.local, field.ty);
            let value = self.transient_value(variant, field, transient, &siblings);
            made.extend(quote_spanned!(self.site=> let #local: #ty = #value;));
            siblings.push(field);
        }
        made
    }

    fn transient_value(
        &self,
        variant: &Variant<'_>,
        field: &Field<'_>,
        transient: &Transient,
        siblings: &[&Field<'_>],
    ) -> TokenStream {
        let (lib, ty) = (&self.lib, field.ty);
        let (owner, label) = (&variant.owner, &field.label);
        let at_type = type_span(field);
        match transient {
            Transient::Default => quote_spanned!(at_type=> <#ty as #lib::core::default::Default>::default()),
            Transient::Provided => quote_spanned! {at_type=>
                <#ty as #lib::core::clone::Clone>::clone(#lib::in_field(__context.get::<#ty>(), #owner, #label)?)
            },
            Transient::Rebuild(expression) => {
                let context = Ident::new("context", Span::call_site());
                let names = siblings.iter().map(|sibling| &sibling.sibling);
                let locals = siblings.iter().map(|sibling| &sibling.local);
                quote_spanned! {self.site=> {
                    #[allow(unused_variables)]
                    let #context = __context;
                    #(#[allow(unused_variables)] let #names = &#locals;)*
                    #lib::rebuild(#owner, #label, || -> #lib::core::result::Result<#ty, #lib::BoxError> {
                        let __value: #ty = #expression;
                        #lib::core::result::Result::Ok(__value)
                    })?
                }}
            }
        }
    }
}
