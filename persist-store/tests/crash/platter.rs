//! What a disk holds: as processes see it, and as a power loss would leave it.
//!
//! The rules are those of POSIX, read by somebody who means ill:
//!
//! - What was written since a file's last sync may be on disk or not, sector by sector (512 bytes), in any order. A sector
//!   has the content of some moment since then, whole. The length is that of some moment, too.
//! - Where the length is on disk and the bytes are not, they are zeros, or whatever was there on the disk before.
//! - What was done to a name since the folder's last sync may be on disk or not, each name for itself. So a rename may have
//!   removed the old name without making the new one. It never shows a name half-way.
//! - Syncing a file does not make its name durable, and syncing a folder does not make its files' content durable.
//! - After a sync that failed, what was to be synced is on disk only if it is written again: the system takes the pages
//!   for clean, and the next sync returns `Ok` (fsyncgate).

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::chance::Chance;

pub(crate) const SECTOR: usize = 512;

/// Bytes of a file, of which the zeros at the end are only counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Content {
    bytes: Arc<Vec<u8>>,
    pub(crate) len: usize,
}

impl Content {
    fn trimmed(mut self) -> Self {
        let end = self.bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
        if end < self.bytes.len() {
            Arc::make_mut(&mut self.bytes).truncate(end);
        }
        self
    }

    pub(crate) fn whole(&self) -> Vec<u8> {
        let mut whole = Vec::with_capacity(self.len);
        whole.extend_from_slice(&self.bytes);
        whole.resize(self.len, 0);
        whole
    }

    fn write(&mut self, bytes: &[u8], place: usize) {
        let end = place + bytes.len();
        self.len = self.len.max(end);
        if place >= self.bytes.len() && bytes.iter().all(|&byte| byte == 0) {
            return;
        }
        let own = Arc::make_mut(&mut self.bytes);
        if own.len() < end {
            own.resize(end, 0);
        }
        own[place..end].copy_from_slice(bytes);
        *self = std::mem::take(self).trimmed();
    }

    fn set_len(&mut self, len: usize) {
        if len < self.bytes.len() {
            Arc::make_mut(&mut self.bytes).truncate(len);
            *self = std::mem::take(self).trimmed();
        }
        self.len = len;
    }

    /// A sector, without the zeros at its end.
    fn sector(&self, sector: usize) -> &[u8] {
        let start = (sector * SECTOR).min(self.bytes.len());
        let bytes = &self.bytes[start..(start + SECTOR).min(self.bytes.len())];
        let end = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
        &bytes[..end]
    }

    fn put_sector(&mut self, sector: usize, bytes: &[u8]) {
        let len = self.len;
        let mut whole = [0; SECTOR];
        whole[..bytes.len()].copy_from_slice(bytes);
        self.write(&whole, sector * SECTOR);
        self.set_len(len);
    }
}

/// A file.
#[derive(Clone, Debug, Default)]
struct Inode {
    now: Content,
    durable: Content,
    /// What it was since the last sync, but for what it is now.
    before: Vec<Content>,
    /// Sectors that were written to since.
    dirty: BTreeSet<usize>,
    /// A sync failed once: what is shown now may never get to the disk.
    limbo: bool,
}

impl Inode {
    fn change(&mut self, change: impl FnOnce(&mut Content)) {
        self.before.push(self.now.clone());
        change(&mut self.now);
    }

    fn touch(&mut self, from: usize, to: usize) {
        self.dirty.extend(from / SECTOR..to.div_ceil(SECTOR));
    }
}

/// A disk with one folder.
#[derive(Clone, Debug, Default)]
pub(crate) struct Platter {
    inodes: Vec<Inode>,
    names: BTreeMap<String, usize>,
    durable: BTreeMap<String, usize>,
    /// What a name stood for since the folder's last sync, but for what it stands for now.
    before: BTreeMap<String, Vec<Option<usize>>>,
}

impl Platter {
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        self.names.get(name).copied()
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &String> {
        self.names.keys()
    }

    pub(crate) fn content(&self, inode: usize) -> &Content {
        &self.inodes[inode].now
    }

    pub(crate) fn create(&mut self, name: &str) -> usize {
        self.inodes.push(Inode::default());
        self.point(name, Some(self.inodes.len() - 1));
        self.inodes.len() - 1
    }

    /// Makes a name stand for a file, or for nothing.
    pub(crate) fn point(&mut self, name: &str, inode: Option<usize>) {
        let now = self.find(name);
        self.before.entry(name.to_owned()).or_default().push(now);
        match inode {
            Some(inode) => _ = self.names.insert(name.to_owned(), inode),
            None => _ = self.names.remove(name),
        }
    }

