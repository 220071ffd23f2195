//! As a patch: `git apply`, delta and difftastic read it, with our pairing as its renames.
//!
//! It has the files of objects; ledgers are not in it.

use super::escape::plain;
use crate::diff::Report;
use crate::diff::value::{self, Masks};
use crate::yaml::{self, Value};
use similar::TextDiff;
use std::collections::{BTreeMap, BTreeSet};

/// Where the tree is.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The folder of the tree in the repository: `out`; empty when the tree is the repository.
    pub folder: String,
}

/// One of the sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// What was.
    Old,
    /// What is to be.
    New,
}

/// What a patch is made from.
pub struct Texts<'a> {
    /// The text of a file of one side; nothing when there is none.
    pub read: &'a dyn Fn(Which, &str) -> Option<String>,
    /// Hides what nobody may see: [`Masks::off`] shows it.
    pub masks: &'a mut Masks,
}

/// The report as a patch from the old tree to the new one; nothing when no file differs. Where
/// something is hidden, the first lines say that the patch does not apply.
pub fn render(report: &Report, options: &Options, texts: &mut Texts<'_>) -> String {
    let mut changed = String::new();
    let mut inexact: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for file in files(report, texts) {
        let (old, new) = file.texts(texts);
        let (old, new, why) = safe(old, new, texts);
        if let Some(why) = why {
            inexact.entry(why).or_default().push(options.path(file.path()));
        }
        changed += &file.patch(options, old.as_deref(), new.as_deref());
    }
    let mut out = String::new();
    for (why, files) in inexact {
        out += &format!("# This patch does not apply to these files: {why}\n");
        out.extend(files.iter().map(|file| format!("#   {}\n", plain(file))));
    }
    out + &changed
}

/// A file that differs.
#[derive(Debug, PartialEq, Eq)]
struct File<'a> {
    old: Option<&'a str>,
    new: Option<&'a str>,
    /// The old file stays: what is new began as its copy.
    copy: bool,
}

/// The files of the objects that differ, in the order of their paths. A file that stays is edited
/// in place, whatever becomes of the object in it: that is how a repository sees it.
fn files<'a>(report: &'a Report, texts: &Texts<'_>) -> Vec<File<'a>> {
    let there = |which, path: &str| (texts.read)(which, path).is_some();
    let mut files: BTreeMap<&str, File<'_>> = BTreeMap::new();
    let mut taken: BTreeSet<&str> = BTreeSet::new();
    let path = |manifest: &'a Option<crate::diff::report::Manifest>| -> Option<&'a str> {
        manifest.as_ref().map(|manifest| manifest.path.as_str())
    };
    let pairs = report.objects.iter().map(|object| (path(&object.old), path(&object.new)));
    let pairs: Vec<_> = pairs.collect();
    for (old, new) in &pairs {
        let Some(new) = *new else { continue };
        if files.contains_key(new) {
            continue;
        }
        let file = match *old {
            _ if there(Which::Old, new) => File { old: Some(new), new: Some(new), copy: false },
            Some(old) if there(Which::New, old) => {
                File { old: Some(old), new: Some(new), copy: true }
            }
            Some(old) if taken.insert(old) => File { old: Some(old), new: Some(new), copy: false },
            Some(_) | None => File { old: None, new: Some(new), copy: false },
        };
        files.insert(new, file);
    }
    for old in pairs.iter().filter_map(|(old, _)| *old) {
        if !there(Which::New, old) && !taken.contains(old) {
            files.insert(old, File { old: Some(old), new: None, copy: false });
        }
    }
    files.into_values().collect()
}

/// Both texts as they may be shown, and why they are not what the files say, if so.
fn safe(
    old: Option<String>,
    new: Option<String>,
    texts: &mut Texts<'_>,
) -> (Option<String>, Option<String>, Option<&'static str>) {
    let masks = &mut *texts.masks;
    let (masked_old, masked_new) = (masked(old.as_deref(), masks), masked(new.as_deref(), masks));
    if masked_old == Masked::Unknown || masked_new == Masked::Unknown {
        let hide = |text: Option<String>, side: &str| {
            text.map(|_| format!("# {side}: no YAML, so not shown\n"))
        };
        let why = "they are no YAML, so that nobody knows what in them is secret";
        return (hide(old, "old"), hide(new, "new"), Some(why));
    }
    if masked_old.is_some() || masked_new.is_some() {
        let why = "what looks like a secret in them is masked";
        return (masked_old.text(), masked_new.text(), Some(why));
    }
    let (shown_old, shown_new) = (old.as_deref().map(visible), new.as_deref().map(visible));
    let why = (shown_old != old || shown_new != new)
        .then_some("characters in them that act on a terminal are written out");
    (shown_old, shown_new, why)
}

/// What masking a file made of it.
#[derive(Debug, PartialEq, Eq)]
enum Masked {
    /// Nothing is secret. The text, spelled as the other side is if that has a secret, so that only
    /// what differs in them differs; none where there is no such file.
    Nothing(Option<String>),
    /// The text without its secrets.
    Some(String),
    /// Nobody can tell.
    Unknown,
}

impl Masked {
    fn is_some(&self) -> bool {
        matches!(self, Masked::Some(_))
    }

    fn text(self) -> Option<String> {
        match self {
            Masked::Nothing(text) => text,
            Masked::Some(text) => Some(text),
            Masked::Unknown => None,
        }
    }
}

