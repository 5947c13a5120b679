//! Enums of every form.

use persist::{Context, Error, Persist, Result, dumps, loads};

use crate::{PROTOCOLS, back, json, through};

#[derive(Persist, Clone, Copy, Debug, PartialEq)]
enum Plain {
    One,
    Two = 20,
    Three,
}

#[derive(Persist, Clone, Debug, PartialEq)]
enum Only {
    This { text: String },
}

#[derive(Persist, Clone, Debug, PartialEq)]
enum OnlyUnit {
    This,
}

#[derive(Persist, Clone, Debug, PartialEq)]
enum Kind {
    Nothing,
    Number(i64),
    Pair(u8, String),
    Empty {},
    EmptyTuple(),
    Point { x: f64, y: f64 },
    Named { plain: Plain, inner: Option<Box<Kind>>, unit: () },
    Many(Vec<Kind>),
}

fn kinds() -> Vec<Kind> {
    vec![
        Kind::Nothing,
        Kind::Number(-5),
        Kind::Pair(7, "seven".into()),
        Kind::Empty {},
        Kind::EmptyTuple(),
        Kind::Point { x: 0.5, y: -1.0 },
        Kind::Named { plain: Plain::Three, inner: Some(Box::new(Kind::Number(1))), unit: () },
        Kind::Named { plain: Plain::One, inner: None, unit: () },
        Kind::Many(vec![Kind::Nothing, Kind::Many(vec![Kind::Pair(0, String::new())])]),
    ]
}

#[test]
fn values_come_back() {
    for kind in kinds() {
        back(&kind);
    }
    back(&kinds());
    // More rows than a batch, the variants in many orders.
    let many: Vec<Kind> = (0..1000).map(|i| kinds()[i * i % 9].clone()).collect();
    back(&many);
    back(&[Plain::One, Plain::Two, Plain::Three]);
    back(&Only::This { text: "only".into() });
    back(&OnlyUnit::This);
}

#[test]
fn they_look_as_serde_would_write_them() {
    assert_eq!(
        json(&kinds()),
        concat!(
            r#"["Nothing",{"Number":-5},{"Pair":[7,"seven"]},{"Empty":{}},{"EmptyTuple":[]},{"Point":{"x":0.5,"y":-1.0}},"#,
            r#"{"Named":{"plain":"Three","inner":{"Number":1},"unit":null}},{"Named":{"plain":"One","inner":null,"unit":null}},"#,
            r#"{"Many":["Nothing",{"Many":[{"Pair":[0,""]}]}]}]"#
        )
    );
}

/// As many variants as need two bytes, and as many as just do not.
macro_rules! wide {
    ($first:ident $($variant:ident)*) => {
        #[derive(Persist, Clone, Copy, Debug, PartialEq)]
        enum Wide {
            $first,
            $($variant,)*
            Last(u8),
        }

        const WIDE: &[Wide] = &[Wide::$first, $(Wide::$variant,)* Wide::Last(9)];

        #[derive(Persist, Clone, Copy, Debug, PartialEq)]
        enum Narrow {
            $($variant,)*
            Last(u8),
        }

        const NARROW: &[Narrow] = &[$(Narrow::$variant,)* Narrow::Last(9)];
    };
}

mod wide {
    use super::*;

