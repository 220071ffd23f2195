//! What the emitted objects ask of the scheduler and of the controllers.

use super::cluster::Resources;
use super::fields::Amount;
use crate::kube::read::selector::{Labels, Selector};
use crate::model::Taint;
use crate::quantity::Duration;
use std::collections::BTreeMap;

/// An object of the tree, as far as a loss concerns it.
#[derive(Debug)]
pub(super) enum Object {
    Workload(Box<Workload>),
    Autoscaler(Autoscaler),
    Budget(Budget),
    Backup(Backup),
    /// Alerts that count the endpoints of a service: region, and folder of the service.
    Watch((String, String)),
    /// How users are shared out among regions: folder of the service, and a weight for each.
    Weights {
        folder: String,
        weights: BTreeMap<String, u64>,
    },
    /// Something that runs pods and is not simulated.
    Unknown(String),
}

/// Where an object stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// Its file, below the tree.
    pub(super) path: String,
    pub(super) region: String,
    pub(super) namespace: String,
    pub(super) name: String,
}

/// A Deployment, a StatefulSet, or what makes pods that end by themselves.
#[derive(Clone, Debug)]
pub(super) struct Workload {
    pub(super) place: Place,
    /// Empty for one that belongs to no service.
    pub(super) service: String,
    pub(super) tier: String,
    pub(super) stateful: bool,
    /// Whether one replica may write: it comes back, and nothing is left meanwhile.
    pub(super) single_writer: bool,
    /// Whether its pods end by themselves: they take room, and serve nobody.
    pub(super) ends: bool,
    /// Whether it is a former generation, which runs beside the current one.
    pub(super) former: bool,
    /// Whether it carries the load of its service.
    pub(super) carries: bool,
    /// Whether it listens on anything.
    pub(super) serves: bool,
    /// The fewest that run: those of the autoscaler where there is one. Of a job, the most.
    pub(super) replicas: usize,
    /// How many more run once its region leads: those of a job that is suspended.
    pub(super) resting: usize,
    /// What tells the instances of a database from other pods; none of what is no database.
    pub(super) database: Option<Instances>,
    pub(super) pod: Pod,
}

/// The instances of a database of CloudNativePG.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Instances {
    /// Whether one of them leads: in a region that stands by, all follow.
    pub(super) leads: bool,
    /// How many others must have a commit before it counts.
    pub(super) waits_for: usize,
}

/// The template of the pods.
#[derive(Clone, Debug)]
pub(super) struct Pod {
    pub(super) labels: Labels,
    pub(super) requests: Resources,
    /// What a node must be; every one of a group, one group at least. None: any node.
    pub(super) nodes: Vec<Selector>,
    pub(super) spread: Vec<Spread>,
    /// Whether a constraint that is only wished for was left out of `spread`.
    pub(super) wishes: bool,
    pub(super) near: Vec<Term>,
    pub(super) apart: Vec<Term>,
    pub(super) tolerations: Vec<Toleration>,
    /// The storage classes of its volumes; none is the default class.
    pub(super) classes: Vec<Option<String>>,
    /// How long it may take to become ready, in seconds, as far as its probes bound that.
    pub(super) start: u64,
    /// How long it may take to end, in seconds.
    pub(super) grace: u64,
    /// What it asks for that is not simulated.
    pub(super) not_simulated: Vec<&'static str>,
}

/// A spread constraint that the scheduler enforces.
#[derive(Clone, Debug)]
pub(super) struct Spread {
    pub(super) key: String,
    pub(super) max_skew: usize,
    pub(super) min_domains: usize,
    pub(super) honours_nodes: bool,
    pub(super) honours_taints: bool,
    pub(super) selector: Selector,
}

/// A required term of pod affinity or anti-affinity.
#[derive(Clone, Debug)]
pub(super) struct Term {
    pub(super) key: String,
    pub(super) selector: Selector,
}

/// What it bears of nodes.
#[derive(Clone, Debug)]
pub(super) struct Toleration {
    /// None tolerates every key.
    pub(super) key: Option<String>,
    pub(super) effect: Option<String>,
    /// The value that it asks for; none bears every value.
    pub(super) value: Option<String>,
    pub(super) seconds: Option<u64>,
}

#[derive(Debug)]
pub(super) struct Autoscaler {
    pub(super) place: Place,
    pub(super) target: (String, String),
    pub(super) min: usize,
}

/// A PodDisruptionBudget.
#[derive(Debug)]
pub(super) struct Budget {
    pub(super) place: Place,
    pub(super) selector: Selector,
    pub(super) min: Option<Amount>,
    pub(super) max: Option<Amount>,
}

