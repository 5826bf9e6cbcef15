//! Running the binary for a test.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// An address that nobody has a key for here.
pub const ADDRESS: &str = "quo18xxewr6ax3msddfs8n3prps8gd9e87rq38cypz";

/// The binary, with nothing of the user's environment that it would read.
pub fn quorate(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.args(arguments).env_remove("QUORATE_HOME").env_remove("QUORATE_NODE");
    command
}

/// The standard output of a command that must succeed.
pub fn succeed(arguments: &[&str]) -> String {
    let Output { status, stdout, stderr } = quorate(arguments).output().unwrap();
    let errors = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{arguments:?}: {errors}");
    String::from_utf8(stdout).unwrap()
}

/// The one line of JSON that a command prints which must succeed.
pub fn json(arguments: &[&str]) -> Value {
    let text = succeed(&[arguments, &["-o", "json"]].concat());
    assert_eq!(text.lines().count(), 1, "{text}");
    serde_json::from_str(&text).unwrap()
}

/// The standard error of a command that must fail with this exit code, print nothing else, and
/// say what is wrong in the form of every command.
pub fn fail(code: i32, arguments: &[&str]) -> String {
    let Output { status, stdout, stderr } = quorate(arguments).output().unwrap();
    let errors = String::from_utf8(stderr).unwrap();
    assert_eq!(status.code(), Some(code), "{arguments:?}: {errors}");
    assert!(stdout.is_empty(), "{arguments:?}");
    assert!(errors.starts_with("error: "), "{arguments:?}: {errors}");
    errors
}

/// A path below a folder, as an argument.
pub fn below(folder: &tempfile::TempDir, name: &str) -> String {
    text(&folder.path().join(name)).to_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
