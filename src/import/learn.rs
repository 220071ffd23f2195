//! What errors teach: which guesses were wrong.

use super::compile::Compiled;
use super::compile::Emitted;
use super::draft::Draft;
use super::group::Fate;
use super::guess::{Promised, Proven};
use super::made::Made;
use super::object::Object;
use super::verdict::Missing;
use super::{Options, path};
use crate::diag::{Code, Diagnostic, Sources};
use crate::quantity::Duration;
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
    pub(super) fn of(options: Options) -> Learned {
        Learned {
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
        for finding in &compiled.errors {
            learned |= self.of_error(objects, draft, finding, &compiled.sources);
        }
        learned
    }

    fn of_error(
        &mut self,
        objects: &[Object],
        draft: &Draft,
        finding: &Diagnostic,
        sources: &Sources,
    ) -> bool {
        let Some(label) = &finding.primary else { return false };
        let source = sources.get(label.span.file);
        let below =
            source.path.strip_prefix(&format!("{}/", self.options.into)).unwrap_or(&source.path);
        let line = sources.position(label.span).line;
        if below.starts_with("crds/") {
            return self.undefined.insert(below.to_owned());
        }
        if let Some(objects) = draft.manifests.get(below) {
            return self.of_manifest(objects, finding, (&source.text, line));
        }
        let name = below.trim_end_matches(".toml");
        if finding.code == Code::REFERENCE_DANGLING
            && let Some(at) = referrer(objects, draft, finding)
        {
            // What a service's manifests refer to may be another service's; the fleet's may not.
            return match name == "fleet" {
                true => self.beside.insert(at) || self.refused.insert(at, told(finding)).is_none(),
                false => {
                    self.accepted.insert((name.to_owned(), finding.code))
                        || self.refused.insert(at, told(finding)).is_none()
                }
            };
        }
        let Some(at) = draft.groups.groups.iter().position(|group| group.name == name) else {
            return false;
        };
        let group = &draft.groups.groups[at];
        // What runs today does, with whatever it promises.
        if finding.code == Code::OBJECT_UNPROVEN
            && self.accepted.insert((name.to_owned(), finding.code))
        {
            return true;
        }
        if finding.code == Code::SECRET_LITERAL {
            let text = source.text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
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
        if self.of_part(draft, at, (&source.text, line)) {
            return true;
        }
        self.as_they_are.insert(group.workload, told(finding)).is_none()
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

    /// An object that is refused as it is.
    fn of_manifest(
        &mut self,
        objects: &[(Option<usize>, crate::yaml::Value)],
        finding: &Diagnostic,
        (text, line): (&str, usize),
    ) -> bool {
        let before = text.lines().take(line).filter(|line| *line == "---").count();
        let Some((Some(at), _)) = objects.get(before) else { return false };
        self.refused.insert(*at, told(finding)).is_none()
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

/// The object among the manifests that refers to what is not there: `Ingress `shop` in …`.
fn referrer(objects: &[Object], draft: &Draft, finding: &Diagnostic) -> Option<usize> {
    let (kind, rest) = finding.message.split_once(" `")?;
    let (name, _) = rest.split_once('`')?;
    let stays = |at: &usize| {
        matches!(draft.groups.fates[*at], Fate::Manifest(_)) || draft.partly.contains(at)
    };
    let is = |at: &usize| objects[*at].kind == kind && objects[*at].name == name;
    (0..objects.len()).filter(stays).find(is)
}

/// A finding in one line.
fn told(finding: &Diagnostic) -> String {
    format!("{}: {}", finding.code.name(), finding.message)
}
