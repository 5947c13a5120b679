//! The opcodes of pickles, protocols 0 to 5, run on a stack of objects.
//!
//! Every opcode makes one object at most, so that memory stays a multiple of the bytes; objects refer to one another by
//! number, so that what is shared stands once, however often the pickle refers to it.

use std::collections::HashMap;

use super::Problem;
use super::escapes::{string, unicode};

/// The place of an object.
pub(super) type Id = usize;

/// What a pickle makes.
#[derive(Debug)]
pub(super) enum Object {
    None,
    Bool(bool),
    Int(i128),
    Big(u128),
    Float(f64),
    Text(String),
    Bytes(Vec<u8>),
    List(Vec<Id>),
    Tuple(Vec<Id>),
    Set(Vec<Id>),
    Dict(Vec<(Id, Id)>),
    /// A class or function, by module and name.
    Global(String),
}

impl Object {
    /// How many objects or bytes it holds.
    fn held(&self) -> usize {
        match self {
            Object::Text(text) => text.len(),
            Object::Bytes(bytes) => bytes.len(),
            Object::List(items) | Object::Tuple(items) | Object::Set(items) => items.len(),
            Object::Dict(entries) => entries.len(),
            _ => 0,
        }
    }
}

/// The newest protocol there is.
const NEWEST: u8 = 5;
pub(super) const PROTO: u8 = 0x80;

/// Runs the first pickle in bytes; gives its objects, which of them is the result, and how many bytes it takes.
pub(super) fn run(bytes: &[u8]) -> Result<(Vec<Object>, Id, usize), Problem> {
    let mut machine = Machine {
        bytes,
        at: 0,
        objects: vec![],
        stack: vec![],
        marks: vec![],
        memo: HashMap::new(),
        room: bytes.len(),
    };
    loop {
        let start = machine.at;
        match machine.step() {
            Ok(None) => {}
            Ok(Some(root)) => return Ok((machine.objects, root, machine.at)),
            Err(problem) => return Err(problem.at(start)),
        }
    }
}

struct Machine<'d> {
    bytes: &'d [u8],
    at: usize,
    objects: Vec<Object>,
    stack: Vec<Id>,
    /// Where in the stack marks stand.
    marks: Vec<usize>,
    memo: HashMap<u64, Id>,
    /// How much more may be copied: what an argument holds is written for one call.
    room: usize,
}

type Done<T = ()> = Result<T, Problem>;

impl<'d> Machine<'d> {
    /// Runs an opcode; gives the result where it is the last one.
    fn step(&mut self) -> Done<Option<Id>> {
        let opcode = self.byte()?;
        match opcode {
            PROTO => match self.byte()? {
                0..=NEWEST => {}
                newer => {
                    let message =
                        format!("the pickle is of protocol {newer}, and only protocols up to {NEWEST} are known");
                    return Err(Problem::new(message).help("dump it with `protocol=5`"));
                }
            },
            // The length of a frame says nothing that the opcodes in it do not.
            0x95 => _ = self.take(8)?,
            b'.' => return self.pop().map(Some),
            b'(' => self.marks.push(self.stack.len()),
            b'0' => {
                // What is popped may be a mark.
                if self.marks.last() == Some(&self.stack.len()) {
                    self.marks.pop();
                } else {
                    self.pop()?;
                }
            }
            b'1' => _ = self.pop_mark()?,
            b'2' => {
                let top = self.top()?;
                self.stack.push(top);
            }
            b'p' | b'q' | b'r' | 0x94 | b'g' | b'h' | b'j' => self.memory(opcode)?,
            b'N' | 0x88 | 0x89 | b'I' | b'L' | b'F' | b'G' | b'K' | b'M' | b'J' | 0x8A | 0x8B => self.scalar(opcode)?,
            b'S' | b'V' | b'U' | b'T' | b'X' | 0x8C | 0x8D | b'C' | b'B' | 0x8E | 0x96 => self.text(opcode)?,
            b']' | b'l' | b'a' | b'e' | b')' | b't' | 0x85 | 0x86 | 0x87 | b'}' | b'd' | b's' | b'u' | 0x8F | 0x90
            | 0x91 => self.collection(opcode)?,
            b'c' | 0x93 | b'R' | b'i' | b'o' | 0x81 | 0x92 | b'b' => self.object(opcode)?,
            b'P' | b'Q' => {
                return Err(Problem::foreign("the pickle refers to an object outside of it (a persistent id)"));
            }
            0x82..=0x84 => return Err(Problem::foreign("the pickle names a class by a number (an extension code)")),
            0x97 | 0x98 => {
                let message = "the pickle keeps some of its bytes outside of it (protocol 5 with `buffer_callback`)";
                return Err(Problem::new(message).help("dump it without `buffer_callback`"));
            }
            other => return Err(Problem::new(format!("the byte 0x{other:02X} is no opcode of a pickle"))),
        }
        Ok(None)
    }

