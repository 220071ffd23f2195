//! Texts → the objects that are in them.

use super::made;
use crate::diag::{Code, Diagnostic, FileId, Severity, Sink, Sources, Span};
use crate::yaml::Value;
use crate::yaml::written::{self, Copies, Written};
use std::collections::BTreeMap;

/// An object as it was found.
#[derive(Clone, Debug)]
pub(super) struct Object {
    /// Where it stands.
    pub(super) place: Span,
    /// `apps/v1`
    pub(super) api_version: String,
    /// `Deployment`
    pub(super) kind: String,
    /// The namespace that it says; none where it says none.
    pub(super) namespace: Option<String>,
    /// Its name.
    pub(super) name: String,
    /// The region whose tree has it, where Ninefold made it.
    pub(super) region: Option<String>,
    /// Whether a tree keeps it as one of a former generation.
    pub(super) retained: bool,
    /// All that it says.
    pub(super) value: Value,
}

/// The folder of former generations in a tree.
const RETAINED: &str = "retained";

/// The most bytes of one input.
pub const LARGEST: usize = 64 << 20;

impl Object {
    /// `Deployment/shop/web`, as the account has it.
    pub(super) fn shown(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{}/{namespace}/{}", self.kind, self.name),
            None => format!("{}//{}", self.kind, self.name),
        }
    }

    /// What stands at a path of keys.
    pub(super) fn at(&self, path: &[&str]) -> Option<&Value> {
        self.value.at(path)
    }

    /// The text at a path of keys.
    pub(super) fn text(&self, path: &[&str]) -> Option<&str> {
        self.at(path)?.as_str()
    }

    /// The items of the list at a path of keys.
    pub(super) fn items(&self, path: &[&str]) -> &[Value] {
        self.at(path).map(Value::items).unwrap_or_default()
    }
}

/// Every object of every text, in order. What is no object is a finding, and the rest goes on.
pub(super) fn read(sink: &mut Sink, sources: &Sources, files: &[FileId]) -> Vec<Object> {
    let (mut objects, mut known) = (Vec::new(), BTreeMap::new());
    let mut copies = Copies::default();
    for file in files {
        let source = sources.get(*file);
        let text = &source.text;
        let retained = source.path.split('/').any(|folder| folder == RETAINED);
        if text.len() > LARGEST {
            let message = format!("this is more than {} MiB", LARGEST >> 20);
            sink.error(
                Diagnostic::new(Code::IMPORT_UNREAD, message)
                    .at(Span::start_of(*file), "")
                    .note("nothing of it is read; all other inputs are")
                    .help(
                        "give it in parts: several files, or one `kubectl get` for each namespace",
                    ),
            );
            continue;
        }
        let mut reader = Reader {
            sink,
            file: *file,
            objects: &mut objects,
            known: &mut known,
            copies: &mut copies,
            retained,
        };
        match json(text) {
            Some(values) => values.iter().for_each(|value| reader.add(value, &Spot::default())),
            None => parts(text).into_iter().for_each(|part| reader.part(text, part)),
        }
    }
    objects
}

/// What a text of JSON says: one value, or several.
fn json(text: &str) -> Option<Vec<Value>> {
    if !text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '[']) {
        return None;
    }
    let values = serde_json::Deserializer::from_str(text.trim_start_matches('\u{feff}'))
        .into_iter::<serde_json::Value>()
        .collect::<Result<Vec<_>, _>>();
    Some(values.ok()?.into_iter().map(of_json).collect())
}

fn of_json(value: serde_json::Value) -> Value {
    let mut value = match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(bool) => Value::Bool(bool),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(number) => Value::Int(number),
            None => Value::Float(number.as_f64().unwrap_or_default()),
        },
        serde_json::Value::String(text) => Value::String(text),
        serde_json::Value::Array(items) => Value::List(items.into_iter().map(of_json).collect()),
        serde_json::Value::Object(map) => {
            Value::Map(map.into_iter().map(|(key, field)| (key, of_json(field))).collect())
        }
    };
    value.sort();
    value
}

/// The documents of a text: a line that begins with `---` is one's first, wherever it stands.
pub(super) fn parts(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut starts = vec![0];
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let marks = line
            .strip_prefix("---")
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n', '\r']));
        if marks && at > 0 {
            starts.push(at);
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect()
}

/// Where a value stands in its text.
#[derive(Clone, Debug, Default)]
struct Spot<'a> {
    /// The document; none of JSON.
    written: Option<&'a Written>,
    /// Where it begins.
    start: usize,
    /// The path in it.
    path: Vec<String>,
}

