//! What a type promises of itself, so that less is done for it.
#![allow(unsafe_code, reason = "one of the modules named for it: making a promise is unsafe")]

use std::marker::PhantomData;

use crate::column::highest;
use crate::shape::IntKind;

/// Says that a type's states are the value itself, seen through [`View`] and [`Whole`].
#[doc(hidden)]
#[derive(Debug)]
pub struct Direct<T> {
    pub(super) saved: bool,
    pub(super) loaded: bool,
    of: PhantomData<fn() -> T>,
}

impl<T> Direct<T> {
    /// The states are made by code.
    pub const NEITHER: Self = Direct { saved: false, loaded: false, of: PhantomData };

    /// `Saved<'a>` is `View<'a, T>`, and `get_state` runs no code.
    ///
    /// # Safety
    ///
    /// It is so.
    #[must_use]
    pub const unsafe fn saved() -> Self {
        Direct { saved: true, loaded: false, of: PhantomData }
    }

    /// As [`saved`](Direct::saved); and `Loaded` is `Whole<T>`, and `set_state` runs no code.
    ///
    /// # Safety
    ///
    /// It is so.
    #[must_use]
    pub const unsafe fn both() -> Self {
        Direct { saved: true, loaded: true, of: PhantomData }
    }
}

/// Says whether a type is `String`.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text(bool);

impl Text {
    /// It is not, or it is not known.
    pub const NONE: Text = Text(false);

    /// It is.
    ///
    /// # Safety
    ///
    /// It is so.
    #[must_use]
    pub(crate) const unsafe fn string() -> Text {
        Text(true)
    }

    /// Whether it is.
    pub(crate) const fn is_some(self) -> bool {
        self.0
    }
}

/// Says whether memory holds a type of floats only just as a file does: one after the other, without padding.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run(usize);

impl Run {
    /// It does not, or it is not known.
    pub const NONE: Run = Run(0);

    /// A type that is one float.
    ///
    /// # Safety
    ///
    /// It is `f32` or `f64`, of so many bytes.
    #[must_use]
    pub(crate) const unsafe fn float(size: usize) -> Run {
        // Files hold floats little-endian.
        if cfg!(target_endian = "little") { Run(size) } else { Run::NONE }
    }

    /// A type of such fields.
    ///
    /// # Safety
    ///
    /// The type is a struct of `size` bytes that has a field of each `Run` at each offset, and no others.
    #[must_use]
    pub const unsafe fn fields(size: usize, fields: &[(usize, Run)]) -> Run {
        let mut next = 0;
        let mut i = 0;
        while i < fields.len() {
            let (offset, Run(bytes)) = fields[i];
            if bytes == 0 || offset != next {
                return Run::NONE;
            }
            next += bytes;
            i += 1;
        }
        if next == size { Run(size) } else { Run::NONE }
    }

    /// Whether it does.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) const fn is_some(self) -> bool {
        self.0 != 0
    }

    /// An array of so many.
    #[must_use]
    pub const fn times(self, count: usize) -> Run {
        Run(self.0 * count)
    }
}

/// Says whether memory holds values just as a column of integers does, little-endian.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Plain {
    kind: Option<IntKind>,
    /// Integers below it are values of the type; none are where it is 0.
    bound: u64,
}

impl Plain {
    /// It does not, or it is not known.
    pub const NONE: Plain = Plain { kind: None, bound: 0 };

    /// Any integer of this kind is a value.
    pub(crate) const ANY: u64 = u64::MAX;

    /// Memory holds the values as the column does.
    ///
    /// # Safety
    ///
    /// A little-endian machine holds the type's values as it holds integers of this kind that the type is saved as; and
    /// all such integers below the bound are values, or all there are where it is [`ANY`](Plain::ANY). The bound is
    /// this, or 0, or of bytes.
    #[must_use]
    pub(crate) const unsafe fn ints(kind: IntKind, bound: u64) -> Plain {
        if cfg!(target_endian = "little") { Plain { kind: Some(kind), bound } } else { Plain::NONE }
    }

    /// The kind of the column.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) const fn kind(self) -> Option<IntKind> {
        self.kind
    }

    /// Whether columns can be copied to memory.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) const fn is_loaded(self) -> bool {
        self.bound != 0
    }

    /// Whether bytes of a column are values.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn accepts(self, bytes: &[u8]) -> bool {
        self.bound == Self::ANY || u64::from(highest(bytes)) < self.bound
    }
}
