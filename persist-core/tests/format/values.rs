//! Types of many shapes, and values of them.

use std::collections::{BTreeMap, BTreeSet};

use persist_derive::Persist;

macro_rules! persist {
    ($($item:item)*) => {$(
        #[derive(Clone, Debug, PartialEq, PartialOrd, Persist)]
        #[persist(crate = persist_core)]
        $item
    )*};
}

persist! {
    pub(crate) struct Named { id: u64, name: String, note: Option<String>, at: Point }
    pub(crate) struct Point { x: f32, y: f64 }
    pub(crate) struct Path(pub(crate) Point, pub(crate) [f32; 3]);
    pub(crate) struct Weight(pub(crate) f32);
    pub(crate) struct Unsure { pub(crate) x: f32, #[persist(default)] pub(crate) y: f32 }
    pub(crate) struct Pair(pub(crate) u16, pub(crate) String);
    pub(crate) struct Wrapped(pub(crate) Vec<u8>);
    pub(crate) struct Empty;
    pub(crate) struct NoFields {}
    pub(crate) enum Figure {
        Nothing,
        Circle(f32),
        Line(Point, Point),
        Label { text: String, at: Option<Point> },
        Hidden(),
    }
    pub(crate) enum One { Only(u8) }

    pub(crate) struct Tree { pub(crate) name: String, pub(crate) children: Vec<Tree>, pub(crate) size: u8 }
    pub(crate) struct List { value: u32, next: Option<Box<List>> }
    pub(crate) struct Both { value: i32, children: Vec<Both>, after: u16, next: Option<Box<Both>>, end: bool }
    pub(crate) struct Left { x: u16, rights: Vec<Right>, y: u16, more: (u8, Option<Box<Left>>) }
    pub(crate) struct Right { left: Option<Box<Left>>, named: BTreeMap<u8, Left>, weight: f32, trees: Vec<Vec<Tree>> }
    pub(crate) struct Forest { trees: Vec<Tree>, below: Vec<Forest>, best: Option<Box<Tree>>, at: Point }
    pub(crate) struct Twice {
        pub(crate) one: Tree,
        pub(crate) two: Vec<Tree>,
        pub(crate) three: BTreeMap<u8, (Tree, Option<Box<Tree>>)>,
        pub(crate) four: [Tree; 2],
    }
    pub(crate) struct Split { parts: Option<Box<[Split; 2]>>, pair: Vec<(u8, Split)>, value: u16 }
    pub(crate) enum Term {
        Number(f64),
        Minus(Box<Term>),
        Sum(Vec<Term>),
        Call { name: String, arguments: BTreeMap<String, Term> },
        Both(Box<(Term, Term)>),
    }
}

/// Enums of 256 variants, whose tags are the last to be a byte, and of more.
macro_rules! wide {
    ($($byte:ident)*; $($more:ident)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Persist)]
        #[persist(crate = persist_core)]
        pub(crate) enum Byte { $($byte,)* }

        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Persist)]
        #[persist(crate = persist_core)]
        pub(crate) enum Wide { $($byte,)* $($more,)* Data(u16) }

        pub(crate) const BYTES: &[Byte] = &[$(Byte::$byte),*];
        pub(crate) const WIDE: &[Wide] = &[$(Wide::$byte,)* $(Wide::$more,)* Wide::Data(7)];
    };
}

wide! {
    V000 V001 V002 V003 V004 V005 V006 V007 V008 V009 V010 V011 V012 V013 V014 V015 V016 V017 V018 V019 V020
    V021 V022 V023 V024 V025 V026 V027 V028 V029 V030 V031 V032 V033 V034 V035 V036 V037 V038 V039 V040 V041
    V042 V043 V044 V045 V046 V047 V048 V049 V050 V051 V052 V053 V054 V055 V056 V057 V058 V059 V060 V061 V062
    V063 V064 V065 V066 V067 V068 V069 V070 V071 V072 V073 V074 V075 V076 V077 V078 V079 V080 V081 V082 V083
    V084 V085 V086 V087 V088 V089 V090 V091 V092 V093 V094 V095 V096 V097 V098 V099 V100 V101 V102 V103 V104
    V105 V106 V107 V108 V109 V110 V111 V112 V113 V114 V115 V116 V117 V118 V119 V120 V121 V122 V123 V124 V125
    V126 V127 V128 V129 V130 V131 V132 V133 V134 V135 V136 V137 V138 V139 V140 V141 V142 V143 V144 V145 V146
    V147 V148 V149 V150 V151 V152 V153 V154 V155 V156 V157 V158 V159 V160 V161 V162 V163 V164 V165 V166 V167
    V168 V169 V170 V171 V172 V173 V174 V175 V176 V177 V178 V179 V180 V181 V182 V183 V184 V185 V186 V187 V188
    V189 V190 V191 V192 V193 V194 V195 V196 V197 V198 V199 V200 V201 V202 V203 V204 V205 V206 V207 V208 V209
    V210 V211 V212 V213 V214 V215 V216 V217 V218 V219 V220 V221 V222 V223 V224 V225 V226 V227 V228 V229 V230
    V231 V232 V233 V234 V235 V236 V237 V238 V239 V240 V241 V242 V243 V244 V245 V246 V247 V248 V249 V250 V251
    V252 V253 V254 V255; V256 V257 V258 V259
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Persist)]
#[persist(crate = persist_core)]
pub(crate) struct Sets(pub(crate) BTreeSet<Sets>);

