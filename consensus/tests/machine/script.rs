//! Golden scripts: a sentence of intent, commands, and the trace that they must yield, compared byte
//! for byte. A line `# …` is intent, `> …` a command; what follows a command is its trace.

mod byzantine;
mod command;
mod play;
mod stage;
mod words;

use std::fmt::Write as _;

use stage::Stage;

/// Plays a script and returns it with the trace that the code yields now.
///
/// # Panics
/// At a command that is not understood, and where the oracle sees a broken invariant.
pub fn play(script: &str) -> String {
    let mut stage: Option<Stage> = None;
    let mut text = String::new();
    for line in script.lines() {
        if line.is_empty() || line.starts_with('#') {
            writeln!(text, "{line}").unwrap();
        } else if let Some(command) = line.strip_prefix("> ") {
            writeln!(text, "{line}").unwrap();
            let words: Vec<&str> = command.split_whitespace().collect();
            for trace in command::run(&mut stage, &words) {
                writeln!(text, "{trace}").unwrap();
            }
        }
    }
    text
}
