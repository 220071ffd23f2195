//! Holds an object against its type.

use super::{Field, KNOWN, Object, Objects, Type};
use crate::kube::version::Version;
use crate::yaml::Value;

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

/// A path as people write it: `spec.containers[0].name`.
pub fn shown(path: &[String]) -> String {
    let mut out = String::new();
    for part in path {
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

fn fits(of: &Type, value: &Value) -> bool {
    match of {
        Type::Any => true,
        Type::String => matches!(value, Value::String(_)),
        Type::Bytes => has_token(value) || value.as_str().is_some_and(is_base64),
        Type::Time => has_token(value) || value.as_str().is_some_and(is_time),
        Type::Int32 => matches!(value, Value::Int(int) if i32::try_from(*int).is_ok()),
        Type::Int64 => matches!(value, Value::Int(_)),
        Type::Number => matches!(value, Value::Int(_) | Value::Float(_)),
        Type::Boolean => matches!(value, Value::Bool(_)),
        Type::IntOrString => matches!(value, Value::Int(_) | Value::String(_)),
        Type::Quantity => matches!(value, Value::Int(_) | Value::Float(_) | Value::String(_)),
        Type::OneOf(..) | Type::Nullable(_) | Type::Object(_) | Type::List(..) | Type::Map(_) => {
            false
        }
    }
}

/// Standard base64 with padding, in lines or not, as Go's decoder takes it.
fn is_base64(text: &str) -> bool {
    let bytes: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
    let padding = bytes.iter().rev().take(2).take_while(|byte| **byte == b'=').count();
    bytes.len().is_multiple_of(4)
        && bytes[..bytes.len() - padding]
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

/// The form of `2026-01-31T12:00:00Z`, with a fraction or another zone or not.
fn is_time(text: &str) -> bool {
    const FORM: &[u8] = b"0000-00-00T00:00:00";
    let bytes = text.as_bytes();
    let zone = bytes.get(FORM.len()..).unwrap_or_default();
    let begins = bytes.iter().zip(FORM).all(|(byte, form)| match form {
        b'0' => byte.is_ascii_digit(),
        form => byte == form,
    });
    let zone_begins = zone.iter().position(|byte| !byte.is_ascii_digit() && *byte != b'.');
    begins
        && match zone_begins.map(|at| &zone[at..]) {
            Some(b"Z") => true,
            Some([b'+' | b'-', rest @ ..]) => rest.len() == 5 && rest[2] == b':',
            Some(_) | None => false,
        }
}

/// What stands there. The text of a string that holds a token is not the user's.
fn found(value: &Value) -> String {
    match value {
        Value::Bool(bool) => format!("boolean `{bool}`"),
        Value::Int(int) => format!("integer `{int}`"),
        Value::Float(float) => format!("number `{float}`"),
        Value::String(text) if !has_token(value) => format!("string {text:?}"),
        Value::Null | Value::String(_) | Value::List(_) | Value::Map(_) => {
            value.type_name().to_owned()
        }
    }
}

/// What a type takes, for somebody who wrote `value`.
fn expected(of: &Type, value: &Value) -> &'static str {
    match of {
        Type::Any => "anything",
        Type::String => "a string",
        Type::Bytes => "a string in base64",
        Type::Time => "a time like `2026-01-31T12:00:00Z`",
        Type::Int32 if matches!(value, Value::Int(_)) => "one of 32 bits",
        Type::Int32 | Type::Int64 => "an integer",
        Type::Number => "a number",
        Type::Boolean => "a boolean",
        Type::IntOrString => "an integer or a string",
        Type::Quantity => "a quantity",
        Type::OneOf(_, of) | Type::Nullable(of) => expected(of, value),
        Type::Object(_) | Type::Map(_) => "a map",
        Type::List(..) => "a list",
    }
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

    #[test]
    fn bytes_and_times_are_read() {
        for (text, right) in [("aGk=", true), ("aGk", false), ("a%==", false), ("", true)] {
            assert_eq!(is_base64(text), right, "{text}");
        }
        for (text, right) in [
            ("2026-01-31T12:00:00Z", true),
            ("2026-01-31T12:00:00.123456+01:00", true),
            ("2026-01-31", false),
            ("2026-01-31T12:00:00", false),
        ] {
            assert_eq!(is_time(text), right, "{text}");
        }
    }
}