    /// The memo, where objects stand that are referred to again.
    fn memory(&mut self, opcode: u8) -> Done {
        let key = match opcode {
            b'p' | b'g' => self.number()?,
            b'q' | b'h' => self.length(1)? as u64,
            b'r' | b'j' => self.length(4)? as u64,
            _ => self.memo.len() as u64,
        };
        if matches!(opcode, b'g' | b'h' | b'j') {
            let id = self.memo.get(&key).copied();
            self.stack.push(id.ok_or_else(|| Problem::new("the pickle refers to an object that is not there"))?);
        } else {
            let top = self.top()?;
            self.memo.insert(key, top);
        }
        Ok(())
    }

    fn scalar(&mut self, opcode: u8) -> Done {
        let object = match opcode {
            b'N' => Object::None,
            0x88 => Object::Bool(true),
            0x89 => Object::Bool(false),
            b'I' => match self.line()? {
                b"00" => Object::Bool(false),
                b"01" => Object::Bool(true),
                digits => decimal(digits)?,
            },
            b'L' => {
                let line = self.line()?;
                decimal(line.strip_suffix(b"L").unwrap_or(line))?
            }
            b'F' => Object::Float(self.parse()?),
            b'G' => Object::Float(f64::from_be_bytes(self.array()?)),
            b'K' => Object::Int(self.byte()?.into()),
            b'M' => Object::Int(u16::from_le_bytes(self.array()?).into()),
            b'J' => Object::Int(i32::from_le_bytes(self.array()?).into()),
            0x8A => {
                let length = self.length(1)?;
                integer(self.take(length)?)?
            }
            _ => {
                let length = self.length(4)?;
                integer(self.take(length)?)?
            }
        };
        self.push(object);
        Ok(())
    }

    fn text(&mut self, opcode: u8) -> Done {
        let malformed = || Problem::new("a text of the pickle is malformed");
        let object = match opcode {
            b'S' => python2(string(self.line()?).ok_or_else(malformed)?),
            b'V' => Object::Text(unicode(self.line()?).ok_or_else(malformed)?),
            _ => {
                let length = self.length(match opcode {
                    b'U' | 0x8C | b'C' => 1,
                    0x8D | 0x8E | 0x96 => 8,
                    _ => 4,
                })?;
                let bytes = self.take(length)?.to_vec();
                match opcode {
                    b'U' | b'T' => python2(bytes),
                    b'X' | 0x8C | 0x8D => {
                        let text = String::from_utf8(bytes);
                        Object::Text(text.map_err(|_| {
                            Problem::new("a text of the pickle is not Unicode (half of a surrogate pair)")
                        })?)
                    }
                    _ => Object::Bytes(bytes),
                }
            }
        };
        self.push(object);
        Ok(())
    }

    fn collection(&mut self, opcode: u8) -> Done {
        let object = match opcode {
            b']' => Object::List(vec![]),
            b'l' => Object::List(self.pop_mark()?),
            b')' => Object::Tuple(vec![]),
            b't' => Object::Tuple(self.pop_mark()?),
            0x85..=0x87 => {
                let from =
                    self.stack.len().checked_sub(usize::from(opcode - 0x84)).filter(|&from| from >= self.floor());
                Object::Tuple(self.stack.split_off(from.ok_or_else(underflow)?))
            }
            b'}' => Object::Dict(vec![]),
            b'd' => Object::Dict(pairs(&self.pop_mark()?)?),
            0x8F => Object::Set(vec![]),
            0x91 => Object::Set(self.pop_mark()?),
            _ => return self.extend(opcode),
        };
        self.push(object);
        Ok(())
    }

    /// Adds what stands on the stack to what stands below.
    fn extend(&mut self, opcode: u8) -> Done {
        let items = match opcode {
            b'a' => vec![self.pop()?],
            b's' => {
                let value = self.pop()?;
                vec![self.pop()?, value]
            }
            _ => self.pop_mark()?,
        };
        let top = self.top()?;
        match (opcode, &mut self.objects[top]) {
            (b'a' | b'e', Object::List(list)) | (0x90, Object::Set(list)) => list.extend(items),
            (b's' | b'u', Object::Dict(entries)) => entries.extend(pairs(&items)?),
            _ => return Err(Problem::new("the pickle adds to what is no list, set or dict")),
        }
        Ok(())
    }

