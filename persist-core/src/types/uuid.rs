//! UUIDs: hyphenated text where people read, 16 bytes elsewhere.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

/// A UUID without the crate of its type, for its text.
pub(crate) struct Uuid([u8; 16]);

formatted! {
    Uuid as Uuid [u8; 16], |uuid| Ok(uuid.0), |bytes| Ok(Uuid(bytes));
}

#[cfg(feature = "uuid")]
formatted! {
    ::uuid::Uuid as Uuid [u8; 16], |uuid| Ok(uuid.into_bytes()), |bytes| Ok(Self::from_bytes(bytes));
}

/// Where the hyphens stand: before these bytes.
const HYPHENS: [usize; 4] = [4, 6, 8, 10];

impl Display for Uuid {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.iter().enumerate().try_for_each(|(place, byte)| {
            if HYPHENS.contains(&place) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")
        })
    }
}

/// Takes the other spellings, too: without hyphens, in braces, as a URN; in letters of either size.
impl FromStr for Uuid {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let braced = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let digits = braced.or_else(|| text.strip_prefix("urn:uuid:")).unwrap_or(text);
        let hyphenated = digits.len() == 36;
        let mut rest = digits.bytes();
        let mut uuid = [0; 16];
        for (place, byte) in uuid.iter_mut().enumerate() {
            if hyphenated && HYPHENS.contains(&place) && rest.next() != Some(b'-') {
                return Err(());
            }
            let mut digit = || char::from(rest.next()?).to_digit(16);
            let (high, low) = (digit().ok_or(())?, digit().ok_or(())?);
            *byte = (high << 4 | low) as u8;
        }
        if rest.next().is_some() { Err(()) } else { Ok(Uuid(uuid)) }
    }
}
