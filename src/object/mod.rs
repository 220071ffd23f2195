//! A stage: [`Manifests`] → [`Objects`].
//!
//! Each manifest is parsed and held against the type of its kind: nothing that a template wrote
//! may be lost, nothing that the API server requires may be missing. Manifests of one shape (equal
//! but for the strings and numbers in them) are parsed and held against their type once.

mod crd; //   kinds that the user's templates add
mod bounds; // how much of something their definitions take
mod joins; // pods that would join a service
mod own; //   objects in files of the user's own
mod patch; // what a spec merges into objects
mod proven; // and what it must leave alone
mod security; // pods that their namespace refuses
mod scaled; //   what has two owners
mod substitution; // text that an engine would replace
mod judge; //  what a cluster says of each object
mod together; // and of several of them
mod room; //   pods that fit onto no node
mod held; //   what the claims take for granted
pub mod guests; // what others wrote, and governs the pods of a service
mod problem; // findings about an object

use crate::decide::{Promise, Taken, Void};
use crate::diag::{Code, Reported, Sink, Sources};
use crate::kube::engines::delivery::Delivery;
use crate::kube::kinds::{CustomKind, Naming, is_one_shot};
use crate::kube::pod_security::Level;
use crate::kube::schema::merge::Typed;
use crate::kube::schema::{self, Fault, KNOWN, KindType};
use crate::kube::version::{self, Version};
use crate::kube::{Kind, LogicalName, Namespace, ObjectId, RegionName, id, references};
use crate::manifest::{Manifest, Manifests, Pattern, Recent, Templates, resolve_numbers};
use crate::model::{Region, Service};
use crate::plan::values::{Extra, Values};
use crate::plan::{Origin, Unit};
use crate::yaml::Value;
use crate::yaml::read;
pub use crd::CustomKinds;
use guests::{Guest, Others};
use problem::{Problem, twice};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The objects of one unit.
#[derive(Debug)]
pub struct Objects {
    unit: Unit,
    objects: Vec<Object>,
    promises: Vec<Promise>,
    voids: Vec<Void>,
}

impl Objects {
    /// The parts; last, what of the promises the objects void.
    pub fn into_parts(self) -> (Unit, Vec<Object>, Vec<Promise>, Vec<Void>) {
        (self.unit, self.objects, self.promises, self.voids)
    }
}

/// A typed object under its logical name.
#[derive(Debug)]
pub struct Object {
    /// Who it is.
    pub id: ObjectId,
    /// The stem of its file.
    pub file: String,
    /// How it gets its final name.
    pub naming: Naming,
    /// What asked for it.
    pub origin: Origin,
    /// What it says; fits the type of its kind.
    pub value: Value,
    /// Whether it is the user's own, by a file or by a definition.
    pub own: bool,
}

/// Shapes that were found right, with tokens in place of strings; by the version of Kubernetes and
/// their text.
#[derive(Debug)]
pub struct Shapes(Recent<(Version, Arc<str>), Shape>);

impl Default for Shapes {
    fn default() -> Shapes {
        Shapes(Recent::new(SHAPES))
    }
}

impl Shapes {
    /// Forgets all of them.
    pub fn clear(&self) {
        self.0.clear();
    }
}

/// As many shapes are kept at least, where there are so many; one that left is parsed again.
const SHAPES: usize = 512;

#[derive(Debug)]
struct Shape {
    pattern: Pattern,
    kind: Kind,
    own: bool,
}

/// The type that an object of a kind has.
enum Form<'a> {
    /// That of a kind that is known here.
    Known(&'static KindType),
    /// That of a definition of the user's own.
    Own(&'a crd::Custom),
}

impl<'a> Form<'a> {
    /// Every fault of an object of that kind.
    fn check(&self, kind: &Kind, value: &Value, version: Version) -> Vec<Fault> {
        match self {
            Form::Own(own) => own.check(value, version),
            Form::Known(_) => {
                let mut faults = self.of_type(value, version);
                let needs = kind.row().map(|row| row.required).unwrap_or_default().iter();
                let needs = needs.filter(|field| value.get(field).is_none());
                faults.extend(needs.map(|field| Fault::missing(field)));
                faults
            }
        }
    }

    /// The same, without what only objects of the plan must say.
    fn of_type(&self, value: &Value, version: Version) -> Vec<Fault> {
        match self {
            Form::Own(own) => own.check(value, version),
            Form::Known(of) => schema::check(KNOWN.objects(), &of.of, value, version),
        }
    }

    /// The same, to merge something into such an object.
    fn typed(&self, version: Version) -> Typed<'a> {
        match self {
            Form::Own(own) => own.typed(version),
            Form::Known(of) => Typed::kind(of, version),
        }
    }
}

