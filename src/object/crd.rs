//! Kinds that the user's templates add, with their CustomResourceDefinitions.
//!
//! Their schemas are structural, so a walk over `properties`, `required`, `items`,
//! `additionalProperties`, `type` and `enum` is what the API server itself does with them before
//! it prunes what it does not know.

use super::strict::{Fault, What};
use crate::diag::{Code, Diagnostic, FileId, Reported, Sink, Sources, Span};
use crate::kube::kinds::CustomKind;
use crate::yaml::Value;
use serde::Deserialize;

/// The kinds that the user's templates may make.
#[derive(Debug, Default)]
pub struct CustomKinds(Vec<Custom>);

#[derive(Debug)]
pub(super) struct Custom {
    pub(super) kind: CustomKind,
    schema: Value,
}

impl CustomKinds {
    /// Reads CustomResourceDefinitions; a file may hold several.
    ///
    /// # Errors
    ///
    /// When a file is not YAML, or holds no CustomResourceDefinition.
    pub fn read(
        sink: &mut Sink,
        sources: &Sources,
        files: &[FileId],
    ) -> Result<CustomKinds, Reported> {
        let mut kinds = Vec::new();
        for file in files {
            let before = kinds.len();
            match documents(&sources.get(*file).text) {
                Ok(documents) => {
                    documents.iter().for_each(|document| kinds.extend(versions(document)));
                }
                Err(message) => {
                    sink.error(
                        Diagnostic::new(Code::TEMPLATE, message).at(Span::start_of(*file), ""),
                    );
                    continue;
                }
            }
            if kinds.len() == before {
                sink.error(
                    Diagnostic::new(
                        Code::TEMPLATE_KIND,
                        "there is no CustomResourceDefinition in this file",
                    )
                    .at(Span::start_of(*file), "")
                    .help("`crds/` is for the definitions of the kinds that your templates make"),
                );
            }
        }
        sink.ok()?;
        Ok(CustomKinds(kinds))
    }

    /// The schema of a kind, as its definition spells it; none for a kind that is not among these.
    pub fn schema(&self, api_version: &str, kind: &str) -> Option<&Value> {
        self.find(api_version, kind).map(|custom| &custom.schema)
    }

    pub(super) fn find(&self, api_version: &str, kind: &str) -> Option<&Custom> {
        self.0
            .iter()
            .find(|custom| custom.kind.api_version == api_version && custom.kind.kind == kind)
    }
}

fn documents(text: &str) -> Result<Vec<serde_json::Value>, String> {
    (serde_yaml::Deserializer::from_str(text))
        .map(|document| serde_json::Value::deserialize(document).map_err(|error| error.to_string()))
        .collect()
}

fn versions(document: &serde_json::Value) -> Vec<Custom> {
    let text = |path: &str| document.pointer(path).and_then(serde_json::Value::as_str);
    let (Some("CustomResourceDefinition"), Some(group), Some(kind)) =
        (text("/kind"), text("/spec/group"), text("/spec/names/kind"))
    else {
        return Vec::new();
    };
    let versions = document.pointer("/spec/versions").and_then(serde_json::Value::as_array);
    (versions.into_iter().flatten())
        .filter_map(|version| {
            let name = version.get("name")?.as_str()?;
            let schema = version.pointer("/schema/openAPIV3Schema")?;
            Some(Custom {
                kind: CustomKind {
                    api_version: format!("{group}/{name}"),
                    kind: kind.to_owned(),
                    namespaced: text("/spec/scope") != Some("Cluster"),
                },
                schema: from_json(schema),
            })
        })
        .collect()
}

fn from_json(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(bool) => Value::Bool(*bool),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(int) => Value::Int(int),
            None => Value::Float(number.as_f64().unwrap_or_default()),
        },
        serde_json::Value::String(text) => Value::String(text.clone()),
        serde_json::Value::Array(items) => Value::List(items.iter().map(from_json).collect()),
        serde_json::Value::Object(map) => {
            Value::Map(map.iter().map(|(key, value)| (key.clone(), from_json(value))).collect())
        }
    }
}

impl Custom {
    /// Every fault of an object of this kind.
    pub(super) fn check(&self, value: &Value) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (key, field) in value.entries() {
            // The definition has these in common with every kind, and does not describe them.
            if matches!(key.as_str(), "apiVersion" | "kind" | "metadata") {
                continue;
            }
            let any = self.schema.get("x-kubernetes-preserve-unknown-fields");
            match self.schema.at(&["properties", key]) {
                Some(schema) => walk(schema, field, &mut vec![key.clone()], &mut faults),
                None if any == Some(&Value::Bool(true)) => {}
                None => faults.push(Fault { path: vec![key.clone()], what: What::Unknown }),
            }
        }
        missing(&self.schema, value, &[], &mut faults);
        faults
    }
}

fn walk(schema: &Value, value: &Value, path: &mut Vec<String>, faults: &mut Vec<Fault>) {
    let flag = |name: &str| schema.get(name) == Some(&Value::Bool(true));
    if let Some(expected) = schema.get("type").and_then(Value::as_str)
        && !flag("x-kubernetes-int-or-string")
        && !has_type(value, expected)
    {
        let what = What::Wrong(format!("expected {expected}, found {}", value.type_name()));
        faults.push(Fault { path: path.clone(), what });
        return;
    }
    let allowed = schema.get("enum").map(Value::items).unwrap_or_default();
    if !allowed.is_empty() && !allowed.contains(value) && !is_token(value) {
        faults.push(Fault {
            path: path.clone(),
            what: What::Wrong("it is none of its values".to_owned()),
        });
    }
    match value {
        Value::Map(entries) => {
            missing(schema, value, path, faults);
            for (key, field) in entries {
                path.push(key.clone());
                let property = schema.at(&["properties", key]);
                match property.or_else(|| schema.get("additionalProperties")) {
                    Some(schema) => walk(schema, field, path, faults),
                    None if flag("x-kubernetes-preserve-unknown-fields") => {}
                    None => faults.push(Fault { path: path.clone(), what: What::Unknown }),
                }
                path.pop();
            }
        }
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(index.to_string());
                if let Some(schema) = schema.get("items") {
                    walk(schema, item, path, faults);
                }
                path.pop();
            }
        }
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::String(_) => {}
    }
}

fn missing(schema: &Value, value: &Value, path: &[String], faults: &mut Vec<Fault>) {
    for key in schema.get("required").map(Value::items).unwrap_or_default() {
        let Some(key) = key.as_str().filter(|key| value.get(key).is_none()) else { continue };
        let path = path.iter().cloned().chain([key.to_owned()]).collect();
        faults.push(Fault { path, what: What::Missing });
    }
}

/// Strings are judged before their tokens are resolved.
fn is_token(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.contains('\u{e0f0}'))
}

fn has_type(value: &Value, expected: &str) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(_) => expected == "boolean",
        Value::Int(_) => matches!(expected, "integer" | "number"),
        Value::Float(_) => expected == "number",
        Value::String(_) => expected == "string",
        Value::List(_) => expected == "array",
        Value::Map(_) => expected == "object",
    }
}
