//! Making programs of shapes.

use ciborium_ll::{Encoder, Header, simple};

use super::{Block, Callee, Comma, Form, Program, Step, Text, Typed};
use crate::error::{Error, ErrorKind, Result};
use crate::shape::{Enum, IntKind, Node, NodeId, Shape, Style, VERSION, Variant};
use crate::walk::Columns;

/// The tag that CBOR gives to a set.
pub(crate) const SET_TAG: u64 = 258;

/// Nodes, or variants, up to which what stands in line is repeated wherever it stands.
const SMALL: usize = 48;
/// Steps and bytes of a program that is large: then nothing is repeated, so that a shape from anyone has a program that
/// is not much larger than itself.
const MANY_STEPS: usize = 1 << 16;
const MANY_BYTES: usize = 1 << 20;

/// Bytes that stand behind all others, so that a few may be copied as many.
const PADDING: usize = 16;

pub(super) struct Compiler<'s> {
    shape: &'s Shape,
    form: Form,
    /// Steps of the block at hand.
    steps: Vec<(Text, Step)>,
    /// The program's blocks, by node where they have one.
    program: Program,
    places: Vec<Option<Callee>>,
    /// The same of pairs that are entries of maps.
    entries: Vec<Option<Callee>>,
    /// Nodes whose blocks are still to be made, in the order of their places; and whether they are such entries.
    waiting: Vec<(NodeId, bool)>,
}

/// The fields of a struct or variant.
#[derive(Clone, Copy)]
struct Fields<'s> {
    record: &'s Variant,
    /// The node of the struct, or of the enum and which of its variants.
    owner: NodeId,
    variant: Option<u16>,
    version: Option<u32>,
    columns: Columns,
}

/// An entry of a map of fields.
#[derive(Clone, Copy)]
enum Entry {
    Version(u32),
    Field(usize, usize),
    Unknown(usize),
}

impl<'s> Compiler<'s> {
    pub(super) fn new(shape: &'s Shape, form: Form) -> Self {
        Compiler {
            shape,
            form,
            steps: Vec::new(),
            program: Program { steps: vec![], bytes: vec![], variants: vec![], nodes: vec![] },
            places: vec![None; shape.nodes().len()],
            entries: vec![None; shape.nodes().len()],
            waiting: Vec::new(),
        }
    }

    pub(super) fn compile(mut self) -> Result<Program> {
        self.callee(Shape::ROOT, false);
        let mut next = 0;
        while let Some(&(id, entry)) = self.waiting.get(next) {
            let block = self.block(|compiler| match compiler.shape.node(id) {
                Node::Pair(key, item) if entry => compiler.pair(*key, *item),
                _ => compiler.parts(id, 0),
            })?;
            self.program.nodes[next] = block;
            next += 1;
        }
        self.program.bytes.extend([0; PADDING]);
        Ok(self.program)
    }

    fn is_json(&self) -> bool {
        self.form == Form::Json
    }

    fn is_sorted(&self) -> bool {
        matches!(self.form, Form::Cbor(form) if form.deterministic)
    }

    fn has_typed_arrays(&self) -> bool {
        matches!(self.form, Form::Cbor(form) if form.typed_arrays)
    }

    /// The place of the block of a node.
    fn callee(&mut self, id: NodeId, entry: bool) -> Callee {
        let places = if entry { &mut self.entries } else { &mut self.places };
        *places[id as usize].get_or_insert_with(|| {
            self.waiting.push((id, entry));
            self.program.nodes.push(Block::default());
            Callee(self.program.nodes.len() as u32 - 1)
        })
    }

    /// The block of steps that a function pushes.
    fn block(&mut self, push: impl FnOnce(&mut Self) -> Result<()>) -> Result<Block> {
        let outer = std::mem::take(&mut self.steps);
        let result = push(self);
        let steps = std::mem::replace(&mut self.steps, outer);
        result?;
        let from = self.program.steps.len() as u32;
        self.program.steps.extend(steps);
        Ok(Block { from, to: self.program.steps.len() as u32 })
    }

    fn push(&mut self, step: Step) {
        match self.steps.last_mut() {
            Some((_, last @ Step::Nothing)) => *last = step,
            _ => self.steps.push((Text::default(), step)),
        }
    }

    /// Bytes that are the same in every row; those behind one another stand before one step.
    fn bytes(&mut self, bytes: &[u8]) {
        let end = self.program.bytes.len();
        self.program.bytes.extend_from_slice(bytes);
        match self.steps.last_mut() {
            Some((text, Step::Nothing)) if (text.from + text.len) as usize == end => text.len += bytes.len() as u32,
            _ => self.steps.push((Text::of(end..end + bytes.len()), Step::Nothing)),
        }
    }