/// What parsing needs beside the manifests.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// To trace a line back to its template.
    pub templates: &'a Templates,
    /// The texts that findings point into.
    pub sources: &'a Sources,
    /// What each cluster runs.
    pub regions: &'a BTreeMap<RegionName, Arc<Region>>,
    /// Kinds that the user's templates may add.
    pub custom: &'a CustomKinds,
    /// What was parsed before.
    pub shapes: &'a Shapes,
    /// The Pod Security level of each namespace of a service.
    pub levels: &'a BTreeMap<(RegionName, Namespace), Level>,
    /// What delivers the objects.
    pub delivery: Delivery,
    /// The service whose patches are merged into its objects; none where there is none.
    pub patched: Option<&'a Service>,
    /// The objects are judged as a cluster would, and beside what the claims take for granted of them, by
    /// region; none where they are not judged at all.
    pub judged: Option<&'a [Taken]>,
    /// What others wrote that governs its namespace.
    pub guests: &'a [Guest],
    /// What the other services of its namespace run, by region.
    pub others: &'a BTreeMap<RegionName, Others>,
}

impl<'a> Context<'a> {
    /// What other services of the namespace run in a region.
    fn others(&self, region: &RegionName) -> Others {
        self.others.get(region).copied().unwrap_or_default()
    }

    /// The type of a kind, by a definition of the user's own or as it is known.
    fn form(&self, own: bool, (api_version, kind): (&str, &str)) -> Option<Form<'a>> {
        let own = own.then(|| self.custom.find(api_version, kind)).flatten().map(Form::Own);
        own.or_else(|| KNOWN.kind(api_version, kind).map(Form::Known))
    }
}

/// Parses and types every manifest.
///
/// # Errors
///
/// When a manifest does not parse or does not fit its kind, or two describe the same object.
pub fn parse(
    sink: &mut Sink,
    manifests: Manifests,
    context: Context<'_>,
) -> Result<Objects, Reported> {
    let whole = manifests.whole();
    let (unit, manifests, mut promises) = manifests.into_parts();
    let mut failed = whole.err();
    let (mut objects, mut of) = (Vec::new(), Vec::new());
    for manifest in &manifests {
        match object(sink, manifest, context) {
            Ok(object) => {
                objects.push(object);
                of.push(manifest);
            }
            Err(reported) => failed = Some(reported),
        }
    }
    if let (Some(service), None) = (context.patched, failed) {
        failed = patch::apply(sink, service, &mut objects, context).err();
    }
    let by_hand = matches!(unit, Unit::Service(_)) && context.patched.is_none();
    if !by_hand {
        substitution::off(&mut objects, context);
    }
    let all = (&*objects, &*of);
    let voids = match context.judged {
        Some(_) => judged(sink, &unit, all, &mut promises, (context, failed.is_none())),
        None => Vec::new(),
    };
    if let Some(reported) = failed {
        return Err(reported);
    }
    let mut seen: BTreeMap<&ObjectId, (&Object, &Manifest)> = BTreeMap::new();
    for (object, manifest) in objects.iter().zip(of) {
        if let Some((_, other)) = seen.insert(&object.id, (object, manifest)) {
            sink.error(twice(&object.id, other, manifest, context));
        }
    }
    scaled::check(sink, &objects, &manifests);
    sink.ok()?;
    Ok(Objects { unit, objects, promises, voids })
}

