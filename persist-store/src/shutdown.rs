//! The last save: when a program ends by itself, by a panic, or by a signal.

use std::fmt;
use std::process;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use persist_core::{Error, ErrorKind, Result};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::{Handle, Signals};
use signal_hook::low_level::emulate_default_handler;

use crate::keeper::Keeper;

/// Every value that is live.
static LIVE: Mutex<Vec<Weak<Keeper>>> = Mutex::new(Vec::new());

/// Whether a guard is there.
static GUARDED: Mutex<bool> = Mutex::new(false);

fn lock<T>(mutex: &'static Mutex<T>) -> MutexGuard<'static, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Notes a value that is to be saved when the program ends.
pub(crate) fn register(keeper: &Arc<Keeper>) {
    let mut live = lock(&LIVE);
    live.retain(|keeper| keeper.strong_count() != 0);
    live.push(Arc::downgrade(keeper));
}

fn live() -> Vec<Arc<Keeper>> {
    lock(&LIVE).iter().filter_map(Weak::upgrade).collect()
}

/// Saves every [`Persistent`](crate::Persistent) when the program ends: when the guard that this gives is dropped, which a
/// return from `main` and an unwinding panic do, and on `SIGINT`, `SIGTERM` and `SIGHUP`.
///
/// Call it first thing in `main`, and keep the guard there:
///
/// ```no_run
/// # use std::collections::BTreeMap;
/// # use persist_store::{Durability, Persistent, on_shutdown};
/// fn main() -> persist_core::Result<()> {
///     let _guard = on_shutdown()?;
///     let notes = Persistent::<BTreeMap<String, String>>::builder("notes.state")
///         .durability(Durability::OnExit)
///         .open_or_default()?;
///     // ..
///     # drop(notes);
///     Ok(())
/// }
/// ```
///
/// # On a signal
///
/// A thread stops all updates for good, so that nothing is acknowledged that would be lost, then saves what was last
/// updated, for ten seconds at most, and ends the process as the signal would have: with the status that its parent
/// expects. Destructors do not run. A second signal ends it at once. [`Shutdown`] sets other signals and times.
///
/// # Beside other handlers
///
/// Handlers that were there before are called, too, and so are those set later by way of the crate `signal-hook`, on which
/// tokio's `signal` rests. A program that ends itself in an order of its own on a signal, as with `tokio::signal`, should
/// not be ended by this: use [`Shutdown::exit`]. The values are saved then, side by side with what the program does, and are
/// saved again when they are dropped. The crate `ctrlc` replaces handlers that were there before, and nothing is saved on its
/// signals where it is set up later: set it up first. It then hears of a Ctrl-C, too, but the process ends after the last
/// save, whatever it does; so with `ctrlc`, too, rather say `exit(false)`.
///
/// # What it cannot do
///
/// `process::exit`, `abort` and a panic that aborts run nothing, and `kill -9` does not either: for these there is
/// [`Durability::Commit`](crate::Durability::Commit). A panic in another thread than that of `main` does not end the
/// process.
///
/// # Errors
///
/// Where there is a guard already, or the signals cannot be had.
pub fn on_shutdown() -> Result<ShutdownGuard> {
    Shutdown::new().install()
}

/// How a program is to end; see [`on_shutdown`].
#[derive(Clone, Debug)]
#[must_use = "nothing is set up before `install`"]
pub struct Shutdown {
    signals: Vec<i32>,
    patience: Duration,
    exit: bool,
}

impl Default for Shutdown {
    fn default() -> Self {
        Self::new()
    }
}

impl Shutdown {
    /// As [`on_shutdown`] does it.
    pub fn new() -> Self {
        let mut signals = vec![SIGINT, SIGTERM];
        #[cfg(unix)]
        signals.push(signal_hook::consts::SIGHUP);
        Shutdown { signals, patience: Duration::from_secs(10), exit: true }
    }

    /// The signals, by their numbers on this system.
    pub fn signals(mut self, signals: impl IntoIterator<Item = i32>) -> Self {
        self.signals = signals.into_iter().collect();
        self
    }

    /// How long the last save on a signal may take.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Whether the process ends after the last save on a signal, which it does unless this says otherwise. If not, the
    /// values are saved, and go on: for programs that end in an order of their own on a signal.
    pub fn exit(mut self, exit: bool) -> Self {
        self.exit = exit;
        self
    }

    /// Sets it up, until the guard is dropped.
    pub fn install(self) -> Result<ShutdownGuard> {
        let mut guarded = lock(&GUARDED);
        if *guarded {
            return Err(Error::of(ErrorKind::Unsupported, "there is a shutdown guard already")
                .with_help("one guard, kept in `main`, saves all values"));
        }
        let signals = Signals::new(&self.signals).map_err(|error| {
            Error::of(ErrorKind::Io, format!("signals cannot be handled: {error}")).with_source(error)
        })?;
        let handle = signals.handle();
        let thread = thread::Builder::new().name("persist-shutdown".to_owned()).spawn(move || self.listen(signals))?;
        *guarded = true;
        Ok(ShutdownGuard { handle, thread: Some(thread) })
    }

    fn listen(&self, mut signals: Signals) {
        while let Some(signal) = signals.forever().next() {
            if !self.exit {
                report(save_all());
                continue;
            }
            let (done, ended) = channel();
            let until = Instant::now() + self.patience;
            let save = move || {
                report(end_all(until));
                _ = done.send(());
            };
            let saving = thread::Builder::new().name("persist-last-save".to_owned()).spawn(save);
            if saving.is_ok() {
                wait(&mut signals, &ended, until);
            }
            _ = emulate_default_handler(signal);
            // Only where the signal's default is not to end the process.
            process::exit(128 + signal);
        }
    }
}

/// Waits for the last save; a second signal, or the end of the time, ends the wait.
fn wait(signals: &mut Signals, ended: &std::sync::mpsc::Receiver<()>, until: Instant) {
    while Instant::now() < until {
        match ended.recv_timeout(Duration::from_millis(5)) {
            Err(RecvTimeoutError::Timeout) if signals.pending().next().is_none() => {}
            _ => return,
        }
    }
}

/// Saves all values, which go on.
fn save_all() -> Vec<Error> {
    live().iter().filter(|keeper| !keeper.is_closed()).filter_map(|keeper| keeper.save().err()).collect()
}

/// Saves all values, side by side, and lets none go on.
fn end_all(until: Instant) -> Vec<Error> {
    let live = live();
    // None acknowledges anything while another is still being saved.
    live.iter().for_each(|keeper| keeper.stop());
    let saves: Vec<_> = live.into_iter().map(|keeper| thread::spawn(move || keeper.end(until))).collect();
    saves.into_iter().filter_map(|save| save.join().ok()?.err()).collect()
}

#[allow(clippy::print_stderr, reason = "there is nobody else to tell, and it is a loss of data")]
fn report(errors: Vec<Error>) {
    for error in errors {
        eprintln!("persist: {error}");
    }
}

/// Saves every value when it is dropped; see [`on_shutdown`].
#[must_use = "it saves when it is dropped: keep it in `main`"]
pub struct ShutdownGuard {
    handle: Handle,
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for ShutdownGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShutdownGuard").finish_non_exhaustive()
    }
}

impl Drop for ShutdownGuard {
    fn drop(&mut self) {
        report(save_all());
        self.handle.close();
        if let Some(thread) = self.thread.take() {
            _ = thread.join();
        }
        *lock(&GUARDED) = false;
    }
}
