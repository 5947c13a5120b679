//! A bar on a terminal, for what takes long.

use std::io::{self, BufRead, IsTerminal, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Nobody wants to be told of what is done sooner.
const PATIENCE: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(100);

/// A reader that tells how far it is, on the standard error, if that is a terminal.
pub(crate) struct Watched<R> {
    reader: R,
    read: Arc<AtomicU64>,
    /// Dropped first, which ends the thread.
    _bar: Option<Bar>,
}

struct Bar {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl<R> Watched<R> {
    /// Watches the reading of a file of so many bytes, where that is known.
    pub(crate) fn new(reader: R, name: &str, size: Option<u64>) -> Self {
        let read = Arc::new(AtomicU64::new(0));
        let bar = io::stderr().is_terminal().then(|| Bar::new(name.to_owned(), size, Arc::clone(&read)));
        Watched { reader, read, _bar: bar }
    }
}

impl Bar {
    fn new(name: String, size: Option<u64>, read: Arc<AtomicU64>) -> Self {
        let (stop, stopped) = channel();
        let draw = move || {
            if stopped.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let template = if size.is_some() {
                "{msg} {bar:30} {bytes}/{total_bytes} {spinner}"
            } else {
                "{msg} {bytes} {spinner}"
            };
            let bar = ProgressBar::new(size.unwrap_or(0)).with_message(name);
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            while stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                bar.set_position(read.load(Ordering::Relaxed));
                bar.tick();
            }
            bar.finish_and_clear();
        };
        // Without a thread there is no bar, and nothing else is lost.
        let thread = thread::Builder::new().spawn(draw).ok();
        Bar { stop: Some(stop), thread }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            _ = thread.join();
        }
    }
}

impl<R: BufRead> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Watched<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.reader.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        self.reader.consume(count);
    }
}
