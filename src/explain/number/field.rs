//! Where a number stands in its object, and which values are numbers.

use crate::yaml::Value;
use std::fmt;

/// The way from the root of an object to one of its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field(Vec<Step>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// The entry of a map.
    Key(String),
    /// The item of a list, by its name or, where it has none of its own, by its number.
    Item(String),
}

/// What names an item of a list.
const NAMES: &[&[&str]] = &[&["name"], &["metadata", "name"], &["topologyKey"], &["key"]];

/// Keys whose value names something, whatever it looks like.
const NAMING: &[&str] = &[
    "claimName",
    "divisor",
    "image",
    "imageName",
    "key",
    "mountPath",
    "name",
    "namespace",
    "path",
    "priorityClassName",
    "secretName",
    "serviceAccountName",
    "serviceName",
    "storageClassName",
    "storageLocation",
    "subPath",
    "targets",
];

/// Items of lists whose value names something.
const OF_ITEMS: &[&str] = &["aws/health-check-id"];

/// Keys below which everything names something.
const OF_NAMES: &[&str] =
    &["includedNamespaces", "nodeSelector", "labels", "matchLabelKeys", "matchLabels", "selector"];

/// Every number below `root`, in the order in which it is written.
pub(super) fn numbers(root: &Value) -> Vec<(Field, String)> {
    let mut found = Vec::new();
    walk(root, &mut Vec::new(), &mut found);
    found
}

fn walk(value: &Value, steps: &mut Vec<Step>, found: &mut Vec<(Field, String)>) {
    match value {
        Value::Map(entries) => {
            for (key, value) in entries {
                steps.push(Step::Key(key.clone()));
                walk(value, steps, found);
                steps.pop();
            }
        }
        Value::List(items) => {
            for (item, label) in items.iter().zip(labels(items)) {
                steps.push(Step::Item(label));
                walk(item, steps, found);
                steps.pop();
            }
        }
        Value::Int(number) => found.push((Field(steps.clone()), number.to_string())),
        Value::Float(number) => found.push((Field(steps.clone()), number.to_string())),
        Value::String(text) if reads_as_number(text) && !names(steps) => {
            found.push((Field(steps.clone()), text.clone()));
        }
        Value::String(_) | Value::Null | Value::Bool(_) => {}
    }
}

/// What the items of a list are called: by what all of them have, and each for itself.
fn labels(items: &[Value]) -> Vec<String> {
    let named = NAMES.iter().find_map(|path| {
        let labels: Option<Vec<&str>> =
            items.iter().map(|item| item.at(path).and_then(Value::as_str)).collect();
        let labels = labels?;
        let once = |label: &&str| labels.iter().filter(|other| *other == label).count() == 1;
        labels.iter().all(once).then(|| labels.iter().map(|label| (*label).to_owned()).collect())
    });
    named.unwrap_or_else(|| (0..items.len()).map(|index| index.to_string()).collect())
}

/// Whether the value there names something.
fn names(steps: &[Step]) -> bool {
    let key = |step: &Step| match step {
        Step::Key(key) => Some(key.clone()),
        Step::Item(_) => None,
    };
    let keys: Vec<String> = steps.iter().filter_map(key).collect();
    // What a ConfigMap holds has keys of the user's choice.
    if keys.first().is_some_and(|first| first == "data") {
        return false;
    }
    keys.last().is_some_and(|last| NAMING.contains(&last.as_str()))
        || keys.iter().any(|key| OF_NAMES.contains(&key.as_str()))
        || steps
            .iter()
            .any(|step| matches!(step, Step::Item(item) if OF_ITEMS.contains(&item.as_str())))
}

/// Whether a text is a number, with a unit or without, or some of them: `250m`, `1h0m0s`,
/// `3,33 * * * *`, `10.0.0.0/16`.
pub(super) fn reads_as_number(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let of_numbers = |c: char| c.is_ascii_alphanumeric() || ".,*/:+- ".contains(c);
    let mut words = unsigned.split(|c: char| !c.is_ascii_alphabetic());
    unsigned.starts_with(|c: char| c.is_ascii_digit())
        && unsigned.chars().all(of_numbers)
        && words.all(|word| word.len() <= 2)
}