/// Reports what a cluster says of the objects, and what of the promises they void. Where something
/// failed, of those that no patch was meant for, and nothing of several together.
fn judged(
    sink: &mut Sink,
    unit: &Unit,
    (objects, manifests): (&[Object], &[&Manifest]),
    promises: &mut [Promise],
    (context, whole): (Context<'_>, bool),
) -> Vec<Void> {
    let patches = context.patched.map(|service| service.patches.as_slice()).unwrap_or_default();
    let sure = |object: &Object| whole || !patches.iter().any(|one| one.object == object.file);
    let all = objects.iter().zip(manifests.iter().copied());
    let all: Vec<judge::Judged<'_>> = all.filter(|(object, _)| sure(object)).collect();
    judge::each(sink, &all, context);
    if !whole {
        return Vec::new();
    }
    judge::same_file(sink, &all, context);
    together::check(sink, unit, &all, context);
    held::check(sink, &all, promises, context)
}

/// What the template of a manifest could say.
fn said(manifest: &Manifest) -> (&Values, Option<&Extra>) {
    (&manifest.values, manifest.everywhere.as_deref())
}

fn object(sink: &mut Sink, manifest: &Manifest, context: Context<'_>) -> Result<Object, Reported> {
    if let (Some(written), Values::Own(own)) = (&manifest.written, &manifest.values) {
        return own::object(sink, manifest, (own, written), context);
    }
    let report = |sink: &mut Sink, problem: Problem| sink.error(problem.finding(manifest, context));
    let region = context.regions.get(&manifest.id.region).expect("objects stand in regions");
    let text = (region.kubernetes, Arc::clone(&manifest.text));
    let shape = match context.shapes.0.get(&text) {
        Some(shape) => shape,
        None => {
            let shape = shape(manifest, context.custom, region).map_err(|problems| {
                let reported = problems.into_iter().map(|problem| report(sink, problem));
                reported.last().expect("there is a problem")
            })?;
            let shape = Arc::new(shape);
            context.shapes.0.add(text, Arc::clone(&shape));
            shape
        }
    };
    // The same text may have been found right for another template.
    if let Some(problem) = other_kind(manifest, &shape.kind) {
        return Err(report(sink, problem));
    }
    let value = (shape.pattern.resolve(&manifest.strings))
        .map_err(|stray| report(sink, Problem::new(Code::TEMPLATE, stray.message)))?;
    let id = identity(manifest, &shape.kind, &value).map_err(|problem| report(sink, problem))?;
    if let Some(path) = joins::find(&id.kind, &value) {
        return Err(report(sink, Problem::joins(&id.kind, path)));
    }
    // A template of the user's own may make a kind whose names are hashed.
    let extra = matches!(manifest.values, Values::Extra(_));
    let naming = if extra { references::naming(&shape.kind, &value) } else { manifest.naming };
    let (file, own) = (manifest.file.clone(), shape.own || extra);
    Ok(Object { id, file, naming, origin: manifest.origin, value, own })
}

/// What is wrong when a template spells another kind than the plan asked it for.
fn other_kind(manifest: &Manifest, found: &Kind) -> Option<Problem> {
    let wanted = manifest.id.kind.row().filter(|row| row.kind != *found)?;
    let message = format!("`{}` spells a {}, this is a {found}", manifest.template, wanted.name);
    Some(Problem::new(Code::TEMPLATE_KIND, message).at(["kind"]))
}

/// Parses the text of a manifest and holds it against the type of its kind.
fn shape(
    manifest: &Manifest,
    custom: &CustomKinds,
    region: &Region,
) -> Result<Shape, Vec<Problem>> {
    let value = read::document(&manifest.text).map_err(|error| {
        let problem = Problem::new(Code::TEMPLATE, format!("this is not YAML: {}", error.message));
        vec![Problem { line: error.line, not_yaml: true, ..problem }]
    })?;
    let text = |key| value.get(key).and_then(Value::as_str).unwrap_or_default();
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    if let Some(problem) = refused(manifest, api_version, kind, &value) {
        return Err(vec![problem]);
    }
    let wanted = manifest.id.kind.row();
    // Who brings the definition of a kind may use all of it, also where the plan makes some.
    let own = wanted.is_none().then(|| custom.find(api_version, kind)).flatten();
    let (kind, form) = match own {
        Some(own) => (Kind::Custom(Arc::new(own.kind.clone())), Form::Own(own)),
        None => {
            let of = known(api_version, kind, region).map_err(|problem| vec![problem])?;
            let row = Kind::find(api_version, kind).map(|row| row.kind.clone());
            let other = || {
                Kind::Custom(Arc::new(CustomKind {
                    api_version: api_version.to_owned(),
                    kind: kind.to_owned(),
                    namespaced: of.namespaced,
                }))
            };
            (row.unwrap_or_else(other), Form::Known(of))
        }
    };
    let numbers = resolve_numbers(&value, &manifest.strings);
    let faults = form.check(&kind, &numbers, region.kubernetes);
    if faults.is_empty() {
        let own = matches!(form, Form::Own(_));
        return Ok(Shape { pattern: Pattern::of(value), kind, own });
    }
    Err(faults.into_iter().map(|fault| Problem::of_fault(&kind, fault, region)).collect())
}

/// Why a manifest of that kind has no place in the tree, whatever else it says.
fn refused(manifest: &Manifest, api_version: &str, kind: &str, value: &Value) -> Option<Problem> {
    let wanted = manifest.id.kind.row();
    if let Some(row) = wanted.filter(|row| row.name != kind || row.api_version != api_version) {
        let message = format!(
            "`{}` spells a {} {}, this is a {api_version} {kind}",
            manifest.template, row.api_version, row.name
        );
        return Some(Problem::new(Code::TEMPLATE_KIND, message).at(["kind"]));
    }
    if is_one_shot(api_version, kind) && wanted.is_none() {
        let message = format!("a {kind} in the tree would run again whenever it is gone");
        let help =
            "it belongs where no engine looks: the sets in `recovery/` of the tree".to_owned();
        let problem = Problem::new(Code::RUNS_AGAIN, message).at(["kind"]);
        return Some(Problem { help: Some(help), ..problem });
    }
    let empty = [Value::Null, Value::Map(Vec::new())];
    let filled = |key: &&str| value.get(key).is_some_and(|data| !empty.contains(data));
    let is_secret = (api_version, kind) == ("v1", "Secret");
    let filled = ["data", "stringData"].into_iter().filter(|_| is_secret).find(filled)?;
    let message = "a Secret with data in the tree is for everybody to read who reads the tree";
    let help = "put its content into the cluster by other means, and refer to it by its name";
    let problem = Problem::new(Code::SECRET_LITERAL, message.to_owned()).at([filled]);
    Some(Problem { help: Some(help.to_owned()), ..problem })
}

/// The type of a kind that Kubernetes has in a region, or that is made here.
fn known(api_version: &str, kind: &str, region: &Region) -> Result<&'static KindType, Problem> {
    let found = KNOWN.kind(api_version, kind);
    if let Some(found) = found.filter(|found| found.span.has(region.kubernetes)) {
        return Ok(found);
    }
    let instead = KNOWN.alternatives(api_version, kind, region.kubernetes);
    let (message, help) = match found {
        Some(KindType { span, .. }) if span.first > region.kubernetes => (
            format!("Kubernetes has `{api_version}` {kind} from {} on", span.first),
            Some(format!("upgrade `{}`, or leave this object out there", region.name)),
        ),
        Some(KindType { span, .. }) => {
            (format!("Kubernetes had `{api_version}` {kind} until {}", span.last), None)
        }
        None if !instead.is_empty() => {
            let (oldest, newest) = (version::OLDEST, version::NEWEST);
            let message =
                format!("no Kubernetes from {oldest} to {newest} has `{api_version}` {kind}");
            (message, None)
        }
        None => {
            let message = format!("`{api_version}` `{kind}` is not a kind that is known here");
            let help = "put its CustomResourceDefinition into `crds/` beside the specs";
            let problem = Problem::new(Code::TEMPLATE_KIND, message).at(["kind"]);
            return Err(Problem { help: Some(help.to_owned()), ..problem });
        }
    };
    let instead: Vec<String> = instead.iter().map(|of| format!("`{}`", of.api_version)).collect();
    let has = (!instead.is_empty())
        .then(|| format!("Kubernetes {} has it as {}", region.kubernetes, instead.join(" and ")));
    let problem = Problem::new(Code::API_REMOVED, message).at(["apiVersion"]);
    Err(Problem { help: has.or(help), note: Some(runs(region)), ..problem })
}

