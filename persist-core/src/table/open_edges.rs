//! Opening what stands behind edges: the rows of sequences, maps and boxes, and the tables of recursive parts.

use super::cursor::{Child, Group, Kind};
use super::open::{Opener, Set, equal};
use super::{STACK_GROWTH, STACK_LEFT};
use crate::error::Result;
use crate::plan::TablePlan;

impl Opener<'_, '_> {
    /// The outermost sequence: its length, then one table, or groups of rows.
    pub(super) fn groups(&mut self, at: usize, table: usize) -> Result<()> {
        let header = self.input.varint()?;
        let length = u32::try_from(header >> 1).map_err(|_| self.input.corrupt("a length is over 4,294,967,295"))?;
        self.place(at, Kind::Sequence, equal(length, 1));
        let recursive = self.plan.tables[table].set.is_some();
        let mut left = length as usize;
        if header & 1 == 0 {
            self.single = left == 1 && !recursive;
            let child = self.child(table, left)?;
            self.cursor(at).child = child;
            self.single = true;
            return Ok(());
        }
        self.single = false;
        let first = self.opened.groups.len();
        while left > 0 {
            let rows = self.input.length()?;
            if rows == 0 || rows > left {
                return Err(self.input.corrupt("a group has more rows than are left, or none"));
            }
            left -= rows;
            if let Child::Table { first, .. } = self.child(table, rows)? {
                self.opened.groups.push(Group { rows, first });
            }
        }
        let count = self.opened.groups.len() - first;
        self.cursor(at).child = Child::Groups { first, count, recursive };
        self.single = true;
        Ok(())
    }

    /// Opens the rows behind an edge.
    pub(super) fn child(&mut self, table: usize, rows: usize) -> Result<Child> {
        if rows == 0 {
            return Ok(Child::None);
        }
        let plan = self.plan;
        let TablePlan { steps, size, set, .. } = &plan.tables[table];
        if let Some((set, place)) = *set {
            return self.recursive(set, place, rows).map(|first| Child::Table { first, recursive: true });
        }
        if let Some(size) = *size {
            self.budget.elements(rows, size)?;
        }
        let first = self.table(table);
        stacker::maybe_grow(STACK_LEFT, STACK_GROWTH, || self.steps(steps, first, rows))?;
        Ok(Child::Table { first, recursive: false })
    }

    /// An edge to a recursive part: inside it the rows are only counted, from outside its tables are opened.
    pub(super) fn recursive(&mut self, set: usize, place: usize, rows: usize) -> Result<usize> {
        if let Some(set) = self.set.as_mut().filter(|outer| outer.index == set) {
            set.expected[place] = set.expected[place].saturating_add(rows as u64);
            return Ok(set.first[place]);
        }
        let plan = self.plan;
        let tables = &plan.sets[set];
        let first: Vec<usize> =
            tables.iter().map(|table| table.map_or(usize::MAX, |table| self.table(table))).collect();
        let mut expected = vec![0; tables.len()];
        expected[place] = rows as u64;
        let outer = self.set.replace(Set { index: set, first, expected });
        let single = std::mem::replace(&mut self.single, false);
        let mut found = Vec::with_capacity(tables.len());
        for (i, table) in tables.iter().enumerate() {
            let Some(table) = *table else { return Err(self.input.corrupt("a recursive type without a reader")) };
            let rows = self.input.length()?;
            let TablePlan { steps, size, .. } = &plan.tables[table];
            if let Some(size) = *size {
                self.budget.elements(rows, size)?;
            }
            let first = self.set.as_ref().map_or(0, |set| set.first[i]);
            found.push(rows as u64);
            stacker::maybe_grow(STACK_LEFT, STACK_GROWTH, || self.steps(steps, first, rows))?;
        }
        self.single = single;
        let set = std::mem::replace(&mut self.set, outer);
        match set {
            // Reading takes rows in the order they were written, and never more than edges lead to.
            Some(set) if set.expected == found => Ok(set.first[place]),
            _ => Err(self.input.corrupt("the rows of a recursion are not as many as refer to them")),
        }
    }
}
