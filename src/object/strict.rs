//! What typing an object lost, and what it made up.
//!
//! k8s-openapi drops fields that a type does not have, and fills required ones that are missing
//! with nothing. Writing the typed object out again shows both: what was written and is gone was
//! unknown, what was not written and is there was required.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// One fault, and where.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// Keys, and numbers of items.
    pub(super) path: Vec<String>,
    /// What is wrong there.
    pub(super) what: What,
}

/// What is wrong at a place.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum What {
    /// The type has no such field.
    Unknown,
    /// The type requires the field.
    Missing,
    /// The field takes something else.
    Wrong(String),
}

impl Fault {
    pub(super) fn missing(field: &str) -> Fault {
        Fault { path: vec![field.to_owned()], what: What::Missing }
    }

    /// `spec.containers[0].name`
    pub(super) fn shown_path(&self) -> String {
        let mut out = String::new();
        for part in &self.path {
            if part.bytes().all(|b| b.is_ascii_digit()) {
                out.push_str(&format!("[{part}]"));
            } else {
                if !out.is_empty() {
                    out.push('.');
                }
                out.push_str(part);
            }
        }
        out
    }
}

/// Every fault of `written` as a `T`.
pub(super) fn check<T: DeserializeOwned + Serialize>(written: &Value) -> Vec<Fault> {
    let typed: T = match serde_path_to_error::deserialize(written) {
        Ok(typed) => typed,
        Err(error) => {
            let path = error.path().to_string();
            let path = path.replace('[', ".").replace(']', "");
            let path = path.split('.').filter(|part| !matches!(*part, "" | "?"));
            let what = What::Wrong(error.inner().to_string());
            return vec![Fault { path: path.map(str::to_owned).collect(), what }];
        }
    };
    let mut faults = Vec::new();
    match serde_json::to_value(&typed) {
        Ok(read) => compare(written, &read, &mut Vec::new(), &mut faults),
        Err(error) => faults.push(Fault { path: Vec::new(), what: What::Wrong(error.to_string()) }),
    }
    faults
}

fn compare(written: &Value, read: &Value, path: &mut Vec<String>, faults: &mut Vec<Fault>) {
    let fault = |path: &[String], what| Fault { path: path.to_vec(), what };
    match (written, read) {
        (Value::Object(written), Value::Object(read)) => {
            for (key, value) in written {
                path.push(key.clone());
                match read.get(key) {
                    Some(kept) => compare(value, kept, path, faults),
                    None => faults.push(fault(path, What::Unknown)),
                }
                path.pop();
            }
            for key in read.keys().filter(|key| !written.contains_key(*key)) {
                path.push(key.clone());
                faults.push(fault(path, What::Missing));
                path.pop();
            }
        }
        (Value::Array(written), Value::Array(read)) if written.len() == read.len() => {
            for (index, (written, read)) in written.iter().zip(read).enumerate() {
                path.push(index.to_string());
                compare(written, read, path, faults);
                path.pop();
            }
        }
        (written, read) if written == read => {}
        (written, _) => faults.push(fault(path, What::Wrong(format!("{written} is lost")))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use k8s_openapi::api::apps::v1::Deployment;
    use serde_json::json;

    fn found(value: &Value) -> Vec<(String, What)> {
        check::<Deployment>(value)
            .into_iter()
            .map(|fault| (fault.shown_path(), fault.what))
            .collect()
    }

    #[test]
    fn unknown_and_missing_fields_are_found_in_one_pass() {
        let value = json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a", "lables": {}},
            "spec": {"replcas": 3, "selector": {}, "template": {"spec": {"containers": [
                {"name": "app", "imagee": "x"}, {"image": "y"},
            ]}}},
        });
        let found = found(&value);
        let container = "spec.template.spec.containers";
        assert_eq!(
            found,
            [
                ("metadata.lables".to_owned(), What::Unknown),
                ("spec.replcas".to_owned(), What::Unknown),
                (format!("{container}[0].imagee"), What::Unknown),
                (format!("{container}[1].name"), What::Missing),
            ]
        );
    }

    #[test]
    fn a_wrong_type_is_found_with_its_path() {
        let value = json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"},
            "spec": {"replicas": "three", "selector": {}, "template": {}},
        });
        let found = found(&value);
        assert_eq!(found[0].0, "spec.replicas");
        assert!(matches!(&found[0].1, What::Wrong(wrong) if wrong.contains("i32")), "{found:?}");
    }
}
