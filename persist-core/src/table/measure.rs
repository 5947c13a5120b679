//! Columns taken one at a time, to see how many bytes each takes.

use super::open::{Opener, Scratch};
use super::reader::Reader;
use crate::column::Input;
use crate::context::Context;
use crate::error::Result;
use crate::limits::Budget;
use crate::plan::{Op, Plan, Step, TablePlan};

/// The columns of a body, from the front.
pub(crate) struct Columns<'d> {
    input: Input<'d>,
    /// Levels that an opaque item may have.
    depth: usize,
    /// Whether they are those of level Small.
    small: bool,
}

impl<'d> Columns<'d> {
    pub(crate) fn new(input: Input<'d>, depth: usize, small: bool) -> Self {
        Columns { input, depth, small }
    }

    /// Takes a column without parts, of at least one row; gives its bytes, and what `read` takes from it as column 0.
    pub(crate) fn column<T>(
        &mut self,
        op: Op,
        rows: usize,
        budget: &mut Budget,
        read: impl FnOnce(&mut Reader<'_>) -> Result<T>,
    ) -> Result<(u64, T)> {
        let steps = vec![Step { op, at: 0, field: None }];
        let table = TablePlan { steps, columns: 1, edges: vec![None], size: None, set: None, changed: false };
        let plan = Plan { tables: vec![table], ..Plan::default() };
        let mut opener = Opener::new(self.input.clone(), &plan, budget, self.depth, Scratch::default(), self.small);
        opener.rows(0, rows, true, false)?;
        let (opened, rest) = opener.finish();
        let bytes = rest.offset() - self.input.offset();
        self.input = rest;
        let context = Context::new();
        Ok((bytes, read(&mut Reader::new(opened, &context, self.depth))?))
    }

    /// Takes a number that stands before rows.
    pub(crate) fn varint(&mut self) -> Result<(u64, u64)> {
        let from = self.input.offset();
        let value = self.input.varint()?;
        Ok((self.input.offset() - from, value))
    }

    /// What is left, which should be nothing in the end.
    pub(crate) fn rest(&self) -> &Input<'d> {
        &self.input
    }
}