impl Spot<'_> {
    /// The line that says the kind, or what is around it.
    fn place(&self, file: FileId) -> Span {
        let path: Vec<&str> = self.path.iter().map(String::as_str).chain(["kind"]).collect();
        let place = self.written.map(|written| written.place(&path)).unwrap_or_default();
        Span::new(file, place.start + self.start..place.end + self.start)
    }
}

/// What tells objects apart: those of the clusters of one tree may have the same name.
type Identity = (String, String, Option<String>, String, Option<String>);

fn identity(object: &Object) -> Identity {
    let text = |text: &str| text.to_owned();
    let Object { namespace, region, .. } = object;
    (
        text(&object.api_version),
        text(&object.kind),
        namespace.clone(),
        text(&object.name),
        region.clone(),
    )
}

struct Reader<'a> {
    sink: &'a mut Sink,
    file: FileId,
    objects: &'a mut Vec<Object>,
    known: &'a mut BTreeMap<Identity, usize>,
    copies: &'a mut Copies,
    retained: bool,
}

impl Reader<'_> {
    fn part(&mut self, text: &str, range: std::ops::Range<usize>) {
        let start = range.start;
        let at = |place: std::ops::Range<usize>| place.start + start..place.end + start;
        match written::manifests(&text[range], self.copies) {
            Ok(documents) => {
                for document in documents {
                    let spot = Spot { written: Some(&document), start, path: Vec::new() };
                    self.add(&document.value, &spot);
                }
            }
            Err(error) => {
                let finding = Diagnostic::new(Code::IMPORT_UNREAD, error.message)
                    .at(Span::new(self.file, at(error.at)), "this document is left out")
                    .note("all other documents are read")
                    .help("mend it, and import again");
                self.sink.error(finding);
            }
        }
    }

    /// Adds an object, or those of a list.
    fn add(&mut self, value: &Value, spot: &Spot<'_>) {
        let place = spot.place(self.file);
        let text = |path: &[&str]| value.at(path).and_then(Value::as_str).unwrap_or_default();
        let (api_version, kind) = (text(&["apiVersion"]), text(&["kind"]));
        if *value == Value::Null {
            return;
        }
        if kind.ends_with("List") && value.get("items").is_some()
            || kind.is_empty() && !value.items().is_empty()
        {
            let listed = value.get("items");
            let items = listed.map_or(value.items(), Value::items);
            for (index, item) in items.iter().enumerate() {
                let steps =
                    listed.map(|_| "items".to_owned()).into_iter().chain([index.to_string()]);
                let path = spot.path.iter().cloned().chain(steps).collect();
                self.add(item, &Spot { path, ..*spot });
            }
            return;
        }
        let name = text(&["metadata", "name"]);
        let problem = if api_version.is_empty() || kind.is_empty() {
            Some((
                "this is not a Kubernetes object: it has no `apiVersion` or no `kind`",
                "leave it out: values and overlays are rendered first, with `helm template` or `kustomize build`",
            ))
        } else if name.is_empty() && api_version.starts_with("kustomize.config.k8s.io/") {
            Some((
                "this is a file for kustomize, and not a Kubernetes object",
                "render it first, and import what `kustomize build` prints",
            ))
        } else if name.is_empty() {
            Some((
                "this object has no name",
                "write `metadata.name`; with `generateName`, each apply makes another one",
            ))
        } else {
            None
        };
        if let Some((message, help)) = problem {
            let finding = Diagnostic::new(Code::IMPORT_UNREAD, message);
            self.sink.error(finding.at(place, "it is left out").help(help));
            return;
        }
        let namespace = Some(text(&["metadata", "namespace"])).filter(|name| !name.is_empty());
        let object = Object {
            place,
            api_version: api_version.to_owned(),
            kind: kind.to_owned(),
            namespace: namespace.map(str::to_owned),
            name: name.to_owned(),
            region: made::region(value),
            retained: self.retained,
            value: value.clone(),
        };
        self.once(object);
    }

    /// Adds an object in place of one of the same name: the last one that is applied stands.
    fn once(&mut self, object: Object) {
        let Some(at) = self.known.get(&identity(&object)).copied() else {
            self.known.insert(identity(&object), self.objects.len());
            self.objects.push(object);
            return;
        };
        if self.objects[at].value != object.value {
            let message = format!("`{}` is described twice", object.shown());
            let finding = Diagnostic::new(Code::IMPORT_UNREAD, message)
                .severity(Severity::Warning)
                .at(object.place, "this one is taken")
                .related(self.objects[at].place, "and this one is not")
                .note("whoever applies both has the last one");
            self.sink.report(finding.help("give one environment at a time"));
        }
        self.objects[at] = object;
    }
}
