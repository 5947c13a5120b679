//! The folder of generated crates, and what their builds take.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::program::Library;
use crate::Result;

/// A cargo profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// `cargo build --release`.
    Release,
    /// `cargo build`.
    Debug,
}

/// A workspace of generated crates, which share their dependencies.
#[derive(Debug)]
pub struct Workspace {
    folder: PathBuf,
}

impl Workspace {
    /// Writes a crate for each library into `folder`. What is there already is written over, so that dependencies that
    /// were built before are found again.
    pub fn write(folder: &Path, crates: &[(Library, String)]) -> Result<Self> {
        let persist = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("persist-bench stands in no folder")?;
        let members =
            crates.iter().map(|(library, _)| format!("'{}'", library.program())).collect::<Vec<_>>().join(", ");
        let folder = folder.to_owned();
        fs::create_dir_all(&folder)?;
        // Stripped by cargo itself, so that no other tool is needed.
        fs::write(
            folder.join("Cargo.toml"),
            format!("[workspace]\nresolver = '3'\nmembers = [{members}]\n[profile.release]\nstrip = true\n"),
        )?;
        // The versions that persist itself is tested with.
        fs::copy(persist.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        for (library, source) in crates {
            let member = folder.join(library.program());
            fs::create_dir_all(member.join("src"))?;
            let dependencies = library.dependencies.replace("{persist}", &persist.display().to_string());
            fs::write(
                member.join("Cargo.toml"),
                format!(
                    "[package]\nname = '{}'\nedition = '2024'\n[dependencies]\n{dependencies}[lints]\n\
                     rust.warnings = 'allow'\n",
                    library.program()
                ),
            )?;
            fs::write(member.join("src/main.rs"), source)?;
        }
        Ok(Self { folder })
    }

    /// Builds a crate and all it needs, from the network where the registry's files are not here yet, and runs it: it
    /// panics where a value does not come back.
    pub fn prepare(&self, library: &Library, profile: Profile) -> Result<()> {
        let mut cargo = self.cargo(library, profile);
        run(&mut cargo)?;
        run(&mut Command::new(self.binary(library, profile)))
    }

    /// The times to build the crate again that [`prepare`](Workspace::prepare) has built, and nothing else.
    pub fn rebuild(&self, library: &Library, profile: Profile, times: usize) -> Result<Vec<Duration>> {
        let source = self.folder.join(library.program()).join("src/main.rs");
        (0..times)
            .map(|_| {
                let text = fs::read(&source)?;
                fs::write(&source, text)?;
                let before = Spent::now();
                run(self.cargo(library, profile).arg("--offline"))?;
                Ok(before.elapsed())
            })
            .collect()
    }

    /// Bytes of the stripped binary.
    pub fn size(&self, library: &Library) -> Result<u64> {
        Ok(fs::metadata(self.binary(library, Profile::Release))?.len())
    }

    fn binary(&self, library: &Library, profile: Profile) -> PathBuf {
        let profile = match profile {
            Profile::Release => "release",
            Profile::Debug => "debug",
        };
        self.folder.join("target").join(profile).join(library.program()).with_extension(std::env::consts::EXE_EXTENSION)
    }

    fn cargo(&self, library: &Library, profile: Profile) -> Command {
        // The cargo that runs this program, if one does.
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["build", "--quiet", "-j1", "-p", &library.program()]);
        if profile == Profile::Release {
            cargo.arg("--release");
        }
        cargo.current_dir(&self.folder).env("CARGO_TARGET_DIR", self.folder.join("target"));
        cargo.env("CARGO_INCREMENTAL", "0");
        // What the caller builds with is not what is measured.
        for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_WRAPPER", "CARGO_BUILD_TARGET"] {
            cargo.env_remove(name);
        }
        cargo
    }
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    Err(format!("{command:?} fails: {text}").into())
}

/// A moment, in the time that children of this process use of a processor where the system says it, so that other
/// programs disturb little.
struct Spent {
    begin: Instant,
    children: Option<Duration>,
}

impl Spent {
    fn now() -> Self {
        Self { begin: Instant::now(), children: children() }
    }

    fn elapsed(&self) -> Duration {
        match (self.children, children()) {
            (Some(before), Some(after)) => after.saturating_sub(before),
            _ => self.begin.elapsed(),
        }
    }
}

/// The processor time of all children that have ended, with their own ones, on Linux.
fn children() -> Option<Duration> {
    children_of(&fs::read_to_string("/proc/self/stat").ok()?)
}

fn children_of(stat: &str) -> Option<Duration> {
    // The second field is the program's name, in parentheses, which may hold spaces; `cutime` and `cstime` are the
    // fields 16 and 17, in hundredths of a second.
    let mut fields = stat[stat.rfind(')')? + 1..].split_ascii_whitespace().skip(13);
    let mut next = || fields.next()?.parse::<u64>().ok();
    Some(Duration::from_millis(10 * (next()? + next()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_children_is_found_behind_any_name() {
        let stat = "42 (a) b) S 1 42 42 0 -1 4194304 100 200 0 0 7 8 150 50 20 0 1 0";
        assert_eq!(children_of(stat), Some(Duration::from_secs(2)));
        assert_eq!(children_of("42 (a)"), None);
    }
}
