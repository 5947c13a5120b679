//! What this process computes right now, so that nothing is computed twice at once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use event_listener::{Event, EventListener, Listener};

use super::key::Key;

/// All computations of a memo that are under way.
#[derive(Debug, Default)]
pub(super) struct Flights {
    under_way: Mutex<HashMap<Key, Arc<Flight>>>,
}

/// One of them.
#[derive(Debug, Default)]
struct Flight {
    /// The bytes of the result, where there is one to be shared.
    result: OnceLock<Vec<u8>>,
    over: Event,
}

/// What a caller is to do.
pub(super) enum Role<'f> {
    Compute(Computing<'f>),
    Wait(Waiting),
}

/// The one who computes. Dropping it, be it by a panic or since its future was dropped, ends the flight.
pub(super) struct Computing<'f> {
    flights: &'f Flights,
    key: Key,
    flight: Arc<Flight>,
}

/// One who waits.
pub(super) struct Waiting {
    flight: Arc<Flight>,
    listener: EventListener,
}

impl Flights {
    /// Joins the computation of a result, or begins it.
    pub(super) fn join(&self, key: Key) -> Role<'_> {
        match self.lock().entry(key) {
            Entry::Occupied(entry) => {
                let flight = Arc::clone(entry.get());
                // It is taken out under the same lock before it is over.
                let listener = flight.over.listen();
                Role::Wait(Waiting { flight, listener })
            }
            Entry::Vacant(entry) => {
                let flight = Arc::clone(entry.insert(Arc::default()));
                Role::Compute(Computing { flights: self, key, flight })
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Arc<Flight>>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Computing<'_> {
    /// Gives the result to those who wait.
    pub(super) fn share(self, result: Vec<u8>) {
        _ = self.flight.result.set(result);
    }
}

impl Drop for Computing<'_> {
    fn drop(&mut self) {
        self.flights.lock().remove(&self.key);
        self.flight.over.notify(usize::MAX);
    }
}

impl Waiting {
    /// Blocks until the flight is over.
    pub(super) fn wait(self) -> Landed {
        self.listener.wait();
        Landed(self.flight)
    }

    /// Waits until the flight is over.
    pub(super) async fn wait_async(self) -> Landed {
        self.listener.await;
        Landed(self.flight)
    }
}

/// A flight that is over.
pub(super) struct Landed(Arc<Flight>);

impl Landed {
    /// The bytes of the result, where there is one.
    pub(super) fn result(&self) -> Option<&[u8]> {
        self.0.result.get().map(Vec::as_slice)
    }
}

thread_local! {
    /// The keys of what this thread computes at the moment, outermost first.
    static RUNNING: RefCell<Vec<Key>> = const { RefCell::new(Vec::new()) };
}

/// Whether the caller is itself a part of the computation of this key: then it would wait for itself.
pub(super) fn is_running(key: Key) -> bool {
    RUNNING.with_borrow(|running| running.contains(&key))
}

/// Where less of the stack is left, it goes on in a new one of that size.
const RED_ZONE: usize = 128 << 10;
const STACK: usize = 1 << 20;

/// Runs the computation of a key, which is thereby known as such to calls in it.
pub(super) async fn run<R>(key: Key, computation: impl Future<Output = R>) -> R {
    struct Inside;
    impl Drop for Inside {
        fn drop(&mut self) {
            RUNNING.with_borrow_mut(Vec::pop);
        }
    }
    let mut computation = pin!(computation);
    poll_fn(|context| {
        RUNNING.with_borrow_mut(|running| running.push(key));
        let _inside = Inside;
        // A function that calls itself goes as deep as its results are not kept yet, and each call takes some KiB.
        stacker::maybe_grow(RED_ZONE, STACK, || computation.as_mut().poll(context))
    })
    .await
}
