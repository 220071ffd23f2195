//! Objects of the user's own, as they stand in a file: typed, and made objects of the tree.

use super::{Context, Object, Problem, known, refused};
use crate::credential::{self, Named};
use crate::diag::{Code, Diagnostic, Reported, Sink, Span};
use crate::kube::kinds::{CustomKind, Naming};
use crate::kube::{Kind, LogicalName, Namespace, ObjectId, delivery, id, labels, references};
use crate::manifest::Manifest;
use crate::plan::values::Own;
use crate::yaml::Value;
use crate::yaml::written::Written;
use std::sync::Arc;

/// One object of a file.
pub(super) fn object(
    sink: &mut Sink,
    manifest: &Manifest,
    (own, written): (&Own, &Written),
    context: Context<'_>,
) -> Result<Object, Reported> {
    // Also where something else is wrong: no finding may show it.
    let sound = secrets(sink, manifest, (own, written), context);
    let problems = match read(manifest, (own, written), context) {
        Ok(object) => return sound.map(|()| object),
        Err(problems) => problems,
    };
    let reported = problems.into_iter().map(|one| sink.error(one.finding(manifest, context)));
    Err(reported.last().expect("there is a problem"))
}

fn read(
    manifest: &Manifest,
    (own, written): (&Own, &Written),
    context: Context<'_>,
) -> Result<Object, Vec<Problem>> {
    let region = context.regions.get(&manifest.id.region).expect("objects stand in regions");
    let mut value = written.value.clone();
    let one = |problem| vec![problem];
    let text = |key| written.value.get(key).and_then(Value::as_str).unwrap_or_default();
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    if api_version.is_empty() || kind.is_empty() {
        return Err(one(no_object(api_version)));
    }
    if kind.ends_with("List") && value.get("items").is_some() {
        let problem = Problem::new(Code::MANIFEST, format!("a {kind} is not an object by itself"));
        let help = "write each item as a document of its own, with `---` between them".to_owned();
        return Err(one(Problem { help: Some(help), ..problem.at(["kind"]) }));
    }
    if let Some(problem) = refused(manifest, api_version, kind, &value) {
        return Err(one(problem));
    }
    let of = match context.custom.find(api_version, kind) {
        Some(custom) => Kind::Custom(Arc::new(custom.kind.clone())),
        None => {
            let known = known(api_version, kind, region).map_err(one)?;
            match Kind::find(api_version, kind) {
                Some(row) => row.kind.clone(),
                None => Kind::Custom(Arc::new(CustomKind {
                    api_version: api_version.to_owned(),
                    kind: kind.to_owned(),
                    namespaced: known.namespaced,
                })),
            }
        }
    };
    let naming = naming(&of, &value).map_err(one)?;
    complete(&mut value, &of, own, naming);
    let form = context.form(true, (api_version, kind)).expect("it was just found");
    // What the plan's own objects must say beside their type, others may leave out.
    let mut faults = form.of_type(&value, region.kubernetes);
    faults.retain(|fault| fault.path.first().is_none_or(|key| key != "status"));
    let mut problems: Vec<Problem> =
        faults.into_iter().map(|fault| Problem::of_fault(&of, fault, region)).collect();
    problems.extend(name_problem(&of, naming, &value));
    problems.extend(joins(&of, &value));
    if value.get("status").is_some() {
        value.remove("status");
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let field = |key| value.at(&["metadata", key]).and_then(Value::as_str);
    let name = field("name").unwrap_or_default();
    let id = ObjectId {
        region: manifest.id.region.clone(),
        namespace: field("namespace").filter(|_| of.namespaced()).map(Namespace::new),
        name: LogicalName::new(name),
        kind: of,
    };
    let file = file(&id, own);
    Ok(Object { id, file, naming, origin: manifest.origin, value, own: true })
}

fn no_object(api_version: &str) -> Problem {
    let missing = if api_version.is_empty() { "apiVersion" } else { "kind" };
    let problem =
        Problem::new(Code::MANIFEST, format!("this is not an object: it has no `{missing}`"));
    let help = "every document is one object of Kubernetes, in plain YAML: no template".to_owned();
    Problem { help: Some(help), ..problem }
}

/// How the object gets its final name.
fn naming(kind: &Kind, value: &Value) -> Result<Naming, Problem> {
    let wanted = value.at(&["metadata", "annotations", labels::NAMING]);
    match wanted.and_then(Value::as_str) {
        None if wanted.is_none() => Ok(references::naming(kind, value)),
        Some("stable") => Ok(Naming::Stable),
        None | Some(_) => {
            let problem = Problem::new(
                Code::MANIFEST,
                format!("`{}` has one value: `stable`", labels::NAMING),
            );
            let help = "leave it out for a name that follows from the content".to_owned();
            let problem = problem.at(["metadata", "annotations", labels::NAMING]);
            Err(Problem { help: Some(help), ..problem })
        }
    }
}

/// Says what the place of the object says: its namespace, its labels, what delivers it.
fn complete(value: &mut Value, kind: &Kind, own: &Own, naming: Naming) {
    if *kind == Kind::ConfigMap && naming != Naming::Stable && value.get("immutable").is_none() {
        // Its name is its content.
        value.insert("immutable", Value::Bool(true));
    }
    let Some(metadata) = value.get_mut("metadata") else { return };
    if let Some(namespace) = own.meta.namespace.as_ref().filter(|_| kind.namespaced())
        && metadata.get("namespace").is_none()
    {
        metadata.insert("namespace", Value::String(namespace.clone()));
    }
    let is_pod = references::pods(kind).is_some_and(|path| path == ["spec"]);
    let labels = own.meta.labels.iter().filter(|(key, _)| !(is_pod && *key == labels::SERVICE));
    add(metadata, "labels", labels.map(|(key, value)| (key.as_str(), value.clone())));
    let annotations = delivery::annotations(own.delivery, kind).into_iter();
    add(metadata, "annotations", annotations);
    let marked = own.meta.annotations.iter().map(|(key, value)| (key.as_str(), value.clone()));
    add(metadata, "annotations", marked);
}

/// Adds what is not there.
pub(super) fn add<'a>(
    metadata: &mut Value,
    map: &str,
    entries: impl Iterator<Item = (&'a str, String)>,
) {
    for (key, text) in entries {
        if metadata.get(map).is_none() {
            metadata.insert(map, Value::Map(Vec::new()));
        }
        if let Some(map) = metadata.get_mut(map).filter(|map| map.get(key).is_none()) {
            map.insert(key, Value::String(text));
        }
    }
}

fn name_problem(kind: &Kind, naming: Naming, value: &Value) -> Option<Problem> {
    let at = |problem: Problem| problem.at(["metadata", "name"]);
    let Some(name) = value.at(&["metadata", "name"]).and_then(Value::as_str) else {
        let message = match value.at(&["metadata", "generateName"]) {
            Some(_) => "`generateName` makes another object each time it is applied".to_owned(),
            None => format!("{kind} needs the field `metadata.name`"),
        };
        let problem = at(Problem::new(Code::MANIFEST, message));
        let help = "write `metadata.name`; a hash follows where another content is another object";
        return Some(Problem { help: Some(help.to_owned()), ..problem });
    };
    let problem = match naming {
        Naming::Hashed(_) | Naming::LikeReferent => id::label_problem(name),
        // Names of RBAC are segments of a path, all others subdomains.
        Naming::Stable => {
            let free = if is_rbac(kind) { ":_" } else { "" };
            let inner = |c: char| {
                c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c) || free.contains(c)
            };
            let wrong =
                name.chars().find(|c| !(inner(*c) || is_rbac(kind) && c.is_ascii_alphanumeric()));
            match wrong {
                _ if name.is_empty() => Some("it is empty".to_owned()),
                Some(wrong) => Some(format!("{wrong:?} is none of a-z, 0-9, `-` and `.`")),
                None if name.starts_with(['-', '.']) || name.ends_with(['-', '.']) => {
                    Some("it begins or ends with a mark".to_owned())
                }
                None => None,
            }
        }
    };
    let message = format!("`{name}` cannot name a {kind}: {}", problem?);
    Some(at(Problem::new(Code::INVALID_NAME, message)))
}

