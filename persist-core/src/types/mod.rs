//! How the types of std lie in tables, by family.

/// Makes a type with a layout a `Persist` type whose states are the value itself.
macro_rules! direct {
    ([$($generics:tt)*] $type:ty) => {
        impl<$($generics)*> $crate::traits::Persist for $type {
            type Saved<'a>
                = $crate::traits::View<'a, Self>
            where
                Self: 'a;
            type Loaded = $crate::traits::Whole<Self>;

            #[allow(unsafe_code, reason = "the one promise that a layout makes")]
            // SAFETY: the states are the value itself, and making them runs no code.
            const DIRECT: $crate::traits::Direct<Self> = unsafe { $crate::traits::Direct::both() };

            #[inline(always)]
            fn get_state(&self) -> $crate::error::Result<Self::Saved<'_>> {
                Ok($crate::traits::View(self))
            }

            #[inline(always)]
            fn set_state(
                $crate::traits::Whole(value): Self::Loaded,
                _context: &$crate::context::Context,
            ) -> $crate::error::Result<Self> {
                Ok(value)
            }
        }
    };
}

mod boxed;
mod map;
mod number;
mod option;
mod reference;
mod sequence;
mod text;
mod tuple;
mod value;
