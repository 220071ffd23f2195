//! Long texts on a terminal go through a pager.
#![expect(clippy::disallowed_methods, reason = "the terminal is described by the environment")]

use super::print;
use std::io::{IsTerminal, Write};
use std::process::{Command, Stdio};

/// What is used when nobody says which: colours pass, one screen is just printed, and it stays.
const USUAL: &str = "less -FRX";

/// Whether stdout is a terminal.
pub(super) fn on_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// The columns of the terminal; nothing where stdout is none.
pub(super) fn width() -> Option<usize> {
    let (terminal_size::Width(columns), _) =
        terminal_size::terminal_size_of(std::io::stdout().lock())?;
    on_terminal().then_some(columns.into())
}

/// Whether text for people is coloured, where no option says so. `NO_COLOR` is stronger than
/// `CLICOLOR_FORCE` and `FORCE_COLOR`, and those than what stdout is.
pub(super) fn is_coloured() -> bool {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let forced = |name: &str| set(name).is_some_and(|value| value != "0");
    match set("NO_COLOR") {
        Some(_) => false,
        None if forced("CLICOLOR_FORCE") || forced("FORCE_COLOR") => true,
        None => on_terminal() && set("TERM").is_some_and(|term| term != "dumb"),
    }
}

/// Prints `text`, on a terminal through `NINEFOLD_PAGER`, `PAGER` or [`USUAL`]: an empty one, and
/// `CI`, mean none.
pub(super) fn show(text: &str) {
    let pager = match on_terminal() && std::env::var_os("CI").is_none_or(|ci| ci.is_empty()) {
        true => command(),
        false => None,
    };
    if !pager.is_some_and(|pager| page(&pager, text)) {
        print::exactly(text);
    }
}

/// The command of the pager; nothing where none is wanted.
fn command() -> Option<String> {
    let named = ["NINEFOLD_PAGER", "PAGER"].iter().find_map(|name| std::env::var(name).ok());
    let pager = named.unwrap_or_else(|| USUAL.to_owned());
    (!pager.trim().is_empty() && pager.trim() != "cat").then_some(pager)
}

/// Whether the pager took the text; it may be left before it has shown all of it.
fn page(pager: &str, text: &str) -> bool {
    let mut shell = Command::new("sh");
    shell.args(["-c", pager]).stdin(Stdio::piped());
    let Ok(mut child) = shell.spawn() else { return false };
    if let Some(mut input) = child.stdin.take() {
        // Whoever leaves the pager has seen enough.
        let _ = input.write_all(text.as_bytes());
    }
    // The shell says 126 and 127 of what does not start.
    child.wait().is_ok_and(|status| !matches!(status.code(), Some(126 | 127)))
}
