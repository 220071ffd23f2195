//! What no output shows: secrets become marks, before any format sees them.
//!
//! Everything below `data` of a Secret is one. Elsewhere: environment variables, entries of a
//! ConfigMap and keys of documents in it whose names say so, private keys, what stands before the
//! `@` of a URL, what has the form of a known credential, and what follows `--password`.

use super::hidden::{self, Hidden};
use super::path::Step;
use super::{Change, lines};
use crate::diff::Report;
use crate::yaml::Value;
use std::collections::BTreeMap;

/// A secret that is shorter is not looked for in texts about objects: it would be found in words.
const SHORTEST: usize = 6;

/// The marks of one report. A mark is `‹masked #3›`: one number for each value, counted in the order
/// in which they come up, so that two marks are the same exactly when the values are.
#[derive(Debug, Default)]
pub struct Masks {
    off: bool,
    /// By whether it is a text, and its spelling.
    numbers: BTreeMap<(bool, String), usize>,
}

impl Masks {
    /// Masks that hide nothing.
    pub fn off() -> Masks {
        Masks { off: true, numbers: BTreeMap::new() }
    }

    /// Whether they hide nothing.
    pub fn is_off(&self) -> bool {
        self.off
    }

    /// Masks a whole report, in its order. To be called once, last.
    pub fn report(&mut self, report: &mut Report) {
        for object in &mut report.objects {
            self.changes(&object.kind, &mut object.changes);
        }
        for cause in &mut report.causes {
            let key = cause.places.first().map(|place| place.key.clone()).unwrap_or_default();
            let refers =
                |value: &Option<String>| value.as_ref().is_some_and(|it| it.starts_with('{'));
            let secret = holds_a_secret(&key) && !refers(&cause.old) && !refers(&cause.new);
            let values: Vec<String> = cause.old.iter().chain(&cause.new).cloned().collect();
            for value in [&mut cause.old, &mut cause.new].into_iter().flatten() {
                *value = if secret { self.mark(true, value) } else { self.text(value) };
            }
            if secret && !self.off {
                for value in values.iter().filter(|value| !value.is_empty()) {
                    let mark = self.mark(true, value);
                    cause.title = cause.title.replace(value, &mark);
                }
            }
            // Behind a key that only refers to Secrets, as `secrets` does, nothing is assigned to it.
            let key = format!("{key}: ");
            cause.title = match cause.title.strip_prefix(&key) {
                Some(said) if !secret => key + &self.text(said),
                Some(_) | None => self.text(&cause.title),
            };
        }
        for effect in &mut report.effects {
            effect.title = self.text(&effect.title);
            effect.details.iter_mut().for_each(|line| *line = self.text(line));
            effect.evidence.values_mut().for_each(|value| self.json(value));
        }
        report.notes.iter_mut().for_each(|note| *note = self.text(note));
    }

    /// Masks the changes of an object of `kind`, as [`super::compare()`] made them.
    pub fn changes(&mut self, kind: &str, changes: &mut [Change]) {
        for change in changes {
            if self.off {
                change.masked = false;
                self.changes("", &mut change.inside);
            } else {
                self.change(kind, change);
            }
        }
    }

    /// A text about objects: what shows by its form, and every secret that came up before.
    pub fn text(&mut self, text: &str) -> String {
        if self.off {
            return text.to_owned();
        }
        let mut parts = match hidden::within(text) {
            Hidden::Parts(parts) => parts,
            // It speaks of values that are masked already.
            Hidden::Whole if hidden::has_marks(text) => hidden::by_form(text),
            Hidden::Whole => return self.mark(true, text),
        };
        let known = self.numbers.keys().filter(|(_, known)| known.len() >= SHORTEST);
        for (_, known) in known {
            parts.extend(text.match_indices(known.as_str()).map(|(at, it)| at..at + it.len()));
        }
        parts.sort_by_key(|part| (part.start, std::cmp::Reverse(part.end)));
        let (mut out, mut end) = (String::new(), 0);
        for part in parts {
            if part.start >= end {
                out.push_str(&text[end..part.start]);
                out.push_str(&self.mark(true, &text[part.clone()]));
            } else if part.end <= end {
                continue;
            }
            end = part.end;
        }
        out + &text[end..]
    }

    fn json(&mut self, value: &mut serde_json::Value) {
        match value {
            serde_json::Value::String(text) => *text = self.text(text),
            serde_json::Value::Array(items) => items.iter_mut().for_each(|item| self.json(item)),
            serde_json::Value::Object(map) => map.values_mut().for_each(|value| self.json(value)),
            serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => {
            }
        }
    }

