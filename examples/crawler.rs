//! A crawler that is killed in the middle, and goes on: pages still to be seen, pages seen, and an index of words, in one
//! value that lives on disk.
//!
//!     cargo run --release --example crawler --features persistent [FOLDER]
//!
//! Started so, it crawls the files of a folder (by default the one it is in) in a process of its own, kills that process
//! twice (`kill -9`), starts it again each time, and compares the outcome with that of an undisturbed crawl. To kill it by
//! hand, name a file for the state:
//!
//!     cargo run --release --example crawler --features persistent -- docs crawl.state
#![allow(clippy::print_stdout, reason = "a program for the terminal")]

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::error::Error;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, IsTerminal, stderr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use indicatif::{ProgressBar, ProgressStyle};
use persist::{Persist, Persistent};

/// All that a crawl knows: a crash takes nothing of it.
#[derive(Persist, Default)]
struct Crawl {
    /// Pages that were found, and not fetched yet, in the order in which they were found.
    frontier: VecDeque<String>,
    /// Every page that was found.
    found: BTreeSet<String>,
    /// Bytes of the pages that were fetched.
    fetched: BTreeMap<String, u64>,
    /// On how many pages a word stands.
    words: BTreeMap<String, u32>,
    starts: u32,
    /// Made anew on each start: a bar cannot be saved, but where it should stand can.
    #[transient(rebuild = bar(found.len(), fetched.len()))]
    bar: Bar,
}

/// A progress bar, on a terminal only.
struct Bar(ProgressBar);

impl Default for Bar {
    fn default() -> Self {
        bar(0, 0)
    }
}