    pub(crate) fn write(&mut self, inode: usize, bytes: &[u8], place: usize) {
        let inode = &mut self.inodes[inode];
        inode.change(|content| content.write(bytes, place));
        inode.touch(place, place + bytes.len());
    }

    pub(crate) fn set_len(&mut self, inode: usize, len: usize) {
        let inode = &mut self.inodes[inode];
        let (from, to) = (inode.now.len.min(len), inode.now.bytes.len().max(len.min(inode.now.len)));
        inode.change(|content| content.set_len(len));
        inode.touch(from, to.max(from));
    }

    /// Makes a file's content durable.
    pub(crate) fn sync(&mut self, inode: usize) {
        let inode = &mut self.inodes[inode];
        inode.before.clear();
        if inode.limbo {
            let mut durable = std::mem::take(&mut inode.durable);
            durable.set_len(inode.now.len);
            for &sector in &inode.dirty {
                durable.put_sector(sector, inode.now.sector(sector));
            }
            inode.durable = durable.trimmed();
        } else {
            inode.durable = inode.now.clone();
        }
        inode.dirty.clear();
    }

    /// The content of sectors, without the length where it grew.
    pub(crate) fn sync_without_length(&mut self, inode: usize) {
        let inode = &mut self.inodes[inode];
        let len = inode.durable.len;
        inode.durable = inode.now.clone();
        inode.durable.set_len(len.min(inode.now.len));
        inode.before = vec![inode.durable.clone()];
    }

    /// A sync that fails: nothing got to the disk, and nothing will.
    pub(crate) fn fail_to_sync(&mut self, inode: usize) {
        let inode = &mut self.inodes[inode];
        inode.before.clear();
        inode.dirty.clear();
        inode.limbo = true;
    }

    /// Makes the names durable.
    pub(crate) fn sync_names(&mut self) {
        self.durable.clone_from(&self.names);
        self.before.clear();
    }

    /// The same number for equal platters, as far as names matter.
    pub(crate) fn print(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        for (name, &inode) in self.names.iter().filter(|(name, _)| counts(name)) {
            (name, &self.inodes[inode].now).hash(&mut hasher);
        }
        hasher.finish()
    }

    /// What a power loss may leave.
    pub(crate) fn after_power_loss(&self) -> Choices<'_> {
        let mut pieces = Vec::new();
        let mut reached: BTreeSet<usize> =
            self.durable.iter().filter(|(name, _)| counts(name)).map(|at| *at.1).collect();
        for (name, before) in &self.before {
            let mut states = vec![self.durable.get(name).copied()];
            for state in before.iter().copied().chain([self.find(name)]) {
                if !states.contains(&state) {
                    states.push(state);
                }
            }
            if counts(name) {
                reached.extend(states.iter().flatten());
            }
            if states.len() > 1 {
                pieces.push(Piece::Name { name, states });
            }
        }
        for at in reached {
            let inode = &self.inodes[at];
            let versions: Vec<&Content> =
                std::iter::once(&inode.durable).chain(&inode.before).chain([&inode.now]).collect();
            if versions.len() == 2 && inode.dirty.is_empty() && !inode.limbo {
                continue;
            }
            let mut lens = Vec::new();
            for version in &versions {
                if !lens.contains(&version.len) {
                    lens.push(version.len);
                }
            }
            if lens.len() > 1 {
                pieces.push(Piece::Len { inode: at, lens });
            }
            for &sector in &inode.dirty {
                let mut states: Vec<&[u8]> = Vec::new();
                for version in &versions {
                    let state = version.sector(sector);
                    if !states.contains(&state) {
                        states.push(state);
                    }
                }
                if states.len() > 1 {
                    pieces.push(Piece::Sector { inode: at, sector, states });
                }
            }
        }
        Choices { platter: self, pieces }
    }
}

/// Whether what is under a name matters: temporary files are never read.
fn counts(name: &str) -> bool {
    !name.starts_with('.')
}

/// Something that a power loss leaves in one of several states: the first is that on the disk, the last the newest.
enum Piece<'p> {
    Name { name: &'p str, states: Vec<Option<usize>> },
    Len { inode: usize, lens: Vec<usize> },
    Sector { inode: usize, sector: usize, states: Vec<&'p [u8]> },
}

impl Piece<'_> {
    fn states(&self) -> usize {
        match self {
            Piece::Name { states, .. } => states.len(),
            Piece::Len { lens, .. } => lens.len(),
            Piece::Sector { states, .. } => states.len(),
        }
    }
}

