//! Runs the command in a folder of its own.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A folder with files, in which the command runs.
pub(crate) struct Folder(TempDir);

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: i32,
    pub(crate) out: Vec<u8>,
    pub(crate) err: String,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Folder(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    /// The command, with arguments.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_persist"));
        command.args(arguments).current_dir(self.0.path()).env_remove("NO_COLOR").stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        Ended::of(self.command(arguments).output().unwrap())
    }

    /// Runs the command with these bytes on its standard input.
    pub(crate) fn run_on(&self, input: &[u8], arguments: &[&str]) -> Ended {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut pipe = child.stdin.take().unwrap();
        let input = input.to_vec();
        let writer = std::thread::spawn(move || {
            // The command may end before it has read all.
            _ = pipe.write_all(&input);
        });
        let ended = Ended::of(child.wait_with_output().unwrap());
        writer.join().unwrap();
        ended
    }
}

impl Ended {
    fn of(output: Output) -> Self {
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(!err.contains("panicked"), "{err}");
        Ended { status: output.status.code().expect("it ends by itself"), out: output.stdout, err }
    }

    /// What it wrote, where all went well.
    #[track_caller]
    pub(crate) fn good(&self) -> String {
        assert_eq!((self.status, self.err.as_str()), (0, ""));
        self.text()
    }

    /// What it wrote, where it ended with this status and no error.
    #[track_caller]
    pub(crate) fn ended(&self, status: i32) -> String {
        assert_eq!((self.status, self.err.as_str()), (status, ""));
        self.text()
    }

    /// The one line of its error.
    #[track_caller]
    pub(crate) fn trouble(&self) -> &str {
        assert_eq!(self.status, 2, "{self:?}");
        assert_eq!(self.err.matches('\n').count(), 1, "{}", self.err);
        self.err.trim_end().strip_prefix("persist: ").unwrap_or_else(|| panic!("{}", self.err))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.out.clone()).unwrap()
    }
}

/// A file that stands beside the tests.
pub(crate) fn beside(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name).display().to_string()
}