    wide! {
        V00 V01 V02 V03 V04 V05 V06 V07 V08 V09 V0a V0b V0c V0d V0e V0f V10 V11 V12 V13 V14 V15 V16 V17 V18 V19 V1a V1b V1c
        V1d V1e V1f V20 V21 V22 V23 V24 V25 V26 V27 V28 V29 V2a V2b V2c V2d V2e V2f V30 V31 V32 V33 V34 V35 V36 V37 V38 V39
        V3a V3b V3c V3d V3e V3f V40 V41 V42 V43 V44 V45 V46 V47 V48 V49 V4a V4b V4c V4d V4e V4f V50 V51 V52 V53 V54 V55 V56
        V57 V58 V59 V5a V5b V5c V5d V5e V5f V60 V61 V62 V63 V64 V65 V66 V67 V68 V69 V6a V6b V6c V6d V6e V6f V70 V71 V72 V73
        V74 V75 V76 V77 V78 V79 V7a V7b V7c V7d V7e V7f V80 V81 V82 V83 V84 V85 V86 V87 V88 V89 V8a V8b V8c V8d V8e V8f V90
        V91 V92 V93 V94 V95 V96 V97 V98 V99 V9a V9b V9c V9d V9e V9f Va0 Va1 Va2 Va3 Va4 Va5 Va6 Va7 Va8 Va9 Vaa Vab Vac Vad
        Vae Vaf Vb0 Vb1 Vb2 Vb3 Vb4 Vb5 Vb6 Vb7 Vb8 Vb9 Vba Vbb Vbc Vbd Vbe Vbf Vc0 Vc1 Vc2 Vc3 Vc4 Vc5 Vc6 Vc7 Vc8 Vc9 Vca
        Vcb Vcc Vcd Vce Vcf Vd0 Vd1 Vd2 Vd3 Vd4 Vd5 Vd6 Vd7 Vd8 Vd9 Vda Vdb Vdc Vdd Vde Vdf Ve0 Ve1 Ve2 Ve3 Ve4 Ve5 Ve6 Ve7
        Ve8 Ve9 Vea Veb Vec Ved Vee Vef Vf0 Vf1 Vf2 Vf3 Vf4 Vf5 Vf6 Vf7 Vf8 Vf9 Vfa Vfb Vfc Vfd Vfe Vff
    }

    #[test]
    fn tags_of_two_bytes() {
        assert_eq!(WIDE.len(), 257);
        for wide in WIDE {
            back(wide);
        }
        back(&WIDE.to_vec());
    }

    #[test]
    fn tags_of_one_byte() {
        assert_eq!(NARROW.len(), 256);
        for narrow in NARROW {
            back(narrow);
        }
        back(&NARROW.to_vec());
        back(&NARROW.iter().rev().step_by(3).copied().collect::<Vec<_>>());
    }
}

#[derive(Debug)]
struct Picky(u8);

impl Persist for Picky {
    type Saved<'a> = u8;
    type Loaded = u8;

    fn get_state(&self) -> Result<u8> {
        if self.0 == 0 { Err(Error::new("no zeros")) } else { Ok(self.0) }
    }

    fn set_state(state: u8, _: &Context) -> Result<Self> {
        if state == 13 { Err(Error::new("bad luck")) } else { Ok(Picky(state)) }
    }
}

#[derive(Persist, Debug)]
enum Choice {
    Free(u8),
    Bound { value: Picky },
}

#[test]
fn errors_say_which_row_and_which_field() {
    let rows = |bad: u8| -> Vec<Choice> {
        let choice = |i| match i {
            151 => Choice::Bound { value: Picky(bad) },
            i if i % 3 == 0 => Choice::Bound { value: Picky(1) },
            _ => Choice::Free(0),
        };
        (0..200).map(choice).collect()
    };
    let error = dumps(&rows(0)).unwrap_err();
    assert_eq!(error.to_string(), "[151].value: no zeros");
    let error = loads::<Vec<Choice>>(&dumps(&rows(13)).unwrap()).unwrap_err();
    assert_eq!(error.path(), "[151].value");
}

/// More than an allocator's alignment.
#[derive(Persist, Clone, Copy, Debug, PartialEq)]
#[repr(align(64))]
struct Aligned(u32);

mod picky {
    use super::*;

    pub(crate) fn get_state(picky: &u8) -> Result<u8> {
        Ok(*picky)
    }

    pub(crate) fn set_state(state: u8, _: &Context) -> Result<u8> {
        if state == 13 { Err(Error::new("bad luck")) } else { Ok(state) }
    }
}

