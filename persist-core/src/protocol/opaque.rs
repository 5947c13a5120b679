//! Values that were kept as CBOR items, on their way out.

use crate::table::STACK_GROWTH;

/// Calls a function with an item of at most so many levels, or with why it is none; on a stack that is large enough for
/// it, which `ciborium` does not see to.
pub(super) fn with_item<T>(item: &[u8], depth: usize, write: impl FnOnce(Result<ciborium::Value, String>) -> T) -> T {
    // Bytes that a level may take of the stack; `ciborium` counts each level twice.
    const LEVEL: usize = 4 << 10;
    let levels = item.len().min(depth);
    stacker::maybe_grow(levels.saturating_mul(LEVEL), STACK_GROWTH.max(levels * 2 * LEVEL), || {
        let value = ciborium::de::from_reader_with_recursion_limit(item, depth.saturating_mul(2) + 16);
        write(value.map_err(|error| format!("an opaque item is not CBOR: {error}")))
    })
}
