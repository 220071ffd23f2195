//! What a cluster says of the emitted objects, whoever wrote them: our own templates, templates,
//! patches and manifests of the user's.

use super::{Context, Object, Problem, patch, security};
use crate::diag::{Code, Diagnostic, Sink};
use crate::kube::limits::{self, Refusal, Refused};
use crate::kube::version::Version;
use crate::kube::{Kind, LogicalName, schema};
use crate::manifest::Manifest;
use crate::plan::values::Values;
use crate::yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

/// An object with the manifest that it was made of.
pub(super) type Judged<'a> = (&'a Object, &'a Manifest);

/// Reports what a cluster refuses of each object by itself.
pub(super) fn each(sink: &mut Sink, objects: &[Judged<'_>], context: Context<'_>) {
    let mut found = Vec::new();
    // By kind, name and version: an object of which nothing is refused.
    let mut right: BTreeMap<(&Kind, &LogicalName, Version), &Value> = BTreeMap::new();
    for (at, (object, manifest)) in objects.iter().enumerate() {
        let (id, value) = (&object.id, &object.value);
        let region = context.regions.get(&id.region).expect("objects stand in regions");
        let of = (&id.kind, &id.name, region.kubernetes);
        let refused = match right.get(&of) {
            Some(other) => limits::refused_beside(&id.kind, value, other, region.kubernetes),
            None => limits::refused(&id.kind, value, region.kubernetes),
        };
        if refused.is_empty() {
            right.insert(of, value);
        }
        let refused = refused.into_iter().map(|refused| problem(object, refused));
        let problems = refused.chain(of_one((object, manifest), context));
        found.extend(problems.map(|problem| (at, problem)));
    }
    report(sink, objects, found, context);
}

/// Reports problems of objects, by their place in the list. Regions are alike, and so is what is wrong
/// in them: what was reported of one is not reported of the next.
pub(super) fn report(
    sink: &mut Sink,
    objects: &[Judged<'_>],
    problems: impl IntoIterator<Item = (usize, Problem)>,
    context: Context<'_>,
) {
    let mut seen = BTreeSet::new();
    for (at, problem) in problems {
        let finding = finding(problem, objects[at], context);
        let place = finding.primary.as_ref().map(|label| label.span);
        if seen.insert((finding.code, place, finding.message.clone())) {
            sink.report(finding);
        }
    }
}

/// The finding at the line of the patch, the manifest, the template or the spec that says it.
fn finding(problem: Problem, (object, manifest): Judged<'_>, context: Context<'_>) -> Diagnostic {
    let wrote = patch::wrote(object, &problem.path, context);
    let gone = || patch::removed(object, &problem.path, context);
    let gone = || at(&object.value, &problem.path).is_none().then(gone).flatten();
    if let Some(place) = wrote.or_else(gone) {
        return problem.of_patch(place);
    }
    let in_users = || {
        let place = problem.in_template(manifest, context);
        place.is_some_and(|place| context.templates.is_users(place))
    };
    let touched = context.templates.is_touched(&manifest.template);
    if manifest.written.is_some() || touched && in_users() {
        return problem.finding(manifest, context);
    }
    // A built-in template only spells what the spec says.
    let value = at(&object.value, &problem.path).and_then(Value::as_str);
    problem.of_spec(manifest, value, context)
}

/// Whether somebody else than Ninefold wrote an object, or a part of it.
pub(super) fn is_users((object, manifest): Judged<'_>, context: Context<'_>) -> bool {
    let patched = is_patched(object, context);
    object.own || patched || context.templates.is_touched(&manifest.template)
}

/// Whether a patch of the spec is merged into an object.
pub(super) fn is_patched(object: &Object, context: Context<'_>) -> bool {
    let patches = context.patched.map(|service| service.patches.as_slice()).unwrap_or_default();
    patches.iter().any(|patch| patch.object == object.file)
}

/// What else is wrong with an object by itself.
fn of_one(judged: Judged<'_>, context: Context<'_>) -> Vec<Problem> {
    let (object, manifest) = judged;
    let mut problems = security::problems(&object.id, &object.value, context);
    problems.extend(file(object, context));
    problems.extend(tracked(object, context));
    if is_users(judged, context) && context.delivery.row().last_applied {
        problems.extend(noted(object, manifest));
    }
    problems
}

fn problem(object: &Object, refused: Refused) -> Problem {
    let kind = &object.id.kind;
    let message = match refused.path.is_empty() {
        true => format!("{kind} `{}`: {}", object.id.name, refused.what),
        false => format!("`{}` of {kind} {}", schema::shown(&refused.path), refused.what),
    };
    let (code, note) = match refused.by {
        Refusal::Object => {
            (Code::OBJECT_REFUSED, "the API server refuses the object when it is applied")
        }
        Refusal::Size => {
            (Code::OBJECT_TOO_LARGE, "the API server refuses the object when it is applied")
        }
        Refusal::Start => {
            (Code::POD_NEVER_STARTS, "the API server takes the object, and none of its pods starts")
        }
        Refusal::Kernel => (
            Code::ARGUMENTS_TOO_LONG,
            "the kernel starts no process with more: the container ends with `argument list too long`",
        ),
    };
    let (note, help) = (Some(note.to_owned()), refused.instead);
    Problem { path: refused.path, note, help, ..Problem::new(code, message) }
}

/// What stands at a path of keys and numbers of items.
pub(super) fn at<'v>(value: &'v Value, path: &[String]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, step| {
        let item = || value.items().get(step.parse::<usize>().ok()?);
        value.get(step).or_else(item)
    })
}

