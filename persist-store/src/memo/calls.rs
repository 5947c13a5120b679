//! A call: looked up, waited for, or computed.

use std::any::type_name_of_val;
use std::convert::{Infallible, identity};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

use persist_core::{Encode, Error, ErrorKind, Persist, Result};

use super::Memo;
use super::entry::Label;
use super::flight::{Role, is_running, run};
use super::key::{Key, KeyMaker};

/// How a call waits.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mode {
    /// It blocks its thread, so that its future is ready when it is first polled.
    Blocking,
    Async,
}

impl Memo {
    /// The same for what blocks its thread.
    pub(super) fn block<R, T: Persist, E>(
        &self,
        key: Result<Key>,
        compute: impl FnOnce() -> R,
        outcome: impl FnOnce(R) -> Result<T, E>,
    ) -> Result<T, E> {
        let compute = pin!(async { compute() });
        let call = pin!(self.run(Mode::Blocking, key, compute, outcome));
        match call.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => result,
            Poll::Pending => unreachable!("what blocks does not give up its thread"),
        }
    }

    /// A call: what is kept, or what the computation gives, which is kept if it is no error.
    ///
    /// The computation is pinned by the caller, since a future that is handed on takes its room in each that holds it.
    pub(super) async fn run<R, T: Persist, E>(
        &self,
        mode: Mode,
        key: Result<Key>,
        compute: Pin<&mut impl Future<Output = R>>,
        outcome: impl FnOnce(R) -> Result<T, E>,
    ) -> Result<T, E> {
        let key = match key {
            Ok(key) => key,
            Err(error) => {
                self.failures.report(error.with_help("the call was computed, and its result is not kept"));
                count(&self.counts.computed);
                return outcome(compute.await);
            }
        };
        // What is wrong with a file is told by the one who replaces it.
        if let Ok(Some((value, _))) = self.look_up(key) {
            count(&self.counts.hits);
            return Ok(value);
        }
        if is_running(key) {
            count(&self.counts.computed);
            return outcome(compute.await);
        }
        let computing = loop {
            let waiting = match self.flights.join(key) {
                Role::Compute(computing) => break computing,
                Role::Wait(waiting) => waiting,
            };
            let landed = match mode {
                Mode::Blocking => waiting.wait(),
                Mode::Async => waiting.wait_async().await,
            };
            // Where there is none, it failed, and somebody else is to compute.
            let Some(bytes) = landed.result() else { continue };
            if let Ok(Some(value)) = self.open(key, bytes) {
                count(&self.counts.shared);
                return Ok(value);
            }
            // Nobody can open it.
            count(&self.counts.computed);
            return outcome(compute.await);
        };
        let lock = match mode {
            Mode::Blocking => self.folder.lock(key),
            Mode::Async => self.folder.lock_async(key).await,
        };
        // Without a lock, another process may compute the same: that is all.
        let lock = lock.map_err(|error| self.failures.report(error)).ok();
        // Somebody may have kept it in the meantime.
        match self.look_up(key) {
            Ok(Some((value, bytes))) => {
                count(&self.counts.hits);
                computing.share(bytes);
                return Ok(value);
            }
            Ok(None) => {}
            Err(error) => self.failures.report(error),
        }
        count(&self.counts.computed);
        let value = outcome(run(key, compute).await)?;
        match self.keep(key, &value) {
            Ok(bytes) => computing.share(bytes),
            Err(error) => self.failures.report(error),
        }
        drop(lock);
        Ok(value)
    }

    pub(super) fn label(&self, key: Key) -> Label<'_> {
        Label { name: &self.name, version: &self.version, key }
    }

    /// What is kept of a key, if it is not too old, and its bytes.
    fn look_up<T: Persist>(&self, key: Key) -> Result<Option<(T, Vec<u8>)>> {
        let Some(bytes) = self.folder.read(key)? else { return Ok(None) };
        Ok(self.open(key, &bytes)?.map(|value| (value, bytes)))
    }

    fn open<T: Persist>(&self, key: Key, bytes: &[u8]) -> Result<Option<T>> {
        self.label(key).read(bytes, self.ttl, self.now()).map_err(|error| {
            let message = format!("a kept result of `{}` cannot be used: {error}", self.name);
            Error::of(error.kind(), message).with_source(error).with_help("it was computed anew")
        })
    }

    /// Keeps a value; gives its bytes, which others may use whether or not they could be written.
    fn keep<T: Persist>(&self, key: Key, value: &T) -> Result<Vec<u8>> {
        let bytes = self.label(key).write(value, self.now())?;
        let size = bytes.len() as u64;
        let kept = if self.sweep.refuses(size) {
            let message =
                format!("a result of `{}` is not kept: its {size} bytes are more than all may have", self.name);
            Err(Error::of(ErrorKind::Limit, message).with_help("raise `max_size` or `max_entries`"))
        } else {
            self.folder.write(key, &bytes).and_then(|()| self.sweep.added(&self.folder, size, self.now()))
        };
        match kept {
            Ok(removed) => _ = self.counts.removed.fetch_add(removed, Ordering::Relaxed),
            Err(error) => self.failures.report(error),
        }
        Ok(bytes)
    }
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// A call of a function that `#[memoize]` stands on.
#[derive(Debug)]
pub struct Call<'m> {
    memo: &'m Memo,
    key: KeyMaker,
    failed: Option<Error>,
}

