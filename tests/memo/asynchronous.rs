//! Async functions, under an executor that knows nothing of us.

use std::borrow::Cow;
use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use futures::executor::{LocalPool, block_on};
use futures::future::{join_all, select};
use futures::task::LocalSpawnExt;
use persist::{Memo, Persist, memoize};

use crate::{count, counts, folder};

counted! { GREETED, FAILED, GENERIC, SHARED, DROPPED, SAME }

/// Gives way to others, so many times.
async fn give_way(times: usize) {
    let mut left = times;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

struct Client {
    name: String,
}

impl Client {
    /// Borrows from everywhere.
    #[memoize(path = folder(), ignore(self), handle = Self::greetings)]
    async fn greet(&self, who: &str, mut list: Vec<u8>) -> String {
        count(&GREETED);
        give_way(3).await;
        list.push(1);
        format!("{} says hello to {who} and {list:?}", self.name)
    }
}

#[test]
fn methods() {
    let client = Client { name: "a".into() };
    for _ in 0..2 {
        assert_eq!(block_on(client.greet("b", vec![2])), "a says hello to b and [2, 1]");
    }
    assert_eq!(counts([&GREETED]), [1]);
    assert_eq!(Client::greetings().statistics().hits, 1);
    assert!(Client::greetings().name().ends_with("Client::greet"), "{}", Client::greetings().name());
}

#[memoize(path = folder())]
async fn parsed(text: &str) -> Result<u8, Box<dyn std::error::Error + Send + Sync>> {
    count(&FAILED);
    give_way(1).await;
    let number: u8 = text.parse()?;
    if number == 0 {
        return Err(Box::from("nothing"));
    }
    Ok(number)
}

#[memoize(path = folder())]
async fn sized<T: Persist + Sync>(value: &T) -> u64 {
    count(&GENERIC);
    let _ = value;
    size_of::<T>() as u64
}

#[memoize(path = folder())]
async fn elided(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.is_empty() {
        return "nothing".into();
    }
    text
}

#[test]
fn results_and_parameters() {
    assert_eq!((block_on(elided("".into())), block_on(elided("a".into()))), ("nothing".into(), "a".into()));
    for _ in 0..2 {
        assert_eq!(block_on(parsed("5")).unwrap(), 5);
        assert!(block_on(parsed("x")).unwrap_err().to_string().contains("invalid digit"));
        assert_eq!(block_on(parsed("0")).unwrap_err().to_string(), "nothing");
        assert_eq!((block_on(sized(&1u8)), block_on(sized(&1u32))), (1, 4));
    }
    assert_eq!(counts([&FAILED, &GENERIC]), [5, 2]);
}

/// Compiles only if the futures can go to other threads.
#[test]
fn futures_are_send() {
    fn is_send<T: Send>(_: &T) {}
    let client = Client { name: "a".into() };
    is_send(&client.greet("x", vec![]));
    is_send(&parsed("5"));
    is_send(&sized(&1u8));
}

#[memoize(path = folder(), handle = shared_memo)]
async fn shared(n: u32) -> u32 {
    count(&SHARED);
    give_way(50).await;
    n + 1
}

/// All on one thread: those who wait must not keep it from the one who computes.
#[test]
fn tasks_of_one_thread_compute_once() {
    assert_eq!(block_on(join_all((0..8).map(|_| shared(5)))), [6; 8]);
    let mut pool = LocalPool::new();
    let given = Arc::new(std::sync::Mutex::new(Vec::new()));
    for _ in 0..8 {
        let given = Arc::clone(&given);
        pool.spawner()
            .spawn_local(async move {
                let number = shared(6).await;
                given.lock().unwrap().push(number);
            })
            .unwrap();
    }
    pool.run();
    assert_eq!(*given.lock().unwrap(), [7; 8]);
    assert_eq!(counts([&SHARED]), [2]);
    let statistics = shared_memo().statistics();
    assert_eq!((statistics.computed, statistics.hits + statistics.shared), (2, 14));
    assert!(statistics.shared > 0);
    // Threads, too.
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(block_on(shared(7)), 8));
        }
    });
    assert_eq!(counts([&SHARED]), [3]);
}

#[memoize(path = folder())]
async fn dropped(n: u32) -> u32 {
    count(&DROPPED);
    give_way(if counts([&DROPPED]) == [1] { usize::MAX } else { 0 }).await;
    n
}

fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_dropped_future_gives_way() {
    let mut first = Box::pin(dropped(1));
    assert!(poll_once(first.as_mut()).is_pending());
    // Others wait, and one of them is given up as well.
    let mut given_up = Box::pin(dropped(1));
    assert!(poll_once(given_up.as_mut()).is_pending());
    let mut second = pin!(dropped(1));
    assert!(poll_once(second.as_mut()).is_pending());
    assert_eq!(counts([&DROPPED]), [1]);
    drop(given_up);
    drop(first);
    assert_eq!(block_on(second), 1);
    assert_eq!(counts([&DROPPED]), [2]);

    // One that was never polled has begun nothing.
    drop(dropped(2));
    assert_eq!(block_on(dropped(2)), 2);
}

/// A future that waits for the lock of another memo, which stands in for another process, is given up.
#[test]
fn a_future_that_waits_for_another_process_is_dropped() {
    let (one, two) = (Memo::builder(folder(), "given up").build(), Memo::builder(folder(), "given up").build());
    let mut computing = Box::pin(one.get_or_compute_async(&1u8, async {
        give_way(usize::MAX).await;
        1u8
    }));
    assert!(poll_once(computing.as_mut()).is_pending());
    let mut waiting = Box::pin(two.get_or_compute_async(&1u8, async { 2u8 }));
    assert!(poll_once(waiting.as_mut()).is_pending());
    drop(waiting);
    drop(computing);
    assert_eq!(block_on(two.get_or_compute_async(&1u8, async { 3u8 })), 3);
    assert_eq!(one.get_or_compute(&1u8, || 4u8), 3);
}

/// Boxed, since it holds itself.
#[memoize(path = folder(), ignore(again))]
async fn same(n: u64, again: bool) -> u64 {
    count(&SAME);
    give_way(1).await;
    if again { Box::pin(same(n, false)).await + 1 } else { n }
}

#[memoize(path = folder())]
async fn depth(n: u32) -> u32 {
    if n == 0 { 0 } else { Box::pin(depth(n - 1)).await + 1 }
}

#[memoize(path = folder())]
async fn fibonacci(n: u64) -> u64 {
    if n < 2 {
        n
    } else {
        let (a, b) = futures::join!(Box::pin(fibonacci(n - 1)), Box::pin(fibonacci(n - 2)));
        a + b
    }
}

#[test]
fn recursion() {
    assert_eq!(block_on(same(5, true)), 6);
    assert_eq!(counts([&SAME]), [2]);
    assert_eq!(block_on(fibonacci(30)), 832_040);
    assert_eq!(block_on(depth(500)), 500);
}

/// What is not polled to its end, since another future was faster, is computed by the next one.
#[test]
fn selected_against() {
    let memo = Memo::builder(folder(), "select").build();
    let computed = Cell::new(0);
    let slow = |times| {
        let computed = &computed;
        memo.get_or_compute_async(&1u8, async move {
            computed.set(computed.get() + 1);
            give_way(times).await;
            times as u64
        })
    };
    block_on(async {
        let _ = select(pin!(slow(1_000_000)), pin!(give_way(5))).await;
        thread::sleep(Duration::from_millis(1));
        assert_eq!(slow(2).await, 2);
    });
    assert_eq!(computed.get(), 2);
}
