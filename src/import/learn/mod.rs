//! What errors teach: which guesses were wrong.

mod place; // where an error is

use super::compile::{Compiled, Emitted};
use super::draft::Draft;
use super::fleet::{self, Levels, Needs};
use super::group::Fate;
use super::guess::{Promised, Proven};
use super::made::Made;
use super::object::Object;
use super::verdict::Missing;
use super::{Options, path};
use crate::diag::{Code, Diagnostic, Sources};
use crate::kube::pod_security::Level;
use crate::quantity::Duration;
use place::{Beginnings, Stands, referrer, whose};
use std::collections::{BTreeMap, BTreeSet};

/// All that was learned in earlier rounds.
#[derive(Clone, Debug)]
pub(super) struct Learned {
    pub(super) options: Options,
    /// Workloads that no spec can describe, and why.
    pub(super) as_they_are: BTreeMap<usize, String>,
    /// Objects that cannot be among the manifests, and why.
    pub(super) refused: BTreeMap<usize, String>,
    /// Files of definitions that define nothing.
    pub(super) undefined: BTreeSet<String>,
    /// Objects of the fleet's manifests that refer to what is not there: a service accepts it.
    pub(super) beside: BTreeSet<usize>,
    /// Jobs, policies and routes that stay as they are.
    pub(super) kept: BTreeSet<usize>,
    /// Variables that hold a credential, by service.
    pub(super) credentials: BTreeSet<(String, String)>,
    /// Services whose manifests refer to what is of somebody else.
    pub(super) accepted: BTreeSet<(String, Code)>,
    /// What can be promised of each service.
    pub(super) promises: BTreeMap<String, Promised>,
    /// What is proven of each service; none until it is.
    pub(super) proven: BTreeMap<String, Proven>,
    /// Replicas that carry the peak of services of a tree: all guesses, the last one first.
    pub(super) peaks: BTreeMap<String, Vec<i64>>,
    /// Namespaces whose pods need more than others get.
    pub(super) levels: Levels,
    /// Whether the fleet that is there takes no line about levels.
    says_levels: bool,
    /// How many times as much room as pods ask for a fleet has that is begun.
    pub(super) room: u64,
}

/// The longest that is promised.
const LONGEST: Duration = Duration::seconds(30 * 24 * 3600);

/// The most room that a fleet is given.
const MOST_ROOM: u64 = 1 << 12;

/// What is wrong where a fleet is too small.
const ROOM: &[Code] =
    &[Code::ZONE_TOO_SMALL, Code::REGION_TOO_SMALL, Code::TOO_FEW_NODES, Code::NO_ROOM_ELSEWHERE];

/// What is wrong with what was asked for: no other guess would mend it.
const ASKED: &[Code] = &[
    Code::UNKNOWN_TIER,
    Code::UNKNOWN_REGION,
    Code::TOO_FEW_REGIONS,
    Code::TOO_FEW_ZONES,
    Code::STRATEGY_NOT_ALLOWED,
    Code::REGIONS_FAIL_TOGETHER,
];

/// What is wrong where a promise is too tight.
const TIGHT: &[Code] = &[Code::RPO_OUT_OF_REACH, Code::RTO_OUT_OF_REACH];

impl Learned {
    pub(super) fn of(options: Options, fleet: Option<&str>) -> Learned {
        Learned {
            levels: Levels::new(),
            says_levels: fleet.is_some_and(fleet::says_levels),
            options,
            as_they_are: BTreeMap::new(),
            refused: BTreeMap::new(),
            undefined: BTreeSet::new(),
            beside: BTreeSet::new(),
            kept: BTreeSet::new(),
            credentials: BTreeSet::new(),
            accepted: BTreeSet::new(),
            promises: BTreeMap::new(),
            proven: BTreeMap::new(),
            peaks: BTreeMap::new(),
            room: 2,
        }
    }