    /// Bytes that differ in the two protocols.
    fn either(&mut self, json: &str, cbor: Header) {
        if self.is_json() {
            self.bytes(json.as_bytes());
        } else {
            let mut head = Vec::new();
            Encoder::from(&mut head).push(cbor).expect("a vector takes all bytes");
            self.bytes(&head);
        }
    }

    fn null(&mut self) {
        self.either("null", Header::Simple(simple::NULL));
    }

    fn name(&mut self, name: &str) -> Result<()> {
        let bytes = self.encoded(name)?;
        self.bytes(&bytes);
        Ok(())
    }

    /// A text as it is written.
    fn encoded(&self, name: &str) -> Result<Vec<u8>> {
        if self.is_json() {
            return serde_json::to_vec(name).map_err(Error::new);
        }
        let mut bytes = Vec::new();
        Encoder::from(&mut bytes).text(name, None).expect("a vector takes all bytes");
        Ok(bytes)
    }

    /// Pushes what is written of a row of a node, in the columns from `at` on.
    fn node(&mut self, id: NodeId, at: usize) -> Result<()> {
        let (is_leaf, is_large) = match self.shape.node(id) {
            Node::Enum(choice) => (false, choice.variants.len() > SMALL),
            node => (node.edge().is_some() || self.shape.weight(id) == 1, self.shape.weight(id) > SMALL),
        };
        let is_full = self.program.steps.len() > MANY_STEPS || self.program.bytes.len() > MANY_BYTES;
        if is_large || (is_full && !is_leaf) {
            let callee = self.callee(id, false);
            self.push(Step::Call(at as u32, callee));
            return Ok(());
        }
        self.parts(id, at)
    }

    fn parts(&mut self, id: NodeId, at: usize) -> Result<()> {
        let shape = self.shape;
        let column = at as u32;
        match shape.node(id) {
            Node::Unit => self.null(),
            Node::Bool => self.push(Step::Bool(column)),
            Node::Char => self.push(Step::Char(column)),
            Node::Int(kind) => self.push(Step::Int(*kind, column)),
            Node::F32 => self.push(Step::F32(column)),
            Node::F64 => self.push(Step::F64(column)),
            Node::Text => self.push(Step::Text(column)),
            Node::Opaque => self.push(Step::Opaque(column)),
            Node::Option(inner) | Node::Perhaps(inner) => self.option(*inner, at)?,
            Node::Seq(item) | Node::Set(item) => self.sequence(id, *item, column),
            Node::Map(pair) => self.map(*pair, column)?,
            Node::Pair(key, item) => {
                let after = at + shape.columns(*key);
                self.list([(*key, at), (*item, after)].into_iter())?;
            }
            Node::Array(item, count) => self.array(*item, *count, at)?,
            Node::Tuple(items) => {
                let mut columns = Columns::of(shape, id, at);
                self.list(items.iter().map(|&item| (item, columns.next(shape, item))))?;
            }
            Node::Struct(record) => {
                let columns = Columns::of(shape, id, at);
                self.fields(Fields { record, owner: id, variant: None, version: None, columns })?;
            }
            Node::Enum(choice) => self.choice(id, choice, None, at)?,
            Node::Boxed(inner) => {
                let callee = self.callee(*inner, false);
                self.push(Step::Boxed(column, callee));
            }
            Node::Formatted(format, _) if self.is_json() => self.push(Step::Formatted(*format, column)),
            Node::Formatted(_, inner) => self.node(*inner, at)?,
            Node::Versioned(versioned) => {
                // Only the present form is ever written.
                let at = at + usize::from(versioned.older.is_some());
                let (owner, version) = (versioned.current, Some(versioned.version));
                match shape.node(owner) {
                    Node::Struct(record) => {
                        let columns = Columns::of(shape, owner, at);
                        self.fields(Fields { record, owner, variant: None, version, columns })?;
                    }
                    Node::Enum(choice) => self.choice(owner, choice, version, at)?,
                    _ => self.node(owner, at)?,
                }
            }
        }
        Ok(())
    }

    fn option(&mut self, inner: NodeId, at: usize) -> Result<()> {
        let plain = self.block(|compiler| compiler.node(inner, at + 1))?;
        if !self.shape.is_nullable(inner) {
            self.push(Step::Option(at as u32, plain));
            return Ok(());
        }
        let told = self.block(|compiler| {
            compiler.either("{", Header::Map(Some(1)));
            compiler.name("Some")?;
            compiler.colon();
            compiler.node(inner, at + 1)?;
            compiler.close("}");
            Ok(())
        })?;
        self.push(Step::Told(at as u32, inner, told, plain));
        Ok(())
    }

