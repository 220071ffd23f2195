//! Every kind that is emitted. Adding one begins with a literal in `table.rs`.

mod table; // one literal for each kind

pub use table::{KINDS, Kind};

use super::needs::Thing;
use std::fmt;

/// A kind that is none of ours.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CustomKind {
    /// `monitoring.coreos.com/v1`
    pub api_version: String,
    /// `ServiceMonitor`
    pub kind: String,
    /// Whether its objects stand in a namespace.
    pub namespaced: bool,
}

/// What is true of every object of a kind.
#[derive(Debug)]
pub struct Row {
    /// The kind.
    pub kind: Kind,
    /// Its name in a manifest.
    pub name: &'static str,
    /// Its group and version in a manifest.
    pub api_version: &'static str,
    /// The stem of its template and of its files.
    pub stem: &'static str,
    /// Who serves it, as a person looks for it, where Kubernetes does not do so itself.
    pub operator: Option<&'static str>,
    /// The built-in template, its name and its text; without one, only templates of the user's own
    /// make such objects.
    pub template: Option<(&'static str, &'static str)>,
    /// Whether its objects stand in a namespace.
    pub namespaced: bool,
    /// The most characters that the name of an object may have, and why.
    pub longest_name: (usize, &'static str),
    /// How its objects get their final names.
    pub naming: Naming,
    /// What becomes of an object that an edit drops from the current generation.
    pub keeping: Keeping,
    /// Fields that must be written although the Kubernetes schema has them optional.
    pub required: &'static [&'static str],
    /// The fields that hold the name of another object of the same region, and its kind; `[]` stands
    /// for every item of a list. Those of pods are in [`super::references`].
    pub references: &'static [(&'static str, Kind)],
    /// The fields that name what stands in a cluster already; without a thing, an image. Those of
    /// pods are in [`super::needs`].
    pub needs: &'static [(&'static str, Option<Thing>)],
    /// What it needs whatever its objects say.
    pub always: &'static [(Thing, &'static str)],
    /// The annotations that say who an object is to the cloud.
    pub identities: &'static [&'static str],
    /// What `kubectl wait --for` waits for where an operator has done what an object asks of it,
    /// and how a person calls that.
    pub done: Option<(&'static str, &'static str)>,
    /// The name of an object that every namespace has of itself.
    pub given: Option<&'static str>,
    /// What a spec calls its objects when it adds labels and annotations to them; without one, they
    /// have those of all objects.
    pub metadata: Option<Part>,
    /// The field that is read once, when an object is created.
    pub once: &'static [&'static str],
    /// What is true of it because of its pods.
    pub pods: Pods,
    /// When Argo CD applies its objects, which waits for the health of everything before: what has no
    /// health of its own first, backups and alerts among it; then, all at once, pods and what their
    /// health hangs on (0); then what brings users.
    pub wave: i8,
    /// Whether data, or what serves, goes with an object: no engine may delete it without a person.
    pub precious: bool,
    /// Whether its objects make an engine deliver.
    pub delivers: bool,
    /// Whether users or callers find a service by its objects.
    pub address: bool,
}

/// What a spec adds labels and annotations to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The workload.
    Deployment,
    /// Kubernetes Services.
    Service,
    /// The ServiceAccount.
    ServiceAccount,
    /// What leads users to a Service.
    Route,
    /// Work that ends by itself, and its pods.
    Job,
}

/// What is true of a kind because of the pods that it makes or scales.
#[derive(Clone, Copy, Debug)]
pub struct Pods {
    /// Where their template is.
    pub template: Option<&'static [&'static str]>,
    /// Whether they are a workload: they run until they are stopped.
    pub workload: bool,
    /// Whether they end by themselves.
    pub end: bool,
    /// The field of `spec` that says how many there are, or are at least.
    pub replicas: Option<&'static str>,
    /// The field of `spec` that says how many it may make at most: it is an autoscaler.
    pub max: Option<&'static str>,
    /// The field of `spec` with volumes that belong to its name.
    pub claims: Option<&'static str>,
    /// Where the label of a generation goes when two of them run side by side.
    pub generation: &'static [&'static [&'static str]],
}

/// Group and kind of objects that ask for something to be done once. When one has done its work or
/// expired, Velero deletes it (`pkg/controller/{backup_deletion,gc}_controller.go`), and a delivery
/// engine that finds it missing makes it again.
pub const ONE_SHOT: &[(&str, &str)] = &[
    ("velero.io", "Backup"),
    ("velero.io", "DeleteBackupRequest"),
    ("velero.io", "DownloadRequest"),
    ("velero.io", "PodVolumeBackup"),
    ("velero.io", "PodVolumeRestore"),
    ("velero.io", "Restore"),
    ("velero.io", "DataDownload"),
    ("velero.io", "DataUpload"),
];

