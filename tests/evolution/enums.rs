//! Variants that were added, removed, renamed, reordered, or hold something else.

use persist::{ErrorKind, Persist, Protocol};

use crate::{PROTOCOLS, evolves, refused, through};

#[derive(Persist, Clone, Debug, PartialEq)]
enum Old {
    Unit,
    Newtype(u8),
    Tuple(u8, String),
    Named { a: u8, b: Vec<u16> },
    Last(f32),
}

fn all() -> Vec<Old> {
    vec![
        Old::Named { a: 1, b: vec![2, 3] },
        Old::Unit,
        Old::Last(0.5),
        Old::Tuple(4, "t".into()),
        Old::Newtype(5),
        Old::Named { a: 6, b: vec![] },
    ]
}

#[test]
fn variants_added() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    enum New {
        Unit,
        Newtype(u8),
        Tuple(u8, String),
        Named {
            a: u8,
            b: Vec<u16>,
        },
        Last(f32),
        #[allow(dead_code)]
        Added {
            x: u64,
        },
    }
    let new = [
        New::Named { a: 1, b: vec![2, 3] },
        New::Unit,
        New::Last(0.5),
        New::Tuple(4, "t".into()),
        New::Newtype(5),
        New::Named { a: 6, b: vec![] },
    ];
    for (old, new) in all().iter().zip(&new) {
        evolves(old, new);
    }
    evolves(&all(), &new.to_vec());
}

#[test]
fn variants_reordered_renamed_and_changed() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    enum New {
        Last(f64),
        #[allow(dead_code)]
        Added(String),
        #[persist(alias = "Named")]
        Record {
            b: Vec<u32>,
            c: Option<u8>,
            a: u16,
        },
        #[persist(alias = "Nothing", alias = "Unit")]
        Empty,
        #[persist(rename = "Newtype")]
        Number(u64),
        Tuple(u8, String),
    }
    let new = [
        New::Record { b: vec![2, 3], c: None, a: 1 },
        New::Empty,
        New::Last(0.5),
        New::Tuple(4, "t".into()),
        New::Number(5),
        New::Record { b: vec![], c: None, a: 6 },
    ];
    for (old, new) in all().iter().zip(&new) {
        evolves(old, new);
    }
    evolves(&all(), &new.to_vec());
}

#[test]
fn variants_removed() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    enum New {
        Unit,
        Newtype(u8),
    }
    evolves(&Old::Newtype(3), &New::Newtype(3));
    for protocol in PROTOCOLS {
        let error = refused::<_, Vec<New>>(protocol, &all());
        assert_eq!(error.kind(), ErrorKind::Shape);
        assert!(error.to_string().contains("Named"), "{error}");
    }
    let error = refused::<_, Vec<New>>(Protocol::Packed, &all()).to_string();
    assert!(error.contains("`New::Named` (2 times)") && error.contains("other"), "{error}");
}

#[test]
fn unknown_variants_become_the_other_one() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    enum New {
        #[persist(other)]
        Unknown,
        Newtype(u8),
        Unit,
    }
    let new = [New::Unknown, New::Unit, New::Unknown, New::Unknown, New::Newtype(5), New::Unknown];
    for (old, new) in all().iter().zip(&new) {
        evolves(old, new);
    }
    evolves(&all(), &new.to_vec());
}

#[test]
fn a_unit_variant_gains_fields_and_loses_them() {
    #[derive(Persist, Clone, Debug, PartialEq)]
    enum Units {
        A,
        B,
    }
    #[derive(Persist, Clone, Debug, PartialEq)]
    enum Fields {
        A {
            #[persist(default = 3)]
            x: u8,
            y: Option<String>,
        },
        B,
    }
    evolves(&Units::A, &Fields::A { x: 3, y: None });
    evolves(&Units::B, &Fields::B);
    evolves(&Fields::A { x: 3, y: None }, &Units::A);
    #[derive(Persist, Clone, Debug, PartialEq)]
    enum Newtype {
        A(u8),
        #[allow(dead_code)]
        B,
    }
    evolves(&Newtype::A(3), &Units::A);
    evolves(
        &vec![Units::A, Units::B, Units::A],
        &vec![Fields::A { x: 3, y: None }, Fields::B, Fields::A { x: 3, y: None }],
    );
    #[derive(Persist, Clone, Debug, PartialEq)]
    enum Needed {
        #[allow(dead_code)]
        A {
            x: u8,
        },
        B,
    }
    for protocol in PROTOCOLS {
        let error = refused::<_, Needed>(protocol, &Units::A).to_string();
        assert!(error.contains("Needed::A"), "{error}");
    }
}

#[derive(Persist, Clone, Debug, PartialEq)]
enum Small {
    A,
    B,
    C,
}

/// More variants than one byte can tell apart, made of two letters each.
macro_rules! large {
    ($($name:ident)*) => {
        #[derive(Persist, Clone, Debug, PartialEq)]
        #[allow(dead_code)]
        enum Large {
            C,
            $($name,)*
            B,
            A,
        }
    };
}

large! {
    Aa Ab Ac Ad Ae Af Ag Ah Ai Aj Ak Al Am An Ao Ap
    Ba Bb Bc Bd Be Bf Bg Bh Bi Bj Bk Bl Bm Bn Bo Bp
    Ca Cb Cc Cd Ce Cf Cg Ch Ci Cj Ck Cl Cm Cn Co Cp
    Da Db Dc Dd De Df Dg Dh Di Dj Dk Dl Dm Dn Do Dp
    Ea Eb Ec Ed Ee Ef Eg Eh Ei Ej Ek El Em En Eo Ep
    Fa Fb Fc Fd Fe Ff Fg Fh Fi Fj Fk Fl Fm Fn Fo Fp
    Ga Gb Gc Gd Ge Gf Gg Gh Gi Gj Gk Gl Gm Gn Go Gp
    Ha Hb Hc Hd He Hf Hg Hh Hi Hj Hk Hl Hm Hn Ho Hp
    Ia Ib Ic Id Ie If Ig Ih Ii Ij Ik Il Im In Io Ip
    Ja Jb Jc Jd Je Jf Jg Jh Ji Jj Jk Jl Jm Jn Jo Jp
    Ka Kb Kc Kd Ke Kf Kg Kh Ki Kj Kk Kl Km Kn Ko Kp
    La Lb Lc Ld Le Lf Lg Lh Li Lj Lk Ll Lm Ln Lo Lp
    Ma Mb Mc Md Me Mf Mg Mh Mi Mj Mk Ml Mm Mn Mo Mp
    Na Nb Nc Nd Ne Nf Ng Nh Ni Nj Nk Nl Nm Nn No Np
    Oa Ob Oc Od Oe Of Og Oh Oi Oj Ok Ol Om On Oo Op
    Pa Pb Pc Pd Pe Pf Pg Ph Pi Pj Pk Pl Pm Pn Po Pp
}

#[test]
fn enums_grow_over_256_variants_and_shrink() {
    let small = [Small::B, Small::A, Small::C, Small::A];
    let large = [Large::B, Large::A, Large::C, Large::A];
    for (small, large) in small.iter().zip(&large) {
        evolves(small, large);
        evolves(large, small);
    }
    assert_eq!(through::<_, Vec<Large>>(Protocol::Packed, &small.to_vec()).unwrap(), large);
    assert_eq!(through::<_, Vec<Small>>(Protocol::Packed, &large.to_vec()).unwrap(), small);
}
