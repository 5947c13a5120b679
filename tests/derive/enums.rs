//! Enums of every form.

use persist::{Context, Error, Persist, Result, dumps, loads};

use crate::{back, json};

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

/// As many variants as need two bytes.
macro_rules! wide {
    ($($variant:ident)*) => {
        #[derive(Persist, Clone, Copy, Debug, PartialEq)]
        enum Wide {
            $($variant,)*
            Last(u8),
        }

        const WIDE: &[Wide] = &[$(Wide::$variant,)* Wide::Last(9)];
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
