//! A document of hand-written text with generated parts, each between two comments that do not show.

use crate::Result;

/// Puts `content` between the marks of the part `name`, in place of what was there. All other text stays.
pub fn renew(document: &str, name: &str, content: &str) -> Result<String> {
    let (begin, end) = (format!("<!-- begin: {name} -->"), format!("<!-- end: {name} -->"));
    let missing = |mark: &str| format!("the document has no line `{mark}`");
    let (before, rest) = document.split_once(&begin).ok_or_else(|| missing(&begin))?;
    let (_, after) = rest.split_once(&end).ok_or_else(|| missing(&end))?;
    Ok(format!("{before}{begin}\n\n{}\n\n{end}{after}", content.trim()))
}

#[cfg(test)]
mod tests {
    use super::renew;

    const DOCUMENT: &str = "# Title\n\n<!-- begin: a -->\n\nold\n\n<!-- end: a -->\n\nText.\n\n\
                            <!-- begin: b -->\n<!-- end: b -->\nEnd.\n";

    #[test]
    fn only_the_part_changes() {
        let renewed = renew(DOCUMENT, "a", "new\n").unwrap();
        assert_eq!(renewed, DOCUMENT.replace("old", "new"));
        let renewed = renew(&renewed, "b", "| x |").unwrap();
        assert!(renewed.ends_with("Text.\n\n<!-- begin: b -->\n\n| x |\n\n<!-- end: b -->\nEnd.\n"), "{renewed}");
    }

    #[test]
    fn renewing_twice_changes_nothing() {
        let once = renew(DOCUMENT, "b", "text").unwrap();
        assert_eq!(renew(&once, "b", "text").unwrap(), once);
    }

    #[test]
    fn a_missing_mark_is_an_error() {
        let error = renew(DOCUMENT, "c", "text").unwrap_err();
        assert_eq!(error.to_string(), "the document has no line `<!-- begin: c -->`");
        assert!(renew("<!-- begin: c -->", "c", "text").is_err());
    }
}
