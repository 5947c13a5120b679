//! A type that is saved as another one: `from`, `try_from` and `into`.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::Type;
use syn::spanned::Spanned;

use super::Expander;

impl Expander<'_> {
    /// The impl of `Persist` of a type that is saved as one type and loaded from one of the same shape.
    pub(super) fn convert(&self, saved: &Type, loaded: &Type) -> TokenStream {
        let Expander { lib, site, .. } = self;
        let attributes = &self.model.attributes;
        let before_save = attributes.before_save.as_ref().map(|hook| {
            let site = hook.span().resolved_at(*site);
            quote_spanned! {site=>
                let __hook: fn(&Self) -> #lib::Result<()> = #hook;
                __hook(self)?;
            }
        });
        let into = {
            let site = saved.span().resolved_at(Span::mixed_site());
            quote_spanned! {site=>
                <Self as #lib::core::convert::Into<#saved>>::into(<Self as #lib::core::clone::Clone>::clone(self))
            }
        };
        let made = {
            let site = loaded.span().resolved_at(Span::mixed_site());
            if attributes.from.is_some() {
                quote_spanned! {site=>
                    #lib::core::result::Result::Ok(<Self as #lib::core::convert::From<#loaded>>::from(__state))
                }
            } else {
                quote_spanned!(site=> #lib::converted(<Self as #lib::core::convert::TryFrom<#loaded>>::try_from(__state)))
            }
        };
        let result = match &attributes.after_load {
            None => made,
            Some(hook) => {
                let site = hook.span().resolved_at(*site);
                quote_spanned! {site=>
                    let __hook: fn(&mut Self, &#lib::Context) -> #lib::Result<()> = #hook;
                    let __made: #lib::Result<Self> = #made;
                    #lib::after_load(__made?, __context, __hook)
                }
            }
        };
        let body = quote_spanned! {*site=>
            type Saved<'__saved> = #saved where Self: '__saved;
            type Loaded = #loaded;
            fn get_state(&self) -> #lib::Result<#saved> {
                #before_save
                #lib::core::result::Result::Ok(#into)
            }
            fn set_state(__state: #loaded, __context: &#lib::Context) -> #lib::Result<Self> {
                #result
            }
        };
        let persist = self.implement("Persist", self.ident, &body);
        quote_spanned! {*site=>
            #[allow(deprecated)]
            const _: () = { #persist };
        }
    }
}
