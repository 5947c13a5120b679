//! The columns of all tables while they are collected, and the order in which they are packed.

use super::collected::{Collected, Kind};
use crate::shape::{NodeId, Shape};

/// The tables of a writer, which are used again: empty between two values, unless writing one of them failed.
pub(crate) struct Memory {
    pub(super) shape: &'static Shape,
    pub(super) columns: Vec<Column>,
    pub(super) tables: Vec<Table>,
    sets: Vec<Set>,
}

impl Memory {
    /// None yet: a value that is single throughout needs none.
    pub(crate) fn new(shape: &'static Shape) -> Self {
        Memory { shape, columns: Vec::new(), tables: Vec::new(), sets: Vec::new() }
    }

    /// The table behind the edge in column `at`, made at first use.
    #[inline]
    pub(super) fn child(&mut self, at: usize) -> usize {
        match self.columns.get(at).and_then(|column| column.child) {
            Some(table) => table,
            None => self.make_child(at),
        }
    }

    /// The root's table is made when something has to be collected.
    pub(super) fn make_root(&mut self) {
        if self.tables.is_empty() {
            self.add_table(Shape::ROOT, None);
        }
    }

    #[cold]
    fn make_child(&mut self, at: usize) -> usize {
        self.make_root();
        let table = &self.tables[self.columns[at].table];
        let (node, set, place) = (table.node, table.set, at - table.first);
        let shape = self.shape;
        let target = shape.edge(node, place).expect("an edge is written where the shape has one");
        let entry = shape.part_of(target).and_then(|part| Some((part, shape.part(part).position(target)?)));
        let (child, owned) = match entry {
            None => {
                let child = self.add_table(target, None);
                (child, Some(Owned::Table(child)))
            }
            Some((part, position)) => {
                let shared = set.filter(|&set| self.sets[set].part == part);
                let set = shared.unwrap_or_else(|| self.add_set(part));
                let owned = if shared.is_some() { None } else { Some(Owned::Set(set)) };
                (self.sets[set].tables[position], owned)
            }
        };
        let column = &mut self.columns[at];
        (column.child, column.owned) = (Some(child), owned);
        child
    }

    fn add_table(&mut self, node: NodeId, set: Option<usize>) -> usize {
        let (table, first, columns) = (self.tables.len(), self.columns.len(), self.shape.columns(node));
        self.columns.extend((0..columns).map(|_| Column { table, ..Column::default() }));
        self.tables.push(Table { node, first, columns, set, rows: 0 });
        table
    }

    fn add_set(&mut self, part: u32) -> usize {
        let set = self.sets.len();
        let shape = self.shape;
        let tables = shape.part(part).entries().iter().map(|&node| self.add_table(node, Some(set))).collect();
        self.sets.push(Set { part, tables });
        set
    }

    /// Bytes in the columns behind the edge in column `at`.
    pub(super) fn child_bytes(&self, at: usize) -> usize {
        match self.columns[at].owned {
            Some(Owned::Table(table)) => self.table_bytes(table),
            Some(Owned::Set(set)) => self.sets[set].tables.iter().map(|&table| self.table_bytes(table)).sum(),
            None => 0,
        }
    }

    fn table_bytes(&self, table: usize) -> usize {
        let Table { first, columns, .. } = self.tables[table];
        (first..first + columns).map(|at| self.columns[at].collected.size() + self.child_bytes(at)).sum()
    }

    /// Visits what stands behind the edge in column `at`, and empties it.
    pub(super) fn each_part(&mut self, at: usize, visit: &mut impl FnMut(Collect<'_>)) {
        match self.columns[at].owned {
            Some(Owned::Table(table)) if self.tables[table].rows != 0 => self.each_part_of(table, visit),
            Some(Owned::Set(set)) if self.sets[set].tables.iter().any(|&table| self.tables[table].rows != 0) => {
                for i in 0..self.sets[set].tables.len() {
                    let table = self.sets[set].tables[i];
                    visit(Collect::Rows(self.tables[table].rows as u64));
                    self.each_part_of(table, visit);
                }
            }
            _ => {}
        }
    }

    /// The same of a table.
    pub(super) fn each_part_of(&mut self, table: usize, visit: &mut impl FnMut(Collect<'_>)) {
        let Table { first, columns, .. } = self.tables[table];
        self.tables[table].rows = 0;
        (first..first + columns).for_each(|at| self.each_part_from(at, visit));
    }

    /// The same of a column, and what stands behind it.
    pub(super) fn each_part_from(&mut self, at: usize, visit: &mut impl FnMut(Collect<'_>)) {
        let Memory { shape, columns, tables, .. } = &mut *self;
        let Column { collected, table, .. } = &mut columns[at];
        if collected.kind == Kind::Empty {
            return;
        }
        let Table { node, first, .. } = tables[*table];
        visit(Collect::Column(collected, shape, node, at - first));
        self.each_part(at, visit);
    }
}

/// Rows of one node: a range of columns.
pub(super) struct Table {
    pub(super) node: NodeId,
    pub(super) first: usize,
    pub(super) columns: usize,
    /// The set that it belongs to, where its node is in a recursive part.
    pub(super) set: Option<usize>,
    pub(super) rows: usize,
}

/// The tables that an edge into a recursive part owns; their columns stand in the order of the part's entries.
struct Set {
    part: u32,
    tables: Vec<usize>,
}

#[derive(Default)]
pub(super) struct Column {
    pub(super) collected: Collected,
    pub(super) table: usize,
    pub(super) child: Option<usize>,
    pub(super) owned: Option<Owned>,
}

/// What is packed after an edge's column.
#[derive(Clone, Copy)]
pub(super) enum Owned {
    Table(usize),
    Set(usize),
}

/// What is packed one after the other.
pub(super) enum Collect<'m> {
    /// A number of rows.
    Rows(u64),
    /// A column; the shape, and the node and the place in it that the column has.
    Column(&'m mut Collected, &'static Shape, NodeId, usize),
}
