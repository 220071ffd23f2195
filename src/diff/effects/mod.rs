//! What a change does: a rule a file, each over what changed in one service.
//!
//! A rule compares what the two sides say, never what a field diff shows: the other formats have
//! that. Where both sides have a ledger, its promises are what is compared.

mod matched; //        what a rule finds in a place, and how places become one effect
mod workload; //   pods: how many, from which template
mod amount; //     quantities, durations, counts and percentages
mod regions; //    regions that come, go and change their part
mod strategy; //   how it gets back after the loss of one
mod partial_reach; // what reaches only some regions
mod zones; //      what survives the loss of a zone
mod disruption; // what a drain may take
mod recovery; //   RPO and RTO, and promises that get better
mod replace; //    pods that are replaced and rolled
mod generations; // former generations that leave
mod rollout; //    how pods are replaced
mod image; //      images
mod placement; //  on which nodes pods may run
mod probes; //     how one sees that pods work
mod lifecycle; //  how pods end and move
mod resources; //  what pods ask for
mod scale; //      autoscalers, and changes that restart nothing
mod backups; //    schedules of backups
mod shared_backups; // those that several services share
mod scope; //      what is in a backup
mod locations; //  where it goes
mod listed; //     lists of what is in it
mod volume_policies; // which volumes are in it
mod backup_settings; // how else it is made
mod left_out; //   what marks keep out of it
mod writers; //    who may write
mod data; //       volumes and what goes with them
mod claims; //     claims that leave, grow, shrink
mod database; //   databases: versions, volumes, restarts
mod ports; //      ports and types of Services
mod selectors; //  selectors and targets that find nothing
mod traffic; //    addresses, hosts, failover
mod routes; //     what leads users to a service
mod ways; //       what policies let through, as sets
mod policies; //   ways that are closed or opened
mod apply; //      what an API server refuses
mod security; //   privileges of pods
mod jobs; //       work that ends by itself
mod beside; //     containers that come and go
mod admission; //  what an API server lets in
mod access; //     RBAC, Secrets and configuration in place
mod secrets; //    which Secrets are read
mod monitoring; // alerts, and what Prometheus reads
mod delivery; //   what makes an engine deliver
mod pledges; //    residency, judged data, availability
mod unexplained; // what no edit explains
mod rest; //       whatever no other rule speaks of
mod warnings; //   those that a build of the new side has, and one of the old side has not
mod accept; //     effects that a spec accepts

pub use accept::accept;
pub(super) use warnings::warning;

use super::report::{Cause, Class, Effect, Object, Operation, Severity};
use super::side::{Item, Tree, Unit, promise};
use crate::diag::{self, Code};
use crate::kube::id;
use crate::yaml::Value;
use matched::Match;
use std::collections::{BTreeMap, BTreeSet};

/// A service in which something differs; what rules look at.
pub struct Service<'a> {
    /// Its name; `fleet` for what services share.
    pub name: &'a str,
    /// The old side; none for a service that is new.
    pub old: Option<&'a Unit<'a>>,
    /// The new side; none for one that goes.
    pub new: Option<&'a Unit<'a>>,
    /// What differs in it.
    pub changed: Vec<Changed<'a>>,
    /// Both sides with every unit: whom a policy selects may belong to another.
    trees: (&'a Tree<'a>, &'a Tree<'a>),
    /// What was current and has a successor.
    succeeded: BTreeSet<Name<'a>>,
    /// What stays as a former generation.
    kept: BTreeMap<Name<'a>, &'a Item<'a>>,
    /// Where objects of a kind are among those that differ.
    kinds: BTreeMap<&'a str, Vec<usize>>,
}

/// Who an object is for Kubernetes: region, kind, namespace, name.
type Name<'a> = (&'a str, &'a str, Option<&'a str>, &'a str);

fn name<'a>(item: &'a Item<'_>) -> Name<'a> {
    let identity = &item.identity;
    (&identity.region, &identity.kind, identity.namespace.as_deref(), &item.name)
}

/// An object that differs, with both sides of it.
pub struct Changed<'a> {
    /// Its number in [`super::Report::objects`].
    pub number: usize,
    /// What differs; nothing in it is masked.
    pub object: &'a Object,
    /// On the old side.
    pub old: Option<&'a Item<'a>>,
    /// On the new side.
    pub new: Option<&'a Item<'a>>,
    /// What both say, without what differs in spelling alone; none where nothing does.
    pub meant: Option<&'a (Value, Value)>,
}

