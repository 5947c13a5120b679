//! Paths, text of the operating system, text of C, times and addresses.

use std::borrow::Cow;
use std::ffi::{CStr, CString, OsStr, OsString};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use persist_core::with::os_bytes;
use persist_core::{Context, ErrorKind, Persist, Result, dumps, loads};
use proptest::prelude::any;

use crate::harness::{back, round_trips};

round_trips! {
    paths: ".*" => |seed| PathBuf::from(seed), |value| value.clone();
    os_strings: ".*" => |seed| OsString::from(seed), |value| value.clone();
    c_strings: proptest::collection::vec(1u8.., 0..20) => |seed| CString::new(seed.clone()).unwrap(),
        |value| value.clone();

    durations: (any::<u64>(), 0..1_000_000_000u32) => |seed| Duration::new(seed.0, seed.1), |value| *value;
    // Windows counts in hundreds of nanoseconds.
    system_times: (0..1u64 << 40, 0..10_000_000u32) => |seed| SystemTime::UNIX_EPOCH + Duration::new(seed.0, seed.1 * 100),
        |value| *value;

    ipv4: any::<[u8; 4]>() => |seed| Ipv4Addr::from(*seed), |value| *value;
    ipv6: any::<[u8; 16]>() => |seed| Ipv6Addr::from(*seed), |value| *value;
    ip: any::<Result<[u8; 4], [u8; 16]>>() => |seed| either(*seed), |value| *value;
    socket_v4: any::<([u8; 4], u16)>() => |seed| SocketAddrV4::new(seed.0.into(), seed.1), |value| *value;
    // Flow information: see `like_serde`.
    socket_v6: any::<([u8; 16], u16, u32)>() => |seed| SocketAddrV6::new(seed.0.into(), seed.1, 0, seed.2),
        |value| *value;
    sockets: any::<(Result<[u8; 4], [u8; 16]>, u16)>() => |seed| SocketAddr::new(either(seed.0), seed.1),
        |value| *value;
}

fn either(ip: Result<[u8; 4], [u8; 16]>) -> IpAddr {
    ip.map_or_else(IpAddr::from, IpAddr::from)
}

/// Text that is not Unicode.
#[cfg(unix)]
fn odd() -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(vec![b'a', 0xFF, b'b'])
}

#[cfg(windows)]
fn odd() -> OsString {
    std::os::windows::ffi::OsStringExt::from_wide(&[0x61, 0xD800, 0x62])
}

#[test]
#[cfg(any(unix, windows))]
fn text_that_is_not_unicode_is_refused_with_the_cure() {
    fn refused(result: Result<Vec<u8>>) {
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.path().as_str()), (ErrorKind::Value, "[1]"));
        assert!(error.help().unwrap().contains("#[persist(with = persist::with::os_bytes)]"), "{error}");
    }
    refused(dumps(&vec![PathBuf::from("ä"), odd().into()]));
    refused(dumps(&vec![Path::new("ä"), Path::new(&odd())]));
    refused(dumps(&vec![OsString::from("ä"), odd()]));
    refused(dumps(&vec![OsStr::new("ä"), &odd()]));
}

/// A type as the derive would make it with `#[persist(with = persist::with::os_bytes)]`.
#[derive(Debug, PartialEq)]
struct Any(PathBuf);

impl Persist for Any {
    type Saved<'a> = os_bytes::OsState<&'a [u8]>;
    type Loaded = os_bytes::OsState;

    fn get_state(&self) -> Result<Self::Saved<'_>> {
        os_bytes::get_state(&self.0)
    }

    fn set_state(state: Self::Loaded, context: &Context) -> Result<Self> {
        os_bytes::set_state(state, context).map(Any)
    }
}

#[test]
fn any_text_of_the_system_can_be_saved() {
    crate::harness::rows_back(|i| Any(format!("ä{i}").into()));
    #[cfg(any(unix, windows))]
    back(&vec![Any(odd().into()), Any(PathBuf::new()), Any("b".into())]);
    assert_eq!(os_bytes::set_state::<OsString>(os_bytes::OsState::Unix(b"a".to_vec()), &Context::new()).unwrap(), "a");
    assert_eq!(
        os_bytes::set_state::<Box<OsStr>>(os_bytes::OsState::Windows(vec![0xE4]), &Context::new()).unwrap(),
        OsString::from("ä").into_boxed_os_str()
    );
    #[cfg(unix)]
    {
        let error =
            os_bytes::set_state::<OsString>(os_bytes::OsState::Windows(vec![0xD800]), &Context::new()).unwrap_err();
        assert!(error.is(ErrorKind::Value) && error.to_string().contains("Windows"), "{error}");
    }
}

#[test]
fn boxes_and_cows_of_text() {
    type Cows<'t> = (Cow<'t, Path>, Cow<'t, OsStr>, Cow<'t, CStr>);
    let boxes = |i: usize| -> (Box<Path>, Box<OsStr>, Box<CStr>) {
        let text = format!("ä{i}");
        (PathBuf::from(&text).into(), OsString::from(&text).into(), CString::new(text).unwrap().into())
    };
    crate::harness::rows_back(boxes);
    let cows: Cows<'_> = (Path::new("p").into(), OsStr::new("o").into(), c"c".into());
    assert_eq!(loads::<Cows<'static>>(&dumps(&cows).unwrap()).unwrap(), cows);
}

