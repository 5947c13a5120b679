//! `#[derive(Persist)]`.

mod mistakes;
mod errors;
mod rename;
mod attributes;
mod model;
mod validate;
mod bounds;
mod expand;
mod fallback;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

use errors::Errors;
use model::Model;

/// To come.
#[proc_macro_derive(Persist, attributes(persist, transient))]
pub fn derive_persist(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let mut errors = Errors::new();
    let model = Model::read(&input, &mut errors);
    validate::check(&model, &mut errors);
    match errors.finish() {
        None => expand::expand(&model).into(),
        Some(mut mistakes) => {
            mistakes.extend(fallback::expand(&model));
            mistakes.into()
        }
    }
}