/// A Velero Schedule.
#[derive(Debug)]
pub(super) struct Backup {
    /// Its file, below the tree.
    pub(super) path: String,
    pub(super) region: String,
    pub(super) service: String,
    pub(super) location: String,
    /// The longest time between two of them; none where it is paused, or never runs twice.
    pub(super) every: Option<Duration>,
    /// Whether its snapshots leave the region with it.
    pub(super) moves_data: bool,
    pub(super) former: bool,
}

/// A workload, as an autoscaler names it: region, namespace, kind, name.
type Target<'a> = (&'a str, &'a str, &'a str, &'a str);

impl Workload {
    /// Whether it carries the load of its service: the current generation does.
    pub(super) fn carries_now(&self) -> bool {
        self.carries && !self.former
    }

    /// How its autoscaler would name it.
    pub(super) fn as_target(&self) -> Target<'_> {
        let kind = match (self.stateful, self.ends) {
            _ if self.database.is_some() => super::databases::KIND,
            (true, _) => "StatefulSet",
            (false, true) => "Job",
            (false, false) => "Deployment",
        };
        (&self.place.region, &self.place.namespace, kind, &self.place.name)
    }
}

impl Autoscaler {
    /// What it scales.
    pub(super) fn target(&self) -> Target<'_> {
        (&self.place.region, &self.place.namespace, &self.target.0, &self.target.1)
    }
}

/// A taint of a node that is lost.
const UNREACHABLE: &str = "node.kubernetes.io/unreachable";
const NOT_READY: &str = "node.kubernetes.io/not-ready";

impl Pod {
    /// Whether the scheduler may put it on a node that does not answer.
    pub(super) fn tolerates_unreachable(&self) -> bool {
        let all = ["NoSchedule", "NoExecute"];
        all.iter().all(|effect| self.tolerating(UNREACHABLE, effect).next().is_some())
    }

    /// The tolerations of a taint of a lost node, which has no value.
    fn tolerating(&self, key: &str, effect: &str) -> impl Iterator<Item = &Toleration> {
        self.tolerations.iter().filter(move |one| one.bears(key, "", effect))
    }

    /// Whether the scheduler may put it on nodes with this taint.
    pub(super) fn bears(&self, taint: &Taint) -> bool {
        let value = taint.value.as_deref().unwrap_or_default();
        self.tolerations.iter().any(|one| one.bears(&taint.key, value, &taint.effect))
    }

    /// How long it stays on a lost node, in seconds; none when it stays for ever.
    pub(super) fn stays(&self) -> Option<u64> {
        stays(&self.tolerations)
    }
}

/// How long a pod with these tolerations stays on a lost node, in seconds; none when it stays for ever.
/// What says nothing gets 300 s (`plugin/pkg/admission/defaulttolerationseconds`); of several, the
/// shortest counts (`pkg/controller/tainteviction`, `GetMinTolerationTime`).
pub(super) fn stays(tolerations: &[Toleration]) -> Option<u64> {
    let stay = |key: &str| {
        let bears = |one: &&Toleration| one.bears(key, "", "NoExecute");
        let mut found = tolerations.iter().filter(bears).peekable();
        if found.peek().is_none() {
            return Some(300);
        }
        found.filter_map(|one| one.seconds).min()
    };
    // Whether the node says that it is not ready or says nothing depends on how it is lost.
    Some(stay(UNREACHABLE)?.max(stay(NOT_READY)?))
}

impl Toleration {
    fn bears(&self, key: &str, value: &str, effect: &str) -> bool {
        self.key.as_deref().is_none_or(|own| own == key)
            && self.effect.as_deref().is_none_or(|own| own == effect)
            && self.value.as_deref().is_none_or(|own| own == value)
    }
}

impl Budget {
    /// Whether it speaks of the pods of a workload.
    pub(super) fn covers(&self, workload: &Workload) -> bool {
        (&self.place.region, &self.place.namespace)
            == (&workload.place.region, &workload.place.namespace)
            && self.selector.selects(&workload.pod.labels)
    }

    /// How many of so many healthy pods it lets go at once.
    pub(super) fn allows(&self, pods: usize) -> usize {
        let min = match (self.min, self.max) {
            (Some(min), _) => min.of(pods),
            (None, Some(max)) => pods.saturating_sub(max.of(pods)),
            (None, None) => 0,
        };
        pods.saturating_sub(min)
    }
}
