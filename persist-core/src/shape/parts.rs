//! Recursive parts: the strongly connected components of a shape's graph.

use super::{Node, NodeId};

/// Types that hold one another through edges.
///
/// An edge that enters the part from outside owns a set of tables, one for each of [`entries`](Part::entries); edges
/// inside the part share it.
#[derive(Debug)]
pub(crate) struct Part {
    members: Vec<NodeId>,
    entries: Vec<NodeId>,
}

impl Part {
    /// The nodes of the part.
    pub(crate) fn members(&self) -> &[NodeId] {
        &self.members
    }

    /// The nodes that edges inside the part lead to, ascending: each has a table in a set.
    pub(crate) fn entries(&self) -> &[NodeId] {
        &self.entries
    }

    /// The place of a node's table in a set.
    pub(crate) fn position(&self, node: NodeId) -> Option<usize> {
        self.entries.binary_search(&node).ok()
    }
}

/// The components of a graph of nodes, each before those that refer to it.
pub(super) struct Graph {
    component: Vec<u32>,
    members: Vec<Vec<NodeId>>,
    /// Levels of edges below a component.
    depth: Vec<usize>,
    recursive: Vec<bool>,
}

impl Graph {
    /// Tarjan's algorithm ("Depth-first search and linear graph algorithms", 1972) with an explicit stack.
    pub(super) fn new(nodes: &[Node]) -> Graph {
        const UNSEEN: u32 = u32::MAX;
        let references: Vec<Vec<NodeId>> = nodes
            .iter()
            .map(|node| {
                let mut list = Vec::new();
                match node {
                    // Older forms are no part of what is written.
                    Node::Versioned(versioned) => list.push(versioned.current),
                    _ => node.for_each_reference(|id| list.push(id)),
                }
                list
            })
            .collect();
        let mut graph =
            Graph { component: vec![UNSEEN; nodes.len()], members: vec![], depth: vec![], recursive: vec![] };
        let mut index = vec![UNSEEN; nodes.len()];
        let mut low = vec![0u32; nodes.len()];
        let mut path: Vec<NodeId> = Vec::new();
        let mut next = 0u32;
        for start in 0..nodes.len() as NodeId {
            let mut calls: Vec<(NodeId, usize)> = vec![(start, 0)];
            if index[start as usize] != UNSEEN {
                continue;
            }
            while let Some(&mut (id, ref mut position)) = calls.last_mut() {
                let me = id as usize;
                if *position == 0 {
                    index[me] = next;
                    low[me] = next;
                    next += 1;
                    path.push(id);
                }
                if let Some(&child) = references[me].get(*position) {
                    *position += 1;
                    if index[child as usize] == UNSEEN {
                        calls.push((child, 0));
                    } else if graph.component[child as usize] == UNSEEN {
                        low[me] = low[me].min(index[child as usize]);
                    }
                    continue;
                }
                calls.pop();
                if let Some(&(parent, _)) = calls.last() {
                    low[parent as usize] = low[parent as usize].min(low[me]);
                }
                if low[me] == index[me] {
                    graph.close(id, &mut path, nodes, &references);
                }
            }
        }
        graph
    }

    /// Takes a finished component from the path.
    fn close(&mut self, root: NodeId, path: &mut Vec<NodeId>, nodes: &[Node], references: &[Vec<NodeId>]) {
        let number = self.members.len() as u32;
        let from = path.iter().rposition(|&id| id == root).unwrap_or(0);
        let mut members = path.split_off(from);
        members.sort_unstable();
        for &id in &members {
            self.component[id as usize] = number;
        }
        let mut depth = 0;
        let mut recursive = members.len() > 1;
        for &id in &members {
            for &child in &references[id as usize] {
                let inside = self.component[child as usize] == number;
                recursive |= inside;
                if !inside {
                    let step = usize::from(nodes[id as usize].edge().is_some());
                    depth = depth.max(self.depth[self.component[child as usize] as usize] + step);
                }
            }
        }
        self.members.push(members);
        self.depth.push(depth + usize::from(recursive));
        self.recursive.push(recursive);
    }

    /// Levels of tables below the deepest node.
    pub(super) fn depth(&self) -> usize {
        self.depth.iter().copied().max().unwrap_or(0)
    }

    /// The recursive components.
    pub(super) fn parts(self, nodes: &[Node]) -> Vec<Part> {
        let component = &self.component;
        let inside = |a: NodeId, b: NodeId| component[a as usize] == component[b as usize];
        self.members
            .into_iter()
            .zip(&self.recursive)
            .filter(|(_, recursive)| **recursive)
            .map(|(members, _)| {
                let mut entries: Vec<NodeId> = members
                    .iter()
                    .filter_map(|&id| nodes[id as usize].edge().filter(|&target| inside(id, target)))
                    .collect();
                entries.sort_unstable();
                entries.dedup();
                Part { members, entries }
            })
            .collect()
    }
}
