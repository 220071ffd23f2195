//! A stage: [`Objects`] → [`Named`].
//!
//! Gives every object its final name. Referents come first, so that the content of a referrer
//! includes the content of what it refers to; then the names follow into every field that holds
//! one.

mod canonical; // content as bytes: what is hashed, specified here
mod beside; //    what other units have, and one may refer to
mod lookalike; // what looks like a name, and nobody follows
mod hash; //      bytes → suffix, and its test vectors

pub use beside::Beside;
pub use canonical::Content;
pub use hash::{Digest, Digesting, suffix};

use crate::decide::{Promise, Void};
use crate::diag::{self, Code, Diagnostic, Reported, Sink};
use crate::kube::id::SUFFIX_LENGTH;
use crate::kube::kinds::Naming;
use crate::kube::needs::{self, Need};
use crate::kube::references::Declared;
use crate::kube::{
    FinalName, Kind, LogicalName, Namespace, ObjectId, RegionName, labels, references,
};
use crate::object::{Object, Objects};
use crate::plan::{Origin, Unit};
use crate::yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The objects of one unit under their final names.
#[derive(Debug)]
pub struct Named {
    unit: Unit,
    objects: Vec<NamedObject>,
    promises: Vec<Promise>,
    voids: Vec<Void>,
}

impl Named {
    /// What of the promises the objects void.
    pub fn voids(&self) -> &[Void] {
        &self.voids
    }

    /// Takes back what rests on the objects of others.
    pub fn void(&mut self, void: &Void) {
        self.promises.iter_mut().for_each(|promise| promise.void(void));
    }

    /// What the objects take for granted, by region.
    pub fn needs(&self) -> BTreeMap<RegionName, BTreeSet<Need>> {
        let mut needs: BTreeMap<RegionName, BTreeSet<Need>> = BTreeMap::new();
        for object in &self.objects {
            let here = needs.entry(object.id.region.clone()).or_default();
            needs::visit(&object.id, &object.value, &mut |need| {
                here.insert(need);
            });
        }
        needs
    }

    /// The parts; objects in the order of their identities.
    pub fn into_parts(self) -> (Unit, Vec<NamedObject>, Vec<Promise>) {
        (self.unit, self.objects, self.promises)
    }
}

/// An object as Kubernetes will see it.
#[derive(Debug)]
pub struct NamedObject {
    /// Who it is.
    pub id: ObjectId,
    /// The stem of its file.
    pub file: String,
    /// What Kubernetes calls it.
    pub name: FinalName,
    /// The digest that its suffix is made from; none for a stable name.
    pub content: Option<Digest>,
    /// The digest of all that it says, with references as logical names: what an edit of the
    /// object itself changes, and an edit of what it refers to does not.
    pub own: Digest,
    /// The objects that it refers to, in its own region and namespace.
    pub references: Vec<(Kind, FinalName)>,
    /// What asked for it.
    pub origin: Origin,
    /// What it says, with final names.
    pub value: Value,
}

/// Names every object. `account` is a ServiceAccount that somebody else makes, `beside` what other units
/// have.
///
/// # Errors
///
/// When a reference leads nowhere or in a circle, or a name is too long.
pub fn assign(
    sink: &mut Sink,
    objects: Objects,
    declared: &Declared,
    others: (Option<&str>, &Beside),
) -> Result<Named, Reported> {
    let (unit, objects, promises, voids) = objects.into_parts();
    let mut assigner = Assigner::linked(sink, objects, declared, others)?;
    assigner.name_all(sink);
    sink.ok()?;
    Ok(Named { unit, objects: assigner.finish(), promises, voids })
}

/// Everything that [`assign`] finds, in less time, as the hash in a name is not made. The objects come back.
///
/// # Errors
///
/// As those of [`assign`].
pub fn check(
    sink: &mut Sink,
    objects: Vec<Object>,
    declared: &Declared,
    others: (Option<&str>, &Beside),
) -> Result<Vec<Object>, Reported> {
    let mut assigner = Assigner::linked(sink, objects, declared, others)?;
    assigner.hashes = false;
    let mut found = Sink::default();
    assigner.name_all(&mut found);
    if found.errors() > 0 {
        // What is said of a name shows its hash.
        assigner.hashes = true;
        assigner.done.fill(None);
        assigner.name_all(sink);
    }
    sink.ok()?;
    Ok(assigner.objects)
}

struct Assigner<'a> {
    declared: &'a Declared,
    objects: Vec<Object>,
    index: BTreeMap<(RegionName, Kind, Option<Namespace>, String), usize>,
    /// The objects that each refers to, in the order in which [`references::visit`] meets them;
    /// none where an optional reference leads nowhere.
    links: Vec<Vec<Option<usize>>>,
    done: Vec<Option<Done>>,
    /// Whether names get the hash of what they are of; else, as many other characters.
    hashes: bool,
}

