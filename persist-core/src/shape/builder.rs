//! Building the shape of a Rust type.

use std::any::{TypeId, type_name};
use std::borrow::Cow;
use std::collections::HashMap;

use super::{Enum, Field, Node, NodeId, Rules, Shape, Struct, Style, Variant, Versioned};
use crate::error::Result;

/// Collects the nodes of a type; what `describe` is given.
#[derive(Default)]
pub struct Builder {
    ids: HashMap<TypeId, NodeId>,
    nodes: Vec<Node>,
    sizes: Vec<usize>,
    states: HashMap<TypeId, StateCheck>,
    borrowed: Option<&'static str>,
}

/// A struct, or a variant of an enum, as a constant: what generated code has instead of code.
#[derive(Debug)]
pub struct Record {
    /// Its name.
    pub name: &'static str,
    /// How its fields are written.
    pub style: Style,
    /// The fields.
    pub fields: &'static [Member],
    /// What the type says of files that differ from it.
    pub rules: Rules,
}

/// A field of a [`Record`].
#[derive(Debug)]
pub struct Member {
    /// Its name.
    pub name: &'static str,
    /// Describes its type.
    pub describe: fn(&mut Builder) -> NodeId,
    /// Whether the type has a default for it.
    pub has_default: bool,
    /// Whether it keeps the fields that the type does not know.
    pub is_unknown: bool,
    /// Whether it was one value before it was a sequence.
    pub was_one: bool,
    /// Names that it was saved under before.
    pub aliases: &'static [&'static str],
}

/// The version of a type as a constant.
#[derive(Debug)]
pub struct Version {
    /// Its number.
    pub number: u32,
    /// Describes the type that values of older versions are read as.
    pub older: Option<fn(&mut Builder) -> NodeId>,
}

/// What has to be compared once all nodes are known: the shape that a type writes and the one that it reads.
pub(crate) struct StateCheck {
    pub(crate) name: &'static str,
    pub(crate) saved: fn(&mut Builder) -> NodeId,
    pub(crate) loaded: fn(&mut Builder) -> NodeId,
}

impl Builder {
    /// The node of a type: made by `describe` at the first call, so that recursion ends.
    pub fn add<T: ?Sized>(&mut self, size: usize, describe: impl FnOnce(&mut Builder) -> Node) -> NodeId {
        let (id, is_new) = self.begin(typeid::of::<T>(), size);
        if is_new {
            let node = describe(self);
            self.end(id, node);
        }
        id
    }

    /// The node of a type, and whether it is a new one, which is still to be given to [`end`](Builder::end).
    fn begin(&mut self, key: TypeId, size: usize) -> (NodeId, bool) {
        if let Some(&id) = self.ids.get(&key) {
            return (id, false);
        }
        let id = self.nodes.len() as NodeId;
        self.ids.insert(key, id);
        self.nodes.push(Node::Unit);
        self.sizes.push(size);
        (id, true)
    }

    fn end(&mut self, id: NodeId, node: Node) {
        self.nodes[id as usize] = node;
    }

    /// The node of a struct.
    #[inline]
    pub fn add_struct<T>(&mut self, record: &'static Record) -> NodeId {
        self.add_struct_of(typeid::of::<T>(), size_of::<T>(), record)
    }

    fn add_struct_of(&mut self, key: TypeId, size: usize, record: &Record) -> NodeId {
        let (id, is_new) = self.begin(key, size);
        if is_new {
            let node = Node::Struct(self.describe(record));
            self.end(id, node);
        }
        id
    }

    /// The node of an enum of these variants.
    #[inline]
    pub fn add_enum<T>(&mut self, name: &'static str, variants: &'static [Record]) -> NodeId {
        self.add_enum_of(typeid::of::<T>(), size_of::<T>(), name, variants)
    }

    fn add_enum_of(&mut self, key: TypeId, size: usize, name: &'static str, variants: &[Record]) -> NodeId {
        let (id, is_new) = self.begin(key, size);
        if is_new {
            let variants = variants.iter().map(|record| self.describe(record)).collect();
            self.end(id, Node::Enum(Self::choice(name, variants)));
        }
        id
    }

