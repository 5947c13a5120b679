//! Finding the delta between two runs of bytes.
//!
//! The bytes of a saved value change in places: a column a little, or each column of a table by a row. So the search for
//! edits goes from both ends to where the two differ, then looks for the nearest place where they are alike again: first
//! nearby, at small shifts, then in windows that grow, by hashes of blocks. That is far from the smallest delta for just
//! any two files, and takes little more than comparing the bytes for those that are nearly equal.

/// Bytes that have to be alike for an edit to end.
const ALIKE: usize = 16;
/// Shifts that are tried one by one.
const NEAR: usize = 64;
/// Bytes alike from which on no better shift is looked for.
const ENOUGH: usize = 512;
/// Bytes of the first window in which blocks are looked for; it grows by a factor of 16.
const WINDOW: usize = 8 << 10;

/// Appends the delta from old bytes to new ones; gives how many bytes are moved or written when it is applied.
pub(crate) fn diff(old: &[u8], new: &[u8], out: &mut Vec<u8>) -> u64 {
    let front = common_prefix(old, new);
    let (old_rest, new_rest) = (&old[front..], &new[front..]);
    let back = common_suffix(old_rest, new_rest);
    let (old_rest, new_rest) = (&old_rest[..old_rest.len() - back], &new_rest[..new_rest.len() - back]);

    let mut edits = Edits { bytes: Vec::new(), count: 0, come: 0, in_place: true };
    search(old_rest, new_rest, front, &mut edits);
    put(out, new.len() as u64);
    put(out, edits.count);
    out.extend_from_slice(&edits.bytes);
    if edits.in_place { edits.come } else { new.len() as u64 }
}

/// Finds the edits that make new bytes of old ones, after `stay` bytes that are alike.
fn search(old: &[u8], new: &[u8], stay: usize, edits: &mut Edits) {
    let (mut i, mut j, mut stay) = (0, 0, stay);
    // What may be looked at in windows, all in all.
    let mut budget = 8 * (old.len() + new.len());
    while i < old.len() || j < new.len() {
        let (rest, wanted) = (&old[i..], &new[j..]);
        let (gone, come) = nearby(rest, wanted)
            .or_else(|| in_windows(rest, wanted, &mut budget))
            .unwrap_or((rest.len(), wanted.len()));
        edits.push(stay, gone, &wanted[..come]);
        (i, j) = (i + gone, j + come);
        stay = common_prefix(&old[i..], &new[j..]);
        (i, j) = (i + stay, j + stay);
    }
}

/// The nearest place where both are alike again, a little later in both, or a little later in one.
fn nearby(old: &[u8], new: &[u8]) -> Option<(usize, usize)> {
    let mut best: Option<(usize, (usize, usize))> = None;
    let mut offer = |gone: usize, come: usize| {
        let (Some(rest), Some(wanted)) = (old.get(gone..), new.get(come..)) else { return false };
        // Most are told apart by their first bytes.
        if rest.len() < ALIKE || wanted.len() < ALIKE || rest[..8] != wanted[..8] {
            return false;
        }
        let alike = common_prefix(&rest[..rest.len().min(ENOUGH)], &wanted[..wanted.len().min(ENOUGH)]);
        // A byte that stays is worth a byte that comes.
        let worth = alike.saturating_sub(come);
        if alike >= ALIKE && best.is_none_or(|(most, _)| worth > most) {
            best = Some((worth, (gone, come)));
        }
        alike >= ENOUGH
    };
    for shift in 1..=NEAR {
        if offer(shift, shift) || offer(0, shift) || offer(shift, 0) {
            break;
        }
    }
    best.map(|(_, place)| place)
}

/// The nearest place where both are alike again, by blocks of the old bytes.
fn in_windows(old: &[u8], new: &[u8], budget: &mut usize) -> Option<(usize, usize)> {
    let mut window = WINDOW;
    loop {
        let (rest, wanted) = (&old[..old.len().min(window)], &new[..new.len().min(window)]);
        *budget = budget.checked_sub(rest.len() + wanted.len())?;
        if let Some(place) = in_window(rest, wanted) {
            return Some(place);
        }
        if window >= old.len().max(new.len()) {
            return None;
        }
        window *= 16;
    }
}

fn in_window(old: &[u8], new: &[u8]) -> Option<(usize, usize)> {
    let blocks = old.len() / ALIKE;
    if blocks == 0 {
        return None;
    }
    let bits = (blocks * 2).next_power_of_two().trailing_zeros().max(4);
    let slot = |bytes: &[u8]| (hash(bytes) >> (64 - bits)) as usize;
    // The first block of its kind; 0 is none.
    let mut table = vec![0u32; 1 << bits];
    for block in (0..blocks).rev() {
        table[slot(&old[block * ALIKE..])] = block as u32 + 1;
    }
    for come in 0..=new.len().checked_sub(ALIKE)? {
        let Some(block) = table[slot(&new[come..])].checked_sub(1) else { continue };
        let gone = block as usize * ALIKE;
        if old[gone..gone + ALIKE] == new[come..come + ALIKE] {
            let back = common_suffix(&old[..gone], &new[..come]);
            let (gone, come) = (gone - back, come - back);
            // Where nothing would change, this is where the search began.
            if (gone, come) != (0, 0) {
                return Some((gone, come));
            }
        }
    }
    None
}

/// Of the first [`ALIKE`] bytes.
fn hash(bytes: &[u8]) -> u64 {
    let word = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap_or_default());
    // The multipliers of Knuth's 64-bit generator and of the golden ratio mix well upwards.
    (word(0).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ word(8)).wrapping_mul(0x5851_F42D_4C95_7F2D)
}

struct Edits {
    bytes: Vec<u8>,
    count: u64,
    /// Bytes that come, and whether as many go each time.
    come: u64,
    in_place: bool,
}

impl Edits {
    fn push(&mut self, stay: usize, gone: usize, come: &[u8]) {
        self.count += 1;
        self.come += come.len() as u64;
        self.in_place &= gone == come.len();
        put(&mut self.bytes, stay as u64);
        put(&mut self.bytes, gone as u64);
        put(&mut self.bytes, come.len() as u64);
        self.bytes.extend_from_slice(come);
    }
}

/// Bytes at the start that are alike.
fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    const STEP: usize = 256;
    let most = a.len().min(b.len());
    let mut at = 0;
    while at + STEP <= most && a[at..at + STEP] == b[at..at + STEP] {
        at += STEP;
    }
    at + a[at..most].iter().zip(&b[at..most]).take_while(|(a, b)| a == b).count()
}

/// Bytes at the end that are alike.
fn common_suffix(a: &[u8], b: &[u8]) -> usize {
    const STEP: usize = 256;
    let most = a.len().min(b.len());
    let (a, b) = (&a[a.len() - most..], &b[b.len() - most..]);
    let mut at = most;
    while at >= STEP && a[at - STEP..at] == b[at - STEP..at] {
        at -= STEP;
    }
    most - at + a[..at].iter().rev().zip(b[..at].iter().rev()).take_while(|(a, b)| a == b).count()
}

/// Appends a varint.
pub(crate) fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

#[cfg(test)]
mod tests;
