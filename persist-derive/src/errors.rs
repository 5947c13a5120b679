//! Collects all mistakes in a type, so that they are reported at once.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

use crate::mistakes::Mistake;

/// The mistakes found so far. Dropping it unfinished panics, so that nothing is forgotten.
pub(crate) struct Errors(Option<Vec<syn::Error>>);

impl Errors {
    pub(crate) fn new() -> Self {
        Errors(Some(Vec::new()))
    }

    /// Notes a mistake, to be shown at its own place.
    pub(crate) fn report(&mut self, span: Span, mistake: &Mistake) {
        self.0.get_or_insert_default().push(syn::Error::new(span, mistake));
    }

    /// Notes a mistake, to be shown at all of these tokens.
    pub(crate) fn report_at(&mut self, tokens: impl ToTokens, mistake: &Mistake) {
        self.0.get_or_insert_default().push(syn::Error::new_spanned(tokens, mistake));
    }

    /// The compile errors, where there are any.
    pub(crate) fn finish(mut self) -> Option<TokenStream> {
        let found = self.0.take().unwrap_or_default();
        (!found.is_empty()).then(|| found.iter().map(syn::Error::to_compile_error).collect())
    }
}

impl Drop for Errors {
    fn drop(&mut self) {
        assert!(self.0.is_none() || std::thread::panicking(), "mistakes were collected, and not looked at");
    }
}