    /// The node of a type with a version; `describe` gives that of the struct or enum it is.
    #[inline]
    pub fn add_version<T>(&mut self, version: &'static Version, describe: fn(&mut Builder) -> NodeId) -> NodeId {
        struct Key<T>(std::marker::PhantomData<T>);
        self.add_version_of(typeid::of::<Key<T>>(), size_of::<T>(), version, describe)
    }

    fn add_version_of(
        &mut self,
        key: TypeId,
        size: usize,
        version: &Version,
        describe: fn(&mut Builder) -> NodeId,
    ) -> NodeId {
        let (id, is_new) = self.begin(key, size);
        if is_new {
            let current = describe(self);
            let older = version.older.map(|describe| describe(self));
            self.end(id, Node::Versioned(Versioned { version: version.number, current, older }));
        }
        id
    }

    fn describe(&mut self, record: &Record) -> Struct {
        let fields = record.fields.iter().map(|part| {
            let node = (part.describe)(self);
            let Member { has_default: default, is_unknown: unknown, was_one: one, aliases, .. } = *part;
            Field { default, unknown, one, aliases, ..Self::field(part.name, node) }
        });
        let fields = fields.collect();
        Struct { rules: record.rules, ..Self::record(record.name, record.style, fields) }
    }

    /// Notes that a value of this many bytes is built from a row of the node.
    pub(crate) fn takes(&mut self, id: NodeId, size: usize) {
        let known = &mut self.sizes[id as usize];
        *known = size.max(*known);
    }

    /// Notes that what a type writes and what it reads have to be compared.
    pub(crate) fn check_states<T>(&mut self, saved: fn(&mut Builder) -> NodeId, loaded: fn(&mut Builder) -> NodeId) {
        self.check_states_of::<T>(type_name::<T>(), saved, loaded);
    }

    /// As [`check_states`](Builder::check_states), for what is told apart by `Key` and called `name`.
    pub(crate) fn check_states_of<Key>(
        &mut self,
        name: &'static str,
        saved: fn(&mut Builder) -> NodeId,
        loaded: fn(&mut Builder) -> NodeId,
    ) {
        self.check_states_by(typeid::of::<Key>(), StateCheck { name, saved, loaded });
    }

    fn check_states_by(&mut self, key: TypeId, check: StateCheck) {
        self.states.entry(key).or_insert(check);
    }

    /// Notes that a value of the type cannot be loaded, since it borrows.
    pub(crate) fn borrows<T: ?Sized>(&mut self) {
        self.borrowed = Some(type_name::<T>());
    }

    /// A field that has to be present.
    #[must_use]
    pub fn field(name: &'static str, node: NodeId) -> Field {
        Field { name: Cow::Borrowed(name), node, default: false, unknown: false, one: false, aliases: &[] }
    }

    /// The node of a struct, or a variant of an enum.
    #[must_use]
    pub fn record(name: &'static str, style: Style, fields: Vec<Field>) -> Struct {
        Struct { name: Cow::Borrowed(name), style, fields, rules: Rules::default() }
    }

    /// The node of an enum.
    #[must_use]
    pub fn choice(name: &'static str, variants: Vec<Variant>) -> Enum {
        Enum { name: Cow::Borrowed(name), variants }
    }

    /// All that was collected; the root is the first node.
    pub(crate) fn finish(self) -> Result<Built> {
        Ok(Built {
            shape: Shape::new(self.nodes)?,
            sizes: self.sizes,
            states: self.states.into_values().collect(),
            borrowed: self.borrowed,
        })
    }
}

/// What a [`Builder`] collected.
pub(crate) struct Built {
    pub(crate) shape: Shape,
    /// Bytes that a value of each node takes in memory.
    pub(crate) sizes: Vec<usize>,
    pub(crate) states: Vec<StateCheck>,
    /// A type in it that cannot be loaded, since it borrows.
    pub(crate) borrowed: Option<&'static str>,
}
