//! TOML as a person writes a spec: tables in the order of `reference.toml`, keys in a column, what is
//! short on one line, comments where somebody must decide.

use crate::yaml;
use toml::Value;

/// Lines are broken beyond this many characters.
const WIDTH: usize = 100;

/// A file that is written.
#[derive(Clone, Debug, Default)]
pub(super) struct Document {
    /// What it begins with.
    pub(super) comment: Vec<String>,
    /// What stands above the first line in brackets.
    pub(super) top: Table,
    /// All else, in the order in which it was added; [`Document::to_text`] puts tables in theirs.
    pub(super) sections: Vec<Section>,
}

/// Keys, in their order.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    key: String,
    value: Value,
    comment: Option<String>,
}

/// A table below a line in brackets.
#[derive(Clone, Debug)]
pub(super) struct Section {
    /// `capacity`, or `metadata` and `pod`.
    path: Vec<String>,
    /// Whether it is one of several: `[[ports]]`.
    many: bool,
    comment: Vec<String>,
    table: Table,
}

/// The tables of a spec, in the order of `reference.toml`; others come last.
const ORDER: &[&str] = &[
    "capacity",
    "placement",
    "ports",
    "pod",
    "metadata",
    "probes",
    "config",
    "secrets",
    "files",
    "scratch",
    "volumes",
    "init",
    "sidecars",
    "jobs",
    "depends_on",
    "called_by",
    "traffic",
    "data",
    "backup",
    "accept",
    "manifests",
    "patch",
];

/// Keys of inline tables that come first, in this order; all others follow by the alphabet.
const FIRST: &[&str] = &[
    "name", "secret", "key", "service", "host", "path", "of", "http", "grpc", "tcp", "external",
    "pods", "object", "port", "image", "command", "args", "ready", "live", "min", "max", "nodes",
    "cpu", "memory", "topology", "binding",
];

/// The entries of an inline table, as a person would write them.
fn ordered(table: &toml::Table) -> Vec<(&String, &Value)> {
    let mut entries: Vec<(&String, &Value)> = table.iter().collect();
    let rank = |key: &str| FIRST.iter().position(|first| *first == key).unwrap_or(FIRST.len());
    entries.sort_by(|(a, _), (b, _)| rank(a).cmp(&rank(b)).then_with(|| a.cmp(b)));
    entries
}

impl Table {
    /// Adds a key.
    pub(super) fn set(&mut self, key: &str, value: impl Into<Value>) -> &mut Table {
        self.entries.push(Entry { key: key.to_owned(), value: value.into(), comment: None });
        self
    }

    /// Adds a key with a comment behind it.
    pub(super) fn set_with_comment(&mut self, key: &str, value: impl Into<Value>, comment: &str) {
        let comment = Some(comment.to_owned());
        self.entries.push(Entry { key: key.to_owned(), value: value.into(), comment });
    }

    /// Whether it has a key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|entry| entry.key == key)
    }

    /// Whether nothing is in it.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The same as a value.
    pub(super) fn into_inline(self) -> Value {
        Value::Table(self.entries.into_iter().map(|entry| (entry.key, entry.value)).collect())
    }

    fn write(&self, out: &mut String) {
        let inline = |entry: &Entry| !shown(&entry.value).contains('\n');
        let keys: Vec<String> = self.entries.iter().map(|entry| key(&entry.key)).collect();
        let column = (keys.iter().zip(&self.entries))
            .filter(|(_, entry)| inline(entry))
            .map(|(key, _)| key.chars().count())
            .max()
            .unwrap_or(0);
        for (key, entry) in keys.iter().zip(&self.entries) {
            let column = if inline(entry) { column } else { 0 };
            let begin = format!("{key:column$} = ");
            let value = value(&entry.value, begin.chars().count(), 0);
            out.push_str(&begin);
            out.push_str(&value);
            if let Some(comment) = &entry.comment {
                out.push_str(&format!(" # {comment}"));
            }
            out.push('\n');
        }
    }
}

impl Document {
    /// The table at `path`, which is added unless it is there.
    pub(super) fn table(&mut self, path: &[&str]) -> &mut Table {
        let path: Vec<String> = path.iter().map(|key| (*key).to_owned()).collect();
        let found = self.sections.iter().position(|one| !one.many && one.path == path);
        let at = found.unwrap_or_else(|| {
            let (comment, table) = (Vec::new(), Table::default());
            self.sections.push(Section { path, many: false, comment, table });
            self.sections.len() - 1
        });
        &mut self.sections[at].table
    }

    /// Adds one more table of a list.
    pub(super) fn item(&mut self, list: &str, table: Table) {
        self.item_with_comment(list, table, &[]);
    }

    /// Adds one more table of a list that stands in another table.
    pub(super) fn item_at(&mut self, path: &[&str], table: Table) {
        let path = path.iter().map(|key| (*key).to_owned()).collect();
        self.sections.push(Section { path, many: true, comment: Vec::new(), table });
    }

