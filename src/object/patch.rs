//! Patches of a spec, merged into the objects of its service before they are named.

use super::{Context, Object, Problem, judge, proven};
use crate::diag::{self, Code, Diagnostic, Reported, Sink, Span};
use crate::kube::Kind;
use crate::kube::schema::merge::{self, Typed, Unmerged};
use crate::model::{Patch, Region, Service};
use crate::yaml::Value;
use std::collections::BTreeSet;

/// Merges every patch of `service` into the objects that it names, in every region that has one.
///
/// # Errors
///
/// When a patch finds no object, does nothing, does not fit the type of the kind, or changes who an
/// object is or what the promise was proven with.
pub(super) fn apply(
    sink: &mut Sink,
    service: &Service,
    objects: &mut [Object],
    context: Context<'_>,
) -> Result<(), Reported> {
    for patch in &service.patches {
        let mut found = Findings { service, patch, all: Vec::new() };
        if !objects.iter().any(|object| object.file == patch.object) {
            found.no_object(objects);
        }
        let mut changed = false;
        for object in objects.iter_mut().filter(|object| object.file == patch.object) {
            changed |= found.patch(object, context);
        }
        if !changed && found.all.is_empty() {
            found.nothing();
        }
        // Regions are alike, and so is what is wrong in them.
        let mut seen = BTreeSet::new();
        for finding in found.all {
            let place = finding.primary.as_ref().map(|label| label.span);
            if seen.insert((finding.code, place, finding.message.clone())) {
                sink.report(finding);
            }
        }
    }
    sink.ok()
}

/// The place of what stands at a path of an object, where a patch wrote it: as far as there is
/// something.
pub(super) fn wrote(object: &Object, path: &[String], context: Context<'_>) -> Option<Span> {
    let service = context.patched?;
    let there =
        (0..=path.len()).rev().find(|end| judge::at(&object.value, &path[..*end]).is_some())?;
    let region = context.regions.get(&object.id.region)?;
    let text = |key| object.value.get(key).and_then(Value::as_str).unwrap_or_default();
    let of = context.form(object.own, (text("apiVersion"), text("kind")))?.typed(region.kubernetes);
    let patches = service.patches.iter().filter(|patch| patch.object == object.file);
    let mut places = patches.filter_map(|patch| {
        let found = merge::origin(of, &object.value, &patch.value, path);
        let keys = ["patch".to_owned(), patch.object.clone()].into_iter().chain(found.clone());
        let keys: Vec<String> = keys.collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        (there > 0 && found.len() >= there).then(|| service.document.key(&keys))
    });
    places.next_back()
}

/// The place where a patch takes out what stood at a path of an object, or what was around it.
pub(super) fn removed(object: &Object, path: &[String], context: Context<'_>) -> Option<Span> {
    let service = context.patched?;
    let patches = service.patches.iter().filter(|patch| patch.object == object.file);
    let mut places = patches.filter_map(|patch| {
        let takes = |steps: &Vec<String>| steps.iter().zip(path).all(|(step, own)| step == own);
        let index = patch.remove.iter().position(takes)?.to_string();
        Some(service.document.at(&["patch", &patch.object, "remove", &index]))
    });
    places.next_back()
}

/// What is found about one patch.
pub(super) struct Findings<'a> {
    service: &'a Service,
    patch: &'a Patch,
    all: Vec<Diagnostic>,
}

