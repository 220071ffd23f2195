//! What a person must know of an import, and decide.

use super::draft::Draft;
use super::group::{Fate, made_secret};
use super::learn::Learned;
use super::object::{self, Object};
use super::verdict::Missing;
use super::{Importing, manifest, path};
use crate::diag::{self, Code, Diagnostic, Severity, Sink};
use crate::yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

impl Importing<'_> {
    /// Says what a person must decide, and what could not be carried.
    pub(super) fn tell(
        &self,
        sink: &mut Sink,
        learned: &Learned,
        draft: &Draft,
        missing: &[Missing],
    ) {
        let warning = |message: String| {
            Diagnostic::new(Code::IMPORT_DECIDE, message).severity(Severity::Warning)
        };
        self.as_they_are(sink, learned);
        for (namespace, (level, needs)) in &draft.levels {
            let message = format!(
                "pods in namespace `{namespace}` are held to the Pod Security level `{}`, and no longer to `restricted`",
                level.word()
            );
            sink.report(
                warning(message)
                    .at(self.objects[needs.object].place, "this needs it")
                    .note(needs.why.clone())
                    .help("`[pod_security]` of the fleet says it; services that do without are better off in a namespace of their own"),
            );
        }
        let at_once = |object: &&Object| {
            object.kind == "StorageClass"
                && object.text(&["volumeBindingMode"]) != Some("WaitForFirstConsumer")
        };
        for class in self.objects.iter().filter(at_once).filter(|_| self.request.fleet.is_none()) {
            let message = format!(
                "the storage class `{}` makes volumes before their pods are scheduled",
                class.name
            );
            sink.report(warning(message).at(class.place, "").note(
                "the fleet says that they are reached from every zone: `topology = \"region\"`",
            ).help("where each is in one zone, recreate the class with `volumeBindingMode: WaitForFirstConsumer`, and write that into the fleet"));
        }
        for group in &draft.groups.groups {
            let object = &self.objects[group.workload];
            for (what, help) in decided_by_tier(object) {
                let message =
                    format!("`{}` has {what} today, which its tier does not have", group.name);
                sink.report(warning(message).at(object.place, "").help(help));
            }
        }
        for (group, guess) in draft.groups.groups.iter().zip(&draft.guesses) {
            let object = &self.objects[group.workload];
            let mut by_secret: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
            for aside in &guess.asides {
                by_secret.entry(&aside.secret).or_default().push(&aside.variable);
            }
            for (secret, variables) in by_secret {
                let place = (group.namespace.as_str(), secret);
                sink.report(credentials(&group.name, &variables, place).at(object.place, ""));
            }
            let images = object::images(object).into_iter();
            for image in images.filter(|image| {
                !image.contains('@') && !learned.options.digests.contains_key(*image)
            }) {
                let severity =
                    if learned.options.made_up { Severity::Error } else { Severity::Warning };
                let message =
                    format!("nobody says the digest of `{image}`, the image of `{}`", group.name);
                sink.report(warning(message).severity(severity).at(object.place, "").note(
                    "a tag may mean another image tomorrow; every tier but `bronze` needs the digest",
                ).help(format!("write it into the spec, or give it with `--digests FILE`, a line `{image}=sha256:…`")));
            }
        }
        for (at, object) in self.objects.iter().enumerate() {
            if !matches!(draft.groups.fates[at], Fate::Manifest(_)) && !draft.partly.contains(&at) {
                continue;
            }
            let kept_out = manifest::kept_out(object);
            if kept_out.is_empty() {
                continue;
            }
            let variables: BTreeSet<&str> = kept_out.iter().map(String::as_str).collect();
            let variables: Vec<&str> = variables.into_iter().collect();
            let (namespace, secret) =
                (learned.options.namespace_of(object), manifest::secret(&object.name));
            let finding = credentials(&object.name, &variables, (&namespace, &secret));
            let finding = finding.at(object.place, "");
            sink.report(match self.is_mounted(object, learned) {
                true => finding
                    .severity(Severity::Error)
                    .note("pods mount it as files, and do not find them there: mount the Secret in its place"),
                false => finding,
            });
        }
        let is_missed = |object: &&Object| object.kind == "Secret" && made_secret(object).is_none();
        for secret in self.objects.iter().filter(is_missed) {
            let message = format!("the Secret `{}` is not imported", secret.name);
            sink.report(warning(message).at(secret.place, "").note("its content would be committed; specs refer to it by name").help(format!(
                "bring it into namespace `{}` as you do today, or by an operator such as External Secrets",
                learned.options.namespace_of(secret)
            )));
        }
        self.lost(sink, learned, missing);
    }

    /// Whether pods have a ConfigMap as files.
    fn is_mounted(&self, map: &Object, learned: &Learned) -> bool {
        let namespace = learned.options.namespace_of(map);
        let mounts = |object: &&Object| {
            let pod = object::pod(object);
            let volumes = pod.map(|pod| object::items(pod, "volumes")).unwrap_or_default();
            let mut names =
                volumes.iter().filter_map(|one| object::text(one, &["configMap", "name"]));
            names.any(|name| name == map.name) && learned.options.namespace_of(object) == namespace
        };
        map.kind == "ConfigMap" && self.objects.iter().any(|object| mounts(&object))
    }

    /// Says which workloads no spec can describe, and why.
    pub(super) fn as_they_are(&self, sink: &mut Sink, learned: &Learned) {
        for (at, why) in &learned.as_they_are {
            let object = &self.objects[*at];
            let message = format!("`{}` stays as it is: no spec can describe it", object.shown());
            let finding = Diagnostic::new(Code::IMPORT_DECIDE, message).at(object.place, "");
            sink.report(finding.note(why.clone()).help("it is among the manifests, and nothing is promised of it; change what stands in the way, and import again"));
        }
    }

    /// Says which leaves are in nothing that is emitted.
    fn lost(&self, sink: &mut Sink, learned: &Learned, missing: &[Missing]) {
        let mut by_object: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for one in missing {
            by_object.entry(one.object).or_default().push(path::pointer(&one.path));
        }
        for (at, paths) in by_object {
            let object = &self.objects[at];
            let shown: Vec<&str> = paths.iter().take(SHOWN).map(String::as_str).collect();
            let more = paths.len().saturating_sub(SHOWN);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let count = if paths.len() == 1 {
                "1 field".to_owned()
            } else {
                format!("{} fields", paths.len())
            };
            let message = format!("{count} of `{}` could not be carried", object.shown());
            let mut finding = Diagnostic::new(Code::IMPORT_LOST, message).at(object.place, "");
            finding = finding.note(format!("{}{more}", shown.join(", ")));
            if let Some(why) = learned.refused.get(&at) {
                finding = finding.note(why.clone());
            }
            sink.error(finding.help("what was written has all else; carry this by hand, or change the source and import again"));
        }
    }
}

