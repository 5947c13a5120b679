//! `#[memoize]`: a function whose results are kept.

mod function;
mod expand;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Item, ItemFn, TraitItemFn};

use crate::errors::Errors;
use crate::mistakes::Mistake;
use function::Function;

/// The function that looks its results up.
pub(crate) fn expand(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let function = match syn::parse2::<ItemFn>(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            let is_other =
                syn::parse2::<Item>(item.clone()).is_ok() || syn::parse2::<TraitItemFn>(item.clone()).is_ok();
            let mut tokens = if is_other {
                errors.report_at(&item, &Mistake::NotAFunction {});
                errors.finish().unwrap_or_default()
            } else {
                // It is not Rust; the compiler's own words are lost, since attributes are only given what parses.
                errors.finish();
                error.to_compile_error()
            };
            tokens.extend(item);
            return tokens;
        }
    };
    let function = Function::read(function, options, &mut errors);
    match errors.finish() {
        None => expand::expand(&function),
        Some(mut mistakes) => {
            // As it was, so that its callers find it.
            function.item.to_tokens(&mut mistakes);
            mistakes.extend(expand::handle_that_never_runs(&function));
            mistakes
        }
    }
}