/// All that a power loss may leave.
pub(crate) struct Choices<'p> {
    platter: &'p Platter,
    pieces: Vec<Piece<'p>>,
}

impl Choices<'_> {
    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        self.pieces.iter().fold(1, |count: u64, piece| count.saturating_mul(piece.states() as u64))
    }

    /// All of them, or if these are more than `most`: nothing or all of what is not synced, each piece lost alone or there
    /// alone, and random ones.
    pub(crate) fn all(&self, most: usize, chance: &mut Chance) -> Vec<Platter> {
        let last: Vec<usize> = self.pieces.iter().map(|piece| piece.states() - 1).collect();
        if self.count() <= most as u64 {
            return (0..self.count())
                .map(|mut number| {
                    let mut pick = Vec::new();
                    for piece in &self.pieces {
                        pick.push((number % piece.states() as u64) as usize);
                        number /= piece.states() as u64;
                    }
                    self.image(&pick)
                })
                .collect();
        }
        let none = vec![0; last.len()];
        let mut images = vec![self.image(&none), self.image(&last)];
        for at in 0..last.len() {
            if images.len() + 2 > most / 2 {
                break;
            }
            let (mut alone, mut without) = (none.clone(), last.clone());
            (alone[at], without[at]) = (last[at], 0);
            images.extend([self.image(&alone), self.image(&without)]);
        }
        while images.len() < most {
            images.push(self.random(chance));
        }
        images
    }

    /// One of them.
    pub(crate) fn random(&self, chance: &mut Chance) -> Platter {
        // Most states that are hard to recover from lack little, or have little.
        let bias = chance.below(5);
        let mut pick = Vec::new();
        for piece in &self.pieces {
            let states = piece.states();
            pick.push(match bias {
                0 | 1 if chance.below(4) != 0 => states - 1,
                2 if chance.below(4) != 0 => 0,
                _ => chance.below(states),
            });
        }
        let (mut image, places) = self.place(&pick);
        if chance.below(8) == 0 {
            self.litter(&mut image, &places, chance);
        }
        image
    }

    fn image(&self, pick: &[usize]) -> Platter {
        self.place(pick).0
    }

    /// The image, and where it has the files.
    fn place(&self, pick: &[usize]) -> (Platter, BTreeMap<usize, usize>) {
        let mut names = self.platter.durable.clone();
        let mut changed: BTreeMap<usize, Content> = BTreeMap::new();
        let content = |inode: usize| self.platter.inodes[inode].durable.clone();
        for (piece, &state) in self.pieces.iter().zip(pick) {
            match piece {
                Piece::Name { name, states } => match states[state] {
                    Some(inode) => _ = names.insert((*name).to_owned(), inode),
                    None => _ = names.remove(*name),
                },
                // A file's sectors come behind its length.
                Piece::Len { inode, lens } => {
                    changed.entry(*inode).or_insert_with(|| content(*inode)).set_len(lens[state]);
                }
                Piece::Sector { inode, sector, states } if state != 0 => {
                    let content = changed.entry(*inode).or_insert_with(|| content(*inode));
                    if sector * SECTOR < content.len {
                        content.put_sector(*sector, states[state]);
                    }
                }
                Piece::Sector { .. } => {}
            }
        }
        let mut image = Platter::default();
        let mut places = BTreeMap::new();
        for (name, inode) in names {
            let place = *places.entry(inode).or_insert_with(|| {
                let now = changed.remove(&inode).unwrap_or_else(|| content(inode));
                image.inodes.push(Inode { durable: now.clone(), now, ..Inode::default() });
                image.inodes.len() - 1
            });
            image.names.insert(name, place);
        }
        image.durable.clone_from(&image.names);
        (image, places)
    }

    /// Puts what was on the disk before where a file grew without a sync.
    fn litter(&self, image: &mut Platter, places: &BTreeMap<usize, usize>, chance: &mut Chance) {
        for piece in &self.pieces {
            let Piece::Len { inode, .. } = piece else { continue };
            let Some(&place) = places.get(inode) else { continue };
            let found = &mut image.inodes[place].now;
            let first = self.platter.inodes[*inode].durable.len.div_ceil(SECTOR);
            let sectors = (found.len / SECTOR).saturating_sub(first);
            if sectors == 0 {
                continue;
            }
            let sector = first + chance.below(sectors.min(4));
            if found.sector(sector).is_empty() {
                let litter: Vec<u8> = (0..SECTOR).map(|_| chance.below(256) as u8).collect();
                found.put_sector(sector, &litter);
                image.inodes[place].durable = image.inodes[place].now.clone();
            }
        }
    }
}