    fn colon(&mut self) {
        if self.is_json() {
            self.bytes(b":");
        }
    }

    fn close(&mut self, bracket: &str) {
        if self.is_json() {
            self.bytes(bracket.as_bytes());
        }
    }

    fn sequence(&mut self, id: NodeId, item: NodeId, column: u32) {
        let is_set = matches!(self.shape.node(id), Node::Set(_));
        if is_set && !self.is_json() {
            self.either("", Header::Tag(SET_TAG));
        }
        if !is_set && self.shape.is_byte(item) {
            self.push(Step::Octets(column));
        } else if let Some(typed) = self.typed(item).filter(|_| !is_set) {
            self.push(Step::Numbers(column, typed));
        } else {
            let callee = self.callee(item, false);
            self.push(if is_set && self.is_sorted() {
                Step::SortedList(column, callee)
            } else {
                Step::List(column, callee)
            });
        }
    }

    /// The numbers that elements of a node are in a typed array.
    fn typed(&self, item: NodeId) -> Option<Typed> {
        if !self.has_typed_arrays() {
            return None;
        }
        match self.shape.node(item) {
            // There is no tag for these.
            Node::Int(IntKind::U128 | IntKind::I128) => None,
            Node::Int(kind) => Some(Typed::Int(*kind)),
            Node::F32 => Some(Typed::F32),
            Node::F64 => Some(Typed::F64),
            _ => None,
        }
    }

    fn array(&mut self, item: NodeId, count: u64, at: usize) -> Result<()> {
        if self.shape.is_byte(item) {
            self.push(Step::OctetArray(at as u32, count));
        } else if let Some(typed) = self.typed(item) {
            self.push(Step::NumberArray(at as u32, typed, count));
        } else {
            let item = self.block(|compiler| compiler.node(item, at))?;
            self.push(Step::Array(count, item));
        }
        Ok(())
    }

    /// A map; in JSON as a list of pairs, where its keys have no text form.
    fn map(&mut self, pair: NodeId, column: u32) -> Result<()> {
        let Node::Pair(key, _) = *self.shape.node(pair) else {
            return Err(Error::of(ErrorKind::Shape, "a map without pairs"));
        };
        let as_list = self.is_json() && !self.shape.is_text_key(key);
        let callee = self.callee(pair, !as_list);
        self.push(if as_list {
            Step::List(column, callee)
        } else if self.is_sorted() {
            Step::SortedMap(column, callee)
        } else {
            Step::Map(column, callee)
        });
        Ok(())
    }

    /// An entry of a map.
    fn pair(&mut self, key: NodeId, item: NodeId) -> Result<()> {
        if self.is_json() {
            self.key(key, 0)?;
            self.colon();
        } else {
            self.node(key, 0)?;
        }
        self.node(item, self.shape.columns(key))
    }

    /// A key of a JSON object.
    fn key(&mut self, id: NodeId, at: usize) -> Result<()> {
        match self.shape.node(id) {
            Node::Bool | Node::Int(_) => {
                self.bytes(b"\"");
                self.node(id, at)?;
                self.bytes(b"\"");
                Ok(())
            }
            Node::Formatted(format, _) => {
                self.push(Step::FormattedKey(*format, at as u32));
                Ok(())
            }
            Node::Struct(record) => {
                let field = &record.fields[0];
                self.key(field.node, at + usize::from(field.default))
            }
            _ => self.node(id, at),
        }
    }

    /// A list of rows of nodes.
    fn list(&mut self, items: impl ExactSizeIterator<Item = (NodeId, usize)>) -> Result<()> {
        self.either("[", Header::Array(Some(items.len())));
        for (index, (item, at)) in items.enumerate() {
            if index != 0 {
                self.close(",");
            }
            self.node(item, at)?;
        }
        self.close("]");
        Ok(())
    }

    /// A variant: its name, or a map with its name as the one key; with its version before, where it has one.
    fn choice(&mut self, owner: NodeId, choice: &'s Enum, version: Option<u32>, at: usize) -> Result<()> {
        let mut blocks = Vec::with_capacity(choice.variants.len());
        let mut next = Columns::of_variant(self.shape, choice, 0, at);
        for (tag, variant) in choice.variants.iter().enumerate() {
            let columns = next;
            for field in &variant.fields {
                next.past_presence(self.shape, field);
            }
            let fields = Fields { record: variant, owner, variant: Some(tag as u16), version: None, columns };
            blocks.push(self.block(|compiler| compiler.variant(fields, version))?);
        }
        let first = self.program.variants.len() as u32;
        let count = blocks.len() as u32;
        self.program.variants.extend(blocks);
        self.push(Step::Enum(at as u32, first, count));
        Ok(())
    }