#[derive(Clone)]
struct Done {
    name: FinalName,
    suffix: Option<String>,
    content: Option<Digest>,
    own: Option<Digest>,
}

impl<'a> Assigner<'a> {
    fn new(objects: Vec<Object>, declared: &'a Declared) -> Assigner<'a> {
        let key = |id: &ObjectId| {
            (id.region.clone(), id.kind.clone(), id.namespace.clone(), id.name.to_string())
        };
        let index = objects.iter().enumerate().map(|(at, object)| (key(&object.id), at)).collect();
        let done = vec![None; objects.len()];
        Assigner { declared, objects, index, links: Vec::new(), done, hashes: true }
    }

    /// The objects in the order of their identities, with what each refers to.
    fn linked(
        sink: &mut Sink,
        mut objects: Vec<Object>,
        declared: &'a Declared,
        others: (Option<&str>, &Beside),
    ) -> Result<Assigner<'a>, Reported> {
        objects.sort_by(|a, b| a.id.cmp(&b.id));
        let mut assigner = Assigner::new(objects, declared);
        assigner.link(sink, others);
        lookalike::check(sink, &assigner.objects, declared);
        sink.ok()?;
        Ok(assigner)
    }

    fn name_all(&mut self, sink: &mut Sink) {
        for index in 0..self.objects.len() {
            self.name(sink, index, &mut Vec::new());
        }
    }

    fn link(&mut self, sink: &mut Sink, (account, beside): (Option<&str>, &Beside)) {
        for object in &mut self.objects {
            let mut links = Vec::new();
            let (id, origin) = (object.id.clone(), object.origin);
            references::visit(
                &id.kind,
                self.declared,
                &mut object.value,
                &mut |kind, name, optional| {
                    let key = (id.region.clone(), kind.clone(), id.namespace.clone(), name.clone());
                    let found = self.index.get(&key).copied();
                    let elsewhere = *kind == Kind::ServiceAccount && account == Some(name);
                    let place = id.namespace.as_ref().map(|namespace| (&id.region, namespace));
                    let stays = || place.and_then(|place| beside.stays(place, (kind, name)));
                    let stays = if found.is_none() { stays() } else { None };
                    let there = found.is_some() || elsewhere || stays == Some(true);
                    if !there && !optional && !kind.is_given(name) {
                        let known: Vec<&str> = (self.index.keys())
                            .filter(|(region, of, namespace, _)| {
                                (region, of, namespace) == (&key.0, &key.1, &key.2)
                            })
                            .map(|(.., name)| name.as_str())
                            .collect();
                        let finding = Diagnostic::new(
                            Code::REFERENCE_DANGLING,
                            format!("{id} refers to the {kind} `{name}`, which is not there"),
                        )
                        .at(origin.span, "asked for the object that refers to it")
                        .note("names stand here without their hash, which is added later")
                        .help(match stays {
                            Some(_) => format!("a manifest of another unit has it, and a hash follows its name there: add the annotation `{}: stable` to it", labels::NAMING),
                            None => diag::did_you_mean(name, known),
                        });
                        // What a manifest, a patch or a template names may be of somebody else.
                        sink.report(finding.unless_accepted());
                    }
                    links.push(found);
                },
            );
            self.links.push(links);
        }
    }

    /// Names the object at `index`, after everything that it refers to; `above` are the objects
    /// that wait for it.
    fn name(&mut self, sink: &mut Sink, index: usize, above: &mut Vec<usize>) {
        if self.done[index].is_some() {
            return;
        }
        if let Some(start) = above.iter().position(|waiting| *waiting == index) {
            let circle: Vec<String> =
                above[start..].iter().map(|at| self.objects[*at].id.to_string()).collect();
            let message = format!("objects refer to each other: {}", circle.join(" → "));
            let origin = self.objects[index].origin;
            sink.error(
                Diagnostic::new(Code::REFERENCE_CYCLE, message)
                    .at(origin.span, "asked for here")
                    .note(
                        "a name follows from what it refers to, so none of them can be named first",
                    ),
            );
            return;
        }
        above.push(index);
        for target in self.links[index].clone().into_iter().flatten() {
            self.name(sink, target, above);
        }
        above.pop();
        if self.links[index].iter().flatten().any(|target| self.done[*target].is_none()) {
            return;
        }
        let done = if self.hashes { self.decide(index) } else { self.without_hash(index) };
        let object = &self.objects[index];
        let (max, why) = object.id.kind.longest_name();
        let length = done.name.as_str().len();
        if length > max {
            sink.error(
                Diagnostic::new(
                    Code::NAME_TOO_LONG,
                    format!(
                        "the {} `{}` would have {length} characters, {max} are the most",
                        object.id.kind, done.name
                    ),
                )
                .at(object.origin.span, "asked for here")
                .note(why)
                .help(format!("shorten `{}` by {}", object.id.name, length - max)),
            );
        }
        self.done[index] = Some(done);
    }

