//! Holds an object against its type.

mod formats; // formats, and types in words

use super::{Field, KNOWN, Object, Objects, Type};
use crate::kube::version::Version;
use crate::yaml::Value;
pub use formats::shown;
use formats::{expected, fits, found};

/// One fault, and where.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    /// Keys, and numbers of items.
    pub path: Vec<String>,
    /// What is wrong there.
    pub what: What,
}

/// What is wrong at a place.
#[derive(Debug, PartialEq, Eq)]
pub enum What {
    /// No version of Kubernetes that is known has such a field.
    Unknown,
    /// The type requires the field.
    Missing,
    /// The field takes something else.
    Wrong(String),
    /// Kubernetes has the field from this version on.
    TooNew(Version),
    /// Kubernetes had the field until this version.
    Gone(Version),
}

impl Fault {
    /// A field at the top that is required and not there.
    pub fn missing(field: &str) -> Fault {
        Fault { path: vec![field.to_owned()], what: What::Missing }
    }

    /// `spec.containers[0].name`
    pub fn shown_path(&self) -> String {
        shown(&self.path)
    }
}

/// Every fault of an object, whose kind is `of` among `objects`, on Kubernetes `version`.
///
/// `apiVersion`, `kind` and `metadata` are the same in every kind. Strings may hold tokens in place of
/// what a template interpolated; what a string says is judged only where there is none.
pub fn check(objects: &Objects, of: &Type, value: &Value, version: Version) -> Vec<Fault> {
    let mut walk = Walk { objects, version, path: Vec::new(), faults: Vec::new() };
    let Type::Object(at) = of else { return Vec::new() };
    let object = &objects.0[*at];
    for (key, field) in value.entries() {
        match key.as_str() {
            "apiVersion" | "kind" => walk.below(key, |walk| walk.value(&Type::String, field)),
            "metadata" => {
                let faults = std::mem::take(&mut walk.faults);
                let objects = KNOWN.objects();
                let mut common = Walk { objects, version, path: Vec::new(), faults };
                let of = KNOWN.named("ObjectMeta").expect("every kind has it");
                common.below(key, |walk| walk.value(of, field));
                walk.faults = common.faults;
            }
            _ => walk.entry(object, key, field),
        }
    }
    if value.get("metadata").is_none() {
        walk.faults.push(Fault::missing("metadata"));
    }
    walk.missing(object, value);
    walk.faults
}

struct Walk<'a> {
    objects: &'a Objects,
    version: Version,
    path: Vec<String>,
    faults: Vec<Fault>,
}

impl Walk<'_> {
    fn fault(&mut self, what: What) {
        self.faults.push(Fault { path: self.path.clone(), what });
    }

    fn below(&mut self, key: &str, walk: impl FnOnce(&mut Self)) {
        self.path.push(key.to_owned());
        walk(self);
        self.path.pop();
    }

    fn value(&mut self, of: &Type, value: &Value) {
        match (of, value) {
            (Type::Object(at), Value::Map(entries)) => {
                let objects = self.objects;
                let object = &objects.0[*at];
                for (key, field) in entries {
                    self.entry(object, key, field);
                }
                self.missing(object, value);
            }
            (Type::Map(of), Value::Map(entries)) => {
                for (key, field) in entries {
                    self.below(key, |walk| walk.value(of, field));
                }
            }
            (Type::List(of, _), Value::List(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.below(&index.to_string(), |walk| walk.value(of, item));
                }
            }
            (Type::Nullable(_), Value::Null) => {}
            (Type::Nullable(of), _) => self.value(of, value),
            (Type::OneOf(allowed, of), _) => {
                let before = self.faults.len();
                self.value(of, value);
                if self.faults.len() == before && !allowed.contains(value) && !has_token(value) {
                    self.fault(What::Wrong("it is none of its values".to_owned()));
                }
            }
            _ => {
                if !fits(of, value) {
                    let found = found(value);
                    let message =
                        format!("invalid type: {found}, expected {}", expected(of, value));
                    self.fault(What::Wrong(message));
                }
            }
        }
    }

    fn entry(&mut self, object: &Object, key: &str, value: &Value) {
        let rows = object.rows(key);
        if let Some(field) = rows.iter().find(|field| field.span.has(self.version)) {
            return self.below(key, |walk| walk.value(&field.of, value));
        }
        match (&object.rest, rows) {
            (Some(rest), _) => self.below(key, |walk| walk.value(rest, value)),
            (None, []) => self.below(key, |walk| walk.fault(What::Unknown)),
            (None, rows) => {
                let later = rows.iter().map(|row| row.span.first).find(|v| *v > self.version);
                let until = rows.iter().map(|row| row.span.last).max().unwrap_or(self.version);
                let what = later.map_or(What::Gone(until), What::TooNew);
                self.below(key, |walk| walk.fault(what));
            }
        }
    }

    fn missing(&mut self, object: &Object, value: &Value) {
        let version = self.version;
        let required = object.fields.iter().filter(|field| field.required);
        for field in required.filter(|field| field.span.has(version)) {
            if value.get(&field.name).is_none() {
                self.below(&field.name, |walk| walk.fault(What::Missing));
            }
        }
    }
}

