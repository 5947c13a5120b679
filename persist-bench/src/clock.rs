//! The clock that everything is timed by.

use std::time::Duration;

/// How long this thread has run so far: what it used of a processor, in itself and in the kernel for it. Waiting for
/// other programs to have their turn does not count, so that a shared machine gives the figures of a quiet one, and a
/// slow library is not interrupted more often than a fast one.
#[cfg(target_os = "linux")]
#[must_use]
pub fn now() -> Duration {
    use rustix::time::{ClockId, clock_gettime};

    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// The time since the first call: elsewhere only a quiet machine gives good figures.
#[cfg(not(target_os = "linux"))]
#[must_use]
pub fn now() -> Duration {
    use std::sync::LazyLock;
    use std::time::Instant;

    static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
    BEGIN.elapsed()
}

/// How long this thread has run since [`now`] gave `begin`.
#[must_use]
pub fn since(begin: Duration) -> Duration {
    now().saturating_sub(begin)
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;
    use std::time::Duration;

    use super::{now, since};

    #[test]
    fn work_takes_time() {
        let begin = now();
        for number in 0..1_000_000_u64 {
            black_box(number);
        }
        assert!(since(begin) > Duration::ZERO);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn waiting_takes_none() {
        let begin = now();
        std::thread::sleep(Duration::from_millis(50));
        assert!(since(begin) < Duration::from_millis(25));
    }
}