fn is_rbac(kind: &Kind) -> bool {
    ["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"].contains(&kind.name())
}

/// Pods that would get the traffic of a service.
fn joins(kind: &Kind, value: &Value) -> Option<Problem> {
    let mut path = references::pods(kind)?;
    path.pop();
    path.extend(["metadata", "labels"]);
    value.at(&path)?.get(labels::SERVICE)?;
    path.push(labels::SERVICE);
    Some(Problem::joins(kind, path.into_iter().map(str::to_owned).collect()))
}

/// `scaled-object-web`, without the name of the service in front.
fn file(id: &ObjectId, own: &Own) -> String {
    let stem = match id.kind.row() {
        Some(row) => row.stem.to_owned(),
        None => in_words(id.kind.name()),
    };
    let name = id.name.as_str();
    let service = own.meta.labels.get(labels::SERVICE).map_or("", String::as_str);
    let part = match name.strip_prefix(service).filter(|_| !service.is_empty()) {
        Some("") => "",
        Some(rest) => rest.strip_prefix('-').unwrap_or(name),
        None => name,
    };
    let part = part.replace([':', '.', '_'], "-");
    // The fleet may have one of that name in each namespace.
    let elsewhere = id.namespace.as_ref().map(|namespace| namespace.as_str());
    let elsewhere = elsewhere.filter(|name| own.meta.namespace.as_deref() != Some(*name));
    let mut file = stem;
    for part in [part.as_str(), elsewhere.unwrap_or_default()] {
        if !part.is_empty() {
            file = format!("{file}-{part}");
        }
    }
    file
}