fn masked(text: Option<&str>, masks: &mut Masks) -> Masked {
    let Some(text) = text else { return Masked::Nothing(None) };
    if masks.is_off() {
        return Masked::Nothing(Some(text.to_owned()));
    }
    let Ok(values) = yaml::read::documents(text) else { return Masked::Unknown };
    let mut some = false;
    let mut texts = Vec::new();
    for value in values {
        let (value, masked) = masked_object(value, masks);
        some |= masked;
        texts.push(yaml::write::document(&value));
    }
    // Comments are no values: with a secret in one, none is shown.
    some |= text.lines().any(|line| line.contains('#') && masks.text(line) != line);
    let text = texts.join("---\n");
    if some { Masked::Some(text) } else { Masked::Nothing(Some(text)) }
}

/// An object without its secrets, and whether it had some.
fn masked_object(object: Value, masks: &mut Masks) -> (Value, bool) {
    let kind = object.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned();
    if let (true, Value::Map(entries)) = (kind.ends_with("List"), &object) {
        let mut some = false;
        let entries = entries.iter().map(|(key, value)| match (key.as_str(), value) {
            ("items", Value::List(items)) => {
                let items = items.iter().map(|item| {
                    let (item, masked) = masked_object(item.clone(), masks);
                    some |= masked;
                    item
                });
                (key.clone(), Value::List(items.collect()))
            }
            _ => (key.clone(), value.clone()),
        });
        let object = Value::Map(entries.collect());
        return (object, some);
    }
    let mut changes = value::whole(None, Some(&object));
    masks.changes(&kind, &mut changes);
    match changes.pop() {
        Some(change) if change.masked => (change.new.unwrap_or(Value::Null), true),
        _ => (object, false),
    }
}

/// The text with every control character written out, but for line ends and tabs.
fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let kept = match character {
            '\n' | '\t' => true,
            '\r' => characters.peek() == Some(&'\n'),
            _ => !character.is_control(),
        };
        if kept { out.push(character) } else { out.extend(character.escape_default()) }
    }
    out
}

impl Options {
    fn path(&self, path: &str) -> String {
        match self.folder.trim_end_matches('/') {
            "" => path.to_owned(),
            folder => format!("{folder}/{path}"),
        }
    }
}

impl File<'_> {
    fn path(&self) -> &str {
        self.new.or(self.old).unwrap_or_default()
    }

    fn texts(&self, texts: &Texts<'_>) -> (Option<String>, Option<String>) {
        let read = |which, path: Option<&str>| path.and_then(|path| (texts.read)(which, path));
        (read(Which::Old, self.old), read(Which::New, self.new))
    }

    fn patch(&self, options: &Options, old: Option<&str>, new: Option<&str>) -> String {
        let (old_text, new_text) = (old.unwrap_or_default(), new.unwrap_or_default());
        let moved = self.old.is_some() && self.new.is_some() && self.old != self.new;
        if old_text == new_text && !moved && self.old.is_some() == self.new.is_some() {
            return String::new();
        }
        let old_path = options.path(self.old.or(self.new).unwrap_or_default());
        let new_path = options.path(self.new.or(self.old).unwrap_or_default());
        let (a, b) = (format!("a/{old_path}"), format!("b/{new_path}"));
        let mut out = format!("diff --git {} {}\n", quoted(&a), quoted(&b));
        let diff = TextDiff::from_lines(old_text, new_text);
        if self.old.is_none() {
            out += "new file mode 100644\n";
        } else if self.new.is_none() {
            out += "deleted file mode 100644\n";
        } else if moved {
            let verb = if self.copy { "copy" } else { "rename" };
            out += &format!("similarity index {}%\n", percent(&diff));
            out += &format!("{verb} from {}\n", quoted(&old_path));
            out += &format!("{verb} to {}\n", quoted(&new_path));
        }
        if old_text != new_text {
            let nothing = || "/dev/null".to_owned();
            let header_old = if self.old.is_none() { nothing() } else { quoted(&a) };
            let header_new = if self.new.is_none() { nothing() } else { quoted(&b) };
            let mut hunks = diff.unified_diff();
            out += &hunks.context_radius(3).header(&header_old, &header_new).to_string();
        }
        out
    }
}

/// How much two texts have in common; 100 only when they are the same.
fn percent(diff: &TextDiff<'_, '_, str>) -> usize {
    let common: usize = diff
        .ops()
        .iter()
        .filter(|op| op.tag() == similar::DiffTag::Equal)
        .map(|op| op.old_range().len())
        .sum();
    let all = diff.old_len().max(diff.new_len());
    (common * 100).checked_div(all).unwrap_or(100)
}

/// A path as git writes it: in quotes when it holds a character that would be misread.
fn quoted(path: &str) -> String {
    if !path.chars().any(|c| c.is_control() || c == '"' || c == '\\') {
        return path.to_owned();
    }
    let mut out = String::from("\"");
    for byte in path.bytes() {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(byte)]),
            b' '..=b'~' => out.push(char::from(byte)),
            byte => out += &format!("\\{byte:03o}"),
        }
    }
    out + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_would_be_misread_is_quoted() {
        assert_eq!(quoted("out/a b/ü.yaml"), "out/a b/ü.yaml");
        assert_eq!(quoted("a\"b\\c\nü"), r#""a\"b\\c\012\303\274""#);
    }

    #[test]
    fn control_characters_are_written_out() {
        assert_eq!(visible("a\tb\r\nc\rd\x1b[0m\n"), "a\tb\r\nc\\rd\\u{1b}[0m\n");
    }
}