impl<'m> Call<'m> {
    /// The type of the closure, which stands in the function, names its instance: type parameters and `Self` included.
    #[must_use]
    pub fn new<Instance: Fn()>(memo: &'m Memo, _: &Instance) -> Self {
        let mut key = KeyMaker::new(&memo.name, &memo.version);
        key.instance::<Instance>();
        Call { memo, key, failed: None }
    }

    /// Adds an argument.
    #[must_use]
    pub fn argument<A: Argument>(mut self, name: &'static str, value: &A) -> Self {
        if self.failed.is_none() {
            let added = self.key.argument(value);
            self.failed = added.err().map(|error| error.in_field(self.memo.name.clone(), name));
        }
        self
    }

    /// The value of a function that gives just that.
    pub fn value<T: Persist>(self, compute: impl FnOnce() -> T) -> T {
        let (memo, key) = self.finish::<T>();
        let Ok(value) = memo.block(key, compute, Ok::<T, Infallible>);
        value
    }

    /// The result of a function that gives one.
    pub fn result<T: Persist, E>(self, compute: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let (memo, key) = self.finish::<T>();
        memo.block(key, compute, identity)
    }

    // The futures hold a key, and not what it is made of.

    /// The value of an async function.
    pub fn value_async<T: Persist>(self, compute: impl Future<Output = T>) -> impl Future<Output = T> {
        let (memo, key) = self.finish::<T>();
        async {
            let Ok(value) = memo.run(Mode::Async, key, pin!(compute), Ok::<T, Infallible>).await;
            value
        }
    }

    /// The result of an async function.
    pub fn result_async<T: Persist, E>(
        self,
        compute: impl Future<Output = Result<T, E>>,
    ) -> impl Future<Output = Result<T, E>> {
        let (memo, key) = self.finish::<T>();
        async { memo.run(Mode::Async, key, pin!(compute), identity).await }
    }

    fn finish<T: Persist>(self) -> (&'m Memo, Result<Key>) {
        let key = match self.failed {
            None => self.key.finish::<T>(),
            Some(error) => Err(error),
        };
        (self.memo, key)
    }
}

/// What a key can be made of.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a part of the key: it does not implement `Persist`",
    label = "`{Self}` is not `Persist`",
    note = "if the type is yours, add `#[derive(Persist)]` to it",
    note = "if the result does not depend on it, leave it out of the key by `ignore(..)`"
)]
pub trait Argument: Encode {}

impl<A: Encode> Argument for A {}

/// The full name of the function `function`, in which, or beside which, the function `marker` is in another one.
#[must_use]
pub fn name_of<Marker>(marker: &Marker, function: &str) -> String {
    // `krate::Type::function::marker`; a closure lies between where the function is async.
    let path = type_name_of_val(marker);
    let mut path = path.rsplit_once("::").map_or("", |(path, _)| path);
    while let Some(outer) = path.strip_suffix("::{{closure}}") {
        path = outer;
    }
    path.rsplit_once("::").map_or_else(|| function.to_owned(), |(path, _)| format!("{path}::{function}"))
}

/// Says of which type a value would be, in code that does not run.
#[must_use]
pub fn never<T>() -> T {
    unreachable!("this is written where it does not run")
}