/// A rule: what it finds about one service. Causes and acceptance are filled in by the caller,
/// from the objects that it names.
type Rule = fn(&Service<'_>) -> Vec<Match>;

const RULES: &[Rule] = &[
    regions::check,
    zones::check,
    disruption::check,
    recovery::check,
    replace::check,
    generations::check,
    rollout::check,
    image::check,
    placement::check,
    probes::check,
    lifecycle::check,
    resources::check,
    scale::check,
    backups::check,
    shared_backups::check,
    scope::check,
    locations::check,
    volume_policies::check,
    backup_settings::check,
    left_out::check,
    writers::check,
    data::check,
    claims::check,
    database::check,
    ports::check,
    selectors::check,
    traffic::check,
    routes::check,
    policies::check,
    apply::check,
    security::check,
    access::check,
    admission::check,
    jobs::check,
    beside::check,
    secrets::check,
    monitoring::check,
    delivery::check,
    pledges::check,
];

/// What the changes of one service do: worst first, then by rule and regions.
pub fn of(service: &Service<'_>, causes: &[Cause]) -> Vec<Effect> {
    let mut matches: Vec<Match> = RULES.iter().flat_map(|rule| rule(service)).collect();
    let told = matches.iter().flat_map(Match::numbers).collect();
    matches.extend(partial_reach::check(service, causes, &told));
    let told = matches.iter().flat_map(Match::numbers).collect();
    matches.extend(rest::check(service, &told));
    matches.extend(unexplained::check(service, causes));
    let mut effects = matched::merge(service.name, matches);
    sort(&mut effects);
    effects
}

/// The order of effects: severity, rule, service, regions.
pub fn sort(effects: &mut [Effect]) {
    effects.sort_by(|a, b| {
        (b.severity.cmp(&a.severity))
            .then_with(|| a.rule.name().cmp(b.rule.name()))
            .then_with(|| diag::natural(&a.service, &b.service))
            .then_with(|| a.regions.cmp(&b.regions))
    });
}

/// An object that is current on both sides and says something else.
#[derive(Clone, Copy)]
struct Edit<'a> {
    number: usize,
    region: &'a str,
    kind: &'a str,
    old_item: &'a Item<'a>,
    new_item: &'a Item<'a>,
    old: &'a Value,
    new: &'a Value,
}

impl Edit<'_> {
    /// The pods of both sides, of a workload.
    fn pods(&self) -> Option<(&Value, &Value)> {
        let old = workload::pod(&self.old_item.identity.kind, self.old)?;
        Some((old, workload::pod(self.kind, self.new)?))
    }

    /// What loosens something, here.
    fn loosens(&self, rule: Code, severity: Severity, title: impl Into<String>) -> Match {
        Match::loosens(rule, severity, title).at(self.region).object(self.number)
    }

    /// What is neither better nor worse, here.
    fn neutral(&self, rule: Code, severity: Severity, title: impl Into<String>) -> Match {
        Match::neutral(rule, severity, title).at(self.region).object(self.number)
    }
}

/// An object that was current and has no successor, although its region stays.
#[derive(Clone, Copy)]
struct Dropped<'a> {
    number: usize,
    item: &'a Item<'a>,
    value: &'a Value,
    /// Whether it stays as a former generation.
    kept: bool,
}

