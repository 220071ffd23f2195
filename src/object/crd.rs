//! Kinds that the user's templates add, with their CustomResourceDefinitions.
//!
//! Their schemas are structural: `properties`, `required`, `items`, `additionalProperties`, `type` and
//! `enum` are what the API server itself goes by before it prunes what it does not know, and all that
//! the types of [`crate::kube::schema`] need. How much of something there may be is held beside them.

use super::bounds;
use crate::diag::{self, Code, Diagnostic, FileId, Reported, Sink, Sources};
use crate::kube::kinds::CustomKind;
use crate::kube::schema::merge::Typed;
use crate::kube::schema::{self, Fault, Field, Identity, Items, Object, Objects, Span, Type};
use crate::kube::version::Version;
use crate::yaml::{Value, read};

/// The kinds that the user's templates may make.
#[derive(Debug, Default)]
pub struct CustomKinds(Vec<Custom>);

#[derive(Debug)]
pub(super) struct Custom {
    pub(super) kind: CustomKind,
    objects: Objects,
    of: Type,
    /// The schema as it is written, for what types do not say.
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
            match read::documents(&sources.get(*file).text) {
                Ok(documents) => {
                    documents.iter().for_each(|document| kinds.extend(versions(document)));
                }
                Err(error) => {
                    sink.error(
                        Diagnostic::new(Code::TEMPLATE, error.message)
                            .at(diag::Span::start_of(*file), ""),
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
                    .at(diag::Span::start_of(*file), "")
                    .help("`crds/` is for the definitions of the kinds that your templates make"),
                );
            }
        }
        sink.ok()?;
        Ok(CustomKinds(kinds))
    }

    pub(super) fn find(&self, api_version: &str, kind: &str) -> Option<&Custom> {
        self.0
            .iter()
            .find(|custom| custom.kind.api_version == api_version && custom.kind.kind == kind)
    }
}

fn versions(document: &Value) -> Vec<Custom> {
    let text = |path: &[&str]| document.at(path).and_then(Value::as_str);
    let (Some("CustomResourceDefinition"), Some(group), Some(kind)) =
        (text(&["kind"]), text(&["spec", "group"]), text(&["spec", "names", "kind"]))
    else {
        return Vec::new();
    };
    let versions = document.at(&["spec", "versions"]).map(Value::items).unwrap_or_default();
    (versions.iter())
        .filter_map(|version| {
            let name = version.get("name")?.as_str()?;
            let mut objects = Objects::default();
            let schema = version.at(&["schema", "openAPIV3Schema"])?;
            let of = Type::Object(object(schema, &mut objects));
            Some(Custom {
                kind: CustomKind {
                    api_version: format!("{group}/{name}"),
                    kind: kind.to_owned(),
                    namespaced: text(&["spec", "scope"]) != Some("Cluster"),
                },
                objects,
                of,
                schema: schema.clone(),
            })
        })
        .collect()
}

impl Custom {
    /// Every fault of an object of this kind.
    pub(super) fn check(&self, value: &Value, version: Version) -> Vec<Fault> {
        let mut faults = schema::check(&self.objects, &self.of, value, version);
        bounds::check(&self.schema, value, &mut Vec::new(), &mut faults);
        faults
    }

    /// The same, to merge something into such an object.
    pub(super) fn typed(&self, version: Version) -> Typed<'_> {
        Typed::defined(&self.objects, &self.of, version)
    }
}

/// The object of a structural schema; it and those in it are added to `objects`.
fn object(schema: &Value, objects: &mut Objects) -> usize {
    let required = schema.get("required").map(Value::items).unwrap_or_default();
    let mut fields: Vec<Field> = (schema.get("properties").map(Value::entries).unwrap_or_default())
        .iter()
        .map(|(name, schema)| Field {
            name: name.clone().into(),
            required: required.iter().any(|key| key.as_str() == Some(name)),
            of: of(schema, objects),
            span: Span::ALL,
        })
        .collect();
    let written = |name: &str, fields: &[Field]| fields.iter().any(|field| field.name == name);
    let free = |name: &str, required| Field {
        name: name.to_owned().into(),
        required,
        of: Type::Any,
        span: Span::ALL,
    };
    if flag(schema, "x-kubernetes-embedded-resource") {
        for name in ["apiVersion", "kind", "metadata"] {
            if !written(name, &fields) {
                fields.push(free(name, false));
            }
        }
    }
    for name in required.iter().filter_map(Value::as_str) {
        if !written(name, &fields) {
            fields.push(free(name, true));
        }
    }
    fields.sort_by(|a, b| a.name.cmp(&b.name));
    let rest = match schema.get("additionalProperties") {
        Some(Value::Bool(true)) => Some(Type::Any),
        Some(rest @ Value::Map(_)) => Some(of(rest, objects)),
        _ => flag(schema, "x-kubernetes-preserve-unknown-fields").then_some(Type::Any),
    };
    objects.0.push(Object { fields, rest });
    objects.0.len() - 1
}

/// The type that a structural schema gives a value.
fn of(schema: &Value, objects: &mut Objects) -> Type {
    let mut found = match schema.get("type").and_then(Value::as_str) {
        _ if flag(schema, "x-kubernetes-int-or-string") => Type::IntOrString,
        Some("string") => Type::String,
        Some("integer") => Type::Int64,
        Some("number") => Type::Number,
        Some("boolean") => Type::Boolean,
        Some("array") => {
            let items = schema.get("items").map_or(Type::Any, |items| of(items, objects));
            Type::List(Box::new(items), identity(schema))
        }
        Some("object") => Type::Object(object(schema, objects)),
        _ if schema.get("properties").is_some() => Type::Object(object(schema, objects)),
        _ => Type::Any,
    };
    let allowed = schema.get("enum").map(Value::items).unwrap_or_default();
    if !allowed.is_empty() {
        found = Type::OneOf(allowed.to_vec(), Box::new(found));
    }
    if flag(schema, "nullable") { Type::Nullable(Box::new(found)) } else { found }
}

fn identity(schema: &Value) -> Items {
    let keys = schema.get("x-kubernetes-list-map-keys").map(Value::items).unwrap_or_default();
    let keys = keys.iter().filter_map(Value::as_str).map(|key| key.to_owned().into());
    let server = match schema.get("x-kubernetes-list-type").and_then(Value::as_str) {
        Some("map") => Identity::By(keys.collect()),
        Some("set") => Identity::Set,
        _ => Identity::Whole,
    };
    // A merge of custom kinds takes lists as one value.
    Items { server, merge: None }
}

fn flag(schema: &Value, name: &str) -> bool {
    schema.get(name) == Some(&Value::Bool(true))
}