    /// The same, with a comment above it.
    pub(super) fn item_with_comment(&mut self, list: &str, table: Table, comment: &[String]) {
        let (path, comment) = (vec![list.to_owned()], comment.to_vec());
        self.sections.push(Section { path, many: true, comment, table });
    }

    /// Puts a comment above a table, which is added unless it is there.
    pub(super) fn comment_table(&mut self, path: &[&str], comment: &str) {
        self.table(path);
        let found = self.sections.iter_mut().find(|one| !one.many && one.path == path);
        found.expect("it was just added").comment.push(comment.to_owned());
    }

    /// The file.
    pub(super) fn to_text(&self) -> String {
        let mut out = String::new();
        comments(&mut out, &self.comment);
        self.top.write(&mut out);
        let rank = |section: &&Section| {
            ORDER.iter().position(|name| *name == section.path[0]).unwrap_or(ORDER.len())
        };
        let there = |one: &&Section| one.many || !one.table.is_empty() || !one.comment.is_empty();
        let mut sections: Vec<&Section> = self.sections.iter().filter(there).collect();
        sections.sort_by_key(rank);
        for section in sections {
            let path: Vec<String> = section.path.iter().map(|step| key(step)).collect();
            let path = path.join(".");
            if !out.is_empty() {
                out.push('\n');
            }
            comments(&mut out, &section.comment);
            let bare = section.table.is_empty() && !section.many;
            match section.many {
                _ if bare => {}
                true => out.push_str(&format!("[[{path}]]\n")),
                false => out.push_str(&format!("[{path}]\n")),
            }
            section.table.write(&mut out);
        }
        out
    }
}

fn comments(out: &mut String, lines: &[String]) {
    lines.iter().for_each(|line| out.push_str(&format!("# {line}\n")));
}

/// A key, quoted where it must be.
fn key(text: &str) -> String {
    let line = toml::Table::from_iter([(text.to_owned(), Value::Boolean(true))]).to_string();
    line.trim_end().trim_end_matches(" = true").to_owned()
}

/// A value without line breaks but those of its texts.
fn shown(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", "))
        }
        Value::Table(table) if table.is_empty() => "{}".to_owned(),
        Value::Table(table) => {
            let entries = ordered(table).into_iter();
            let entries = entries.map(|(name, value)| format!("{} = {}", key(name), shown(value)));
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
        Value::String(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::Boolean(_)
        | Value::Datetime(_) => value.to_string(),
    }
}

/// A value that begins at a column: a list that is too long for its line has an item a line.
fn value(one: &Value, column: usize, indent: usize) -> String {
    let short = shown(one);
    if !short.contains('\n') && column + short.chars().count() <= WIDTH {
        return short;
    }
    let Value::Array(items) = one else { return short };
    let inner = " ".repeat(indent + 2);
    let item = |item| format!("{inner}{},\n", value(item, indent + 2, indent + 2));
    format!("[\n{}{}]", items.iter().map(item).collect::<String>(), " ".repeat(indent))
}

/// Whether a key and its value stand on one line.
pub(super) fn fits(name: &str, value: &Value) -> bool {
    let short = shown(value);
    !short.contains('\n') && key(name).chars().count() + 3 + short.chars().count() <= WIDTH
}

/// YAML as TOML has it; an entry that is null is left out.
pub(super) fn of_yaml(value: &yaml::Value) -> Option<Value> {
    Some(match value {
        yaml::Value::Null => return None,
        yaml::Value::Bool(bool) => Value::Boolean(*bool),
        yaml::Value::Int(number) => Value::Integer(*number),
        yaml::Value::Float(number) => Value::Float(*number),
        yaml::Value::String(text) => Value::String(text.clone()),
        yaml::Value::List(items) => Value::Array(items.iter().filter_map(of_yaml).collect()),
        yaml::Value::Map(entries) => {
            let entries =
                entries.iter().filter_map(|(key, value)| Some((key.clone(), of_yaml(value)?)));
            Value::Table(entries.collect())
        }
    })
}

/// An inline table of these entries, in their order of names.
pub(super) fn inline<'a>(entries: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    Value::Table(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// A list of texts.
pub(super) fn texts<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Value {
    Value::Array(texts.into_iter().map(|text| Value::String(text.as_ref().to_owned())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_as_what_was_meant() {
        let hard =
            ["", "a", "a\"b", "a'b\"", "a\\b", "two\nlines\n", "'''\n", "\u{1}", "tab\t", "\r\n"];
        for hard in hard {
            let mut document = Document::default();
            document.top.set("k", hard).set("list", texts([hard, &"x".repeat(90)]));
            document.table(&["patch", "a.b"]).set("in line", inline([("x", hard.into())]));
            let text = document.to_text();
            let read: toml::Table = text.parse().unwrap_or_else(|e| panic!("{text}{e}"));
            assert_eq!(read["k"].as_str(), Some(hard), "{text}");
            assert_eq!(read["list"][0].as_str(), Some(hard), "{text}");
            assert_eq!(read["patch"]["a.b"]["in line"]["x"].as_str(), Some(hard), "{text}");
        }
    }
}
