//! Where Velero stores: names that objects can have, buckets that no two clusters share, and
//! everything that a location needs once Ninefold is to make it.

use super::names::named;
use crate::diag::{self, Code, Diagnostic, Sink, Span};
use crate::kube::id;
use crate::model::{BackupLocation, Fleet, Provider, Region, SecretKey};
use crate::spec::fleet::SnapshotLocation;
use std::collections::BTreeMap;

/// A region, and the fleet that declares it.
#[derive(Clone, Copy)]
struct Place<'a> {
    fleet: &'a Fleet,
    region: &'a Region,
}

impl Place<'_> {
    fn at(&self, list: &str, index: usize, keys: &[&str]) -> Span {
        self.fleet.document.at(&self.path(list, &index.to_string(), keys))
    }

    fn has(&self, list: &str, index: usize, key: &str) -> bool {
        self.fleet.document.has(&self.path(list, &index.to_string(), &[key]))
    }

    fn path<'a>(&'a self, list: &'a str, index: &'a str, keys: &[&'a str]) -> Vec<&'a str> {
        [&["regions", self.region.name.as_str(), "backup", list, index], keys].concat()
    }
}

/// The backup server of one region.
pub(super) fn check(sink: &mut Sink, fleet: &Fleet, region: &Region) {
    let place = &Place { fleet, region };
    let locations = &region.backup_locations;
    let names: Vec<&str> = locations.iter().map(|location| location.name.as_str()).collect();
    listed(sink, place, "locations", "backup location", &names);
    let known = fleet.region_names();
    for (index, location) in locations.iter().enumerate() {
        let at = place.at("locations", index, &["stored_in"]);
        stored_somewhere(sink, &known, at, (&location.stored_in, location.geography.as_ref()));
        bucket(sink, place, index, location);
    }
    let list = "snapshot_locations";
    let snapshots = &region.snapshot_locations;
    let names: Vec<&str> = snapshots.iter().map(|location| location.name.as_str()).collect();
    listed(sink, place, list, "snapshot location", &names);
    one_of_each(sink, place);
    for (index, location) in snapshots.iter().enumerate() {
        let written = location.provider.as_ref();
        plugin(sink, place, list, index, written, location.credential.as_ref());
    }
}

/// What databases of one region need.
pub(super) fn archive(sink: &mut Sink, fleet: &Fleet, region: &Region) {
    let Some(postgresql) = &region.postgresql else { return };
    let at = |key| fleet.document.at(&["regions", region.name.as_str(), "postgresql", key]);
    let stored = (&postgresql.stored_in, postgresql.geography.as_ref());
    stored_somewhere(sink, &fleet.region_names(), at("stored_in"), stored);
    let operator = postgresql.operator.as_deref();
    let names = [
        ("archive", Some(&*postgresql.archive), "an ObjectStore"),
        ("operator", operator, "a namespace"),
    ];
    for (key, name, what) in names {
        let Some(name) = name else { continue };
        named(sink, id::label_problem, (what, name), || at(key), "");
    }
}

/// Velero refuses every backup with volumes that does not choose between two snapshot locations of one
/// plugin (velero `pkg/controller/backup_controller.go`, `validateAndGetSnapshotLocations`).
fn one_of_each(sink: &mut Sink, place: &Place<'_>) {
    let list = "snapshot_locations";
    let plugin = |one: &SnapshotLocation| place.region.plugin(one.provider.as_ref()).to_owned();
    let all = &place.region.snapshot_locations;
    for (index, location) in all.iter().enumerate() {
        let of = plugin(location);
        // One that is written twice, or of which nobody knows the plugin, is reported already.
        let other = |other: &SnapshotLocation| plugin(other) == of && other.name != location.name;
        let Some(first) = all[..index].iter().position(other).filter(|_| !of.is_empty()) else {
            continue;
        };
        sink.error(
            Diagnostic::new(
                Code::WRONG_VALUE,
                format!("`{}` has two snapshot locations of the plugin `{of}`", place.region.name),
            )
            .at(place.at(list, index, &["name"]), "the second")
            .related(place.at(list, first, &["name"]), "the first")
            .note("Velero refuses every backup that does not choose between them, and a Schedule chooses none")
            .help("keep the one in which the snapshots of this region are"),
        );
    }
}

fn listed(sink: &mut Sink, place: &Place<'_>, list: &str, what: &str, names: &[&str]) {
    for (index, name) in names.iter().enumerate() {
        let at = |index: usize| place.at(list, index, &["name"]);
        named(sink, id::label_problem, (&format!("a {what}"), name), || at(index), "");
        if let Some(first) = names[..index].iter().position(|other| other == name) {
            sink.error(
                Diagnostic::new(Code::DUPLICATE_NAME, format!("two {what}s are called `{name}`"))
                    .at(at(index), "here again")
                    .related(at(first), "first here"),
            );
        }
    }
}