    fn variant(&mut self, fields: Fields<'s>, version: Option<u32>) -> Result<()> {
        let name = &fields.record.name;
        if fields.record.style == Style::Unit && version.is_none() {
            return self.name(name);
        }
        self.either("{", Header::Map(Some(1 + usize::from(version.is_some()))));
        let late = self.is_sorted() && self.encoded(name)? < self.encoded(VERSION)?;
        if let (Some(version), false) = (version, late) {
            self.version(version)?;
            self.close(",");
        }
        self.name(name)?;
        self.colon();
        self.fields(fields)?;
        if let (Some(version), true) = (version, late) {
            self.version(version)?;
        }
        self.close("}");
        Ok(())
    }

    fn version(&mut self, version: u32) -> Result<()> {
        self.name(VERSION)?;
        self.colon();
        self.either(&version.to_string(), Header::Positive(version.into()));
        Ok(())
    }

    /// The fields of a struct or variant; with the version before, where the type has one.
    fn fields(&mut self, fields: Fields<'s>) -> Result<()> {
        let Fields { record, mut columns, .. } = fields;
        let shape = self.shape;
        match record.style {
            Style::Unit => self.null(),
            Style::Newtype => {
                let at = columns.past_presence(shape, &record.fields[0]);
                self.node(record.fields[0].node, at)?;
            }
            Style::Tuple => {
                let items: Vec<_> =
                    record.fields.iter().map(|field| (field.node, columns.past_presence(shape, field))).collect();
                self.list(items.into_iter())?;
            }
            Style::Named => {
                let version = fields.version.map(Entry::Version);
                let own = record.fields.iter().enumerate().map(|(index, field)| {
                    let at = columns.past_presence(shape, field);
                    if field.unknown { Entry::Unknown(at) } else { Entry::Field(index, at) }
                });
                let entries: Vec<Entry> = version.into_iter().chain(own).collect();
                self.entries(fields, entries)?;
            }
        }
        Ok(())
    }

    fn entries(&mut self, fields: Fields<'s>, mut entries: Vec<Entry>) -> Result<()> {
        let record = fields.record;
        let unknown = record.unknown().is_some();
        if self.is_sorted() {
            // Columns that rows have in common are taken in their order; others may be taken in any.
            let one_by_one = unknown
                || fields.columns.are_run()
                || record.fields.iter().any(|field| self.shape.part_of(field.node).is_some());
            if one_by_one {
                let block = self.block(|compiler| {
                    entries.iter().try_for_each(|&entry| {
                        if !matches!(entry, Entry::Unknown(_)) {
                            compiler.push(Step::Entry);
                        }
                        compiler.entry(fields, entry, Comma::Before)
                    })
                })?;
                self.push(Step::SortedFields(block));
                return Ok(());
            }
            let name = |entry: &Entry| match *entry {
                Entry::Field(index, _) => self.encoded(&record.fields[index].name),
                _ => self.encoded(VERSION),
            };
            let mut named = entries.iter().map(|entry| Ok((name(entry)?, *entry))).collect::<Result<Vec<_>>>()?;
            named.sort_by(|(a, _), (b, _)| a.cmp(b));
            entries = named.into_iter().map(|(_, entry)| entry).collect();
        }
        self.either("{", Header::Map((!unknown).then_some(entries.len())));
        let mut comma = false;
        for (index, &entry) in entries.iter().enumerate() {
            let is_last = index + 1 == entries.len();
            match entry {
                Entry::Unknown(_) if !comma => {
                    self.entry(fields, entry, if is_last { Comma::Between } else { Comma::After })?;
                }
                _ => {
                    if comma && !matches!(entry, Entry::Unknown(_)) {
                        self.close(",");
                    }
                    comma = true;
                    self.entry(fields, entry, Comma::Before)?;
                }
            }
        }
        if unknown {
            self.either("}", Header::Break);
        } else {
            self.close("}");
        }
        Ok(())
    }

    fn entry(&mut self, fields: Fields<'s>, entry: Entry, comma: Comma) -> Result<()> {
        match entry {
            Entry::Version(version) => self.version(version),
            Entry::Unknown(at) => {
                self.push(Step::Unknown(at as u32, fields.owner, fields.variant, comma));
                Ok(())
            }
            Entry::Field(index, at) => {
                let field = &fields.record.fields[index];
                self.name(&field.name)?;
                self.colon();
                self.node(field.node, at)
            }
        }
    }
}