    fn mark(&mut self, is_text: bool, value: &str) -> String {
        if self.off {
            return value.to_owned();
        }
        let next = self.numbers.len() + 1;
        let number = self.numbers.entry((is_text, value.to_owned())).or_insert(next);
        format!("‹masked #{number}›")
    }

    fn change(&mut self, kind: &str, change: &mut Change) {
        let mut steps = change.steps.clone();
        let mut masked = false;
        for value in [&mut change.old, &mut change.new].into_iter().flatten() {
            let whole = change.masked && self.whole(value);
            masked |= whole || self.value(kind, &mut steps, value);
        }
        if let path @ [_, ..] = hidden::by_form(&change.path).as_slice() {
            for part in path.iter().rev() {
                let mark = self.mark(true, &change.path[part.clone()]);
                change.path.replace_range(part.clone(), &mark);
            }
        }
        if std::mem::replace(&mut change.masked, masked) {
            change.inside.clear();
        }
        if masked {
            change.lines = match (&change.old, &change.new) {
                (Some(Value::String(old)), Some(Value::String(new)))
                    if old.contains('\n') || new.contains('\n') =>
                {
                    lines::of(old, new)
                }
                _ => Vec::new(),
            };
        }
        if is_secret(kind, &change.steps) {
            change.inside.clear();
        }
        for inner in &mut change.inside {
            self.change("", inner);
        }
    }

    /// Whether anything of the value was masked.
    fn value(&mut self, kind: &str, steps: &mut Vec<Step>, value: &mut Value) -> bool {
        match value {
            Value::Map(entries) => {
                let name = entries.iter().find(|(key, _)| key == "name");
                let named =
                    name.is_some_and(|(_, name)| name.as_str().is_some_and(hidden::names_a_secret));
                let mut masked = false;
                for (key, value) in entries {
                    steps.push(Step::Key(key.clone()));
                    let secret = named && key == "value" && hidden::is_secret_value(value);
                    masked |=
                        if secret { self.whole(value) } else { self.value(kind, steps, value) };
                    steps.pop();
                }
                masked
            }
            Value::List(items) => {
                let mut masked = false;
                let mut announced = false;
                for (at, item) in items.iter_mut().enumerate() {
                    let announces = hidden::announces(item);
                    steps.push(Step::Index(at));
                    let whole = announced && self.whole(item);
                    masked |= whole || self.value(kind, steps, item);
                    steps.pop();
                    announced = announces;
                }
                masked
            }
            Value::Null => false,
            value if kind == "Secret" && is_secret(kind, steps) => self.whole(value),
            value
                if (is_secret(kind, steps) || by_key(kind, steps))
                    && hidden::is_secret_value(value) =>
            {
                self.whole(value)
            }
            Value::String(text) => match hidden::within(text) {
                Hidden::Whole => self.whole(value),
                Hidden::Parts(parts) => {
                    for part in parts.iter().rev() {
                        // Counted from the front.
                        self.mark(true, &text[part.clone()]);
                    }
                    for part in parts.iter().rev() {
                        let mark = self.mark(true, &text[part.clone()]);
                        text.replace_range(part.clone(), &mark);
                    }
                    !parts.is_empty()
                }
            },
            Value::Bool(_) | Value::Int(_) | Value::Float(_) => false,
        }
    }

    fn whole(&mut self, value: &mut Value) -> bool {
        let mark = match value {
            Value::String(text) => self.mark(true, text),
            Value::Bool(bool) => self.mark(false, &bool.to_string()),
            Value::Int(int) => self.mark(false, &int.to_string()),
            Value::Float(float) => self.mark(false, &format!("{float:?}")),
            Value::Null | Value::List(_) | Value::Map(_) => return false,
        };
        *value = Value::String(mark);
        true
    }
}

/// Whether the value of a key of a spec may be a secret: none that says which Secret is read, by its
/// name, where, or as what.
fn holds_a_secret(key: &str) -> bool {
    const OF_REFERENCES: &[&str] = &[
        "secrets",
        "secret",
        "pull_secret",
        "credential",
        "certificate",
        "repository",
        "name",
        "key",
        "mount",
        "prefix",
        "version",
        "env",
        "optional",
    ];
    let last = key.rsplit('.').next().unwrap_or_default();
    let last = last.split('[').next().unwrap_or_default();
    !OF_REFERENCES.contains(&last) && key.split('.').any(hidden::names_a_secret)
}

