//! Writes the function that looks its results up, and its handle.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{AttrStyle, Attribute, Stmt};

use super::function::{Argument, Function, local};

/// The function, and the handle if one is asked for.
pub(crate) fn expand(function: &Function) -> TokenStream {
    let item = &function.item;
    let (inner, outer): (Vec<&Attribute>, Vec<&Attribute>) =
        item.attrs.iter().partition(|attribute| matches!(attribute.style, AttrStyle::Inner(_)));
    let (vis, signature, body) = (&item.vis, &item.sig, body(function));
    let handle = handle(function, &memo(function));
    quote_spanned! {Span::mixed_site()=>
        #(#outer)*
        #vis #signature {
            #(#inner)*
            #body
        }
        #handle
    }
}

/// The handle of a function that has mistakes.
pub(crate) fn handle_that_never_runs(function: &Function) -> TokenStream {
    let lib = lib(function);
    handle(function, &quote_spanned!(Span::mixed_site()=> #lib::never()))
}

fn lib(function: &Function) -> TokenStream {
    let krate = &function.krate;
    quote_spanned!(Span::mixed_site()=> #krate::__memo)
}

/// A function beside it that gives the memo.
fn handle(function: &Function, memo: &TokenStream) -> TokenStream {
    let Some(name) = function.attributes.handle.as_ref().and_then(|path| path.segments.last()) else {
        return TokenStream::new();
    };
    let (lib, vis) = (lib(function), &function.item.vis);
    let cfgs = function.item.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg"));
    let doc = format!("The memo of `{}`: what it keeps, and what it did.", function.item.sig.ident);
    let marker = local("memo");
    quote_spanned! {Span::mixed_site()=>
        #[doc = #doc]
        #(#cfgs)*
        #[must_use]
        #vis fn #name() -> &'static #lib::Memo {
            fn #marker() {}
            #memo
        }
    }
}

/// The memo, made at first use, in a function that has a name to it: `__memo`.
fn memo(function: &Function) -> TokenStream {
    let (lib, site) = (lib(function), Span::mixed_site());
    let (marker, memo, builder, value) = (local("memo"), local("MEMO"), local("builder"), local("value"));
    let option = |name: &str| function.attributes.expression_of(name);
    let (path, name) = (option("path"), option("name"));
    let name = name.map_or_else(
        || {
            let name = function.item.sig.ident.unraw().to_string();
            quote_spanned!(site=> #lib::name_of(&#marker, #name))
        },
        ToTokens::to_token_stream,
    );
    let set = function.attributes.options.iter().map(|(name, expression)| {
        // Mistakes in an expression stand where it does.
        let site = expression.span().resolved_at(site);
        let method = Ident::new(name, site);
        let ty = match *name {
            "ttl" => quote_spanned!(site=> #lib::core::time::Duration),
            "max_size" | "max_entries" => quote_spanned!(site=> #lib::core::primitive::u64),
            "version" | "on_error" => return quote_spanned!(site=> let #builder = #builder.#method(#expression);),
            _ => return TokenStream::new(),
        };
        quote_spanned! {site=>
            let #value: #ty = #expression;
            let #builder = #builder.#method(#value);
        }
    });
    quote_spanned! {site=>
        static #memo: #lib::OnceLock<#lib::Memo> = #lib::OnceLock::new();
        #memo.get_or_init(|| {
            let #builder = #lib::Memo::builder(#path, #name);
            #(#set)*
            #builder.build()
        })
    }
}

/// What it does now.
fn body(function: &Function) -> TokenStream {
    let (lib, site) = (lib(function), Span::mixed_site());
    let (marker, call) = (local("memo"), local("call"));
    let memo = if let Some(handle) = &function.attributes.handle {
        quote_spanned!(site=> #handle())
    } else {
        let memo = memo(function);
        // In a block, where it is in nobody's way.
        quote_spanned! {site=> {
            fn #marker() -> &'static #lib::Memo {
                #memo
            }
            #marker()
        }}
    };
    let arguments = function.arguments.iter().map(|Argument { value, label, span, cfgs }| {
        quote_spanned! {span.resolved_at(site)=>
            #(#cfgs)*
            #[allow(clippy::used_underscore_binding)]
            let #call = #call.argument(#label, &#value);
        }
    });
    // Mistakes about the result stand where its type does.
    let result = &function.result;
    let place = result.as_ref().map_or(site, |ty| ty.span().resolved_at(site));
    let method = match (function.item.sig.asyncness.is_some(), function.is_fallible) {
        (false, false) => "value",
        (false, true) => "result",
        (true, false) => "value_async",
        (true, true) => "result_async",
    };
    let method = Ident::new(method, place);
    let block = &function.item.block;
    let called = if function.item.sig.asyncness.is_some() {
        let statements: &[Stmt] = &block.stmts;
        quote_spanned! {place=>
            #call.#method(async move {
                // Says what the block gives, which is then turned into that.
                if false {
                    return #lib::never::<#result>();
                }
                #(#statements)*
            }).await
        }
    } else {
        quote_spanned!(place=> #call.#method(move || -> #result #block))
    };
    quote_spanned! {site=>
        let #call = #lib::Call::new(#memo, &|| {});
        #(#arguments)*
        #called
    }
}
