//! The end of a log, for an error message.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// Lines that are shown.
const LINES: usize = 10;
/// Bytes of the end that are looked at.
const BYTES: u64 = 4_096;

/// The last lines of what a file has from a byte on, as far as it can be read.
pub(crate) fn last_lines(path: &Path, from: u64) -> String {
    let end = read_end(path, from).unwrap_or_default();
    let text = String::from_utf8_lossy(&end);
    let lines: Vec<&str> = text.lines().collect();
    let first = lines.len().saturating_sub(LINES);
    lines.get(first..).unwrap_or_default().join("\n")
}

fn read_end(path: &Path, from: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(BYTES).max(from)))?;
    let mut end = Vec::new();
    file.take(BYTES).read_to_end(&mut end)?;
    Ok(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_long_log_and_all_of_a_short_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        std::fs::write(&path, "one\ntwo\n").unwrap();
        assert_eq!(last_lines(&path, 0), "one\ntwo");
        assert_eq!(last_lines(&path, 4), "two");
        let long: Vec<String> = (0..10_000).map(|number| number.to_string()).collect();
        std::fs::write(&path, long.join("\n")).unwrap();
        assert_eq!(last_lines(&path, 0), long[9_990..].join("\n"));
        assert_eq!(last_lines(&folder.path().join("none"), 0), "");
    }
}