    /// Classes and functions: the few whose instances are data are understood, all others refused.
    fn object(&mut self, opcode: u8) -> Done {
        match opcode {
            b'c' => {
                let (module, name) = (self.line()?, self.line()?);
                let global = format!("{}.{}", String::from_utf8_lossy(module), String::from_utf8_lossy(name));
                self.push(Object::Global(global));
                Ok(())
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                let (Object::Text(name), Object::Text(module)) = (&self.objects[name], &self.objects[module]) else {
                    return Err(Problem::new("the pickle names a class by what is no text"));
                };
                let global = format!("{module}.{name}");
                self.push(Object::Global(global));
                Ok(())
            }
            b'R' => {
                let (arguments, callee) = (self.pop()?, self.pop()?);
                let Object::Tuple(arguments) = &self.objects[arguments] else {
                    return Err(Problem::new("the pickle calls a function with what are no arguments"));
                };
                let arguments = arguments.clone();
                let held =
                    arguments.iter().map(|&id| self.objects[id].held()).fold(arguments.len(), usize::saturating_add);
                let room = self.room.checked_sub(held);
                self.room = room.ok_or_else(|| Problem::foreign("the pickle makes many objects of the same one"))?;
                let made = self.call(callee, &arguments)?;
                self.push(made);
                Ok(())
            }
            b'i' => {
                let (module, name) = (self.line()?, self.line()?);
                Err(instance(&format!("{}.{}", String::from_utf8_lossy(module), String::from_utf8_lossy(name))))
            }
            b'b' => Err(Problem::foreign("the pickle sets the state of an object, as only Python can")),
            b'o' => {
                let found = self.pop_mark()?;
                Err(self.instance_of(found.first().copied()))
            }
            _ => {
                let below = if opcode == 0x81 { 2 } else { 3 };
                let class = self.stack.len().checked_sub(below).map(|at| self.stack[at]);
                Err(self.instance_of(class))
            }
        }
    }

    /// What a function that a pickle names would make.
    fn call(&self, callee: Id, arguments: &[Id]) -> Done<Object> {
        let Object::Global(name) = &self.objects[callee] else {
            return Err(Problem::new("the pickle calls what is no function"));
        };
        let arguments: Vec<&Object> = arguments.iter().map(|&id| &self.objects[id]).collect();
        let name = name.replace("__builtin__.", "builtins.");
        Ok(match (name.as_str(), &arguments[..]) {
            ("builtins.set" | "builtins.frozenset", [Object::List(items) | Object::Tuple(items)]) => {
                Object::Set(items.clone())
            }
            ("builtins.set" | "builtins.frozenset", []) => Object::Set(vec![]),
            ("builtins.bytes" | "builtins.bytearray", []) => Object::Bytes(vec![]),
            ("builtins.bytes" | "builtins.bytearray", [Object::Bytes(bytes)]) => Object::Bytes(bytes.clone()),
            ("builtins.bytes" | "builtins.bytearray" | "_codecs.encode", [Object::Text(text), Object::Text(_)]) => {
                Object::Bytes(latin1(text)?)
            }
            ("builtins.list" | "collections.deque", []) => Object::List(vec![]),
            ("builtins.list" | "collections.deque", [Object::List(items) | Object::Tuple(items), ..]) => {
                Object::List(items.clone())
            }
            ("builtins.dict" | "collections.OrderedDict" | "collections.Counter", [])
            | ("collections.defaultdict", [] | [Object::Global(_) | Object::None]) => Object::Dict(vec![]),
            ("builtins.dict" | "collections.OrderedDict" | "collections.Counter", [Object::Dict(entries)]) => {
                Object::Dict(entries.clone())
            }
            ("copyreg._reconstructor" | "copy_reg._reconstructor", [Object::Global(class), ..]) => {
                return Err(instance(class));
            }
            _ => return Err(instance(&name)),
        })
    }

    fn instance_of(&self, class: Option<Id>) -> Problem {
        match class.map(|id| &self.objects[id]) {
            Some(Object::Global(name)) => instance(name),
            _ => Problem::foreign("the pickle holds an instance of a class, which only Python can make"),
        }
    }

    fn push(&mut self, object: Object) {
        self.stack.push(self.objects.len());
        self.objects.push(object);
    }

