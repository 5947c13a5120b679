//! Programs: what Json and Cbor write of a row, step by step, made once per type.
//!
//! Whatever is the same in all rows (names of fields, punctuation, the heads of maps and tuples) is bytes already, and
//! steps know their columns, so that writing a row looks nothing up.

mod compile;

use std::ops::Range;

use crate::error::Result;
use crate::shape::{Format, IntKind, NodeId, Shape};
use compile::Compiler;
pub(crate) use compile::SET_TAG;

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Json,
    Cbor(CborForm),
}

/// What of CBOR is used that is not written unless it is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CborForm {
    /// Numbers of a fixed width as typed arrays (RFC 8746).
    pub(crate) typed_arrays: bool,
    /// The core deterministic encoding (RFC 8949, section 4.2.1).
    pub(crate) deterministic: bool,
}

impl Form {
    /// How many forms there are.
    pub(crate) const COUNT: usize = 5;

    /// Its place among all forms.
    pub(crate) fn index(self) -> usize {
        match self {
            Form::Json => 0,
            Form::Cbor(form) => 1 + usize::from(form.typed_arrays) + 2 * usize::from(form.deterministic),
        }
    }
}

/// What is written of the rows of a shape.
#[derive(Debug)]
pub(crate) struct Program {
    steps: Vec<(Text, Step)>,
    bytes: Vec<u8>,
    variants: Vec<Block>,
    nodes: Vec<Block>,
}

/// Steps that come one after the other.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Block {
    from: u32,
    to: u32,
}

/// A step, before which stand bytes that are the same in every row. Its column counts from the first one of the table, or from where a [call](Step::Call) stands.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// Nothing but the bytes before it.
    Nothing,
    Bool(u32),
    Char(u32),
    Int(IntKind, u32),
    F32(u32),
    F64(u32),
    Text(u32),
    Opaque(u32),
    Formatted(Format, u32),
    /// The same, as a key, which has to be a text.
    FormattedKey(Format, u32),
    /// Null, or what is there.
    Option(u32, Block),
    /// Null, or what is there; of the two blocks the first one where it has to be [told](Shape::is_told) from null,
    /// which hangs on the row of this node in the next column.
    Told(u32, NodeId, Block, Block),
    /// A sequence of `u8`.
    Octets(u32),
    /// So many `u8`.
    OctetArray(u32, u64),
    /// A sequence of numbers as a typed array, and one of fixed length.
    Numbers(u32, Typed),
    NumberArray(u32, Typed, u64),
    /// A sequence or set of rows of a node.
    List(u32, Callee),
    /// A map, whose entries are rows of a node.
    Map(u32, Callee),
    /// A set or map of which the elements are sorted.
    SortedList(u32, Callee),
    SortedMap(u32, Callee),
    /// So many values.
    Array(u64, Block),
    /// The first of the variants, and how many they are.
    Enum(u32, u32, u32),
    /// The row in a box.
    Boxed(u32, Callee),
    /// A large node in line, at this column.
    Call(u32, Callee),
    /// The fields that the type does not know, of a struct or of an enum's variant.
    Unknown(u32, NodeId, Option<u16>, Comma),
    /// A map of which the entries are sorted.
    SortedFields(Block),
    /// An entry of such a map begins.
    Entry,
}

/// A part of the program's bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Text {
    from: u32,
    len: u32,
}

/// A block that is written for rows of a node, wherever they stand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Callee(u32);

/// Where commas stand beside entries of which there may be none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comma {
    /// Something stands before them.
    Before,
    /// Something stands after them, and nothing before.
    After,
    /// They are all that there is.
    Between,
}

/// Numbers as columns have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Typed {
    Int(IntKind),
    F32,
    F64,
}

impl Typed {
    /// Bytes of a number.
    pub(crate) fn size(self) -> usize {
        match self {
            Typed::Int(kind) => kind.size(),
            Typed::F32 => 4,
            Typed::F64 => 8,
        }
    }

    /// The tag of their typed array, little-endian.
    pub(crate) fn tag(self) -> u64 {
        match self {
            Typed::Int(kind) => {
                let order = if kind.size() == 1 { 0 } else { 4 };
                64 + order + 8 * u64::from(kind.is_signed()) + u64::from(kind.size().trailing_zeros())
            }
            Typed::F32 => 85,
            Typed::F64 => 86,
        }
    }
}

impl Program {
    /// The program for the rows of a shape.
    pub(crate) fn new(shape: &Shape, form: Form) -> Result<Program> {
        Compiler::new(shape, form).compile()
    }

    /// What is written of the root's row.
    pub(crate) fn root(&self) -> Block {
        self.nodes[0]
    }

    pub(crate) fn steps(&self, block: Block) -> &[(Text, Step)] {
        &self.steps[block.from as usize..block.to as usize]
    }

    pub(crate) fn callee(&self, callee: Callee) -> Block {
        self.nodes[callee.0 as usize]
    }

    pub(crate) fn variants(&self, first: u32, count: u32) -> &[Block] {
        &self.variants[first as usize..][..count as usize]
    }

    /// The bytes before a step, and whatever stands behind them.
    pub(crate) fn text(&self, text: Text) -> (&[u8], usize) {
        (&self.bytes[text.from as usize..], text.len as usize)
    }
}

impl Text {
    fn of(range: Range<usize>) -> Self {
        Text { from: range.start as u32, len: range.len() as u32 }
    }
}