/// Whether everything at `steps` is secret.
fn is_secret(kind: &str, steps: &[Step]) -> bool {
    let keys: Vec<&str> = steps.iter().filter_map(key).collect();
    match (kind, keys.as_slice()) {
        ("Secret", ["data" | "stringData", ..]) => true,
        // It repeats the data.
        (
            "Secret",
            ["metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"],
        ) => true,
        ("ConfigMap", ["data" | "binaryData", key]) => hidden::names_a_secret(key),
        _ => {
            let [.., item, Step::Key(last)] = steps else { return false };
            last == "value"
                && match item {
                    Step::Item(parts) => parts
                        .iter()
                        .any(|(field, value)| field == "name" && hidden::names_a_secret(value)),
                    // Which variable it is cannot be told.
                    Step::Index(_) => keys.ends_with(&["env", "value"]),
                    Step::Key(_) | Step::Element(_) => false,
                }
        }
    }
}

/// Whether a value at `steps` is secret by the name of a field, if it is of the kind that can be.
fn by_key(kind: &str, steps: &[Step]) -> bool {
    let mut keys = steps.iter().filter_map(key);
    match kind {
        // A document inside a text.
        "" => keys.any(hidden::names_a_secret),
        _ => matches!(steps.last(), Some(Step::Key(last)) if hidden::is_secret_field(last)),
    }
}