    /// Whether what is emitted of a tree is for another peak than the tree is.
    pub(super) fn of_tree(&mut self, made: &Made, objects: &[Object], emitted: &[Emitted]) -> bool {
        let mut learned = false;
        for (service, wanted, found) in made.peaks(objects, emitted) {
            let guesses = self.peaks.entry(service).or_insert_with(|| vec![wanted]);
            // What a region carries grows with the peak, in steps.
            let better = (guesses[0].saturating_mul(wanted) / found).max(1);
            if wanted != found && !guesses.contains(&better) {
                guesses.insert(0, better);
                learned = true;
            }
        }
        learned
    }

    /// Whether anything was learned from errors.
    pub(super) fn of_errors(
        &mut self,
        objects: &[Object],
        draft: &Draft,
        compiled: &Compiled,
    ) -> bool {
        let mut learned = false;
        let wanted = |finding: &&Diagnostic, codes: &[Code]| codes.contains(&finding.code);
        if compiled.errors.iter().any(|one| wanted(&one, ASKED)) {
            return false;
        }
        if compiled.errors.iter().any(|one| wanted(&one, &[Code::IMAGE_WITHOUT_DIGEST]))
            && !self.options.made_up
        {
            self.options.made_up = true;
            return true;
        }
        if compiled.errors.iter().any(|one| wanted(&one, ROOM)) && self.room < MOST_ROOM {
            self.room *= 4;
            return true;
        }
        let mut beginnings = Beginnings::default();
        if self.of_levels(objects, draft, compiled, &mut beginnings) {
            return true;
        }
        for finding in &compiled.errors {
            learned |= self.of_error(objects, draft, (finding, &compiled.sources), &mut beginnings);
        }
        learned
    }

    /// Whether pods are refused that a lower level of their namespace takes.
    fn of_levels(
        &mut self,
        objects: &[Object],
        draft: &Draft,
        compiled: &Compiled,
        beginnings: &mut Beginnings,
    ) -> bool {
        let mut needed: BTreeMap<String, Needs> = BTreeMap::new();
        let refused = compiled.errors.iter().filter(|one| one.code == Code::POD_SECURITY);
        for finding in refused.filter(|_| !self.says_levels) {
            let Some(place) = self.place(finding, &compiled.sources) else { continue };
            let Some(object) = whose(draft, place, beginnings) else { continue };
            let namespace = self.options.namespace_of(&objects[object]);
            needed.entry(namespace).or_insert(Needs { object, why: finding.message.clone() });
        }
        let mut learned = false;
        for (namespace, needs) in needed {
            let level = match self.levels.get(&namespace) {
                None => Level::Baseline,
                Some((Level::Baseline, _)) => Level::Privileged,
                Some(_) => continue,
            };
            self.levels.insert(namespace, (level, needs));
            learned = true;
        }
        learned
    }

