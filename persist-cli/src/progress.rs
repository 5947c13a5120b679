//! A bar on a terminal, for what takes long.

use std::io::{self, BufRead, IsTerminal, Read};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Nobody wants to be told of what is done sooner.
const PATIENCE: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(100);

/// A reader that tells how far it is, on the standard error, if that is a terminal.
pub(crate) struct Watched<R> {
    reader: R,
    number: usize,
    read: Arc<AtomicU64>,
    /// Dropped to end the bar.
    _bar: Option<Bar>,
}

/// Readers are numbered from 1; the one that was read from last is the one to tell of.
static NEXT: AtomicUsize = AtomicUsize::new(1);
static LAST: AtomicUsize = AtomicUsize::new(0);

/// What stands on the terminal: the bar of one reader at most.
static DRAWN: Mutex<Drawn> = Mutex::new(Drawn { silenced: false, bar: None });

struct Drawn {
    silenced: bool,
    bar: Option<(usize, ProgressBar)>,
}

impl Drawn {
    fn lock() -> MutexGuard<'static, Drawn> {
        DRAWN.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn clear(&mut self) {
        if let Some((_, bar)) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

/// Takes the bar away for good: the terminal is used for something better.
pub(crate) fn silence() {
    let mut drawn = Drawn::lock();
    drawn.silenced = true;
    drawn.clear();
}

impl<R> Watched<R> {
    /// Watches the reading of a file of so many bytes, where that is known.
    pub(crate) fn new(reader: R, name: &str, size: Option<u64>) -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let read = Arc::new(AtomicU64::new(0));
        let bar = io::stderr().is_terminal().then(|| Bar::new(number, name.to_owned(), size, Arc::clone(&read)));
        LAST.store(number, Ordering::Relaxed);
        Watched { reader, number, read, _bar: bar }
    }

    fn count(&self, bytes: usize) {
        self.read.fetch_add(bytes as u64, Ordering::Relaxed);
        LAST.store(self.number, Ordering::Relaxed);
    }
}

/// What draws the bar of a reader, once that takes long.
struct Bar {
    number: usize,
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Bar {
    fn new(number: usize, name: String, size: Option<u64>, read: Arc<AtomicU64>) -> Self {
        let (stop, stopped) = channel();
        let draw = move || {
            let mut wait = PATIENCE;
            while stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                wait = TICK;
                let mut drawn = Drawn::lock();
                if drawn.silenced {
                    return;
                }
                if LAST.load(Ordering::Relaxed) != number {
                    continue;
                }
                if drawn.bar.as_ref().is_none_or(|(other, _)| *other != number) {
                    drawn.clear();
                    drawn.bar = Some((number, bar_of(name.clone(), size)));
                }
                if let Some((_, bar)) = &drawn.bar {
                    bar.set_position(read.load(Ordering::Relaxed));
                    bar.tick();
                }
            }
        };
        // Without a thread there is no bar, and nothing else is lost.
        let thread = thread::Builder::new().spawn(draw).ok();
        Bar { number, stop: Some(stop), thread }
    }
}

fn bar_of(name: String, size: Option<u64>) -> ProgressBar {
    let template = match size {
        Some(_) => "{msg} {bar:30} {bytes}/{total_bytes} {spinner}",
        None => "{msg} {bytes} {spinner}",
    };
    let bar = ProgressBar::new(size.unwrap_or(0)).with_message(name);
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

impl Drop for Bar {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            _ = thread.join();
        }
        let mut drawn = Drawn::lock();
        if drawn.bar.as_ref().is_some_and(|(number, _)| *number == self.number) {
            drawn.clear();
        }
    }
}

impl<R: BufRead> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.count(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Watched<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.reader.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.count(count);
        self.reader.consume(count);
    }
}
