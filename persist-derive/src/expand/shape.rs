//! `Layout`: the columns of a type, and its node.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::spanned::Spanned;

use super::{Expander, With, type_span};
use crate::model::{Field, Saved, Style, Variant};

impl Expander<'_> {
    /// The impl of `Layout`, and for a state the one that refers to it.
    pub(super) fn layout(&self) -> TokenStream {
        let Expander { lib, site, .. } = self;
        let mut columns = if self.is_struct() { vec![] } else { vec![quote_spanned!(*site=> 1)] };
        let saved = self.model.variants.iter().flat_map(Variant::saved);
        columns.extend(saved.map(|(field, saved)| self.columns(field, saved)));
        columns.extend(self.older_columns());
        let (ask_first, floats, describe) = (self.ask_first(), self.floats(), self.describe());
        let body = quote_spanned! {*site=>
            const COLUMNS: #lib::core::primitive::usize = {
                #ask_first
                #lib::columns::<Self>(0 #(+ #columns)*)
            };
            #floats
            fn describe(__builder: &mut #lib::Builder) -> #lib::NodeId {
                #ask_first
                #describe
            }
        };
        let own = self.implement("Layout", self.ident, &body);
        if !self.model.has_transient() {
            return own;
        }
        let ty = self.with_parameters(self.ident);
        let body = quote_spanned! {*site=>
            const COLUMNS: #lib::core::primitive::usize = <#ty as #lib::Layout>::COLUMNS;
            const FLOATS: #lib::core::primitive::usize = <#ty as #lib::Layout>::FLOATS;
            fn describe(__builder: &mut #lib::Builder) -> #lib::NodeId {
                <#ty as #lib::Layout>::describe(__builder)
            }
        };
        let state = self.implement("Layout", &self.state, &body);
        quote_spanned!(*site=> #own #state)
    }

    /// What an older form takes beside the present one: a column that says which of them a row is, and its own.
    pub(super) fn older_columns(&self) -> Option<TokenStream> {
        let lib = &self.lib;
        let older = self.older()?;
        let site = older.span().resolved_at(self.site);
        Some(quote_spanned!(site=> (1 + <#older as #lib::Describe>::COLUMNS)))
    }

    /// The columns of a field, with the one of its presence where it has a default.
    pub(super) fn columns(&self, field: &Field<'_>, saved: &Saved) -> TokenStream {
        let (lib, ty) = (&self.lib, field.ty);
        let columns = match With::of(saved) {
            None => quote_spanned!(type_span(field)=> <#ty as #lib::Describe>::COLUMNS),
            Some(With { site, set_state, .. }) => quote_spanned!(site=> #lib::columns_with::<#ty, _>(#set_state)),
        };
        if saved.default.is_some() { quote_spanned!(self.site=> (1 + #columns)) } else { columns }
    }

    /// Whether the type is a run of floats, and whether memory holds it as a file does. Else the trait says that it is not.
    fn floats(&self) -> TokenStream {
        let Expander { lib, site, .. } = self;
        let [variant] = &self.model.variants[..] else { return TokenStream::new() };
        let is_run = self.is_struct()
            && self.model.attributes.version.is_none()
            && !variant.saved().any(|(_, saved)| saved.default.is_some());
        if !is_run {
            return TokenStream::new();
        }
        let floats = variant.saved().map(|(field, saved)| {
            let ty = field.ty;
            match With::of(saved) {
                None => quote_spanned!(type_span(field)=> <#ty as #lib::Describe>::FLOATS),
                Some(With { site, set_state, .. }) => quote_spanned!(site=> #lib::floats_with::<#ty, _>(#set_state)),
            }
        });
        let ask_first = self.ask_first();
        let floats = quote_spanned! {*site=>
            const FLOATS: #lib::core::primitive::usize = {
                #ask_first
                #lib::float_run(&[#(#floats),*])
            };
        };
        // Bytes are copied past all hooks.
        let has_hooks =
            self.model.attributes.before_save.is_some() || variant.saved().any(|(_, saved)| saved.with.is_some());
        if self.model.has_transient() || has_hooks {
            return floats;
        }
        let fields = variant.saved().map(|(field, _)| {
            let (ty, member) = (field.ty, &field.member);
            let run = quote_spanned!(type_span(field)=> <#ty as #lib::Describe>::RUN);
            quote_spanned!(*site=> (#lib::core::mem::offset_of!(Self, #member), #run))
        });
        quote_spanned! {*site=>
            #floats
            // SAFETY: these are the fields of a struct of this size; `write_rows` proves it.
            const RUN: #lib::Run = {
                #ask_first
                unsafe { #lib::Run::fields(#lib::core::mem::size_of::<Self>(), &[#(#fields),*]) }
            };
        }
    }

    fn describe(&self) -> TokenStream {
        let Expander { lib, site, .. } = self;
        let own = self.describe_own();
        let Some((version, _)) = self.model.attributes.version else { return own };
        let older = match self.older() {
            None => quote_spanned!(*site=> #lib::core::option::Option::None),
            Some(older) => {
                let site = older.span().resolved_at(*site);
                quote_spanned!(site=> #lib::core::option::Option::Some(<#older as #lib::Describe>::describe))
            }
        };
        quote_spanned! {*site=>
            __builder.add_version::<Self>(
                const { &#lib::Version { number: #version, older: #older } },
                |__builder: &mut #lib::Builder| #own,
            )
        }
    }

    /// The node of the type in its present form.
    fn describe_own(&self) -> TokenStream {
        let Expander { site, .. } = self;
        if self.model.attributes.has("transparent") {
            let inner = self
                .model
                .variants
                .iter()
                .flat_map(|variant| variant.saved().map(move |(field, saved)| self.node(variant, field, saved)));
            return quote_spanned!(*site=> #((#inner)(__builder))*);
        }
        let name = &self.model.name;
        let variants = self.model.variants.iter().map(|variant| self.record(variant));
        if self.is_struct() {
            quote_spanned!(*site=> __builder.add_struct::<Self>(const { &#(#variants)* }))
        } else {
            quote_spanned!(*site=> __builder.add_enum::<Self>(#name, const { &[#(#variants),*] }))
        }
    }

    /// The constant that describes a struct or a variant.
    fn record(&self, variant: &Variant<'_>) -> TokenStream {
        let Expander { lib, site, .. } = self;
        let name = &variant.name.text;
        let style = match variant.style {
            Style::Named => "Named",
            Style::Tuple => "Tuple",
            // Its only field is left out.
            Style::Newtype if variant.saved().next().is_none() => "Unit",
            Style::Newtype => "Newtype",
            Style::Unit => "Unit",
        };
        let style = self.local(style);
        let fields = variant.saved().map(|(field, saved)| {
            let name = &saved.name.text;
            let node = self.node(variant, field, saved);
            let (has_default, is_unknown) = (saved.default.is_some(), field.is_unknown());
            let (was_one, aliases) = (field.attributes.has("alias_one"), &field.attributes.aliases);
            quote_spanned! {*site=>
                #lib::Member {
                    name: #name,
                    describe: #node,
                    has_default: #has_default,
                    is_unknown: #is_unknown,
                    was_one: #was_one,
                    aliases: &[#(#aliases),*],
                }
            }
        });
        let deny_unknown = self.model.attributes.has("deny_unknown_fields");
        let (other, aliases) = (variant.attributes.has("other"), &variant.attributes.aliases);
        quote_spanned! {*site=>
            #lib::Record {
                name: #name,
                style: #lib::Style::#style,
                fields: &[#(#fields),*],
                rules: #lib::Rules { deny_unknown: #deny_unknown, other: #other, aliases: &[#(#aliases),*] },
            }
        }
    }

    /// The function that describes a field.
    fn node(&self, variant: &Variant<'_>, field: &Field<'_>, saved: &Saved) -> TokenStream {
        let (lib, ty) = (&self.lib, field.ty);
        match With::of(saved) {
            None => quote_spanned!(type_span(field)=> <#ty as #lib::Describe>::describe),
            Some(With { site, get_state, set_state }) => {
                let label = format!("{}.{}", variant.owner, field.label);
                quote_spanned! {site=>
                    |__builder: &mut #lib::Builder| {
                        #lib::describe_with::<#ty, _, _>(__builder, #label, #get_state, #set_state)
                    }
                }
            }
        }
    }
}
