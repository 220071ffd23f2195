//! Which characters a string of a spec may hold.

use crate::diag::{Code, Diagnostic, Span};

/// Refuses characters that some reader of YAML changes, drops or refuses even when they are
/// escaped: control characters other than tab and line feed, NEL, the line and paragraph
/// separators, the byte order mark, non-characters; and the four private characters that mark
/// interpolations in manifests.
pub(super) fn check(text: &str, place: Span) -> Result<(), Box<Diagnostic>> {
    let plain = |byte: u8| matches!(byte, b' '..=b'~' | b'\n' | b'\t');
    if text.bytes().all(plain) {
        return Ok(());
    }
    let Some(found) = text.chars().find(|c| !is_allowed(*c)) else { return Ok(()) };
    let code = u32::from(found);
    let name = match found {
        '\r' => "a carriage return",
        '\u{85}' => "a next-line character",
        '\u{2028}' | '\u{2029}' => "a separator of lines or paragraphs",
        '\u{feff}' => "a byte order mark",
        '\u{e0f0}'..='\u{e0f3}' => "a character that manifests use themselves",
        c if c.is_control() => "a control character",
        _ => "a character that is none",
    };
    let help = match found {
        '\r' => "write `\\n` for the end of a line, and save the file with Unix line ends",
        _ => {
            "leave it out; what is not text belongs in the image or an encoded form such as base64"
        }
    };
    let finding =
        Diagnostic::new(Code::CONTROL_CHARACTER, format!("{name} (U+{code:04X}) in a string"))
            .at(place, "")
            .note("readers of YAML change or refuse it, so the cluster would see something else")
            .help(help);
    Err(Box::new(finding))
}

pub(super) fn is_allowed(c: char) -> bool {
    match c {
        '\n' | '\t' => true,
        c if c.is_control() => false,
        '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{e0f0}'..='\u{e0f3}' => false,
        '\u{fdd0}'..='\u{fdef}' => false,
        c => u32::from(c) & 0xfffe != 0xfffe,
    }
}
