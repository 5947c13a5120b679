//! A tree of a million nodes, through vectors and boxes.
//!
//! Its type holds itself: its derives stand here, since those of bitcode and fory cannot, and since rkyv's wants to be told
//! more.

use crate::random::Random;

/// How many nodes the tree has.
const NODES: usize = 1_000_000;

/// A node with all that is below it.
#[derive(
    Clone,
    Debug,
    PartialEq,
    persist::Persist,
    borsh::BorshSerialize,
    borsh::BorshDeserialize,
    nanoserde::SerBin,
    nanoserde::DeBin,
    rkyv::Archive,
    rkyv::Serialize,
    rkyv::Deserialize,
)]
#[rkyv(
    serialize_bounds(__S: rkyv::ser::Writer + rkyv::ser::Allocator, __S::Error: rkyv::rancor::Source),
    deserialize_bounds(__D::Error: rkyv::rancor::Source),
    bytecheck(bounds(__C: rkyv::validation::ArchiveContext, __C::Error: rkyv::rancor::Source))
)]
#[derive(
    savefile::prelude::Savefile, serde::Serialize, serde::Deserialize, wincode::SchemaWrite, wincode::SchemaRead,
)]
pub struct Node {
    name: String,
    number: u32,
    #[rkyv(omit_bounds)]
    children: Vec<Node>,
    #[rkyv(omit_bounds)]
    next: Option<Box<Node>>,
}

/// The tree that `random` leads to.
#[must_use]
pub fn generate(random: &mut Random) -> Node {
    grow(random, NODES)
}

/// A tree of so many nodes. Each child gets at most half of what is left, so that the tree is at most twenty levels deep.
fn grow(random: &mut Random, nodes: usize) -> Node {
    let mut left = nodes - 1;
    let next = (left > 0 && random.flip()).then(|| Box::new(branch(random, &mut left)));
    let mut children = Vec::new();
    while left > 0 {
        children.push(branch(random, &mut left));
    }
    Node {
        name: format!("node {}", random.within(0..1_000_000)),
        number: random.within(0..100_000) as u32,
        children,
        next,
    }
}

/// A tree of some of the nodes that are left.
fn branch(random: &mut Random, left: &mut usize) -> Node {
    let nodes = random.count(1..*left / 2 + 2);
    *left -= nodes;
    grow(random, nodes)
}