/// Whether objects of a kind ask for something to be done once.
pub fn is_one_shot(api_version: &str, kind: &str) -> bool {
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    ONE_SHOT.contains(&(group, kind))
}

/// How an object gets its final name (`docs/facts.md`, "Names that follow from content").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// The logical name: here the identity is the data, or the address.
    Stable,
    /// The logical name and a hash of the content at these paths.
    Hashed(&'static [&'static str]),
    /// The logical name and the suffix of the object that it refers to, if that has one.
    LikeReferent,
}

/// What becomes of an object that an edit drops, while its service stays where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// It makes a generation that stays, with everything that it refers to.
    Generation,
    /// It stays with the generation of the workload that is dropped with it, if any.
    WithWorkload,
    /// It leaves at once: kept, it would run again.
    Never,
}

impl Kind {
    /// Its row; none for a kind of the user's own.
    pub fn row(&self) -> Option<&'static Row> {
        KINDS.iter().find(|row| row.kind == *self)
    }

    /// Its row, or what is taken of a kind that nobody here knows.
    pub fn facts(&self) -> &'static Row {
        self.row().unwrap_or(&table::COMMON)
    }

    /// The row of that group, version and kind.
    pub fn find(api_version: &str, name: &str) -> Option<&'static Row> {
        KINDS.iter().find(|row| row.api_version == api_version && row.name == name)
    }

    /// The row of the built-in kind of that name.
    pub fn named(name: &str) -> Option<&'static Row> {
        KINDS.iter().find(|row| row.name == name)
    }

    /// Whether objects of the kind called `name` are workloads.
    pub fn is_workload(name: &str) -> bool {
        Kind::named(name).is_some_and(|row| row.pods.workload)
    }

    /// Whether objects of the kind called `name` run pods from a template of their own.
    pub fn runs_pods(name: &str) -> bool {
        Kind::named(name).is_some_and(|row| row.pods.template.is_some())
    }

    /// The kinds that decide how many replicas another object has, and their fields of `spec` with the
    /// fewest and the most.
    pub fn autoscalers() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
        KINDS.iter().filter_map(|row| Some((row.name, row.pods.replicas?, row.pods.max?)))
    }

    /// The field of `spec` in which objects of the kind called `name` have volumes of their own.
    pub fn claims(name: &str) -> Option<&'static str> {
        Kind::named(name)?.pods.claims
    }

    /// Whether every namespace has an object of this kind and name of itself.
    pub fn is_given(&self, name: &str) -> bool {
        self.row().is_some_and(|row| row.given == Some(name))
    }

    /// What becomes of an object of the kind called `name` that an edit drops.
    pub fn keeping(name: &str) -> Keeping {
        Kind::named(name).map_or(Keeping::WithWorkload, |row| row.keeping)
    }

    /// Its name in a manifest.
    pub fn name(&self) -> &str {
        if let Kind::Custom(custom) = self {
            return &custom.kind;
        }
        self.row().expect("every built-in kind has a row").name
    }

    /// Its group and version in a manifest.
    pub fn api_version(&self) -> &str {
        if let Kind::Custom(custom) = self {
            return &custom.api_version;
        }
        self.facts().api_version
    }

    /// Whether its objects make an engine deliver.
    pub fn delivers(&self) -> bool {
        self.facts().delivers
    }

    /// Whether its objects stand in a namespace.
    pub fn namespaced(&self) -> bool {
        if let Kind::Custom(custom) = self {
            return custom.namespaced;
        }
        self.row().expect("every built-in kind has a row").namespaced
    }

    /// How its objects get their final names, unless the plan says otherwise.
    pub fn naming(&self) -> Naming {
        self.facts().naming
    }

    /// The most characters of a name, and why.
    pub fn longest_name(&self) -> (usize, &'static str) {
        self.facts().longest_name
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_unique_and_in_the_order_of_the_kinds() {
        assert!(KINDS.is_sorted_by(|a, b| a.kind < b.kind));
        for row in KINDS {
            assert!(!row.name.is_empty() && !row.api_version.is_empty() && !row.stem.is_empty());
            let same = |other: &&Row| other.stem == row.stem || other.name == row.name;
            assert_eq!(KINDS.iter().filter(same).count(), 1, "{}", row.name);
            let template = row.template.map_or(row.stem, |(name, _)| name);
            assert_eq!(template.trim_end_matches(".yaml"), row.stem);
        }
    }
}
