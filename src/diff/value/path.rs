//! Where a field is: for people, for machines (RFC 6901), and step by step.

use std::fmt::Write;

/// One step into a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The entry of a map.
    Key(String),
    /// The item of a list that has these values: `[name=web]`.
    Item(Vec<(String, String)>),
    /// The item of a set of plain values: `[=ReadWriteOnce]`.
    Element(String),
    /// The item of a list that only its place tells apart, from 0: that of the new list, or of the
    /// old one for an item that goes.
    Index(usize),
}

/// A place in two documents at once. Steps are pushed, and taken back with [`Place::back`].
#[derive(Debug, Default)]
pub(super) struct Place {
    pub(super) steps: Vec<Step>,
    pub(super) path: String,
    pub(super) old: String,
    pub(super) new: String,
    marks: Vec<(usize, usize, usize)>,
}

impl Place {
    /// Into the entry of a map.
    pub(super) fn key(&mut self, key: &str) {
        self.mark();
        write_key(&mut self.path, key);
        for pointer in [&mut self.old, &mut self.new] {
            pointer.push('/');
            pointer.push_str(&crate::yaml::pointer::token(key));
        }
        self.steps.push(Step::Key(key.to_owned()));
    }

    /// Into an item of a list, at one index in the old list and at another one in the new list.
    pub(super) fn item(&mut self, step: Step, old: Option<usize>, new: Option<usize>) {
        self.mark();
        write_item(&mut self.path, &step);
        for (pointer, index) in [(&mut self.old, old), (&mut self.new, new)] {
            if let Some(index) = index {
                write!(pointer, "/{index}").expect("writing to a string does not fail");
            }
        }
        self.steps.push(step);
    }

    fn mark(&mut self) {
        self.marks.push((self.path.len(), self.old.len(), self.new.len()));
    }

    /// Takes the last step back.
    pub(super) fn back(&mut self) {
        self.steps.pop();
        let (path, old, new) = self.marks.pop().expect("a step was made");
        self.path.truncate(path);
        self.old.truncate(old);
        self.new.truncate(new);
    }
}

fn write_key(path: &mut String, key: &str) {
    let plain = |c: char| c.is_alphanumeric() || "-_/$@%+".contains(c);
    if !key.is_empty() && key.chars().all(plain) {
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(key);
    } else {
        path.push('[');
        write_quoted(path, key);
        path.push(']');
    }
}

fn write_item(path: &mut String, step: &Step) {
    path.push('[');
    match step {
        Step::Key(key) => path.push_str(key),
        Step::Index(index) => {
            write!(path, "{index}").expect("writing to a string does not fail");
        }
        Step::Element(text) => {
            path.push('=');
            write_plain(path, text);
        }
        Step::Item(parts) => {
            for (at, (field, value)) in parts.iter().enumerate() {
                if at > 0 {
                    path.push(',');
                }
                path.push_str(field);
                path.push('=');
                write_plain(path, value);
            }
        }
    }
    path.push(']');
}

fn write_plain(path: &mut String, text: &str) {
    let special = |c: char| c.is_whitespace() || c.is_control() || "[],=\"\\".contains(c);
    if text.is_empty() || text.contains(special) {
        write_quoted(path, text);
    } else {
        path.push_str(text);
    }
}

/// As JSON spells it.
fn write_quoted(path: &mut String, text: &str) {
    path.push_str(&serde_json::Value::from(text).to_string());
}