fn bar(found: usize, fetched: usize) -> Bar {
    if !stderr().is_terminal() {
        return Bar(ProgressBar::hidden());
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} pages, {per_sec}, {eta}");
    let bar = ProgressBar::new(found as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_position(fetched as u64);
    Bar(bar)
}

/// A page: its text, and the pages that it links to. A folder links to what is in it.
fn fetch(root: &Path, page: &str) -> (Vec<u8>, Vec<String>) {
    let path = root.join(page);
    let Ok(entries) = fs::read_dir(&path) else {
        let text = fs::read(&path).unwrap_or_default();
        let links = links(&text).filter_map(|link| resolve(root, page, link)).collect();
        return (text, links);
    };
    let hidden = |name: &OsStr| name.as_encoded_bytes().starts_with(b".") || name == "target";
    let names = entries.flatten().filter(|entry| !entry.path().is_symlink()).map(|entry| entry.file_name());
    let mut links: Vec<_> = names
        .filter(|name| !hidden(name))
        .filter_map(|name| Path::new(page).join(name).into_os_string().into_string().ok())
        .collect();
    links.sort();
    (Vec::new(), links)
}

/// What stands in Markdown's parentheses, and in HTML's `href`.
fn links(text: &[u8]) -> impl Iterator<Item = &str> {
    let text = str::from_utf8(text).unwrap_or_default();
    let markdown = text.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    let html = text.split("href=\"").skip(1).filter_map(|rest| rest.split_once('"'));
    markdown.chain(html).map(|(link, _)| link)
}

/// The page that a link leads to, if it is one of ours.
fn resolve(root: &Path, page: &str, link: &str) -> Option<String> {
    let link = link.split(['#', '?']).next().filter(|link| !link.is_empty() && !link.contains(':'))?;
    let target = fs::canonicalize(root.join(page).parent()?.join(link)).ok()?;
    let target = target.strip_prefix(fs::canonicalize(root).ok()?).ok()?;
    let ours = |part: &OsStr| !part.as_encoded_bytes().starts_with(b".") && part != "target";
    target.iter().all(ours).then(|| target.to_str().map(str::to_owned))?
}

fn words(text: &[u8]) -> BTreeSet<String> {
    let text = String::from_utf8_lossy(text);
    let words = text.split(|char: char| !char.is_alphabetic()).filter(|word| (4..20).contains(&word.len()));
    words.map(str::to_lowercase).collect()
}

/// Crawls until every page was fetched: from the start, or from where an earlier process was.
fn crawl(root: &Path, state: &Path) -> persist::Result<()> {
    let crawl = Persistent::<Crawl>::builder(state).open_or_default()?;
    crawl.update(|crawl| {
        crawl.starts += 1;
        if crawl.found.insert(String::new()) {
            crawl.frontier.push_back(String::new());
        }
    })?;
    println!(
        "Start {}: {} of {} pages are done.",
        crawl.read().starts,
        crawl.read().fetched.len(),
        crawl.read().found.len()
    );
    loop {
        let Some(page) = crawl.read().frontier.front().cloned() else { break };
        let (text, links) = fetch(root, &page);
        // One update: the page is done, and what it led to is known, or neither is.
        crawl.update(|crawl| {
            crawl.frontier.pop_front();
            for link in links {
                if crawl.found.insert(link.clone()) {
                    crawl.frontier.push_back(link);
                }
            }
            for word in words(&text) {
                *crawl.words.entry(word).or_default() += 1;
            }
            crawl.fetched.insert(page.clone(), text.len() as u64);
            crawl.bar.0.set_length(crawl.found.len() as u64);
            crawl.bar.0.set_position(crawl.fetched.len() as u64);
        })?;
        println!("Fetched {page}");
    }
    crawl.read().bar.0.finish();
    crawl.close()
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    match &arguments[..] {
        [] => demonstration(Path::new(env!("CARGO_MANIFEST_DIR"))),
        [root] => demonstration(root),
        [root, state, ..] => Ok(crawl(root, state)?),
    }
}

fn demonstration(root: &Path) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let (state, undisturbed) = (folder.path().join("crawl.state"), folder.path().join("undisturbed.state"));

    println!("Crawling, and killed after 20 pages:");
    let first = process(root, &state, Some(20))?;
    println!("Going on, and killed after 30 more:");
    let second = process(root, &state, Some(30))?;
    println!("Going on to the end:");
    let third = process(root, &state, None)?;
    println!("And the same undisturbed:");
    process(root, &undisturbed, None)?;

    let (found, expected): (Crawl, Crawl) = (persist::open(&state)?, persist::open(&undisturbed)?);
    assert_eq!(found.fetched, expected.fetched);
    assert_eq!(found.words, expected.words, "no page was counted twice");
    assert_eq!((found.starts, expected.starts), (3, 1));
    // What was told as fetched was not fetched again; one page each may have been done and not told of.
    let told = first + second + third;
    assert!(found.fetched.len() - told <= 2, "{told} of {} pages were told of", found.fetched.len());
    let mut words: Vec<_> = found.words.iter().filter(|(word, _)| word.len() > 6).collect();
    words.sort_by_key(|(_, pages)| std::cmp::Reverse(**pages));
    let most: Vec<_> = words.iter().take(5).map(|(word, pages)| format!("{word} ({pages})")).collect();
    println!("{} pages, {} words; on most pages: {}.", found.fetched.len(), found.words.len(), most.join(", "));
    Ok(())
}

/// Crawls in another process, which is killed after so many pages; gives the number of those that it told of.
fn process(root: &Path, state: &Path, kill_after: Option<usize>) -> Result<usize, Box<dyn Error>> {
    let mut child = Command::new(env::current_exe()?).arg(root).arg(state).stdout(Stdio::piped()).spawn()?;
    let lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
    let mut told = 0;
    for line in lines {
        let line = line?;
        if line.starts_with("Start") {
            println!("    {line}");
        }
        told += usize::from(line.starts_with("Fetched"));
        if kill_after == Some(told) {
            // The same as `kill -9`.
            child.kill()?;
        }
    }
    let status = child.wait()?;
    assert_eq!(status.success(), kill_after.is_none(), "{status}");
    println!("    {told} pages, {status}");
    Ok(told)
}
