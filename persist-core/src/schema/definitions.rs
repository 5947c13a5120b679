//! Schemas as people read them: like the definitions of Rust types.

use std::fmt::{Formatter, Result};

use crate::shape::{Enum, Node, NodeId, Shape, Shown, Struct, Style};

/// What a node is called where others refer to it.
pub(super) fn name(shape: &Shape, id: NodeId) -> String {
    match shape.node(id) {
        Node::Struct(record) => record.name.clone().into_owned(),
        Node::Enum(choice) => choice.name.clone().into_owned(),
        Node::Versioned(versioned) => name(shape, versioned.current),
        _ => Shown { shape, node: id }.to_string(),
    }
}

/// Writes the root's type, then every struct and enum, each once, in the order in which they are met.
pub(super) fn write(shape: &Shape, f: &mut Formatter<'_>) -> Result {
    let mut seen = vec![false; shape.nodes().len()];
    let mut found = Vec::new();
    let mut open = vec![(Shape::ROOT, 1)];
    while let Some((id, version)) = open.pop() {
        if std::mem::replace(&mut seen[id as usize], true) {
            continue;
        }
        match shape.node(id) {
            // What it is made of is no part of what is written.
            Node::Versioned(versioned) => {
                open.push((versioned.current, versioned.version));
                continue;
            }
            Node::Struct(_) | Node::Enum(_) => found.push((id, version)),
            _ => {}
        }
        let mut next = Vec::new();
        shape.node(id).for_each_reference(|id| next.push((id, 1)));
        open.extend(next.into_iter().rev());
    }
    if !matches!(shape.node(Shape::ROOT), Node::Struct(_) | Node::Enum(_) | Node::Versioned(_)) {
        writeln!(f, "{}", name(shape, Shape::ROOT))?;
        if !found.is_empty() {
            writeln!(f)?;
        }
    }
    for (i, (id, version)) in found.into_iter().enumerate() {
        if i != 0 {
            writeln!(f)?;
        }
        if version != 1 {
            writeln!(f, "// version {version}")?;
        }
        match shape.node(id) {
            Node::Struct(record) => structure(shape, record, f)?,
            Node::Enum(choice) => enumeration(shape, choice, f)?,
            _ => {}
        }
    }
    Ok(())
}

fn structure(shape: &Shape, record: &Struct, f: &mut Formatter<'_>) -> Result {
    write!(f, "struct {}", record.name)?;
    fields(shape, record, "", f)?;
    f.write_str(if record.style == Style::Named { "\n" } else { ";\n" })
}

fn enumeration(shape: &Shape, choice: &Enum, f: &mut Formatter<'_>) -> Result {
    writeln!(f, "enum {} {{", choice.name)?;
    for variant in &choice.variants {
        write!(f, "    {}", variant.name)?;
        fields(shape, variant, "    ", f)?;
        f.write_str(",\n")?;
    }
    f.write_str("}\n")
}

fn fields(shape: &Shape, record: &Struct, indent: &str, f: &mut Formatter<'_>) -> Result {
    match record.style {
        Style::Unit => Ok(()),
        Style::Tuple | Style::Newtype => {
            let names: Vec<String> = record.fields.iter().map(|field| name(shape, field.node)).collect();
            write!(f, "({})", names.join(", "))
        }
        Style::Named => {
            f.write_str(" {\n")?;
            for field in &record.fields {
                write!(f, "{indent}    {}: {},", field.name, name(shape, field.node))?;
                f.write_str(match (field.default, field.unknown) {
                    (_, true) => " // keeps unknown fields\n",
                    (true, _) => " // has a default\n",
                    _ => "\n",
                })?;
            }
            write!(f, "{indent}}}")
        }
    }
}