/// What a workload chose that the tier of a service decides, and where a person says it now.
fn decided_by_tier(object: &Object) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if let Some(class) =
        object::pod(object).and_then(|pod| object::text(pod, &["priorityClassName"]))
    {
        let help = format!(
            "give it a tier that has it: `[tiers.…]` with `priority_class = \"{class}\"` in the fleet"
        );
        found.push((format!("the priority class `{class}`"), help));
    }
    let update = |path: &[&str]| object.at(&[&["spec", "updateStrategy"][..], path].concat());
    let partition = object::number(update(&["rollingUpdate", "partition"])).unwrap_or(0);
    if update(&["type"]).and_then(Value::as_str) == Some("OnDelete") || partition > 0 {
        let help = "its pods are replaced one by one as soon as the spec changes: where a person must be there for each, leave this workload out of the import";
        found.push(("pods that are replaced by hand".to_owned(), help.to_owned()));
    }
    found
}

/// The finding about values that no file of a tree may show, and how they come into a cluster: into one Secret,
/// by one command.
fn credentials(of: &str, names: &[&str], (namespace, secret): (&str, &str)) -> Diagnostic {
    let message = match names {
        [name] => format!("`{name}` of `{of}` looks like a credential"),
        names => format!("{} of `{of}` look like credentials", diag::list(names.iter().copied())),
    };
    let values: String = names.iter().map(|name| format!(" --from-literal={name}=…")).collect();
    let finding = Diagnostic::new(Code::IMPORT_DECIDE, message).severity(Severity::Warning);
    finding.note("no value was written: a tree is committed").help(format!(
        "bring it into the cluster: `kubectl -n {namespace} create secret generic {secret}{values}`"
    ))
}

/// How many paths a finding lists.
const SHOWN: usize = 12;
