//! The tree as the other checks see it: its root and its Rust files.

use std::fs;
use std::path::{Path, PathBuf};

/// One Rust file of the repository.
pub struct Source {
    /// Path from the root, with `/`.
    pub path: String,
    /// Its whole text.
    pub text: String,
}

/// The root of the repository: the folder above this crate's.
pub fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it for tests");
    Path::new(&here).parent().expect("the crate lies in a folder").to_path_buf()
}

/// Every Rust file below a folder of the root that holds a crate, in a stable order.
pub fn rust_files() -> Vec<Source> {
    let root = root();
    let mut paths = Vec::new();
    for folder in children(&root) {
        if folder.join("Cargo.toml").is_file() {
            collect(&folder, &mut paths);
        }
    }
    assert!(!paths.is_empty(), "no Rust file below {}", root.display());
    paths.iter().map(|path| read(&root, path)).collect()
}

fn children(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is readable");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("readable").path()).collect();
    paths.sort();
    paths
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    for path in children(folder) {
        if path.is_dir() && !path.ends_with("target") {
            collect(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

fn read(root: &Path, path: &Path) -> Source {
    let relative = path.strip_prefix(root).expect("found below the root");
    Source {
        path: relative.to_string_lossy().into_owned(),
        text: fs::read_to_string(path).expect("sources are UTF-8"),
    }
}