pub(crate) fn named(id: u64, note: Option<&str>) -> Named {
    Named { id, name: format!("name {id}"), note: note.map(str::to_owned), at: point(id as u8) }
}

pub(crate) fn point(n: u8) -> Point {
    Point { x: f32::from(n) / 3.0, y: f64::from(n) / 7.0 }
}

pub(crate) fn tree(n: u8, depth: u8) -> Tree {
    let count = if depth == 0 { 0 } else { n % 4 };
    let children = (0..count).map(|i| tree(n.wrapping_mul(3).wrapping_add(i), depth - 1)).collect();
    Tree { name: format!("n{n}"), children, size: depth }
}

pub(crate) fn list(length: u32) -> List {
    (1..length).fold(List { value: 0, next: None }, |next, value| List { value, next: Some(Box::new(next)) })
}

pub(crate) fn both(n: i32, depth: u16) -> Both {
    let count = if depth == 0 { 0 } else { n % 3 };
    Both {
        value: -n,
        children: (0..count).map(|i| both(n * 2 + i, depth - 1)).collect(),
        after: depth,
        next: (depth > 0 && n % 2 == 0).then(|| Box::new(both(n + 1, depth - 1))),
        end: n % 5 == 0,
    }
}

pub(crate) fn left(n: u16, depth: u16) -> Left {
    let count = if depth == 0 { 0 } else { n % 3 };
    Left {
        x: n,
        rights: (0..count).map(|i| right(n + i, depth - 1)).collect(),
        y: n + 1,
        more: (7, (depth > 0 && n.is_multiple_of(2)).then(|| Box::new(left(n + 3, depth - 1)))),
    }
}

pub(crate) fn right(n: u16, depth: u16) -> Right {
    let count = if depth == 0 { 0 } else { n % 3 };
    Right {
        left: (depth > 0 && n % 2 == 1).then(|| Box::new(left(n + 5, depth - 1))),
        named: (0..count).map(|i| (i as u8, left(n + i, depth - 1))).collect(),
        weight: f32::from(n) / 9.0,
        trees: vec![vec![], vec![tree(3, 2), tree(n as u8, 2)]],
    }
}

pub(crate) fn forest(n: u8, depth: u8) -> Forest {
    let count = if depth == 0 { 0 } else { n % 3 };
    Forest {
        trees: (0..n % 3).map(|i| tree(n + i, 3)).collect(),
        below: (0..count).map(|i| forest(n + i, depth - 1)).collect(),
        best: n.is_multiple_of(2).then(|| Box::new(tree(n, 2))),
        at: point(n),
    }
}

pub(crate) fn split(n: u16, depth: u16) -> Split {
    let deeper = depth > 0;
    Split {
        parts: (deeper && n % 2 == 1).then(|| Box::new([split(n + 1, depth - 1), split(n + 2, depth - 1)])),
        pair: (0..if deeper { n % 3 } else { 0 }).map(|i| (i as u8, split(n + i, depth - 1))).collect(),
        value: n,
    }
}

pub(crate) fn terms() -> Vec<Term> {
    let minus = |term| Term::Minus(Box::new(term));
    let call = |name: &str, argument: Term| Term::Call {
        name: name.to_owned(),
        arguments: BTreeMap::from([("a".to_owned(), argument)]),
    };
    let sum = Term::Sum(vec![Term::Number(1.5), minus(Term::Number(2.0)), call("f", Term::Number(f64::NAN))]);
    vec![
        Term::Number(3.0),
        minus(minus(sum.clone())),
        Term::Both(Box::new((sum.clone(), call("g", sum.clone())))),
        call("h", Term::Sum(vec![])),
        Term::Sum(vec![sum.clone(), sum]),
    ]
}
