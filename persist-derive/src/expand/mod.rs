//! Writes the impls of a type. A struct is read and written in place, an enum row by row; all else is one path.

mod decode;
mod encode;
mod message;
mod hooks;
mod convert;
mod row;
mod shape;
mod state;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote_spanned};
use syn::Generics;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use crate::bounds;
use crate::model::{self, Field, Kind, Model, Saved, Variant};

/// All impls of a type, in a scope of their own.
pub(crate) fn expand(model: &Model<'_>) -> TokenStream {
    let expander = Expander::new(model);
    if let Some((saved, loaded)) = model.converted() {
        return expander.convert(saved, loaded);
    }
    let (state, hooks) = (expander.state(), expander.hooks());
    let (layout, write, read) = (expander.layout(), expander.write_rows(), expander.read_rows());
    quote_spanned! {expander.site=>
        #[allow(deprecated)]
        const _: () = {
            #state
            #hooks
            #layout
            #write
            #read
        };
    }
}

/// What all parts of an expansion need.
struct Expander<'m> {
    model: &'m Model<'m>,
    generics: Generics,
    /// The module that holds everything generated code calls.
    lib: TokenStream,
    /// Where generated tokens stand. No lint looks there, and no local of theirs is seen by the user's expressions.
    site: Span,
    /// The type's own path, without parameters.
    ident: &'m Ident,
    /// The name of the state struct or enum.
    state: Ident,
}

impl<'m> Expander<'m> {
    fn new(model: &'m Model<'m>) -> Self {
        let site = Span::mixed_site();
        let krate = &model.krate;
        Expander {
            model,
            generics: bounds::generics(model),
            lib: quote_spanned!(site=> #krate::__private),
            site,
            ident: &model.input.ident,
            state: format_ident!("__{}State", model.input.ident.unraw(), span = site),
        }
    }

    /// An impl of one of the library's traits for the type, or for its state.
    fn implement(&self, name: &str, ident: &Ident, body: &TokenStream) -> TokenStream {
        let Expander { lib, site, .. } = self;
        let name = Ident::new(name, *site);
        let (impl_generics, ty_generics, where_clause) = self.generics.split_for_impl();
        let where_clause = self.meaning_the_type(where_clause);
        quote_spanned! {*site=>
            #[automatically_derived]
            impl #impl_generics #lib::#name for #ident #ty_generics #where_clause {
                #body
            }
        }
    }

    /// The type that is read: the state where there is one.
    fn read_ident(&self) -> &Ident {
        if self.model.has_transient() { &self.state } else { self.ident }
    }

    /// The type or the state with its parameters.
    fn with_parameters(&self, ident: &Ident) -> TokenStream {
        let (_, ty_generics, _) = self.model.input.generics.split_for_impl();
        quote_spanned!(self.site=> #ident #ty_generics)
    }

    /// A name in the expansion.
    fn local(&self, name: &str) -> Ident {
        Ident::new(name, self.site)
    }

    /// The path of a variant of the type or of its state, for patterns and values.
    fn path(&self, ident: &Ident, variant: &Variant<'_>) -> TokenStream {
        match variant.ident {
            None => ident.to_token_stream(),
            Some(variant) => quote_spanned!(self.site=> #ident::#variant),
        }
    }

    /// A result that says in which field it failed.
    fn in_field(&self, variant: &Variant<'_>, field: &Field<'_>, result: &TokenStream) -> TokenStream {
        let (lib, owner, label) = (&self.lib, &variant.owner, &field.label);
        quote_spanned!(self.site=> #lib::in_field(#result, #owner, #label))
    }

    /// Asks first, and in the same words everywhere, whether the fields can be saved: what cannot is then reported once.
    fn ask_first(&self) -> TokenStream {
        let lib = &self.lib;
        let saved = self.model.variants.iter().flat_map(Variant::saved);
        saved
            .map(|(field, saved)| {
                let ty = field.ty;
                match With::of(saved) {
                    None if field.is_unknown() => {
                        quote_spanned!(type_span(field)=> #lib::ask_unknown::<#ty>();)
                    }
                    None => quote_spanned!(type_span(field)=> let _ = <#ty as #lib::Persist>::DIRECT;),
                    Some(With { site, get_state, set_state }) => {
                        quote_spanned!(site=> #lib::ask_with::<#ty, _, _>(#get_state, #set_state);)
                    }
                }
            })
            .collect()
    }

    /// The type that values of older versions are read as.
    fn older(&self) -> Option<&syn::Type> {
        self.model.attributes.upgrade_from.as_ref()
    }

    fn is_struct(&self) -> bool {
        self.model.kind == Kind::Struct
    }
}

/// The place of a field's type, for what fails where the type does not fit.
fn type_span(field: &Field<'_>) -> Span {
    field.ty.span().resolved_at(Span::mixed_site())
}

/// The functions of a field's `with` module, as closures, so that their arguments may be coerced.
struct With {
    /// The module's place.
    site: Span,
    get_state: TokenStream,
    set_state: TokenStream,
}

impl With {
    fn of(saved: &Saved) -> Option<With> {
        let model::With { module, span } = saved.with.as_ref()?;
        let site = span.resolved_at(Span::mixed_site());
        Some(With {
            site,
            get_state: quote_spanned!(site=> |__value| #module::get_state(__value)),
            set_state: quote_spanned!(site=> |__state, __context| #module::set_state(__state, __context)),
        })
    }
}
