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
        V00 V01 V02 V03 V04 V05 V06 V07 V08 V09 V0A V0B V0C V0D V0E V0F V10 V11 V12 V13 V14 V15 V16 V17 V18 V19 V1A V1B V1C
        V1D V1E V1F V20 V21 V22 V23 V24 V25 V26 V27 V28 V29 V2A V2B V2C V2D V2E V2F V30 V31 V32 V33 V34 V35 V36 V37 V38 V39
        V3A V3B V3C V3D V3E V3F V40 V41 V42 V43 V44 V45 V46 V47 V48 V49 V4A V4B V4C V4D V4E V4F V50 V51 V52 V53 V54 V55 V56
        V57 V58 V59 V5A V5B V5C V5D V5E V5F V60 V61 V62 V63 V64 V65 V66 V67 V68 V69 V6A V6B V6C V6D V6E V6F V70 V71 V72 V73
        V74 V75 V76 V77 V78 V79 V7A V7B V7C V7D V7E V7F V80 V81 V82 V83 V84 V85 V86 V87 V88 V89 V8A V8B V8C V8D V8E V8F V90
        V91 V92 V93 V94 V95 V96 V97 V98 V99 V9A V9B V9C V9D V9E V9F VA0 VA1 VA2 VA3 VA4 VA5 VA6 VA7 VA8 VA9 VAA VAB VAC VAD
        VAE VAF VB0 VB1 VB2 VB3 VB4 VB5 VB6 VB7 VB8 VB9 VBA VBB VBC VBD VBE VBF VC0 VC1 VC2 VC3 VC4 VC5 VC6 VC7 VC8 VC9 VCA
        VCB VCC VCD VCE VCF VD0 VD1 VD2 VD3 VD4 VD5 VD6 VD7 VD8 VD9 VDA VDB VDC VDD VDE VDF VE0 VE1 VE2 VE3 VE4 VE5 VE6 VE7
        VE8 VE9 VEA VEB VEC VED VEE VEF VF0 VF1 VF2 VF3 VF4 VF5 VF6 VF7 VF8 VF9 VFA VFB VFC VFD VFE VFF
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
