//! What a person is told when a file cannot be saved or opened: which file, what is wrong, and what to do.

use std::io;
use std::path::Path;

use persist_core::{Error, ErrorKind};

/// Makes the errors of one operation on one file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Problem<'a> {
    doing: &'static str,
    path: &'a Path,
    saving: bool,
}

/// Where an operation stood when a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Looking what stands at the path.
    Look,
    /// Checking that the existing file may be written.
    Check,
    /// Opening the folder that holds it.
    OpenFolder,
    /// Creating the temporary file.
    Create,
    /// Keeping the old file under another name.
    Keep,
    /// Renaming it over the target.
    Rename,
    /// Making that rename durable.
    SyncFolder,
    /// Reading the file.
    Read,
    /// Taking its lock.
    Lock,
    /// Removing it.
    #[cfg(feature = "memo")]
    Remove,
}

impl<'a> Problem<'a> {
    pub(crate) fn saving(path: &'a Path) -> Self {
        Problem { doing: "save to", path, saving: true }
    }

    pub(crate) fn opening(path: &'a Path) -> Self {
        Problem { doing: "open", path, saving: false }
    }

    #[cfg(feature = "memo")]
    pub(crate) fn removing(path: &'a Path) -> Self {
        Problem { doing: "remove", path, saving: true }
    }

    fn message(&self, what: impl std::fmt::Display) -> String {
        format!("cannot {} `{}`: {what}", self.doing, self.path.display())
    }

    /// A call of the file system failed.
    #[cold]
    pub(crate) fn at(&self, step: Step, error: io::Error) -> Error {
        let help = help(step, error.kind());
        let new = Error::of(ErrorKind::Io, self.message(&error)).with_source(error);
        if let Some(help) = help { new.with_help(help) } else { new }
    }

    /// The value, or the writer it went to, failed.
    #[cold]
    pub(crate) fn with(&self, error: Error) -> Error {
        Error::of(error.kind(), self.message(&error)).with_source(error)
    }

    #[cold]
    pub(crate) fn is_folder(&self) -> Error {
        let error = io::Error::from(io::ErrorKind::IsADirectory);
        Error::of(ErrorKind::Io, self.message("it is a folder")).with_source(error).with_help("name a file inside it")
    }

    #[cold]
    pub(crate) fn is_no_file(&self) -> Error {
        let error = io::Error::from(io::ErrorKind::InvalidInput);
        let help = if self.saving {
            "a device, pipe or socket is written to with `dump`"
        } else {
            "a device, pipe or socket is read from with `load`"
        };
        Error::of(ErrorKind::Io, self.message("it is no regular file")).with_source(error).with_help(help)
    }

    #[cold]
    pub(crate) fn is_link(&self) -> Error {
        let error = io::Error::from(io::ErrorKind::InvalidInput);
        Error::of(ErrorKind::Io, self.message("it is a symbolic link"))
            .with_source(error)
            .with_help("name the file behind it, or allow links with `FileOptions::follow_links(true)`")
    }

    #[cold]
    pub(crate) fn is_locked(&self, owner: Option<&str>) -> Error {
        let error = io::Error::from(io::ErrorKind::WouldBlock);
        let owner = owner.unwrap_or("somebody else");
        Error::of(ErrorKind::Io, self.message(format_args!("{owner} has it locked")))
            .with_source(error)
            .with_help("only one may have it open for writing: end the other, or wait for it with `wait`")
    }

    #[cfg(feature = "persistent")]
    #[cold]
    pub(crate) fn is_replaced(&self) -> Error {
        Error::of(ErrorKind::Io, self.message("somebody else has replaced or removed it while it was open"))
            .with_help("let one `Persistent` have it, or take turns by `FileOptions::lock`")
    }

    /// Appending to the journal failed.
    #[cfg(feature = "persistent")]
    #[cold]
    pub(crate) fn in_journal(&self, error: io::Error) -> Error {
        Error::of(ErrorKind::Io, self.message(format_args!("its journal could not be written: {error}")))
            .with_source(error)
    }

    #[cold]
    pub(crate) fn no_file(&self) -> Error {
        let error = io::Error::from(io::ErrorKind::NotFound);
        Error::of(ErrorKind::Io, self.message("there is no such file"))
            .with_source(error)
            .with_help("check the path, or start from the default with `open_or_default`")
    }

    /// The same where nothing could stand in for it.
    #[cold]
    pub(crate) fn is_missing(&self) -> Error {
        let error = io::Error::from(io::ErrorKind::NotFound);
        Error::of(ErrorKind::Io, self.message("there is no such file")).with_source(error).with_help("check the path")
    }

    #[cold]
    pub(crate) fn no_folder(&self, folder: &Path, error: io::Error) -> Error {
        Error::of(ErrorKind::Io, self.message(format_args!("there is no folder `{}`", folder.display())))
            .with_source(error)
            .with_help("check the path, or create the folder first, for example with `std::fs::create_dir_all`")
    }
}

fn help(step: Step, kind: io::ErrorKind) -> Option<&'static str> {
    use io::ErrorKind::{NotADirectory, PermissionDenied, ReadOnlyFilesystem};
    Some(match (step, kind) {
        (Step::SyncFolder, _) => {
            "the new content is in place, but a power loss may still bring the old one back: check the disk, save again"
        }
        (_, ReadOnlyFilesystem) => "the file system is mounted read-only: remount it, or save elsewhere",
        (_, NotADirectory) => "what should be a folder in this path is a file",
        (Step::Look, PermissionDenied) => "this user may not search a folder of this path",
        (Step::Check, PermissionDenied) => {
            "this user may not write the file: change its permissions, or save elsewhere"
        }
        (Step::Read, PermissionDenied) => "this user may not read the file: change its permissions",
        (Step::Lock, PermissionDenied) => {
            "a lock is a file beside it: make the folder writable for this user, or open the file with `open`"
        }
        (_, io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) => "make room on the disk",
        (Step::OpenFolder, PermissionDenied) => {
            "this user may not read the folder, which making a save durable takes: change its permissions"
        }
        (Step::Create | Step::Keep | Step::Rename, PermissionDenied) => {
            "a save creates a new file beside the old one, then renames it: make the folder writable for this user, or \
             save elsewhere"
        }
        _ => return None,
    })
}
