//! Two processes talk in Rust values, over a Unix socket and over TCP. The program starts itself a second time to have
//! somebody to talk to.
//!
//! `cargo run --example talk`
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::io::{BufWriter, Read, Write};
use std::net::{TcpListener, TcpStream};
#[cfg(unix)]
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::{Child, Command, exit, id};
use std::time::Duration;
use std::{env, thread};

use persist::{Encode, Persist, Result, dump, load};

#[derive(Persist, Debug, PartialEq)]
enum Request {
    Greet { name: String },
    Sum(Vec<i64>),
    Goodbye,
}

#[derive(Persist, Debug, PartialEq)]
enum Reply {
    Text(String),
    Number(i64),
    Refused { why: String },
}

/// Answers requests until the other side says goodbye. A value's end is known, so it takes no framing of our own.
fn answer(mut peer: impl Read + Write) -> Result<()> {
    loop {
        let reply = match load(&mut peer)? {
            Request::Greet { name } => Reply::Text(format!("Hello {name}, process {} speaking.", id())),
            Request::Sum(numbers) => match numbers.iter().try_fold(0_i64, |sum, &n| sum.checked_add(n)) {
                Some(sum) => Reply::Number(sum),
                None => Reply::Refused { why: "the sum does not fit".to_owned() },
            },
            Request::Goodbye => return Ok(()),
        };
        send(&reply, &mut peer)?;
    }
}

/// Asks, and checks the answers.
fn ask(mut peer: impl Read + Write) -> Result<()> {
    let greeting = exchange(&Request::Greet { name: "Anna".to_owned() }, &mut peer)?;
    println!("  {greeting:?}");
    assert!(matches!(greeting, Reply::Text(text) if text.starts_with("Hello Anna, process ")));

    let sum = exchange(&Request::Sum((1..=100_000).collect()), &mut peer)?;
    println!("  1 + 2 + .. + 100000: {sum:?}");
    assert_eq!(sum, Reply::Number(5_000_050_000));

    let refused = exchange(&Request::Sum(vec![i64::MAX, 1]), &mut peer)?;
    println!("  {} + 1: {refused:?}", i64::MAX);
    assert!(matches!(refused, Reply::Refused { .. }));

    send(&Request::Goodbye, &mut peer)
}

fn exchange(request: &Request, mut peer: impl Read + Write) -> Result<Reply> {
    send(request, &mut peer)?;
    load(&mut peer)
}

/// Through a buffer: a socket takes few big writes better than many small ones.
fn send<T: Encode>(message: &T, peer: impl Write) -> Result<()> {
    let mut buffer = BufWriter::new(peer);
    dump(message, &mut buffer)?;
    Ok(buffer.flush()?)
}

fn main() -> Result<()> {
    // Whatever goes wrong on the other side, this ends.
    thread::spawn(|| {
        thread::sleep(Duration::from_secs(60));
        exit(1)
    });

    let arguments: Vec<String> = env::args().skip(1).collect();
    match &arguments[..] {
        [] => {}
        #[cfg(unix)]
        [way, path] if way == "unix" => return ask(UnixStream::connect(path)?),
        [way, address] if way == "tcp" => return ask(TcpStream::connect(address)?),
        _ => return Err("this example takes no arguments".into()),
    }

    #[cfg(unix)]
    {
        println!("Process {} listens on a Unix socket.", id());
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("socket");
        let listener = UnixListener::bind(&path)?;
        let other = start("unix", &path.to_string_lossy())?;
        answer(listener.accept()?.0)?;
        finish(other)?;
    }

    println!("Process {} listens on TCP.", id());
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let other = start("tcp", &listener.local_addr()?.to_string())?;
    answer(listener.accept()?.0)?;
    finish(other)
}

/// Starts this program once more, as the one who asks.
fn start(way: &str, address: &str) -> Result<Child> {
    Ok(Command::new(env::current_exe()?).args([way, address]).spawn()?)
}

fn finish(mut other: Child) -> Result<()> {
    assert!(other.wait()?.success());
    println!("Process {} said goodbye.\n", other.id());
    Ok(())
}
