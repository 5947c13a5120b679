//! Groups of rows that are packed side by side: the thread that collects rows hands on what it collected, and others pack
//! and compress it.
//!
//! What is handed on are bytes; values stay where they are. Chunks come back in the order in which they were handed on,
//! so that the output is that of one thread.

use std::collections::VecDeque;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, Sender, SyncSender, TryRecvError, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

use super::collected::Collected;
use crate::column::put_varint;
use crate::error::Result;
use crate::frame::{Detached, Small};
use crate::shape::{NodeId, Shape};

/// Groups for each thread that may be on their way at a time: memory is bounded by so many.
const GROUPS: usize = 2;

/// What is packed one after the other.
pub(super) enum Part {
    /// A number of rows.
    Rows(u64),
    /// A column, and the node that has it for its own.
    Column(Collected, Option<NodeId>),
}

/// A chunk whose last group is still to be packed.
struct Job {
    chunk: Detached,
    parts: Vec<Part>,
    shape: &'static Shape,
    done: SyncSender<Done>,
}

/// A chunk that is finished, and the memory of its columns.
struct Done {
    chunk: Vec<u8>,
    columns: Vec<Collected>,
}

impl Job {
    fn run(self, small: &mut Small) {
        let Job { mut chunk, parts, shape, done } = self;
        let mut columns = Vec::with_capacity(parts.len());
        let (out, cuts) = chunk.parts();
        for part in parts {
            match part {
                Part::Rows(rows) => put_varint(out, rows),
                Part::Column(mut column, node) => {
                    column.pack_small(shape, node, out, cuts);
                    column.clear();
                    columns.push(column);
                }
            }
        }
        // Nobody waits for it where saving has failed.
        let _ = done.send(Done { chunk: chunk.close(small), columns });
    }
}

/// Threads that pack.
pub(super) struct Workers {
    /// None once there are no more jobs.
    jobs: Option<Sender<Job>>,
    /// The other end.
    waiting: Arc<Mutex<Receiver<Job>>>,
    /// In the order of the output.
    pending: VecDeque<Receiver<Done>>,
    threads: Vec<JoinHandle<()>>,
    most: usize,
    /// What this thread packs with, when it has nothing else to do.
    own: Small,
    /// Memory of columns, and of chunks: empty.
    spare: VecDeque<Collected>,
    chunks: Vec<Vec<u8>>,
}

impl Workers {
    /// All threads but the one at hand. Where the system has no more, they are fewer.
    pub(super) fn new(small: &Small) -> Result<Self> {
        let (jobs, waiting) = channel::<Job>();
        let waiting = Arc::new(Mutex::new(waiting));
        let mut threads = Vec::new();
        for _ in 1..small.threads() {
            let (waiting, mut small) = (Arc::clone(&waiting), small.another()?);
            let work = move || {
                loop {
                    // Only whoever gets a job goes on, with the lock released.
                    let job = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    match job {
                        Ok(job) => job.run(&mut small),
                        Err(_) => break,
                    }
                }
            };
            match Builder::new().name("persist".to_owned()).spawn(work) {
                Ok(thread) => threads.push(thread),
                Err(_) => break,
            }
        }
        Ok(Workers {
            jobs: Some(jobs),
            waiting,
            pending: VecDeque::new(),
            threads,
            most: small.threads() * GROUPS,
            own: small.another()?,
            spare: VecDeque::new(),
            chunks: Vec::new(),
        })
    }

    /// Memory for a column.
    pub(super) fn memory(&mut self) -> Collected {
        self.spare.pop_front().unwrap_or_default()
    }

    /// Memory for a chunk.
    pub(super) fn chunk(&mut self) -> Vec<u8> {
        self.chunks.pop().unwrap_or_default()
    }

    /// Hands on a chunk whose last group is still to be packed; what became of earlier ones may be appended.
    pub(super) fn hand_on(&mut self, chunk: Detached, parts: Vec<Part>, shape: &'static Shape, out: &mut Vec<u8>) {
        let (done, pending) = sync_channel(1);
        self.pending.push_back(pending);
        if let Some(jobs) = &self.jobs {
            // The other end is held by `self`.
            let _ = jobs.send(Job { chunk, parts, shape, done });
        }
        while self.pending.len() >= self.most {
            self.next(out);
        }
    }

    /// Waits for all that was handed on.
    pub(super) fn settle(&mut self, out: &mut Vec<u8>) {
        while !self.pending.is_empty() {
            self.next(out);
        }
    }

    /// Waits for the next chunk, and packs others meanwhile.
    fn next(&mut self, out: &mut Vec<u8>) {
        let Some(next) = self.pending.pop_front() else { return };
        let Done { mut chunk, columns } = loop {
            match next.try_recv() {
                Ok(done) => break done,
                Err(TryRecvError::Disconnected) => self.failed(),
                Err(TryRecvError::Empty) => {}
            }
            // Where the lock is held, somebody waits for a job, or takes one.
            let job = self.waiting.try_lock().ok().and_then(|waiting| waiting.try_recv().ok());
            match job {
                Some(job) => job.run(&mut self.own),
                None => match next.recv() {
                    Ok(done) => break done,
                    Err(_) => self.failed(),
                },
            }
        };
        out.extend_from_slice(&chunk);
        chunk.clear();
        self.chunks.push(chunk);
        self.spare.extend(columns);
    }

    /// A thread has panicked: so does this one.
    #[cold]
    fn failed(&mut self) -> ! {
        self.jobs = None;
        for thread in self.threads.drain(..) {
            if let Err(panic) = thread.join() {
                resume_unwind(panic);
            }
        }
        unreachable!("a job is done, unless a thread has panicked");
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.jobs = None;
        for thread in self.threads.drain(..) {
            // What it panicked of was told, or saving has failed already.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::LazyLock;

    use super::super::collected::Kind;
    use super::*;
    use crate::shape::Node;

    #[test]
    fn a_panic_of_a_thread_is_one_of_the_caller() {
        static SHAPE: LazyLock<Shape> = LazyLock::new(|| Shape::new(vec![Node::Text]).unwrap());
        let shape = &*SHAPE;
        for threads in [1, 2, 4] {
            let mut workers = Workers::new(&Small::new(false, threads).unwrap()).unwrap();
            let mut out = Vec::new();
            // Lengths of more bytes than there are.
            let column = || Collected { kind: Kind::Text, values: vec![9, 0, 0, 0, 8, 0, 0, 0], bytes: vec![b'x'] };
            let caught = catch_unwind(AssertUnwindSafe(|| {
                for number in 1..20 {
                    let parts = vec![Part::Column(column(), Some(Shape::ROOT))];
                    workers.hand_on(Detached::empty(number), parts, shape, &mut out);
                }
                workers.settle(&mut out);
            }));
            assert!(caught.is_err());
        }
    }
}