fn key(step: &Step) -> Option<&str> {
    if let Step::Key(key) = step { Some(key) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::value::{compare, whole};
    use crate::yaml::read::document;

    fn masked(kind: &str, old: &str, new: &str) -> Vec<Change> {
        let (old, new) = (document(old).unwrap(), document(new).unwrap());
        let mut changes = compare(kind, &old, &new);
        Masks::default().changes(kind, &mut changes);
        changes
    }

    fn shown(changes: &[Change]) -> String {
        let text = |value: &Option<Value>| match value {
            Some(Value::String(text)) => text.clone(),
            Some(other) => serde_json::Value::from(other).to_string(),
            None => "(none)".to_owned(),
        };
        let line = |change: &Change| {
            format!("{}: {} -> {}\n", change.path, text(&change.old), text(&change.new))
        };
        changes.iter().map(line).collect()
    }

    #[test]
    fn a_secret_says_which_key_changed_and_whether_values_are_the_same() {
        let changes = masked(
            "Secret",
            "data: {a: aHVudGVyMg==, b: eA==, c: aHVudGVyMg==}\ntype: Opaque",
            "data: {a: aHVudGVyMw==, b: eA==, d: aHVudGVyMg==}\ntype: Other",
        );
        assert_eq!(
            shown(&changes),
            "data.a: ‹masked #1› -> ‹masked #2›\ndata.c: ‹masked #1› -> (none)\n\
             data.d: (none) -> ‹masked #1›\ntype: Opaque -> Other\n"
        );
        assert!(changes[0].masked && !changes[3].masked);
    }

    #[test]
    fn objects_that_come_and_go_are_masked_as_well() {
        let value = document("kind: Secret\ndata: {a: eA==}\nmetadata: {name: x}").unwrap();
        let mut changes = whole(None, Some(&value));
        Masks::default().changes("Secret", &mut changes);
        let new = changes[0].new.as_ref().unwrap();
        assert_eq!(new.at(&["data", "a"]).unwrap().as_str(), Some("‹masked #1›"));
        assert_eq!(new.at(&["metadata", "name"]).unwrap().as_str(), Some("x"));
        let mut changes = whole(None, Some(&value));
        Masks::off().changes("Secret", &mut changes);
        assert_eq!(changes[0].new, Some(value));
    }

    #[test]
    fn variables_and_entries_are_known_by_their_names() {
        let variable = |value: &str| {
            format!(
                "spec: {{template: {{spec: {{containers: [{{name: a, env: \
                 [{{name: DB_PASSWORD, value: {value}}}, {{name: LEVEL, value: {value}}}]}}]}}}}}}"
            )
        };
        let changes = masked("Deployment", &variable("hunter2"), &variable("hunter3"));
        let at = "spec.template.spec.containers[name=a].env";
        assert_eq!(
            shown(&changes),
            format!(
                "{at}[name=DB_PASSWORD].value: ‹masked #1› -> ‹masked #2›\n\
                 {at}[name=LEVEL].value: hunter2 -> hunter3\n"
            )
        );
        let changes =
            masked("ConfigMap", "data: {API_KEY: a}", "data: {API_KEY: b, TOKEN_TTL: 1m}");
        assert_eq!(
            shown(&changes),
            "data.API_KEY: ‹masked #1› -> ‹masked #2›\ndata.TOKEN_TTL: (none) -> 1m\n"
        );
        let changes = masked("ConfigMap", "data: {X: 1}", "data: {X: 'redis://:pw@cache/0'}");
        assert_eq!(shown(&changes), "data.X: 1 -> redis://‹masked #1›@cache/0\n");
    }

    #[test]
    fn documents_and_lines_are_masked() {
        let text = |secret: &str, port: u16| {
            format!("data:\n  app.yaml: |\n    port: {port}\n    password: {secret}\n    a: b\n")
        };
        let changes = masked("ConfigMap", &text("hunter2", 80), &text("hunter3", 81));
        let [change] = changes.as_slice() else { panic!("{changes:?}") };
        assert!(change.masked);
        assert!(!serde_json::to_string(change).unwrap().contains("hunter"));
        assert_eq!(shown(&change.inside), "password: ‹masked #1› -> ‹masked #2›\nport: 80 -> 81\n");
        let lines: Vec<&str> = change.lines.iter().map(|line| line.text.as_str()).collect();
        let expected =
            ["port: 80", "password: ‹masked #1›", "port: 81", "password: ‹masked #2›", "a: b"];
        assert_eq!(lines, expected);
    }

    #[test]
    fn an_argument_may_announce_the_next_one() {
        let changes = masked(
            "X",
            "args: [--password, hunter2, --level, a]\nlist: [a]",
            "args: [--password, hunter3, --level, b]\nlist: [[-token, x], {a: b}, --pass, {c: d}]",
        );
        assert_eq!(
            shown(&changes),
            "args[1]: ‹masked #1› -> ‹masked #2›\nargs[3]: a -> b\nlist[0]: a -> (none)\n\
             list[0]: (none) -> [\"-token\",\"‹masked #3›\"]\nlist[1]: (none) -> {\"a\":\"b\"}\n\
             list[2]: (none) -> --pass\nlist[3]: (none) -> {\"c\":\"d\"}\n"
        );
    }

    #[test]
    fn texts_about_objects_hide_what_came_up() {
        let mut masks = Masks::default();
        let value = document("stringData: {a: canary-1234}").unwrap();
        masks.changes("Secret", &mut whole(Some(&value), None));
        assert_eq!(masks.text("now canary-1234, then"), "now ‹masked #1›, then");
        assert_eq!(masks.text("password=other"), "password=‹masked #2›");
        assert_eq!(masks.text("‹masked #1› → x"), "‹masked #1› → x");
        assert_eq!(Masks::off().text("password=other"), "password=other");
    }

    #[test]
    fn causes_and_effects_hide_what_their_objects_hide() {
        use crate::diff::report::{Cause, CauseKind, Place, Report, Side, SideKind};
        let side = Side { kind: SideKind::Folder, name: "out".to_owned(), commit: None };
        let cause = |key: &str, title: &str, old: &str, new: Option<&str>| Cause {
            kind: CauseKind::Spec,
            title: title.to_owned(),
            places: vec![Place {
                file: "specs/web.toml".to_owned(),
                key: key.to_owned(),
                line: Some(3),
                old_line: Some(3),
            }],
            old: Some(old.to_owned()),
            new: new.map(str::to_owned),
            promotes: None,
            objects: Vec::new(),
            followers: Vec::new(),
        };
        let password = "config.DB_PASSWORD: \"pw1\" → \"pw2\"";
        let named = "secrets: − [{ mount = \"/run/signing\", name = \"signing\" }]";
        let causes = vec![
            cause("config.DB_PASSWORD", password, "pw1", Some("pw2")),
            cause("secrets", named, "[{ mount = \"/run/signing\", name = \"signing\" }]", None),
        ];
        let mut report = Report {
            from: side.clone(),
            to: side,
            counts: Default::default(),
            causes,
            effects: Vec::new(),
            objects: Vec::new(),
            groups: Vec::new(),
            notes: vec!["see https://me:canary@host/".to_owned()],
        };
        Masks::default().report(&mut report);
        let [cause, reference] = report.causes.as_slice() else { panic!("two causes") };
        assert_eq!(reference.title, named);
        assert_eq!(cause.title, "config.DB_PASSWORD: \"‹masked #1›\" → \"‹masked #2›\"");
        assert_eq!(cause.new.as_deref(), Some("‹masked #2›"));
        assert_eq!(report.notes, ["see https://‹masked #3›@host/"]);
    }
}
