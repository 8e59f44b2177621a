//! A small disk that can be filled.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Room for the store of a round, several times over: an empty PostgreSQL takes 40 MB.
const SIZE: &str = "size=256m";

/// Written at a time while filling: a page of the file system, so that no room is left.
const BALLAST_BYTES: usize = 4096;

/// A file system in memory, mounted on a folder; unmounted when dropped.
pub(super) struct Disk {
    folder: PathBuf,
}

impl Disk {
    /// Mounts one. `None` where that is not allowed: it takes root.
    pub(super) fn mount(folder: &Path) -> Option<Self> {
        fs::create_dir_all(folder).unwrap();
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", SIZE, "tmpfs"]);
        let mounted = command.arg(folder).output().unwrap().status.success();
        mounted.then(|| Self {
            folder: folder.to_owned(),
        })
    }

    /// Leaves no room.
    pub(super) fn fill(&self) {
        let mut ballast = File::create(self.ballast()).unwrap();
        while ballast.write_all(&[0; BALLAST_BYTES]).is_ok() {}
    }

    /// Gives the room back.
    pub(super) fn free(&self) {
        fs::remove_file(self.ballast()).unwrap();
    }

    fn ballast(&self) -> PathBuf {
        self.folder.join("ballast")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: whoever still reads from it is a process that ends with the test.
        drop(
            Command::new("umount")
                .arg("--lazy")
                .arg(&self.folder)
                .output(),
        );
    }
}
