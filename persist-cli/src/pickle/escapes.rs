//! The texts of protocol 0.

/// A `str` of Python 2, in quotation marks, with its escapes.
pub(super) fn string(line: &[u8]) -> Option<Vec<u8>> {
    let inside = match line {
        [first @ (b'\'' | b'"'), inside @ .., last] if first == last => inside,
        _ => return None,
    };
    let mut out = Vec::with_capacity(inside.len());
    let mut rest = inside.iter();
    while let Some(&byte) = rest.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        out.push(match rest.next()? {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'a' => 7,
            b'b' => 8,
            b'v' => 11,
            b'f' => 12,
            b'x' => digit(*rest.next()?)? << 4 | digit(*rest.next()?)?,
            other @ (b'\\' | b'\'' | b'"') => *other,
            _ => return None,
        });
    }
    Some(out)
}

/// Latin-1 with `\u` and `\U` for everything else ("raw-unicode-escape").
pub(super) fn unicode(line: &[u8]) -> Option<String> {
    let mut units: Vec<u16> = Vec::with_capacity(line.len());
    let mut rest = line;
    while let [byte, after @ ..] = rest {
        let digits = match rest {
            [b'\\', b'u', ..] => 4,
            [b'\\', b'U', ..] => 8,
            _ => {
                units.push(u16::from(*byte));
                rest = after;
                continue;
            }
        };
        let code = rest.get(2..2 + digits)?;
        let code = code.iter().try_fold(0u32, |code, &byte| Some(code << 4 | u32::from(digit(byte)?)))?;
        match u16::try_from(code) {
            Ok(unit) => units.push(unit),
            Err(_) => units.extend_from_slice(char::from_u32(code)?.encode_utf16(&mut [0; 2])),
        }
        rest = &rest[2 + digits..];
    }
    String::from_utf16(&units).ok()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_of_both_kinds() {
        assert_eq!(string(br"'a\n\x41\\\''").as_deref(), Some(&b"a\nA\\'"[..]));
        assert_eq!(string(b"'a"), None);
        assert_eq!(string(b"'"), None);
        assert_eq!(unicode(b"a\\u20ac\\U0001f980\xe4\\n").as_deref(), Some("a\u{20ac}\u{1f980}\u{e4}\\n"));
        assert_eq!(unicode(b"\\ud83e\\udd80").as_deref(), Some("\u{1f980}"));
        assert_eq!(unicode(b"\\ud83e"), None);
        assert_eq!(unicode(b"\\u20"), None);
    }
}