impl Object {
    /// The rows of the field called `name`.
    pub fn rows(&self, name: &str) -> &[Field] {
        let from = self.fields.partition_point(|field| *field.name < *name);
        let count = self.fields[from..].iter().take_while(|field| field.name == name).count();
        &self.fields[from..from + count]
    }
}

/// Whether a string holds a token, in place of what a template interpolated: strings are judged before
/// their tokens are resolved.
pub fn has_token(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.contains('\u{e0f0}'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::read::document;

    /// What is wrong with an object of a built-in kind, on 1.34.
    fn found(text: &str) -> Vec<(String, What)> {
        let value = document(text).unwrap();
        let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap();
        let kind = KNOWN.kind(text("apiVersion"), text("kind")).unwrap();
        let faults = check(KNOWN.objects(), &kind.of, &value, Version { minor: 34 });
        faults.into_iter().map(|fault| (fault.shown_path(), fault.what)).collect()
    }

    fn deployment(spec: &str) -> String {
        format!(
            "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: a, lables: {{}}}}, spec: {{selector: {{}}, {spec}}}}}"
        )
    }

    #[test]
    fn unknown_and_missing_fields_are_found_in_one_pass() {
        let container = "spec.template.spec.containers";
        let containers = "[{name: app, imagee: x}, {image: z}]";
        assert_eq!(
            found(&deployment(&format!(
                "replcas: 3, template: {{spec: {{containers: {containers}}}}}"
            ))),
            [
                ("metadata.lables".to_owned(), What::Unknown),
                ("spec.replcas".to_owned(), What::Unknown),
                (format!("{container}[0].imagee"), What::Unknown),
                (format!("{container}[1].name"), What::Missing),
            ]
        );
    }

    #[test]
    fn a_wrong_type_is_found_with_its_path_and_hides_nothing_else() {
        let wrong = |text: &str| What::Wrong(text.to_owned());
        assert_eq!(
            found(&deployment("replicas: three, minReadySeconds: 3000000000, template: []")),
            [
                ("metadata.lables".to_owned(), What::Unknown),
                (
                    "spec.minReadySeconds".to_owned(),
                    wrong("invalid type: integer `3000000000`, expected one of 32 bits")
                ),
                (
                    "spec.replicas".to_owned(),
                    wrong("invalid type: string \"three\", expected an integer")
                ),
                ("spec.template".to_owned(), wrong("invalid type: a list, expected a map")),
            ]
        );
    }

    #[test]
    fn numbers_are_taken_where_kubernetes_takes_them() {
        let port = "{name: a, port: 80, targetPort: web}";
        let text = format!(
            "{{apiVersion: v1, kind: Service, metadata: {{}}, spec: {{ports: [{port}, {{port: 81, targetPort: 8080}}]}}}}"
        );
        assert_eq!(found(&text), []);
        let limits = "{cpu: 0.5, memory: 1Gi, nvidia.com/gpu: 1}";
        let spec = format!("{{containers: [{{name: a, resources: {{limits: {limits}}}}}]}}");
        assert_eq!(
            found(&format!("{{apiVersion: v1, kind: Pod, metadata: {{}}, spec: {spec}}}")),
            []
        );
        let null = "{apiVersion: v1, kind: Pod, metadata: {creationTimestamp: null}}";
        assert_eq!(found(null)[0].0, "metadata.creationTimestamp");
    }

    #[test]
    fn a_field_counts_from_its_first_version_to_its_last() {
        let pod = |field: &str| {
            format!(
                "{{apiVersion: v1, kind: Pod, metadata: {{}}, spec: {{containers: [], {field}}}}}"
            )
        };
        let at = |name: &str, what| [(format!("spec.{name}"), what)];
        let later = What::TooNew(Version { minor: 37 });
        assert_eq!(found(&pod("evictionResponders: []")), at("evictionResponders", later));
        let value = document(&pod("workloadRef: {}")).unwrap();
        let kind = KNOWN.kind("v1", "Pod").unwrap();
        let faults = check(KNOWN.objects(), &kind.of, &value, Version { minor: 36 });
        assert_eq!(faults[0].what, What::Gone(Version { minor: 35 }));
    }
}