/// What a region runs, for a finding that rests on it.
fn runs(region: &Region) -> String {
    format!("`{}` runs Kubernetes {}", region.name, region.kubernetes)
}

/// Who the object is, from what the template wrote; the plan's own objects must stay who they are.
fn identity(manifest: &Manifest, kind: &Kind, value: &Value) -> Result<ObjectId, Problem> {
    let field = |key| value.at(&["metadata", key]).and_then(Value::as_str);
    let name = field("name").unwrap_or_default();
    let namespace = field("namespace").map(Namespace::new);
    if matches!(manifest.values, Values::Extra(_)) {
        if let Some(problem) = id::label_problem(name) {
            let message = format!("`{name}` cannot name a {kind}: {problem}");
            return Err(Problem::new(Code::INVALID_NAME, message).at(["metadata", "name"]));
        }
        if kind.namespaced() && namespace.is_none() {
            let message = format!("{kind} needs the field `metadata.namespace`");
            let help = "write `namespace: {{ meta.namespace }}`".to_owned();
            let problem = Problem::new(Code::TEMPLATE_FIELD, message).at(["metadata"]);
            return Err(Problem { help: Some(help), ..problem });
        }
        return Ok(ObjectId {
            region: manifest.id.region.clone(),
            kind: kind.clone(),
            namespace,
            name: LogicalName::new(name),
        });
    }
    if name != manifest.id.name.as_str() || namespace != manifest.id.namespace {
        let message = format!("the template renames {}", manifest.id);
        let problem = Problem::new(Code::TEMPLATE_KIND, message).at(["metadata", "name"]);
        let help = "names and namespaces are decided before: write `{% include \"parts/metadata.yaml\" %}`";
        return Err(Problem { help: Some(help.to_owned()), ..problem });
    }
    Ok(manifest.id.clone())
}