    /// Up to where the stack may be taken from: the last mark.
    fn floor(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    fn top(&self) -> Done<Id> {
        if self.stack.len() <= self.floor() {
            return Err(underflow());
        }
        self.stack.last().copied().ok_or_else(underflow)
    }

    fn pop(&mut self) -> Done<Id> {
        let top = self.top()?;
        self.stack.pop();
        Ok(top)
    }

    fn pop_mark(&mut self) -> Done<Vec<Id>> {
        let mark = self.marks.pop().ok_or_else(underflow)?;
        Ok(self.stack.split_off(mark))
    }

    fn byte(&mut self) -> Done<u8> {
        Ok(self.take(1)?[0])
    }

    fn take(&mut self, count: usize) -> Done<&'d [u8]> {
        let bytes = self.bytes;
        let taken = bytes[self.at..].get(..count).ok_or_else(|| Problem::truncated(bytes.len()))?;
        self.at += count;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Done<[u8; N]> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    /// A length of so many bytes; one that does not fit is longer than all bytes.
    fn length(&mut self, size: usize) -> Done<usize> {
        let length = self.take(size)?.iter().rev().fold(0u64, |length, &byte| length << 8 | u64::from(byte));
        Ok(usize::try_from(length).unwrap_or(usize::MAX))
    }

    /// The bytes up to the end of the line.
    fn line(&mut self) -> Done<&'d [u8]> {
        let rest = &self.bytes[self.at..];
        let end = rest.iter().position(|&byte| byte == b'\n').ok_or_else(|| Problem::truncated(self.bytes.len()))?;
        self.at += end + 1;
        let line = &rest[..end];
        Ok(line.strip_suffix(b"\r").unwrap_or(line))
    }

    fn parse<T: std::str::FromStr>(&mut self) -> Done<T> {
        let text = std::str::from_utf8(self.line()?).ok();
        text.and_then(|text| text.trim().parse().ok())
            .ok_or_else(|| Problem::new("a number of the pickle is malformed"))
    }

    fn number(&mut self) -> Done<u64> {
        self.parse()
    }
}

fn underflow() -> Problem {
    Problem::new("the pickle takes more from its stack than there is")
}

fn instance(class: &str) -> Problem {
    Problem::foreign(format!("the pickle holds an instance of `{class}`, which only Python can make"))
}

fn pairs(items: &[Id]) -> Done<Vec<(Id, Id)>> {
    if items.len() % 2 != 0 {
        return Err(Problem::new("an entry of a dict has no value"));
    }
    Ok(items.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect())
}

/// What was `str` in Python 2: text, where it can be.
fn python2(bytes: Vec<u8>) -> Object {
    String::from_utf8(bytes).map_or_else(|error| Object::Bytes(error.into_bytes()), Object::Text)
}

fn latin1(text: &str) -> Done<Vec<u8>> {
    let bytes: Result<Vec<u8>, _> = text.chars().map(u8::try_from).collect();
    bytes.map_err(|_| Problem::new("bytes of the pickle are written as what are no bytes"))
}

fn too_large() -> Problem {
    Problem::foreign("an integer of the pickle has more than 128 bits")
}

fn decimal(digits: &[u8]) -> Done<Object> {
    let text = std::str::from_utf8(digits).unwrap_or_default().trim();
    if let Ok(value) = text.parse() {
        return Ok(Object::Int(value));
    }
    if let Ok(value) = text.parse() {
        return Ok(Object::Big(value));
    }
    let number = text.strip_prefix('-').unwrap_or(text);
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    Err(if is_number { too_large() } else { Problem::new("a number of the pickle is malformed") })
}

/// A number in two's complement, the lowest byte first.
fn integer(bytes: &[u8]) -> Done<Object> {
    let fill = if bytes.last().is_some_and(|byte| byte & 0x80 != 0) { 0xFF } else { 0 };
    let mut array = [fill; 17];
    let used = bytes.len() - bytes.iter().rev().take_while(|&&byte| byte == fill).count();
    array.get_mut(..used).ok_or_else(too_large)?.copy_from_slice(&bytes[..used]);
    let mut low = [0; 16];
    low.copy_from_slice(&array[..16]);
    let value = i128::from_le_bytes(low);
    // The highest byte says no more than the sign does, or that the number has 128 bits without one.
    match (array[16], value < 0) {
        (0, false) | (0xFF, true) => Ok(Object::Int(value)),
        (0, true) => Ok(Object::Big(value as u128)),
        _ => Err(too_large()),
    }
}
