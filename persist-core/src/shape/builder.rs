//! Building the shape of a Rust type.

use std::any::{TypeId, type_name};
use std::borrow::Cow;
use std::collections::HashMap;

use super::{Enum, Field, Node, NodeId, Shape, Struct, Style, Variant};
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

/// What has to be compared once all nodes are known: the shape that a type writes and the one that it reads.
pub(crate) struct StateCheck {
    pub(crate) name: &'static str,
    pub(crate) saved: fn(&mut Builder) -> NodeId,
    pub(crate) loaded: fn(&mut Builder) -> NodeId,
}

impl Builder {
    /// The node of a type: made by `describe` at the first call, so that recursion ends.
    pub fn add<T: ?Sized>(&mut self, size: usize, describe: impl FnOnce(&mut Builder) -> Node) -> NodeId {
        let key = typeid::of::<T>();
        if let Some(&id) = self.ids.get(&key) {
            return id;
        }
        let id = self.nodes.len() as NodeId;
        self.ids.insert(key, id);
        self.nodes.push(Node::Unit);
        self.sizes.push(size);
        let node = describe(self);
        self.nodes[id as usize] = node;
        id
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
        self.states.entry(typeid::of::<Key>()).or_insert(StateCheck { name, saved, loaded });
    }

    /// Notes that a value of the type cannot be loaded, since it borrows.
    pub(crate) fn borrows<T: ?Sized>(&mut self) {
        self.borrowed = Some(type_name::<T>());
    }

    /// A field that has to be present.
    #[must_use]
    pub fn field(name: &'static str, node: NodeId) -> Field {
        Field { name: Cow::Borrowed(name), node, default: false }
    }

    /// A field that the type has a default for.
    #[must_use]
    pub fn field_or_default(name: &'static str, node: NodeId) -> Field {
        Field { default: true, ..Self::field(name, node) }
    }

    /// The node of a struct, or a variant of an enum.
    #[must_use]
    pub fn record(name: &'static str, style: Style, fields: Vec<Field>) -> Struct {
        Struct { name: Cow::Borrowed(name), style, fields }
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
