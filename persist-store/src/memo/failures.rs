//! What went wrong with a memo, which is no reason for a call to fail.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use persist_core::Error;

type Hook = Box<dyn Fn(&Error) + Send + Sync>;

#[derive(Default)]
pub(super) struct Failures {
    pub(super) hook: Option<Hook>,
    last: Mutex<Option<Arc<Error>>>,
    count: AtomicU64,
}

impl Failures {
    #[cold]
    pub(super) fn report(&self, error: Error) {
        self.count.fetch_add(1, Ordering::Relaxed);
        let error = Arc::new(error);
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&error));
        // Without the lock, since it may ask for the last error.
        if let Some(hook) = &self.hook {
            hook(&error);
        }
    }

    pub(super) fn last(&self) -> Option<Arc<Error>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failures").field("last", &self.last).field("count", &self.count).finish_non_exhaustive()
    }
}