/// `ScaledObject` as `scaled-object`; an abbreviation stays one word.
fn in_words(kind: &str) -> String {
    let letters: Vec<char> = kind.chars().collect();
    let mut words = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let after = letters.get(at + 1).is_some_and(char::is_ascii_lowercase);
        let before = at > 0 && letters[at - 1].is_ascii_lowercase();
        if letter.is_ascii_uppercase() && at > 0 && (before || after) {
            words.push('-');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}

/// Reports every text that looks like a credential: a tree is committed.
fn secrets(
    sink: &mut Sink,
    manifest: &Manifest,
    (own, written): (&Own, &Written),
    context: Context<'_>,
) -> Result<(), Reported> {
    let mut found = Vec::new();
    walk(&written.value, &mut Vec::new(), &mut found);
    let mut refused = Ok(());
    for (path, why) in found {
        let text = path.iter().try_fold(&written.value, |value, step| {
            let item = || value.items().get(step.parse::<usize>().ok()?);
            value.get(step).or_else(item)
        });
        let place = hidden(own, written, &path, text.and_then(Value::as_str), context);
        let finding = Diagnostic::new(Code::SECRET_LITERAL, format!("this looks like {}", why.0))
            .at(place, "hidden from this report")
            .hiding(place)
            .related(manifest.origin.span, "named here")
            .note("the tree is committed: everybody who can read it would know it")
            .help("put it into a Secret of the cluster, and refer to that by its name");
        if why.1 {
            refused = Err(sink.error(finding));
        } else {
            sink.report(finding.unless_accepted());
        }
    }
    refused
}

/// The place of a text, from its key to the end of its line; of a block, all of it.
fn hidden(
    own: &Own,
    written: &Written,
    path: &[String],
    text: Option<&str>,
    context: Context<'_>,
) -> Span {
    let key = written.place(path);
    let source = &context.sources.get(own.file).text;
    let rest = &source[key.end..];
    let lines = text.map_or(1, |text| text.lines().count().max(1));
    let block =
        rest.lines().next().is_some_and(|line| line.trim_end().ends_with(['|', '>', '-', '+']));
    let lines = if block { lines + 1 } else { lines };
    let end: usize = rest.split_inclusive('\n').take(lines).map(str::len).sum();
    let end = key.end + rest[..end].trim_end().len();
    let between = rest.len() - rest.trim_start_matches([':', ' ']).len();
    Span::new(own.file, (key.end + between).min(end)..end)
}

/// What a text looks like, and whether that is sure.
type Why = (&'static str, bool);

fn walk(value: &Value, path: &mut Vec<String>, found: &mut Vec<(Vec<String>, Why)>) {
    let assigned =
        value.get("name").and_then(Value::as_str).filter(|_| value.get("value").is_some());
    for (key, value) in value.entries() {
        path.push(key.clone());
        let free = path.len() == 2 && path[0] == "data";
        let name = match assigned {
            Some(name) if key == "value" => Some(name),
            _ => Some(key.as_str()).filter(|_| free),
        };
        let literal = value.as_str().filter(|text| credential::is_literal(text));
        let named = name.and_then(credential::named) == Some(Named::Sure);
        if named && literal.is_some() {
            found.push((path.clone(), ("a credential, by the name that it is given to", false)));
        } else {
            walk(value, path, found);
        }
        path.pop();
    }
    for (index, item) in value.items().iter().enumerate() {
        path.push(index.to_string());
        walk(item, path, found);
        path.pop();
    }
    if let Some(one) = value.as_str().and_then(|text| credential::within(text).into_iter().next()) {
        found.push((path.clone(), (one.what, true)));
    }
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn kinds_are_files_in_words() {
        for (kind, expected) in [
            ("ScaledObject", "scaled-object"),
            ("HTTPRoute", "http-route"),
            ("DNSEndpoint", "dns-endpoint"),
            ("Pod", "pod"),
            ("VerticalPodAutoscaler", "vertical-pod-autoscaler"),
            ("IPAddress", "ip-address"),
        ] {
            assert_eq!(in_words(kind), expected);
        }
    }
}
