//! Flame graphs of weights.

use std::io::Write;

use inferno::flamegraph::{Options, from_lines};

/// Draws stacks, each with what it weighs, as a flame graph in SVG.
pub(crate) fn draw(title: &str, stacks: &[(Vec<String>, u64)], out: &mut dyn Write) -> std::io::Result<()> {
    let lines: Vec<String> = stacks
        .iter()
        .map(|(stack, bytes)| {
            let frames: Vec<String> = stack.iter().map(|frame| printable(frame)).collect();
            format!("{} {bytes}", frames.join(";"))
        })
        .collect();
    let mut options = Options::default();
    options.title = printable(title);
    options.count_name = String::from("bytes");
    options.name_type = String::from("Part:");
    options.deterministic = true;
    from_lines(&mut options, lines.iter().map(String::as_str), out)
}

/// What ends a frame or a line, or is no character of XML, stands for itself in no name.
fn printable(name: &str) -> String {
    let name: String = name
        .chars()
        .map(|char| if char.is_control() || matches!(char, ';' | '\u{FFFE}' | '\u{FFFF}') { '_' } else { char })
        .collect();
    if name.is_empty() { "_".to_owned() } else { name }
}