/// Where something is stored is a region of the fleet, whose names are `known`, or outside in a
/// geography.
pub(super) fn stored_somewhere(
    sink: &mut Sink,
    known: &[String],
    at: Span,
    (stored_in, geography): (&String, Option<&String>),
) {
    if geography.is_some() || known.contains(stored_in) {
        return;
    }
    let known = known.iter().map(String::as_str);
    sink.error(
        Diagnostic::new(Code::UNKNOWN_REGION, format!("the fleet has no region `{stored_in}`"))
            .at(at, "")
            .help(match diag::nearest(stored_in, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "for a region outside the fleet, add its `geography`".to_owned(),
            }),
    );
}

/// What Velero refuses of a bucket and its folder (velero `pkg/persistence/object_store.go`), and
/// keys that mean nothing without one.
fn bucket(sink: &mut Sink, place: &Place<'_>, index: usize, location: &BackupLocation) {
    let list = "locations";
    let Some(bucket) = &location.bucket else {
        let alone = ["prefix", "provider", "config", "credential"];
        if let Some(key) = alone.into_iter().find(|key| place.has(list, index, key)) {
            sink.error(
                Diagnostic::new(Code::MISSING_KEY, "`bucket` is missing")
                    .at(place.at(list, index, &[key]), "of which bucket?")
                    .note(
                        "without it, somebody else makes the location, and these keys say nothing",
                    )
                    .help(format!("add `bucket = \"…\"`, or remove `{key}`")),
            );
        }
        return;
    };
    if bucket.is_empty() || bucket.contains('/') {
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, format!("`{bucket}` is not a bucket"))
                .at(place.at(list, index, &["bucket"]), "")
                .help("write its name alone; a folder in it is the `prefix`"),
        );
    }
    let prefix = location.prefix.as_deref();
    if let Some(prefix) = prefix.filter(|prefix| {
        prefix.is_empty()
            || prefix.contains("//")
            || prefix.starts_with('/')
            || prefix.ends_with('/')
    }) {
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, format!("`{prefix}` is not a folder of a bucket"))
                .at(place.at(list, index, &["prefix"]), "")
                .help("write it like `clusters/eastus2`, without a slash at either end"),
        );
    }
    plugin(sink, place, list, index, location.provider.as_ref(), location.credential.as_ref());
}

fn plugin(
    sink: &mut Sink,
    place: &Place<'_>,
    list: &str,
    index: usize,
    written: Option<&String>,
    credential: Option<&SecretKey>,
) {
    if written.is_none() && place.region.provider == Provider::Other {
        sink.error(
            Diagnostic::new(Code::MISSING_KEY, "`provider` is missing")
                .at(place.at(list, index, &["name"]), "which plugin of Velero's?")
                .note("a region of no known cloud has no plugin of its own")
                .help("for storage that speaks S3, add `provider = \"aws\"`"),
        );
    }
    if let Some(credential) = credential {
        let at = || place.at(list, index, &["credential", "name"]);
        let secret = ("a Secret", credential.name.as_str());
        named(sink, id::subdomain_problem, secret, at, "name a Secret in Velero's namespace");
    }
}

/// A plugin, what it is told, a bucket, and a folder in it.
type Folder<'a> = (&'a str, &'a BTreeMap<String, String>, &'a str, &'a str);

/// Two clusters that write to one folder see each other's backups as their own: each deletes what
/// the other keeps, and a restore may take the other's (`docs/facts.md`, "Restores in another
/// cluster").
pub(super) fn apart(sink: &mut Sink, fleet: &Fleet) {
    let mut seen: BTreeMap<Folder<'_>, Span> = BTreeMap::new();
    for region in fleet.hosts() {
        for (index, location) in region.backup_locations.iter().enumerate() {
            let Some(bucket) = &location.bucket else { continue };
            let (plugin, prefix) =
                (region.plugin(location.provider.as_ref()), region.prefix(location));
            let index = index.to_string();
            let path = ["regions", region.name.as_str(), "backup", "locations", &index];
            let place = fleet.document.at(&path);
            if let Some(first) = seen.insert((plugin, &location.config, bucket, prefix), place) {
                sink.error(
                    Diagnostic::new(
                        Code::BACKUPS_SHARED,
                        format!("two locations write to `{prefix}` of bucket `{bucket}`"),
                    )
                    .at(place, "here again")
                    .related(first, "first here")
                    .note("each would take the other's backups for its own, and delete what the other keeps")
                    .help("give each a bucket or a `prefix` of its own; by default a cluster has a folder of its own name"),
                );
            }
        }
    }
}