impl Field {
    /// What stands for each `*` of `pattern`, when this is a field that it speaks of.
    pub(super) fn matches(&self, pattern: &str) -> Option<Vec<&str>> {
        let pattern = split(pattern);
        if pattern.len() != self.0.len() {
            return None;
        }
        let mut captured = Vec::new();
        for (wanted, step) in pattern.iter().zip(&self.0) {
            let (Step::Key(own) | Step::Item(own)) = step;
            if *wanted == "*" {
                captured.push(own.as_str());
            } else if wanted != own {
                return None;
            }
        }
        Some(captured)
    }

    /// Whether a value, of the same form as the object, says something there.
    pub(super) fn stands_in(&self, value: &Value) -> bool {
        let found = self.0.iter().try_fold(value, |value, step| match step {
            Step::Key(key) => value.get(key),
            Step::Item(label) => {
                let at = labels(value.items()).iter().position(|one| one == label)?;
                value.items().get(at)
            }
        });
        found.is_some()
    }

    /// Whether it is a word of a command.
    pub(super) fn is_word(&self) -> bool {
        self.0
            .iter()
            .any(|step| matches!(step, Step::Key(key) if key == "command" || key == "args"))
    }

    /// How terms of claims speak of this field of `object`: without the names of items, and with
    /// `pod` for what stands in a pod template.
    pub(super) fn in_claims(&self, object: &str) -> Vec<String> {
        let keys = self.0.iter().filter_map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            Step::Item(_) => None,
        });
        let path = keys.collect::<Vec<&str>>().join(".");
        let pod = path.strip_prefix("spec.template.spec.").map(|rest| format!("pod.{rest}"));
        std::iter::once(format!("{object}.{path}")).chain(pod).collect()
    }
}

/// `spec.ports[http].port`, `metadata.annotations[ninefold.dev/slot]`
impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if !key.contains(['.', '/']) => {
                    f.write_str(if index == 0 { "" } else { "." })?;
                    f.write_str(key)?;
                }
                Step::Key(key) | Step::Item(key) => write!(f, "[{key}]")?,
            }
        }
        Ok(())
    }
}

/// The steps of a field as [`Field`] prints it.
fn split(text: &str) -> Vec<&str> {
    let mut steps = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (step, tail) = match rest.strip_prefix('[') {
            Some(inside) => inside.split_once(']').unwrap_or((inside, "")),
            None => rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len())),
        };
        steps.push(step);
        rest = tail.strip_prefix('.').unwrap_or(tail);
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_whatever_their_type() {
        let number = |text| reads_as_number(text);
        for text in ["3", "-2", "250m", "64Mi", "1h0m0s", "7,37 * * * *", "10.0.0.0/16", "0.5"] {
            assert!(number(text), "{text}");
        }
        for text in ["", "v1", "app", "2 replicas", "1-of-three", "CKV_K8S_15=…", "-", "http"] {
            assert!(!number(text), "{text}");
        }
    }

    #[test]
    fn fields_are_written_as_they_are_asked_for() {
        let text = "metadata:\n  annotations:\n    a.b/c: '4'\nspec:\n  ports:\n    - name: http\n      port: 80\n    - name: dns\n      port: 53\n  words:\n    - '5'\n  selector:\n    n: '1'\n";
        let value = crate::yaml::read::document(text).unwrap();
        let fields: Vec<String> =
            numbers(&value).iter().map(|(field, value)| format!("{field} = {value}")).collect();
        let wanted = [
            "metadata.annotations[a.b/c] = 4",
            "spec.ports[http].port = 80",
            "spec.ports[dns].port = 53",
            "spec.words[0] = 5",
        ];
        assert_eq!(fields, wanted);
        let (field, _) = &numbers(&value)[1];
        assert_eq!(field.matches("spec.ports[*].port"), Some(vec!["http"]));
        assert_eq!(field.matches("spec.ports[*]"), None);
        assert_eq!(field.in_claims("service"), ["service.spec.ports.port"]);
        let patch = |text| crate::yaml::read::document(text).unwrap();
        assert!(
            field
                .stands_in(&patch("spec: {ports: [{name: dns, port: 1}, {name: http, port: 80}]}"))
        );
        assert!(!field.stands_in(&patch("spec: {ports: [{name: dns, port: 80}], type: x}")));
    }
}
