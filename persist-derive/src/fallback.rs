//! A stand-in for the impl of a type that has mistakes, so that the compiler reports these only.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

use crate::model::Model;

/// An impl that never runs.
pub(crate) fn expand(model: &Model<'_>) -> TokenStream {
    let krate = &model.krate;
    let ident = &model.input.ident;
    let (impl_generics, ty_generics, where_clause) = model.input.generics.split_for_impl();
    quote_spanned! {Span::mixed_site()=>
        const _: () = {
            #[automatically_derived]
            impl #impl_generics #krate::__private::Persist for #ident #ty_generics #where_clause {
                type Saved<'__saved> = () where Self: '__saved;
                type Loaded = ();
                fn get_state(&self) -> #krate::__private::Result<()> {
                    #krate::__private::core::unreachable!()
                }
                fn set_state(_: (), _: &#krate::__private::Context) -> #krate::__private::Result<Self> {
                    #krate::__private::core::unreachable!()
                }
            }
        };
    }
}