impl<'a> Service<'a> {
    /// A service, and what differs in it.
    pub fn new(
        name: &'a str,
        (old, new): (Option<&'a Unit<'a>>, Option<&'a Unit<'a>>),
        trees: (&'a Tree<'a>, &'a Tree<'a>),
        changed: Vec<Changed<'a>>,
    ) -> Service<'a> {
        let stays = |changed: &&Changed<'a>| changed.new.is_some_and(|new| new.retained.is_none());
        let succeeded = changed.iter().filter(stays).filter_map(|changed| changed.old);
        let items = new.map(Unit::items).unwrap_or_default();
        let kept = items.iter().filter(|item| item.retained.is_some());
        let mut kinds: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, changed) in changed.iter().enumerate() {
            let of = |item: Option<&'a Item<'a>>| item.map(|item| item.identity.kind.as_str());
            let both = BTreeSet::from([of(changed.old), of(changed.new)]);
            for kind in both.into_iter().flatten() {
                kinds.entry(kind).or_default().push(at);
            }
        }
        Service {
            name,
            old,
            new,
            succeeded: succeeded.map(self::name).collect(),
            kept: kept.map(|item| (self::name(item), item)).collect(),
            kinds,
            trees,
            changed,
        }
    }

    /// What differs in objects that are of one kind on one of the sides.
    fn changed_of(&self, kind: &str) -> impl Iterator<Item = &Changed<'a>> {
        let places = self.kinds.get(kind).map(Vec::as_slice).unwrap_or_default();
        places.iter().map(|at| &self.changed[*at])
    }

    /// Whether something differs in an object.
    fn is_changed(&self, item: &Item<'_>) -> bool {
        self.changed_of(&item.identity.kind).any(|changed| {
            [changed.old, changed.new].into_iter().flatten().any(|other| same(other, item))
        })
    }

    /// Whether this is what services share.
    fn is_fleet(&self) -> bool {
        self.name == crate::plan::Unit::Fleet.name()
    }

    /// The objects that are current on both sides.
    fn edits(&self) -> impl Iterator<Item = Edit<'a>> + '_ {
        self.changed.iter().filter_map(edit)
    }

    /// Those of one kind.
    fn edits_of<'s>(&'s self, kind: &'s str) -> impl Iterator<Item = Edit<'a>> + 's {
        let edits = self.changed_of(kind).filter_map(edit);
        edits.filter(move |edit| edit.kind == kind && edit.old_item.identity.kind == kind)
    }

    /// The objects of one kind that were current and have no successor.
    fn dropped<'s>(&'s self, kind: &'s str) -> impl Iterator<Item = Dropped<'a>> + 's {
        let mut seen: BTreeSet<Name<'_>> = BTreeSet::new();
        self.changed_of(kind).filter_map(move |changed| {
            let item = changed.old.filter(|item| {
                item.retained.is_none()
                    && item.identity.kind == kind
                    && !self.succeeded.contains(&name(item))
            })?;
            // What stays as a former generation goes and is kept: that is one thing to say.
            if !seen.insert(name(item)) {
                return None;
            }
            let kept = self.kept(item).is_some();
            Some(Dropped { number: changed.number, item, value: item.value()?, kept })
        })
    }

    /// The objects of one kind that are current and had no predecessor.
    fn added<'s>(&'s self, kind: &'s str) -> impl Iterator<Item = (usize, &'a Item<'a>)> + 's {
        self.changed_of(kind).filter_map(move |changed| {
            let new = changed.new?;
            let fits = changed.old.is_none() && new.retained.is_none() && new.identity.kind == kind;
            fits.then_some((changed.number, new))
        })
    }

    /// Where an object went that was dropped: the same under another namespace.
    fn moved(&self, dropped: &Dropped<'a>) -> Option<(usize, &'a Item<'a>)> {
        let then = &dropped.item.identity;
        self.added(&then.kind).find(|(_, item)| {
            let now = &item.identity;
            (&now.region, &now.logical_name) == (&then.region, &then.logical_name)
        })
    }

    /// The former generation that stays of what an edit replaced.
    fn kept(&self, item: &Item<'_>) -> Option<&'a Item<'a>> {
        self.kept.get(&name(item)).copied()
    }
}

/// An object that differs, when it is current on both sides.
fn edit<'a>(changed: &Changed<'a>) -> Option<Edit<'a>> {
    let (old_item, new_item) = (changed.old?, changed.new?);
    let stays = matches!(changed.object.operation, Operation::Keep | Operation::Retire);
    if stays || changed.object.class == Class::Cosmetic {
        return None;
    }
    let (old, new) = match changed.meant {
        Some((old, new)) => (old, new),
        None => (old_item.value()?, new_item.value()?),
    };
    let (region, kind) = (&new_item.identity.region, &new_item.identity.kind);
    Some(Edit { number: changed.number, region, kind, old_item, new_item, old, new })
}

/// Whether two items are one object for Kubernetes.
fn same(a: &Item<'_>, b: &Item<'_>) -> bool {
    name(a) == name(b)
}

/// The items of a unit that are current, of one kind, in one region.
fn current<'a>(
    unit: Option<&'a Unit<'a>>,
    kind: &str,
    region: &str,
) -> impl Iterator<Item = &'a Item<'a>> {
    let items = unit.into_iter().flat_map(move |unit| unit.items_of(region, kind));
    items.filter(|item| item.retained.is_none())
}

/// What an object is called in a phrase: its kind, and its name where that is not the service's.
fn called(service: &Service<'_>, item: &Item<'_>) -> String {
    let identity = &item.identity;
    if identity.logical_name == id::plain(service.name) {
        identity.kind.clone()
    } else {
        format!("{} {}", identity.kind, identity.logical_name)
    }
}