/// An object that client-side apply cannot note down.
fn noted(object: &Object, manifest: &Manifest) -> Option<Problem> {
    let bytes = limits::applied(&object.value)?;
    // What a spec says alone is reported by `check`.
    let by_field = !object.own && !matches!(manifest.values, Values::Extra(_) | Values::Own(_));
    if by_field && object.id.kind == crate::kube::Kind::ConfigMap {
        return None;
    }
    let message =
        format!("a {} of {bytes} bytes is too large for client-side apply", object.id.kind);
    let note = format!(
        "that notes the whole object down in an annotation, and all annotations have {} bytes at most",
        limits::ANNOTATIONS
    );
    let help = "what Ninefold makes deliver applies it on the server's side; where you apply it otherwise, `kubectl apply --server-side`; then accept this";
    let problem = Problem::new(Code::CLIENT_SIDE_APPLY, message).at(["metadata", "name"]);
    Some(Problem { note: Some(note), help: Some(help.to_owned()), ..problem })
}

/// A label or an annotation by which the engine that delivers the object knows its own.
fn tracked(object: &Object, context: Context<'_>) -> Option<Problem> {
    let row = context.delivery.row();
    let lists = ["labels", "annotations"].into_iter();
    let mut keys = lists.flat_map(|list| {
        let entries = object.value.at(&["metadata", list]).map(Value::entries).unwrap_or_default();
        entries.iter().map(move |(key, _)| (list, key))
    });
    let (list, key) = keys.find(|(_, key)| row.tracks.contains(&key.as_str()))?;
    let message = format!("{} sets `{key}` itself", row.name);
    let problem = Problem::new(Code::RESERVED_NAME, message).at(["metadata", list, key.as_str()]);
    let note = "with another value, it takes the object for somebody else's";
    Some(Problem { note: Some(note.to_owned()), help: Some("leave it out".to_owned()), ..problem })
}

/// A file that cannot be written, or not everywhere.
fn file(object: &Object, context: Context<'_>) -> Option<Problem> {
    use limits::files;
    let name = || format!("{}.yaml", object.file);
    let name_length = object.file.len() + ".yaml".len();
    let (region, unit) = (
        object.id.region.as_str(),
        context.patched.map_or("fleet", |service| service.name.plain()),
    );
    let path_length = region.len() + 1 + unit.len() + 1 + name_length;
    // A former generation stands in two folders more.
    let retained = path_length + "retained/".len() + crate::kube::id::SUFFIX_LENGTH + 1;
    let stem = object.file.split('.').next().unwrap_or_default();
    let problem = |message: String, note: &str, help: &str| {
        let problem = Problem::new(Code::PATH_NOT_PORTABLE, message).at(["metadata", "name"]);
        Problem { note: Some(note.to_owned()), help: Some(help.to_owned()), ..problem }
    };
    if name_length > files::LONGEST_NAME {
        let message = format!(
            "the file of this {} would have a name of {name_length} bytes, {} are the most",
            object.id.kind,
            files::LONGEST_NAME
        );
        let note = "no file system takes a longer one, so the tree cannot be written";
        let mut problem = problem(message, note, "give the object a shorter name");
        problem.error = true;
        return Some(problem);
    }
    if retained > files::LONGEST_PATH {
        let message = format!(
            "`{region}/{unit}/{}` has {path_length} characters, and is too long for Windows",
            name()
        );
        let note = "Windows takes 259 characters of a whole path, that of the checkout among them";
        return Some(problem(message, note, "give the object a shorter name"));
    }
    if files::DEVICES.iter().any(|device| device.eq_ignore_ascii_case(stem)) {
        let message = format!("a file cannot be called `{}` on Windows", name());
        let note = "Windows keeps the name for a device: the tree cannot be checked out there";
        return Some(problem(message, note, "give the template another name"));
    }
    None
}

/// Files that are one where capitals and small letters are the same: on Windows, and on most Macs.
pub(super) fn same_file(sink: &mut Sink, objects: &[Judged<'_>], context: Context<'_>) {
    let mut seen = std::collections::BTreeMap::new();
    let mut found = Vec::new();
    for (at, (object, _)) in objects.iter().enumerate() {
        let of = (&object.id.region, object.file.to_lowercase());
        let Some(other) = seen.insert(of, &object.file) else { continue };
        if *other != object.file {
            let message = format!(
                "`{}.yaml` and `{other}.yaml` are one file on Windows and macOS",
                object.file
            );
            let problem = Problem::new(Code::PATH_NOT_PORTABLE, message).at(["metadata", "name"]);
            let note = "their file systems do not tell capitals from small letters";
            found.push((
                at,
                Problem {
                    note: Some(note.to_owned()),
                    help: Some("give one of the objects another name".to_owned()),
                    ..problem
                },
            ));
        }
    }
    report(sink, objects, found, context);
}