#[test]
fn references_to_text_are_saved_in_states() {
    let bytes = dumps(&(Path::new("p"), OsStr::new("o"), c"c")).unwrap();
    assert_eq!(loads::<(PathBuf, OsString, CString)>(&bytes).unwrap(), ("p".into(), "o".into(), c"c".to_owned()));
    assert!(loads::<&Path>(&dumps(&Path::new("p")).unwrap()).unwrap_err().is(ErrorKind::Unsupported));
    assert!(loads::<&CStr>(&dumps(&c"p").unwrap()).unwrap_err().is(ErrorKind::Unsupported));
}

#[test]
fn a_byte_0_inside_text_of_c_is_refused() {
    let bytes = dumps(&vec![vec![1u8, 2], vec![1, 0, 2]]).unwrap();
    let error = loads::<Vec<CString>>(&bytes).unwrap_err();
    assert_eq!((error.kind(), error.path().as_str()), (ErrorKind::Value, "[1]"));
    back(&(c"".to_owned(), CString::from(c"\xFF\x01")));
}

/// What a like-shaped file of another program may hold.
struct Raw(&'static str, u64, u32);

mod raw {
    //! The layout of a struct of two numbers with the names of another type's fields.
    use persist_core::__private::{Builder, Node, NodeId, Rows, Style, View, Whole, Writer};
    use persist_core::__private::{
        Describe, Done, Incoming, Layout, Outgoing, ReadRows, Reader, Slot, Slots, WriteRows,
    };
    use persist_core::{Context, Encode, Persist, Result};

    pub(super) struct Fields<const TIME: bool>(pub(super) u64, pub(super) u32);

    impl<const TIME: bool> Layout for Fields<TIME> {
        const COLUMNS: usize = 2;

        fn describe(builder: &mut Builder) -> NodeId {
            let (secs, nanos) = if TIME { ("secs_since_epoch", "nanos_since_epoch") } else { ("secs", "nanos") };
            builder.add::<Self>(16, |builder| {
                let fields = vec![
                    Builder::field(secs, <u64 as Describe>::describe(builder)),
                    Builder::field(nanos, <u32 as Describe>::describe(builder)),
                ];
                Node::Struct(Builder::record("Raw", Style::Named, fields))
            })
        }
    }

    impl<const TIME: bool> WriteRows for Fields<TIME> {
        fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
            rows.iter().try_for_each(|row| {
                u64::write(Rows::one(&row.0), writer, at)?;
                u32::write(Rows::one(&row.1), writer, at + 1)
            })
        }

        fn send_row(&self, out: &mut Outgoing<'_>) -> Result<()> {
            self.0.send(out)?;
            self.1.send(out)
        }
    }

    impl<const TIME: bool> ReadRows for Fields<TIME> {
        fn read_rows<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>> {
            slots.fill().rest(|| Ok(Fields(reader.one(at)?, reader.one(at + 1)?)))
        }

        fn receive_row<'s>(input: &mut Incoming<'_>, slot: Slot<'s, Self>) -> Result<Done<'s>> {
            Ok(slot.put(Fields(input.value()?, input.value()?)))
        }
    }

    impl<const TIME: bool> Persist for Fields<TIME> {
        type Saved<'a> = View<'a, Self>;
        type Loaded = Whole<Self>;

        fn get_state(&self) -> Result<View<'_, Self>> {
            Ok(View(self))
        }

        fn set_state(Whole(value): Whole<Self>, _: &Context) -> Result<Self> {
            Ok(value)
        }
    }
}

impl Raw {
    fn bytes(&self) -> Vec<u8> {
        if self.0 == "time" {
            dumps(&vec![raw::Fields::<true>(0, 0), raw::Fields(self.1, self.2)]).unwrap()
        } else {
            dumps(&vec![raw::Fields::<false>(0, 0), raw::Fields(self.1, self.2)]).unwrap()
        }
    }
}

#[test]
fn times_out_of_range_are_refused() {
    let spans = loads::<Vec<Duration>>(&Raw("span", 5, 1_500_000_000).bytes()).unwrap();
    assert_eq!(spans[1], Duration::new(6, 500_000_000));
    let most = loads::<Vec<Duration>>(&Raw("span", u64::MAX, 999_999_999).bytes()).unwrap();
    assert_eq!(most[1], Duration::MAX);
    let error = loads::<Vec<Duration>>(&Raw("span", u64::MAX, 1_000_000_000).bytes()).unwrap_err();
    assert_eq!((error.kind(), error.path().as_str()), (ErrorKind::Value, "[1]"));
    let error = loads::<Vec<SystemTime>>(&Raw("time", u64::MAX, 0).bytes()).unwrap_err();
    assert_eq!((error.kind(), error.path().as_str()), (ErrorKind::Value, "[1]"));
    assert!(loads::<Vec<SystemTime>>(&Raw("time", u64::MAX, u32::MAX).bytes()).is_err());

    let early = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
    let error = dumps(&vec![SystemTime::now(), early]).unwrap_err();
    assert!(error.is(ErrorKind::Unsupported) && error.to_string().contains("1970"), "{error}");
    assert_eq!(error.path(), "[1].secs_since_epoch");
}