impl Findings<'_> {
    /// The place of what stands at a path of the patch, or of what is around it.
    pub(super) fn place(&self, path: &[String]) -> Span {
        let mut whole = vec!["patch", self.patch.object.as_str()];
        whole.extend(path.iter().map(String::as_str));
        self.service.document.key(&whole)
    }

    /// What the patch says.
    pub(super) fn value(&self) -> &Value {
        &self.patch.value
    }

    /// The place of a path that is removed, of which `path` is one or a part.
    pub(super) fn removed(&self, path: &[String]) -> Option<Span> {
        let index =
            self.patch.remove.iter().position(|removed| {
                removed.iter().zip(path).all(|(removed, step)| removed == step)
            })?;
        let index = index.to_string();
        Some(self.service.document.at(&["patch", &self.patch.object, "remove", &index]))
    }

    pub(super) fn report(&mut self, finding: Diagnostic) {
        self.all.push(finding);
    }

    fn no_object(&mut self, objects: &[Object]) {
        let known: BTreeSet<&str> = objects.iter().map(|object| object.file.as_str()).collect();
        let message = format!("no object of the service is called `{}`", self.patch.object);
        let mut finding = Diagnostic::new(Code::PATCH_MATCHES_NOTHING, message)
            .at(self.place(&[]), "")
            .note("a patch names an object by its file in the tree, without `.yaml`");
        finding = finding.help(diag::did_you_mean(&self.patch.object, known.iter().copied()));
        self.report(finding);
    }

    fn nothing(&mut self) {
        let message = format!("this patch leaves `{}` as it is", self.patch.object);
        let finding = Diagnostic::new(Code::PATCH_CHANGES_NOTHING, message)
            .at(self.place(&[]), "")
            .note("everything that it says is said already")
            .help("remove it; `out/` shows what is emitted");
        self.report(finding);
    }

    /// Merges the patch into one object. Whether that changed it.
    fn patch(&mut self, object: &mut Object, context: Context<'_>) -> bool {
        if self.refused(&object.id.kind) {
            return false;
        }
        let region = context.regions.get(&object.id.region).expect("objects stand in regions");
        let text = |key| object.value.get(key).and_then(Value::as_str).unwrap_or_default();
        let form = context.form(object.own, (text("apiVersion"), text("kind")));
        let Some(of) = form.map(|form| form.typed(region.kubernetes)) else { return false };
        let before = object.value.clone();
        for path in &self.patch.remove {
            if !merge::remove(of, &mut object.value, path) {
                self.not_there(path);
            }
        }
        if let Err(Unmerged { path, message }) =
            merge::merge(of, &mut object.value, &self.patch.value)
        {
            let finding = Diagnostic::new(Code::TEMPLATE_FIELD, message);
            self.report(finding.at(self.place(&path), ""));
            return false;
        }
        self.faults(object, of, region, context);
        proven::check(self, object, &before);
        object.value != before
    }

    fn not_there(&mut self, path: &[String]) {
        let message = format!("there is nothing to remove at this path of `{}`", self.patch.object);
        let place = self.removed(path).unwrap_or_else(|| self.place(&[]));
        let finding = Diagnostic::new(Code::PATCH_CHANGES_NOTHING, message)
            .at(place, "")
            .help("an item of a list stands in brackets: `spec.template.spec.containers[app].tty`");
        self.report(finding);
    }

    /// Reports what does not fit the type of the kind.
    fn faults(&mut self, object: &Object, of: Typed<'_>, region: &Region, context: Context<'_>) {
        let text = |key| object.value.get(key).and_then(Value::as_str).unwrap_or_default();
        let Some(form) = context.form(object.own, (text("apiVersion"), text("kind"))) else {
            return;
        };
        let kind = &object.id.kind;
        for fault in form.check(kind, &object.value, region.kubernetes) {
            let path = merge::origin(of, &object.value, &self.patch.value, &fault.path);
            let place = match self.removed(&fault.path) {
                Some(removed) if path.len() < fault.path.len() => removed,
                _ => self.place(&path),
            };
            let misplaced = fault.path.last().is_some_and(|key| key == "remove");
            let directive = fault.path.last().is_some_and(|key| key.starts_with('$'));
            let problem = Problem::of_fault(kind, fault, region);
            let mut finding = Diagnostic::new(problem.code, problem.message).at(place, "");
            finding.notes.extend(problem.note);
            finding.help = match (misplaced, directive) {
                (true, _) => Some(format!(
                    "`remove` stands right below `[patch.{}]`, with whole paths",
                    self.patch.object
                )),
                (_, true) => Some(format!(
                    "what goes stands in `remove`, right below `[patch.{}]`",
                    self.patch.object
                )),
                _ => problem.help,
            };
            self.report(finding);
        }
    }

    /// Whether the patch says who an object is, which is decided before.
    fn refused(&mut self, kind: &Kind) -> bool {
        let before = self.all.len();
        let selects = kind.facts().pods.template.is_some();
        for (path, what) in IDENTITY {
            let path: Vec<String> = path.iter().map(|key| (*key).to_owned()).collect();
            let of_pods = path.first().is_some_and(|key| key == "spec");
            if of_pods && !selects {
                continue;
            }
            let keys: Vec<&str> = path.iter().map(String::as_str).collect();
            let place = match self.patch.value.at(&keys) {
                Some(_) => Some(self.place(&path)),
                None => self.removed(&path),
            };
            if let Some(place) = place {
                self.identity(place, &path.join("."), what);
            }
        }
        let mut ours = Vec::new();
        labels(&self.patch.value, &mut Vec::new(), &mut ours);
        ours.extend(
            self.patch.remove.iter().filter(|path| path.last().is_some_and(is_ours)).cloned(),
        );
        for path in ours {
            let key = path.last().cloned().unwrap_or_default();
            let place = match self.patch.remove.contains(&path) {
                true => self.removed(&path).unwrap_or_else(|| self.place(&[])),
                false => self.place(&path),
            };
            self.identity(place, &key, "objects and pods are found by it");
        }
        self.all.len() > before
    }

    fn identity(&mut self, place: Span, what: &str, why: &str) {
        let message = format!("a patch cannot change `{what}` of `{}`", self.patch.object);
        let finding = Diagnostic::new(Code::PATCH_IDENTITY, message).at(place, "").note(why);
        self.report(
            finding.help("leave it out; an object of another name is one of `[[manifests]]`"),
        );
    }
}

/// What says who an object is, and why it stays.
const IDENTITY: &[(&[&str], &str)] = &[
    (&["apiVersion"], "the kind is decided before"),
    (&["kind"], "the kind is decided before"),
    (&["metadata", "name"], "names follow from the service, and from what an object says"),
    (&["metadata", "generateName"], "names follow from the service, and from what an object says"),
    (&["metadata", "namespace"], "`namespace` of the service says where its objects stand"),
    (&["spec", "selector"], "it tells the pods of the service from others, and never changes"),
    (&["status"], "the cluster fills it in"),
];

/// The paths of keys that are ours. By those below `affinity`, a pod looks for others.
fn labels(value: &Value, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    let mut below = |key: String, value: &Value| {
        let others = key == "affinity";
        path.push(key);
        if path.last().is_some_and(is_ours) {
            found.push(path.clone());
        }
        if !others {
            labels(value, path, found);
        }
        path.pop();
    };
    value.entries().iter().for_each(|(key, value)| below(key.clone(), value));
    value.items().iter().enumerate().for_each(|(index, item)| below(index.to_string(), item));
}

fn is_ours(key: &String) -> bool {
    key.starts_with("ninefold.dev/") || key == "app.kubernetes.io/managed-by"
}