    /// Where an error stands: the file below the folder of the specs, its text, and the line.
    fn place<'s>(&self, finding: &Diagnostic, sources: &'s Sources) -> Option<Stands<'s>> {
        let span = finding.primary.as_ref()?.span;
        let source = sources.get(span.file);
        let below = source.path.strip_prefix(&format!("{}/", self.options.into));
        let line = sources.position(span).line;
        Some((below.unwrap_or(&source.path), &source.text, line))
    }

    fn of_error(
        &mut self,
        objects: &[Object],
        draft: &Draft,
        (finding, sources): (&Diagnostic, &Sources),
        beginnings: &mut Beginnings,
    ) -> bool {
        let Some((below, text, line)) = self.place(finding, sources) else { return false };
        if below.starts_with("crds/") {
            return self.undefined.insert(below.to_owned());
        }
        if let Some(objects) = draft.manifests.get(below) {
            let object = beginnings.object(objects, (below, text), line);
            return object
                .is_some_and(|at| self.refused.insert(at, in_one_line(finding)).is_none());
        }
        let name = below.trim_end_matches(".toml");
        if finding.code == Code::REFERENCE_DANGLING
            && let Some(at) = referrer(objects, draft, finding)
        {
            // What a service's manifests refer to may be another service's; the fleet's may not.
            return match name == "fleet" {
                true => {
                    self.beside.insert(at)
                        || self.refused.insert(at, in_one_line(finding)).is_none()
                }
                false => {
                    self.accepted.insert((name.to_owned(), finding.code))
                        || self.refused.insert(at, in_one_line(finding)).is_none()
                }
            };
        }
        let Some(at) = draft.groups.groups.iter().position(|group| group.name == name) else {
            return false;
        };
        let group = &draft.groups.groups[at];
        // What runs today does, with whatever it promises.
        if [Code::OBJECT_UNPROVEN, Code::REFERENCE_DANGLING].contains(&finding.code)
            && self.accepted.insert((name.to_owned(), finding.code))
        {
            return true;
        }
        if finding.code == Code::SECRET_LITERAL {
            let text = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
            let variable = text.split('=').next().unwrap_or_default().trim().trim_matches('"');
            if self.credentials.insert((name.to_owned(), variable.to_owned())) {
                return true;
            }
        }
        if TIGHT.contains(&finding.code) {
            let promised = self.promises.entry(name.to_owned()).or_default();
            let longer = |time: Duration| Duration::seconds(time.as_seconds() * 2);
            match finding.code == Code::RPO_OUT_OF_REACH {
                true => promised.rpo = longer(promised.rpo),
                false => promised.rto = longer(promised.rto),
            }
            if promised.rpo.max(promised.rto) <= LONGEST {
                return true;
            }
        }
        if self.of_part(draft, at, (text, line)) {
            return true;
        }
        self.as_they_are.insert(group.workload, in_one_line(finding)).is_none()
    }

    /// What stands in the way in a table that a job or a policy became: that one stays as it is.
    fn of_part(&mut self, draft: &Draft, at: usize, (text, line): (&str, usize)) -> bool {
        let before: Vec<&str> = text.lines().take(line).collect();
        let table =
            before.iter().rev().find(|line| line.starts_with('[')).copied().unwrap_or_default();
        let fates = draft.groups.fates.iter().enumerate();
        let jobs = ["[[jobs]]", "[patch.cron-job", "[patch.job"];
        let routes = ["[traffic", "[metadata.route", "[patch.ingress"];
        let is_part = |fate: &Fate| match table {
            "[[depends_on]]" | "[[called_by]]" => *fate == Fate::Policy(at),
            table if jobs.iter().any(|job| table.starts_with(job)) => *fate == Fate::Job(at),
            table if routes.iter().any(|route| table.starts_with(route)) => {
                matches!(fate, Fate::Routed(groups) if groups.contains(&at))
            }
            _ => false,
        };
        let all: Vec<usize> = fates.filter(|(_, fate)| is_part(fate)).map(|(at, _)| at).collect();
        // Those of this draft were not kept before it, whatever another finding of it says.
        let any = !all.is_empty();
        self.kept.extend(all);
        any
    }

    /// Whether something is missing of a workload, which then stays as it is.
    pub(super) fn of_missing(
        &mut self,
        objects: &[Object],
        draft: &Draft,
        missing: &[Missing],
    ) -> bool {
        let mut learned = false;
        for one in missing {
            let fate = &draft.groups.fates[one.object];
            if matches!(fate, Fate::Job(_) | Fate::Policy(_) | Fate::Routed(_)) {
                learned |= self.kept.insert(one.object);
                continue;
            }
            for group in fate.services() {
                let why = format!(
                    "no field and no patch says `{}` of `{}`",
                    path::pointer(&one.path),
                    objects[one.object].shown()
                );
                let workload = draft.groups.groups[group].workload;
                if let std::collections::btree_map::Entry::Vacant(entry) =
                    self.as_they_are.entry(workload)
                {
                    entry.insert(why);
                    learned = true;
                }
            }
        }
        learned
    }
}

/// A finding in one line, with why it is one and what mends it.
fn in_one_line(finding: &Diagnostic) -> String {
    let label = finding.primary.iter().map(|label| label.text.as_str());
    let more = label.chain(finding.notes.iter().map(String::as_str)).chain(finding.help.as_deref());
    let more = more.filter(|text| !text.is_empty()).map(|text| format!("; {text}"));
    format!("{}: {}{}", finding.code.name(), finding.message, more.collect::<String>())
}
