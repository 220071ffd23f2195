//! Which generations may go, and which are needed.

use crate::cli::args::Retire;
use crate::cli::build::differences;
use crate::cli::compare;
use crate::cli::disk::{self, Tree, Trouble};
use crate::cli::observed::Observed;
use crate::diag::{self, Code, Diagnostic, Sink};
use crate::kube::Kind;
use crate::tree::Ledger;
use crate::tree::ledger::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// The services that may lose generations.
pub(super) fn chosen<'a>(
    arguments: &'a Retire,
    ledgers: &'a BTreeMap<String, Ledger>,
) -> impl Iterator<Item = &'a Ledger> {
    let chosen =
        |unit: &str| arguments.services.is_empty() || arguments.services.iter().any(|s| s == unit);
    let services = ledgers.iter().filter(|(unit, _)| *unit != "fleet");
    services.filter(move |(unit, _)| chosen(unit)).map(|(_, ledger)| ledger)
}

/// Whether an object is of the generation that somebody named.
fn is_named(entry: &Entry, suffix: &str) -> bool {
    entry.name == suffix
        || (entry.retained.as_ref()).is_some_and(|kept| {
            let rest = kept.generation.strip_prefix(suffix);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        })
}

/// Says of generations that were named and are current, or are not there.
pub(super) fn unknown_generations(
    arguments: &Retire,
    ledgers: &BTreeMap<String, Ledger>,
) -> Vec<Diagnostic> {
    let entries: Vec<&Entry> = chosen(arguments, ledgers).flat_map(Ledger::objects).collect();
    let former = |entry: &&&Entry| entry.retained.is_some();
    let finding = |suffix: &String| {
        if entries.iter().filter(former).any(|entry| is_named(entry, suffix)) {
            return None;
        }
        let current = entries.iter().find(|entry| {
            let own = entry.name.rsplit('-').next();
            entry.retained.is_none()
                && entry.content.is_some()
                && (own == Some(suffix) || entry.name == *suffix)
        });
        let kept = entries.iter().filter_map(|entry| Some(&*entry.retained.as_ref()?.generation));
        let kept: BTreeSet<&str> = kept.collect();
        Some(match current {
            Some(entry) => Diagnostic::new(
                Code::GENERATION_UNKNOWN,
                format!("`{suffix}` is the current generation of {} {}", entry.kind, entry.logical_name),
            )
            .note("it is what the specs say, so the next build would bring it back")
            .help("undo the release first: `git revert` it, and `ninefold build`; then it is a former one, and can be retired"),
            None => Diagnostic::new(
                Code::GENERATION_UNKNOWN,
                format!("no former generation is called `{suffix}`"),
            )
            .help(match kept.is_empty() {
                true => "there is none: nothing has to be retired".to_owned(),
                false => match diag::nearest(suffix, kept.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("there are {}", diag::list(kept)),
                },
            }),
        })
    };
    arguments.generation.iter().filter_map(finding).collect()
}

/// Why nothing should be retired now.
pub(super) fn refusals(arguments: &Retire, tree: &Tree) -> Result<Vec<String>, Trouble> {
    let mut reasons = Vec::new();
    let out = arguments.out.display();
    let mut sink = Sink::default();
    let input = disk::read_input(&mut sink, &arguments.inputs)?.input;
    match crate::compile::prepare(&mut sink, input) {
        Ok(fleet) if sink.errors() == 0 => {
            let mut step = Sink::default();
            let compared = compare::all(tree, &fleet, (&mut sink, &mut step), None, |_| Ok(()))?;
            sink.absorb(step);
            if sink.errors() > 0 || !differences(tree, &fleet, &compared)?.is_empty() {
                reasons.push(format!("`{out}` is not what the specs compile to"));
            }
        }
        Ok(_) | Err(_) => reasons
            .push("the specs have findings, so nobody knows whether the tree is fresh".to_owned()),
    }
    match disk::uncommitted(&arguments.out) {
        Some(true) => reasons.push(format!("`{out}` has changes that are not committed")),
        Some(false) => {}
        None => reasons
            .push(format!("`{out}` is in no git repository, so nobody knows what was delivered")),
    }
    Ok(reasons)
}

/// Which former generations of a service leave, and why others do not.
pub(super) struct Choice {
    pub(super) leave: BTreeSet<(String, String)>,
    pub(super) stays: Vec<String>,
}

/// Decides it: nothing leaves that still runs as the current one, and with observations only what
/// the current generation was seen to replace in every region.
pub(super) fn choose(
    arguments: &Retire,
    tree: &Tree,
    ledger: &Ledger,
    runs: impl Fn(&Entry) -> Option<String>,
    observed: Option<&Observed>,
) -> Result<Choice, Trouble> {
    let named = |entry: &Entry| arguments.generation.iter().any(|suffix| is_named(entry, suffix));
    let mut generations: BTreeMap<(String, String), Vec<&Entry>> = BTreeMap::new();
    for entry in ledger.objects() {
        let Some(kept) = &entry.retained else { continue };
        let home = (entry.region.clone(), kept.generation.clone());
        generations.entry(home).or_default().push(entry);
    }
    if !arguments.generation.is_empty() {
        generations.retain(|_, entries| entries.iter().any(|entry| named(entry)));
    }
    let missing = match observed {
        Some(observed) if !generations.is_empty() => observed.missing(tree, ledger)?,
        Some(_) | None => Vec::new(),
    };
    let mut choice = Choice { leave: BTreeSet::new(), stays: Vec::new() };
    let unit = ledger.unit();
    let mut stays: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for ((region, generation), entries) in generations {
        let workloads: Vec<&&Entry> =
            entries.iter().filter(|entry| Kind::is_workload(&entry.kind)).collect();
        let idle = |observed: &Observed| {
            !arguments.generation.is_empty()
                && !workloads.is_empty()
                && workloads.iter().all(|entry| observed.serves_nothing(entry))
        };
        let delivered = workloads.iter().find_map(|entry| runs(entry));
        let why = match (observed, delivered) {
            (Some(observed), _) if idle(observed) || missing.is_empty() => None,
            (Some(_), _) => Some(missing.join("; ")),
            (None, Some(commit)) if arguments.generation.is_empty() && !arguments.force => {
                Some(format!(
                    "{commit} delivered it as current: deliver this tree first, or name it, `--generation {generation}`"
                ))
            }
            (None, _) => None,
        };
        match why {
            Some(why) => drop(stays.entry(why).or_default().insert(generation)),
            None => drop(choice.leave.insert((region, generation))),
        }
    }
    for (why, generations) in stays {
        let generations: Vec<String> = generations.into_iter().collect();
        let verb = if generations.len() == 1 { "stays" } else { "stay" };
        choice.stays.push(format!("{unit}: {} {verb}: {why}\n", generations.join(", ")));
    }
    Ok(choice)
}
