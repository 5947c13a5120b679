//! Files with values of other crates' types are read without those crates: here the shapes alone are made.

use persist_core::__private::{Builder, Describe, Done, Format, Layout, Node, NodeId, ReadRows, Reader, Rows, Slots};
use persist_core::__private::{Incoming, Outgoing, Slot, View, Whole, WriteRows, Writer};
use persist_core::{
    Context, Dumper, Encode as _, ErrorKind, Persist, Protocol, Result, dumps, inspect, loads, transcode,
};

/// Numbers with a readable form.
struct Formatted<T, const FORMAT: u8>(T);

impl<T: Persist, const FORMAT: u8> Layout for Formatted<T, FORMAT> {
    const COLUMNS: usize = <T as Describe>::COLUMNS;

    fn describe(builder: &mut Builder) -> NodeId {
        const FORMATS: [Format; 7] = [
            Format::Uuid,
            Format::Date,
            Format::Time,
            Format::DateTime,
            Format::UtcDateTime,
            Format::OffsetDateTime,
            Format::UtcOffset,
        ];
        builder.add::<Self>(size_of::<Self>(), |builder| {
            Node::Formatted(FORMATS[FORMAT as usize - 6], <T as Describe>::describe(builder))
        })
    }
}

impl<T: Persist, const FORMAT: u8> WriteRows for Formatted<T, FORMAT> {
    fn write_rows(rows: Rows<'_, Self>, writer: &mut Writer<'_>, at: usize) -> Result<()> {
        rows.iter().try_for_each(|row| T::write(Rows::one(&row.0), writer, at))
    }

    fn send_row(&self, out: &mut Outgoing<'_>) -> Result<()> {
        self.0.send(out)
    }
}

impl<T: Persist, const FORMAT: u8> ReadRows for Formatted<T, FORMAT> {
    fn read_rows<'s>(reader: &mut Reader<'_>, at: usize, slots: Slots<'s, Self>) -> Result<Done<'s>> {
        slots.fill().rest(|| reader.one::<T>(at).map(Formatted))
    }

    fn receive_row<'s>(input: &mut Incoming<'_>, slot: Slot<'s, Self>) -> Result<Done<'s>> {
        Ok(slot.put(Formatted(input.value()?)))
    }
}

impl<T: Persist, const FORMAT: u8> Persist for Formatted<T, FORMAT> {
    type Saved<'a>
        = View<'a, Self>
    where
        Self: 'a;
    type Loaded = Whole<Self>;

    fn get_state(&self) -> Result<View<'_, Self>> {
        Ok(View(self))
    }

    fn set_state(Whole(value): Whole<Self>, _: &Context) -> Result<Self> {
        Ok(value)
    }
}

fn text<const FORMAT: u8>(numbers: impl Persist) -> Result<String> {
    let mut text = Vec::new();
    let packed = dumps(&Formatted::<_, FORMAT>(numbers))?;
    inspect(&packed)?;
    transcode(&packed, Protocol::Cbor, std::io::sink())?;
    transcode(&packed, Protocol::Json, &mut text)?;
    Ok(String::from_utf8(text).unwrap().trim_end().trim_matches('"').to_owned())
}

/// Numbers give a text, and the text gives the numbers.
fn both<const FORMAT: u8>(numbers: impl Persist + Copy + PartialEq + std::fmt::Debug, expected: &str) {
    /// What Json says of a value, as a value of that type.
    fn again<T: Persist>(value: &T) -> T {
        loads(&Dumper::new().protocol(Protocol::Json).dumps(value).unwrap()).unwrap()
    }
    let value = Formatted::<_, FORMAT>(numbers);
    assert_eq!(again(&value).0, numbers, "{expected}");
    assert_eq!(text::<FORMAT>(numbers).unwrap(), expected);
}

#[test]
fn numbers_and_texts() {
    both::<6>(*b"0123456789abcdef", "30313233-3435-3637-3839-616263646566");
    both::<7>(0i32, "1970-01-01");
    both::<7>(-719_528i32, "0000-01-01");
    both::<7>(-719_529i32, "-0001-12-31");
    both::<7>(2_932_896i32, "9999-12-31");
    both::<7>(2_932_897i32, "+10000-01-01");
    both::<7>(i32::MAX, "+5881580-07-11");
    both::<7>(i32::MIN, "-5877641-06-23");
    both::<8>((86_399u32, 1_000_000_001u32), "23:59:60.000000001");
    both::<8>((0u32, 120_000u32), "00:00:00.000120");
    both::<9>((-1i64, 0u32), "1969-12-31T23:59:59");
    both::<9>((i64::MAX, 0u32), "+292277026596-12-04T15:30:07");
    both::<10>((951_782_400i64, 5_000_000u32), "2000-02-29T00:00:00.005Z");
    both::<11>((0i64, 0u32, 0i32), "1970-01-01T00:00:00Z");
    both::<11>((0i64, 0u32, -1i32), "1969-12-31T23:59:59-00:00:01");
    both::<11>((86_399i64, 0u32, 93_599i32), "1970-01-03T01:59:58+25:59:59");
    both::<12>(-5_400i32, "-01:30");
    both::<12>(0i32, "+00:00");
}

#[test]
fn every_day_of_centuries_comes_back() {
    let days: Vec<_> = (-200_000i32..200_000).map(Formatted::<_, 7>).collect();
    let bytes = Dumper::new().protocol(Protocol::Json).dumps(&days).unwrap();
    let loaded: Vec<Formatted<i32, 7>> = loads(&bytes).unwrap();
    assert!(loaded.iter().map(|day| day.0).eq(-200_000..200_000));
    // Each is after the one before.
    let texts = String::from_utf8(bytes).unwrap();
    assert!(texts.split(',').map(|text| text.trim_start_matches('[')).is_sorted());
}

#[test]
fn numbers_and_shapes_of_no_text_are_errors() {
    for error in [
        text::<8>((86_400u32, 0u32)),
        text::<8>((1u32, 1_000_000_000u32)),
        text::<9>((0i64, u32::MAX)),
        text::<11>((59i64, 1_000_000_000u32, 1i32)),
        text::<11>((0i64, 0u32, 93_600i32)),
        text::<12>(i32::MIN),
        // Files from anyone may have any shape there.
        text::<7>("text".to_owned()),
        text::<7>(1i64),
        text::<7>(vec![1i32]),
        text::<6>([1u8; 15]),
        text::<11>(()),
        text::<11>(Some(1u8)),
        text::<10>(1.5),
    ] {
        let error = error.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Value | ErrorKind::Corrupt), "{error}");
    }
}
