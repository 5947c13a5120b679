//! `persist weigh`: how many bytes each part of a file takes.

use std::collections::HashMap;
use std::path::PathBuf;

use clap::Args;
use persist_core::{Weight, weigh};
use serde::Serialize;

use super::Outcome;
use crate::failure::Result;
use crate::input::{DASH, Values};
use crate::line::name;
use crate::output::{Output, Paint};

/// Show how many bytes each field and column takes, the heaviest first
///
/// Packed files are weighed by column, as they are stored; JSON and CBOR by item. `[]` stands for all elements of a list and
/// all values of a map, `[keys]` for its keys. Together the parts take all bytes of the file.
#[derive(Args, Debug)]
pub(crate) struct Weigh {
    /// The file; `-` is the standard input
    #[arg(default_value = DASH)]
    file: PathBuf,
    /// Write the table as JSON
    #[arg(long)]
    json: bool,
    /// Show all rows of the table, not only the heaviest
    #[arg(long, conflicts_with = "limit")]
    all: bool,
    /// Rows of the table to show
    #[arg(long, value_name = "N", default_value_t = 40)]
    limit: usize,
    /// Draw a flame graph to this file
    #[cfg(feature = "svg")]
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

/// The weights of all values of a file.
#[derive(Serialize)]
struct Table {
    file: String,
    bytes: u64,
    values: u64,
    /// What compression saved.
    saved: i64,
    parts: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    path: String,
    #[serde(rename = "type")]
    kind: &'static str,
    rows: u64,
    bytes: u64,
    share: f64,
}

/// What stands for the value itself.
const WHOLE: &str = "(whole)";

impl Weigh {
    pub(crate) fn run(&self, out: &mut Output) -> Result<Outcome> {
        let table = Table::of(Values::open(&self.file, None)?)?;
        #[cfg(feature = "svg")]
        if let Some(path) = &self.svg {
            table.draw(path)?;
        }
        if self.json {
            out.json(&table, true)?;
        } else {
            table.write(if self.all { usize::MAX } else { self.limit }, out)?;
        }
        Ok(Outcome::Good)
    }
}

impl Table {
    fn of(mut values: Values) -> Result<Self> {
        let mut table = Table { file: values.name().to_owned(), bytes: 0, values: 0, saved: 0, parts: Vec::new() };
        let mut places: HashMap<(String, &'static str), usize> = HashMap::new();
        let mut seen = 0;
        while let Some(item) = values.next()? {
            let bytes = item.bytes().ok_or_else(|| {
                item.fail("is a pickle, whose parts cannot be weighed; convert it first: `persist convert state.pickle state.persist`")
            })?;
            let weights = weigh(bytes).map_err(|error| item.refuse(&error))?;
            table.values += 1;
            table.saved += weights.saved;
            seen += weights.size;
            weights.parts.into_iter().for_each(|part| table.add(part, &mut places));
        }
        // With a journal it is the value that it leaves, which is not as long as the file.
        table.bytes = if values.journal().is_some() { seen } else { values.offset() };
        let between = table.bytes.saturating_sub(seen);
        if between > 0 {
            table.parts.push(Row {
                path: String::new(),
                kind: "between values",
                rows: table.values,
                bytes: between,
                share: 0.0,
            });
        }
        let all = table.parts.iter().map(|row| row.bytes).sum::<u64>().max(1);
        for row in &mut table.parts {
            row.share = row.bytes as f64 / all as f64;
        }
        table.parts.sort_by_key(|row| std::cmp::Reverse(row.bytes));
        Ok(table)
    }

    fn add(&mut self, part: Weight, places: &mut HashMap<(String, &'static str), usize>) {
        let next = self.parts.len();
        let place = *places.entry((part.path.clone(), part.kind)).or_insert(next);
        if place == next {
            self.parts.push(Row { path: part.path, kind: part.kind, rows: 0, bytes: 0, share: 0.0 });
        }
        self.parts[place].rows += part.rows;
        self.parts[place].bytes += part.bytes;
    }

    fn write(&self, limit: usize, out: &mut Output) -> Result<()> {
        let shown = &self.parts[..self.parts.len().min(limit)];
        let cells = |row: &Row| {
            let path = if row.path.is_empty() { WHOLE.to_owned() } else { name(&row.path) };
            let share = format!("{:.1} %", 100.0 * row.share);
            [path, row.kind.to_owned(), row.rows.to_string(), row.bytes.to_string(), share]
        };
        let mut lines = vec![["PATH", "TYPE", "ROWS", "BYTES", "SHARE"].map(str::to_owned)];
        lines.extend(shown.iter().map(cells));
        let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
        let widths: [usize; 5] = std::array::from_fn(width);
        for (i, [path, kind, rows, bytes, share]) in lines.iter().enumerate() {
            let [a, b, c, d, e] = widths;
            out.put(if i == 0 { Paint::Note } else { Paint::Name }, format_args!("{path:a$}"))?;
            out.put(if i == 0 { Paint::Note } else { Paint::Type }, format_args!("  {kind:b$}"))?;
            out.put(
                if i == 0 { Paint::Note } else { Paint::Plain },
                format_args!("  {rows:>c$}  {bytes:>d$}  {share:>e$}"),
            )?;
            out.end()?;
        }
        let left = &self.parts[shown.len()..];
        if !left.is_empty() {
            let bytes: u64 = left.iter().map(|row| row.bytes).sum();
            out.put(
                Paint::Note,
                format_args!("… {} more rows of {bytes} bytes, left out; `--all` shows them", left.len()),
            )?;
            out.end()?;
        }
        if self.saved != 0 {
            out.line(format_args!("compression saves {} bytes of these", self.saved))?;
        }
        let values = if self.values == 1 { String::new() } else { format!(", {} values", self.values) };
        out.line(format_args!("{} bytes{values}", self.bytes))
    }

    /// Draws a flame graph: paths are stacks.
    #[cfg(feature = "svg")]
    fn draw(&self, path: &std::path::Path) -> Result<()> {
        use crate::failure::Stop;

        let stacks: Vec<(Vec<String>, u64)> = self
            .parts
            .iter()
            .filter(|row| row.bytes > 0)
            .map(|row| {
                let mut stack = vec![self.file.clone()];
                stack.extend(
                    row.path
                        .replace("[]", ".[]")
                        .replace("[keys]", ".[keys]")
                        .split('.')
                        .filter(|step| !step.is_empty())
                        .map(str::to_owned),
                );
                stack.push(format!("({})", row.kind));
                (stack, row.bytes)
            })
            .collect();
        let name = path.display().to_string();
        let mut svg = Vec::new();
        crate::flame::draw(&self.file, &stacks, &mut svg).map_err(|error| Stop::new(&name, error.to_string()))?;
        std::fs::write(path, svg).map_err(|error| Stop::writing(&name, &error))
    }
}
