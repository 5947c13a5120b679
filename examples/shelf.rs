//! A dictionary that is larger than the memory it is read and written with.
//!
//! `cargo run -p persist-rs --example shelf --features shelf`
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;

use persist::{Persist, Shelf};

/// A page of a web site that was visited.
#[derive(Debug, PartialEq, Persist)]
struct Page {
    title: String,
    visits: u32,
    content: Vec<u8>,
}

/// By site, then by path: so one site's pages are neighbours.
#[derive(Clone, Debug, PartialEq, Persist)]
struct Address {
    site: String,
    path: u32,
}

const SITES: u32 = 16;
const PAGES: u32 = 512;
/// Bytes of a page's content: 32 MiB in all.
const CONTENT: usize = 4 << 10;
/// Memory for pages of the file.
const CACHE: usize = 4 << 20;
/// What all of this may take beyond what the program has to begin with.
const MEMORY: u64 = 20 << 20;

fn address(site: u32, path: u32) -> Address {
    Address { site: format!("site {site:02}"), path }
}

/// The pages' content is cut out of this.
fn text() -> Vec<u8> {
    (0..2 * CONTENT as u32).map(|i| (i.wrapping_mul(i) >> 5) as u8).collect()
}

fn page(text: &[u8], site: u32, path: u32) -> Page {
    let content = text[(site + path) as usize..][..CONTENT].to_vec();
    Page { title: format!("page {path} of site {site}"), visits: 0, content }
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("pages");
    let (text, before) = (text(), most_memory());

    let pages = Shelf::<Address, Page>::builder(&path).cache_size(CACHE).open()?;
    // One transaction for each site: all of its pages, or none.
    for site in 0..SITES {
        pages.extend((0..PAGES).map(|path| (address(site, path), page(&text, site, path))))?;
    }
    assert_eq!(pages.len()?, u64::from(SITES * PAGES));

    // A value is changed in its place.
    let seen = address(3, 141);
    pages.modify(&seen, |page| page.visits += 1)?;
    let visits = pages.modify(&seen, |page| {
        page.visits += 1;
        page.visits
    })?;
    assert_eq!(visits, Some(2));

    // All pages of a site, in their order; and everything, one entry at a time.
    let range = pages.range(address(3, 0)..address(4, 0))?;
    let site: Vec<u32> = range.map(|entry| Ok(entry?.0.path)).collect::<persist::Result<_>>()?;
    assert!(site.into_iter().eq(0..PAGES));
    let mut bytes = 0;
    for entry in pages.iter()? {
        bytes += entry?.1.content.len() as u64;
    }
    assert_eq!(bytes, u64::from(SITES * PAGES) * CONTENT as u64);
    drop(pages);

    // A later start of the program.
    let pages = Shelf::<Address, Page>::builder(&path).cache_size(CACHE).open()?;
    assert_eq!(pages.get(&seen)?, Some(Page { visits: 2, ..page(&text, 3, 141) }));
    assert_eq!(pages.last()?.map(|(address, _)| address), Some(address(SITES - 1, PAGES - 1)));

    let size = std::fs::metadata(&path)?.len();
    assert!(size > bytes);
    match (before, most_memory()) {
        (Some(before), Some(after)) => {
            let used = after - before;
            assert!(used < MEMORY, "{used} bytes of memory for {bytes} of data");
            println!("{} MiB of data with {} MiB of memory", bytes >> 20, used >> 20);
        }
        _ => println!("{} MiB of data", bytes >> 20),
    }
    Ok(())
}

/// The most memory that this process had so far, where the system tells.
fn most_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? << 10)
}
