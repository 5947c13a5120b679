//! A script that keeps a dictionary: saved when it ends, however that is, and there again when it starts.
//!
//!     cargo run --example script --features persistent
//!
//! Started so, it starts itself several times over, and ends itself in several ways. To play with it by hand, start it
//! with a file, and press Ctrl-C when you like:
//!
//!     cargo run --example script --features persistent -- words.state
#![allow(clippy::print_stdout, reason = "a program for the terminal")]

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{BufRead, BufReader, Write, stdout};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;
use std::{env, thread};

use persist::{Durability, Persistent, on_shutdown};

type Words = BTreeMap<String, u32>;

/// The script: it counts words for as long as it is let, and has not a line for signals.
fn script(file: &Path, words: usize, durability: Durability) -> persist::Result<()> {
    let _guard = on_shutdown()?;
    let counts = Persistent::<Words>::builder(file).durability(durability).open_or_default()?;
    let before: u32 = counts.read().values().sum();
    println!("{before} words so far");
    for word in ["so", "much", "depends", "upon"].iter().cycle().take(words) {
        let count = counts.update(|counts| {
            let count = counts.entry((*word).to_owned()).or_default();
            *count += 1;
            *count
        })?;
        println!("{word}: {count}");
        stdout().flush()?;
        thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let every = Durability::Every(Duration::from_millis(50));
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [file] => script(file.as_ref(), usize::MAX, Durability::OnExit)?,
        [file, words, "commit"] => script(file.as_ref(), words.parse()?, Durability::Commit)?,
        [file, words, "every"] => script(file.as_ref(), words.parse()?, every)?,
        [file, words, _] => script(file.as_ref(), words.parse()?, Durability::OnExit)?,
        _ => demonstration()?,
    }
    Ok(())
}

/// Runs the script again and again on one file.
fn demonstration() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("words.state");
    let mut saved = 0;

    println!("It ends by itself after 5 words:");
    let (told, status) = run(&file, "5", "exit", None)?;
    assert!(status.success());
    saved += told;
    check(&file, saved, saved)?;

    if cfg!(unix) {
        for signal in ["INT", "TERM", "HUP"] {
            println!("It is sent SIG{signal} after 7 words:");
            let (told, status) = run(&file, "1000000", "exit", Some((7, signal)))?;
            assert!(!status.success(), "its parent is told how it ended: {status}");
            // It may have counted another word that nobody read of.
            saved = check(&file, saved + told, saved + told + 1)?;
        }
        println!("It is killed (kill -9) after 7 words; saved were those of the last times:");
        run(&file, "1000000", "exit", Some((7, "KILL")))?;
        saved = check(&file, saved, saved)?;

        println!("Saving every 50 ms, it is killed after 60 words:");
        let (told, _) = run(&file, "1000000", "every", Some((60, "KILL")))?;
        saved = check(&file, saved + 1, saved + told + 1)?;

        println!("With every update committed, it is killed after 7 words:");
        let (told, _) = run(&file, "1000000", "commit", Some((7, "KILL")))?;
        saved = check(&file, saved + told, saved + told + 1)?;
    }
    println!("All {saved} words that were to be there are there.");
    Ok(())
}

/// Runs the script until it ends, or for so many words until it is sent a signal; gives the words that it told of.
fn run(
    file: &Path,
    words: &str,
    durability: &str,
    end: Option<(u32, &str)>,
) -> Result<(u32, ExitStatus), Box<dyn Error>> {
    let mut script: Child =
        Command::new(env::current_exe()?).arg(file).args([words, durability]).stdout(Stdio::piped()).spawn()?;
    let lines = BufReader::new(script.stdout.take().ok_or("no output")?).lines();
    let mut told = 0;
    for line in lines {
        let line = line?;
        if told < 3 || line.contains("so far") {
            println!("    {line}");
        }
        told += u32::from(line.contains(": "));
        if let Some((words, signal)) = end
            && told == words
        {
            Command::new("kill").args(["-s", signal, &script.id().to_string()]).status()?;
        }
    }
    Ok((told, script.wait()?))
}

/// The words that are saved, which have to be so many.
fn check(file: &Path, least: u32, most: u32) -> Result<u32, Box<dyn Error>> {
    let saved: u32 = persist::open::<Words>(file)?.values().sum();
    println!("    saved: {saved}");
    assert!((least..=most).contains(&saved), "{saved} words are saved, and it should be {least} to {most}");
    Ok(saved)
}