    fn decide(&mut self, index: usize) -> Done {
        let targets: Vec<Option<Done>> =
            self.links[index].iter().map(|target| self.done[(*target)?].clone()).collect();
        let object = &mut self.objects[index];
        let own = Content::of_object(&object.id.kind, &object.value).digest();
        let (content, suffix) = match object.naming {
            Naming::Stable => (None, None),
            Naming::LikeReferent => {
                (None, targets.iter().flatten().find_map(|target| target.suffix.clone()))
            }
            Naming::Hashed(paths) => {
                let digests = targets.iter().map(|target| target.as_ref()?.content);
                let digests: Vec<Option<Digest>> = digests.collect();
                let digest = content(&object.id.kind, &mut object.value, paths, &digests);
                (Some(digest), Some(hash::suffix(&digest)))
            }
        };
        let name = named(&object.id.name, suffix.as_deref());
        let names = targets.iter().map(|target| target.as_ref().map(|done| done.name.as_str()));
        rewrite(object, self.declared, names, &name, suffix.as_deref());
        Done { name, suffix, content, own: Some(own) }
    }

    /// As long a name as the object gets.
    fn without_hash(&self, index: usize) -> Done {
        let object = &self.objects[index];
        let mut targets = self.links[index].iter().flatten();
        let suffix = match object.naming {
            Naming::Stable => false,
            Naming::LikeReferent => targets.any(|target| {
                self.done[*target].as_ref().is_some_and(|done| done.suffix.is_some())
            }),
            Naming::Hashed(_) => true,
        };
        let suffix = suffix.then(|| "-".repeat(SUFFIX_LENGTH));
        Done { name: named(&object.id.name, suffix.as_deref()), suffix, content: None, own: None }
    }

    fn finish(self) -> Vec<NamedObject> {
        let names: Vec<(Kind, FinalName)> = (self.objects.iter().zip(&self.done))
            .map(|(object, done)| {
                let done = done.as_ref().expect("every object was named");
                (object.id.kind.clone(), done.name.clone())
            })
            .collect();
        let parts = self.objects.into_iter().zip(self.links).zip(self.done);
        parts
            .map(|((object, links), done)| {
                let done = done.expect("every object was named");
                let mut references: Vec<(Kind, FinalName)> =
                    links.into_iter().flatten().map(|target| names[target].clone()).collect();
                references.sort();
                references.dedup();
                NamedObject {
                    id: object.id,
                    file: object.file,
                    name: done.name,
                    content: done.content,
                    own: done.own.expect("every object has its digest"),
                    references,
                    origin: object.origin,
                    value: object.value,
                }
            })
            .collect()
    }
}

/// `checkout-9lwjxqfv94`
fn named(name: &LogicalName, suffix: Option<&str>) -> FinalName {
    FinalName::new(match suffix {
        Some(suffix) => format!("{name}-{suffix}"),
        None => name.to_string(),
    })
}

/// The digest of what is hashed of an object: the fields at `paths`, with every reference to a
/// hashed object standing for that object's own content. `digests` are those of the objects that
/// it refers to, in the order in which [`references::visit`] meets them. The object comes back as
/// it was.
pub fn content(
    kind: &Kind,
    object: &mut Value,
    paths: &[&str],
    digests: &[Option<Digest>],
) -> Digest {
    let mut names = Vec::new();
    let mut targets = digests.iter();
    // No custom kind has a name that follows from its content.
    let declared = &Declared::new();
    references::visit(kind, declared, object, &mut |_, name, _| {
        names.push(name.clone());
        if let Some(Some(digest)) = targets.next() {
            *name = canonical::reference(digest);
        }
    });
    let digest = Content::of_paths(kind, object, paths).digest();
    let mut names = names.into_iter();
    references::visit(kind, declared, object, &mut |_, name, _| {
        *name = names.next().expect("the same references are met again");
    });
    digest
}

fn rewrite<'a>(
    object: &mut Object,
    declared: &Declared,
    names: impl Iterator<Item = Option<&'a str>>,
    name: &FinalName,
    suffix: Option<&str>,
) {
    let mut names = names;
    references::visit(&object.id.kind, declared, &mut object.value, &mut |_, field, _| {
        if let Some(Some(target)) = names.next() {
            target.clone_into(field);
        }
    });
    let value = &mut object.value;
    if let Some(metadata) = value.get_mut("metadata") {
        metadata.insert("name", Value::String(name.to_string()));
    }
    if let (Some(row), Some(suffix)) = (object.id.kind.row(), suffix) {
        for place in row.pods.generation {
            let map = place.iter().try_fold(&mut *value, |value, key| value.get_mut(key));
            if let Some(map) = map {
                map.insert(labels::GENERATION, Value::String(suffix.to_owned()));
            }
        }
    }
}
