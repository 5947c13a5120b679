//! Bar charts as SVG: many small panels of horizontal bars, with text that can be read and searched.

use std::fmt::Write as _;

/// One bar.
pub struct Bar {
    /// Whose it is.
    pub label: String,
    /// What its length stands for; less is better.
    pub value: f64,
    /// The figure beside it.
    pub text: String,
    /// Whether it is persist's, which has another colour.
    pub ours: bool,
}

/// Bars that are compared with each other.
pub struct Panel {
    /// What is compared.
    pub title: String,
    /// In the order in which they are shown.
    pub bars: Vec<Bar>,
}

/// A whole picture.
pub struct Chart {
    /// For those who cannot see it, and as a heading for the others.
    pub title: String,
    /// How the bars are to be read.
    pub subtitle: String,
    /// How many panels stand beside each other.
    pub columns: usize,
    /// Row by row.
    pub panels: Vec<Panel>,
}

const MARGIN: usize = 12;
const HEAD: usize = 58;
const PANEL: usize = 304;
const LABEL: usize = 132;
const LENGTH: f64 = 92.0;
const LINE: usize = 17;
const BAR: usize = 11;
const GAP: usize = 36;
/// A bar that is more than so many times as long as the shortest one is broken off, so that the others can be told apart.
const BROKEN: f64 = 5.0;

/// Follows the reader's light or dark scheme; the background is the page's.
const STYLE: &str = "
  text { font: 12px system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; fill: #1f2328 }
  .head { font-size: 15px; font-weight: 600 }
  .title { font-weight: 600 }
  text.quiet { fill: #59636e }
  text.ours { font-weight: 600 }
  rect { fill: #9aa4af }
  rect.ours { fill: #c2410c }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    text.quiet { fill: #9198a1 }
    rect { fill: #6e7681 }
    rect.ours { fill: #fb923c }
  }
";

impl Chart {
    /// The picture as a file's text.
    #[must_use]
    pub fn svg(&self) -> String {
        let rows: Vec<_> = self.panels.chunks(self.columns.max(1)).collect();
        let width = 2 * MARGIN + self.columns * PANEL;
        let total = HEAD + rows.iter().map(|row| height(row)).sum::<usize>();
        let mut svg = Svg::default();
        svg.put(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {total}\" width=\"{width}\" \
             height=\"{total}\" role=\"img\" aria-labelledby=\"title description\">\n"
        ));
        svg.put(format_args!("<title id=\"title\">{}</title>\n", escaped(&self.title)));
        svg.put(format_args!("<desc id=\"description\">{}</desc>\n", escaped(&self.subtitle)));
        svg.put(format_args!("<style>{STYLE}</style>\n"));
        svg.text(MARGIN, 22, "head", &self.title);
        svg.text(MARGIN, 40, "quiet", &self.subtitle);
        let mut top = HEAD;
        for row in rows {
            for (column, panel) in row.iter().enumerate() {
                panel.draw(&mut svg, MARGIN + column * PANEL, top);
            }
            top += height(row);
        }
        svg.0.push_str("</svg>\n");
        svg.0
    }
}

fn height(row: &[Panel]) -> usize {
    GAP + LINE * row.iter().map(|panel| panel.bars.len()).max().unwrap_or(0)
}

impl Panel {
    fn draw(&self, svg: &mut Svg, left: usize, top: usize) {
        let shortest = self.bars.iter().map(|bar| bar.value).fold(f64::INFINITY, f64::min);
        let longest = self.bars.iter().map(|bar| bar.value).fold(0.0, f64::max);
        let end = longest.min(shortest * BROKEN);
        let start = left + LABEL;
        svg.text(left, top + 14, "title", &self.title);
        for (line, bar) in self.bars.iter().enumerate() {
            let base = top + 22 + line * LINE;
            let class = if bar.ours { "ours" } else { "quiet" };
            let length = LENGTH * (bar.value.min(end) / end);
            let text = start as f64 + length + 6.0;
            svg.put(format_args!(
                "<text class=\"{class}\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n",
                start - 6,
                base + 10,
                escaped(&bar.label)
            ));
            if bar.value > end {
                svg.bar(class, start as f64, base, length - 10.0);
                svg.bar(class, start as f64 + length - 7.0, base, 7.0);
            } else {
                svg.bar(class, start as f64, base, length);
            }
            svg.put(format_args!(
                "<text class=\"{class}\" x=\"{text:.1}\" y=\"{}\">{}</text>\n",
                base + 10,
                escaped(&bar.text)
            ));
        }
    }
}

#[derive(Default)]
struct Svg(String);

impl Svg {
    /// Writing to a string cannot fail.
    fn put(&mut self, arguments: std::fmt::Arguments<'_>) {
        let _ = self.0.write_fmt(arguments);
    }

    fn text(&mut self, x: usize, y: usize, class: &str, text: &str) {
        self.put(format_args!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}</text>\n", escaped(text)));
    }

    fn bar(&mut self, class: &str, x: f64, y: usize, length: f64) {
        self.put(format_args!(
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y}\" width=\"{:.1}\" height=\"{BAR}\" rx=\"1.5\"/>\n",
            length.max(1.0)
        ));
    }
}

/// Text as XML has it.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::{Bar, Chart, Panel};

    fn chart() -> Chart {
        let bar = |label: &str, value: f64| Bar {
            label: label.to_owned(),
            value,
            text: format!("{value} µs"),
            ours: label == "persist",
        };
        let bars = vec![bar("persist", 10.0), bar("a <b> & c", 15.0), bar("slow", 900.0)];
        let panels = vec![Panel { title: "log".to_owned(), bars }, Panel { title: "empty".to_owned(), bars: vec![] }];
        Chart { title: "A & B".to_owned(), subtitle: "less is better".to_owned(), columns: 2, panels }
    }

    /// Whether every element is closed by its own end, and the text holds no marks of its own.
    fn well_formed(xml: &str) -> bool {
        let mut open = Vec::new();
        let mut rest = xml.trim_end();
        while let Some((text, from)) = rest.split_once('<') {
            let Some((tag, after)) = from.split_once('>') else { return false };
            let bare = text.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "");
            if bare.contains(['&', '>']) || tag.matches('"').count() % 2 == 1 {
                return false;
            }
            if let Some(name) = tag.strip_prefix('/') {
                if open.pop() != Some(name) {
                    return false;
                }
            } else if !tag.ends_with('/') {
                open.push(tag.split(' ').next().unwrap_or_default());
            }
            rest = after;
        }
        open.is_empty() && rest.is_empty()
    }

    #[test]
    fn the_test_tells_well_from_ill() {
        assert!(well_formed("<a b=\"c\"><d/>text &amp; text</a>\n"));
        for ill in ["<a>", "<a></b>", "<a b=\"c></a>", "<a>x & y</a>", "<a></a>rest", "<a"] {
            assert!(!well_formed(ill), "{ill}");
        }
    }

    #[test]
    fn the_picture_is_well_formed() {
        let svg = chart().svg();
        assert!(well_formed(&svg), "{svg}");
        assert!(svg.contains("<title id=\"title\">A &amp; B</title>"));
        assert!(svg.contains(">a &lt;b&gt; &amp; c</text>"));
        assert!(svg.contains("prefers-color-scheme: dark"));
    }

    #[test]
    fn a_long_bar_is_broken_in_two() {
        assert_eq!(chart().svg().matches("<rect ").count(), 4);
    }
}