/// Of every size: what is read together depends on it.
#[derive(Persist, Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "it is the point")]
#[persist(after_load = Assorted::check)]
enum Assorted<T: Persist> {
    Small(#[persist(with = picky)] u8),
    Inner(T, Option<Inner>),
    Few {
        values: [u64; 40],
        text: String,
        #[persist(with = picky)]
        picky: u8,
    },
    One([u32; 1500], #[persist(with = picky)] u8),
    Aligned {
        #[persist(with = picky)]
        picky: u8,
        aligned: Aligned,
    },
    Transient {
        #[persist(default = 4, with = picky)]
        picky: u8,
        #[transient(rebuild = picky.checked_add(1).ok_or("too large")?)]
        next: u8,
    },
    Unit,
}

#[derive(Persist, Clone, Debug, PartialEq)]
enum Inner {
    Nothing,
    Bad(#[persist(with = picky)] u8),
    Texts(Vec<String>, Box<u8>),
}

impl<T: Persist> Assorted<T> {
    fn check(&mut self, _: &Context) -> Result<()> {
        if matches!(self, Assorted::Small(99)) { Err(Error::new("too much")) } else { Ok(()) }
    }
}

fn sized(i: usize, picky: u8) -> Assorted<Inner> {
    let (small, text) = (i as u8 % 10, "t".repeat(i % 20));
    match i * i % 11 {
        0 | 1 => Assorted::Small(picky),
        3 => Assorted::Inner(Inner::Bad(picky), None),
        4 => Assorted::Inner(Inner::Texts(vec![text; i % 4], Box::new(small)), Some(Inner::Bad(picky))),
        5 => Assorted::Few { values: [i as u64; 40], text, picky },
        9 if i.is_multiple_of(2) => Assorted::One([i as u32; 1500], picky),
        9 => Assorted::Aligned { picky, aligned: Aligned(i as u32) },
        _ if i.is_multiple_of(2) => Assorted::Transient { picky, next: picky + 1 },
        _ if picky == 13 => Assorted::Inner(Inner::Nothing, Some(Inner::Bad(13))),
        _ => Assorted::Unit,
    }
}

#[test]
fn variants_of_every_size_come_back() {
    for i in 0..22 {
        back(&sized(i, 1));
    }
    let many: Vec<_> = (0..300).map(|i| sized(i, i as u8 % 10)).collect();
    for protocol in PROTOCOLS {
        assert_eq!(through(protocol, &many), many, "{protocol:?}");
    }
}

#[test]
fn an_error_in_the_middle_of_a_batch_has_its_row() {
    let rows: Vec<_> = (0..150).map(|i| sized(i, 1)).collect();
    for bad in 0..rows.len() {
        let mut rows = rows.clone();
        rows[bad] = sized(bad, 13);
        let field = match &rows[bad] {
            Assorted::Small(_) => ".0",
            Assorted::Inner(Inner::Bad(_), _) => ".0.0",
            Assorted::Inner(..) => ".1.0",
            Assorted::One(..) => ".1",
            Assorted::Few { .. } | Assorted::Aligned { .. } | Assorted::Transient { .. } => ".picky",
            Assorted::Unit => panic!("it cannot be bad"),
        };
        for protocol in PROTOCOLS.into_iter().take(if bad.is_multiple_of(10) { 3 } else { 1 }) {
            let bytes = persist::Dumper::new().protocol(protocol).dumps(&rows).unwrap();
            let error = loads::<Vec<Assorted<Inner>>>(&bytes).unwrap_err();
            assert_eq!(error.to_string(), format!("[{bad}]{field}: bad luck"), "{protocol:?}");
        }
        rows[bad] = Assorted::Small(99);
        let error = loads::<Vec<Assorted<Inner>>>(&dumps(&rows).unwrap()).unwrap_err();
        assert_eq!(error.to_string(), format!("[{bad}]: too much"));
    }
}
