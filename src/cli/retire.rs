//! `ninefold retire`: drops former generations, once their successors are healthy.

use super::args::Retire;
use super::build::differences;
use super::compare::{self, files};
use super::disk::{self, Change, Ledger as LedgerChange, Tree, Trouble};
use super::observed::Observed;
use super::{exit::Exit, print};
use crate::diag::{self, Code, Diagnostic, Sink, did_you_mean};
use crate::kube::Kind;
use crate::name::Digest;
use crate::tree::ledger::Entry;
use crate::tree::{Document, Ledger, VOLUMES, ledger, of_fleet};
use crate::yaml::{Value, read};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn run(arguments: &Retire) -> Result<Exit, Trouble> {
    let tree = Tree::lock(&arguments.out)?;
    let mut sink = Sink::default();
    let mut ledgers = BTreeMap::new();
    for unit in tree.units()? {
        if let Some(ledger) = compare::read_ledger(&tree, &unit, &mut sink)? {
            ledgers.insert(unit, ledger);
        }
    }
    let sources = crate::diag::Sources::default();
    if sink.errors() > 0 {
        print::findings(&sink.sorted(&sources), &sources);
        return Ok(Exit::Findings);
    }
    for service in &arguments.services {
        if !ledgers.contains_key(service) {
            let known = ledgers.keys().map(String::as_str);
            return Err(Trouble::new(
                "retiring",
                service.as_ref(),
                format!("no ledger is called so; {}", did_you_mean(service, known)),
            ));
        }
    }
    let unknown = unknown_generations(arguments, &ledgers);
    if !unknown.is_empty() {
        print::findings(&unknown, &sources);
        tree.abandon()?;
        return Ok(Exit::Findings);
    }
    let refused = refusals(arguments, &tree)?;
    if !refused.is_empty() {
        let ignored = if arguments.force { "ignored" } else { "error" };
        refused.iter().for_each(|reason| print::error(&format!("{ignored}: {reason}\n")));
        if !arguments.force {
            print::error(
                "help: what is retired is deleted from the clusters: build and commit first, or say `--force`\n",
            );
            tree.abandon()?;
            return Ok(Exit::Findings);
        }
    }
    let regions = ledgers.values().flat_map(Ledger::objects).map(|entry| entry.region.clone());
    let observed = match arguments.observed.is_empty() {
        true => None,
        false => Some(Observed::read(&arguments.observed, &regions.collect())?),
    };
    retire(arguments, tree, &ledgers, observed.as_ref())
}

/// The services that may lose generations.
fn chosen<'a>(
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
fn unknown_generations(arguments: &Retire, ledgers: &BTreeMap<String, Ledger>) -> Vec<Diagnostic> {
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
fn refusals(arguments: &Retire, tree: &Tree) -> Result<Vec<String>, Trouble> {
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
struct Choice {
    leave: BTreeSet<(String, String)>,
    stays: Vec<String>,
}

/// Decides it: nothing leaves that still runs as the current one, and with observations only what
/// the current generation was seen to replace in every region.
fn choose(
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

fn retire(
    arguments: &Retire,
    tree: Tree,
    ledgers: &BTreeMap<String, Ledger>,
    observed: Option<&Observed>,
) -> Result<Exit, Trouble> {
    let mut lines = Vec::new();
    let mut stays = Vec::new();
    let mut changes = Vec::new();
    let mut pods = 0;
    let mut in_use: BTreeSet<(String, String)> = BTreeSet::new();
    let mut volumes: BTreeSet<(String, String)> = BTreeSet::new();
    let wanted: BTreeSet<&str> = chosen(arguments, ledgers).map(Ledger::unit).collect();
    for (unit, old) in ledgers.iter().filter(|(unit, _)| *unit != "fleet") {
        if !wanted.contains(unit.as_str()) {
            in_use.extend(old.in_use());
            continue;
        }
        // What was renamed ran under the names that its workloads have.
        let former = old.objects().iter().filter(|entry| Kind::is_workload(&entry.kind));
        let names: BTreeSet<&str> =
            former.map(|entry| &*entry.logical_name).chain([unit.as_str()]).collect();
        let names = names.into_iter().collect();
        let delivered = tree.history().unit(names, std::slice::from_ref(old));
        let known = tree.history().unknown.is_none();
        let commit = |entry: &Entry| delivered.commit(entry).map(str::to_owned);
        let runs = |entry: &Entry| commit(entry).filter(|_| known);
        let choice = choose(arguments, &tree, old, runs, observed)?;
        stays.extend(choice.stays);
        let of_choice = |entry: &Entry| {
            let home = entry.retained.as_ref().map(|kept| kept.generation.clone());
            home.is_some_and(|home| choice.leave.contains(&(entry.region.clone(), home)))
        };
        // With a database, its data is deleted.
        let holds_data = |entry: &Entry| is_database(entry) && !arguments.force;
        for entry in old.objects().iter().filter(|entry| of_choice(entry) && holds_data(entry)) {
            lines.push(format!(
                "{unit}: database {} stays in {}, as its data would go with it; `--force` removes it\n",
                entry.name, entry.region
            ));
        }
        let retired = crate::tree::retire(old, |entry| of_choice(entry) && !holds_data(entry));
        in_use.extend(retired.ledger.in_use());
        if retired.left.is_empty() {
            continue;
        }
        let leaving: Vec<&Entry> = retired.left.iter().collect();
        volumes.extend(places_of_volumes(&tree, &leaving)?);
        let freed = replicas(&tree, &leaving)?;
        pods += freed;
        let generations: BTreeSet<&str> =
            choice.leave.iter().map(|(_, generation)| generation.as_str()).collect();
        let generations: Vec<&str> = generations.into_iter().collect();
        lines.push(format!(
            "{unit}: {} {} with {}, {freed} pods\n",
            generations.join(", "),
            if generations.len() == 1 { "leaves" } else { "leave" },
            files(leaving.len())
        ));
        changes.push(change(&tree, &retired.ledger, &leaving, &retired.moved)?);
    }
    if let Some(fleet) = ledgers.get("fleet") {
        lines.extend(namespaces(arguments, &tree, fleet, &in_use, &volumes, &mut changes)?);
    }
    print::data(&lines.concat());
    print::error(&stays.concat());
    let removed: usize = changes.iter().map(|change| change.removed.len()).sum();
    if observed.is_none() && !changes.is_empty() {
        print::error(
            "note: nobody looked whether what is current serves; `--observed FILE` makes sure of it\n",
        );
    }
    if changes.is_empty() {
        tree.abandon()?;
        if stays.is_empty() {
            print::data("There is no former generation to retire.\n");
        }
    } else if arguments.dry_run {
        tree.abandon()?;
        print::data(&format!("Would remove {}, and free {pods} pods.\n", files(removed)));
    } else {
        tree.commit(&changes)?;
        print::data(&format!(
            "Removed {}; {pods} pods are freed when this is delivered.\n",
            files(removed)
        ));
    }
    Ok(if stays.is_empty() { Exit::Done } else { Exit::Findings })
}

/// Namespaces stay while a generation that is kept stands in them, and while the volumes of one
/// that leaves do, unless that is forced.
fn namespaces(
    arguments: &Retire,
    tree: &Tree,
    fleet: &Ledger,
    in_use: &BTreeSet<(String, String)>,
    volumes: &BTreeSet<(String, String)>,
    changes: &mut Vec<Change>,
) -> Result<Vec<String>, Trouble> {
    let mut lines = Vec::new();
    let place = |entry: &Entry| {
        let namespace = entry.namespace.clone().unwrap_or_else(|| entry.name.clone());
        (entry.region.clone(), namespace)
    };
    let holds = |entry: &Entry| {
        let kept = entry.retained.as_ref().is_some_and(|kept| kept.of == VOLUMES);
        !arguments.force && (kept || volumes.contains(&place(entry)))
    };
    let leaves = |entry: &Entry| {
        entry.retained.is_some() && !in_use.contains(&place(entry)) && !holds(entry)
    };
    let retained = || fleet.objects().iter().filter(|entry| entry.retained.is_some());
    for entry in
        retained().filter(|entry| entry.kind == "Namespace" && !in_use.contains(&place(entry)))
    {
        lines.push(match holds(entry) {
            true => format!(
                "fleet: namespace {} stays in {}, as volumes stand in it; `--force` removes it\n",
                entry.name, entry.region
            ),
            false => format!(
                "fleet: namespace {} leaves {}, with all that is in it\n",
                entry.name, entry.region
            ),
        });
    }
    let marked = fleet.map(|entry| {
        let marks = entry.retained.is_some() && holds(&entry);
        if marks { Entry { retained: Some(of_fleet(VOLUMES)), ..entry } } else { entry }
    });
    if fleet.objects().iter().any(leaves) || marked != *fleet {
        let leaving: Vec<&Entry> = marked.objects().iter().filter(|entry| leaves(entry)).collect();
        changes.push(change(tree, &marked.without(leaves), &leaving, &[])?);
    }
    Ok(lines)
}

/// What a commit does so that a unit has this ledger: some files leave, and some move.
fn change(
    tree: &Tree,
    ledger: &Ledger,
    leaving: &[&Entry],
    moved: &[(String, String)],
) -> Result<Change, Trouble> {
    let mut removed: Vec<(String, String)> =
        leaving.iter().map(|entry| (entry.path.clone(), entry.file.clone())).collect();
    let mut put = Vec::new();
    for (from, to) in moved {
        let bytes = tree.read(from)?.unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let digest = Digest::of(text.as_bytes());
        let document = Document { path: to.clone(), text, digest };
        put.push((to.clone(), tree.stage(&document)?));
        removed.push((from.clone(), digest.to_string()));
    }
    tree.stage(&ledger.to_document())?;
    let ledger = LedgerChange::New(ledger::path(ledger.unit()));
    Ok(Change { files: put, removed, ledger })
}

fn is_database(entry: &Entry) -> bool {
    entry.kind == Kind::PostgresqlCluster.name()
}

/// The regions and namespaces in which volumes of StatefulSets and databases stand.
fn places_of_volumes(tree: &Tree, entries: &[&Entry]) -> Result<Vec<(String, String)>, Trouble> {
    let mut places = Vec::new();
    for entry in entries {
        let Some(claims) = Kind::claims(&entry.kind) else { continue };
        let bytes = tree.read(&entry.path)?.unwrap_or_default();
        let value = read::document(&String::from_utf8_lossy(&bytes)).ok();
        if value.is_some_and(|value| value.at(&["spec", claims]).is_some()) {
            places.push((entry.region.clone(), entry.namespace.clone().unwrap_or_default()));
        }
    }
    Ok(places)
}

/// The replicas of workloads: their own number, or the least of their autoscaler.
fn replicas(tree: &Tree, entries: &[&Entry]) -> Result<i64, Trouble> {
    let mut sum = 0;
    for entry in entries {
        let field = Kind::named(&entry.kind).and_then(|row| row.pods.replicas);
        let Some(field) = field else { continue };
        let bytes = tree.read(&entry.path)?.unwrap_or_default();
        let value = read::document(&String::from_utf8_lossy(&bytes)).ok();
        if let Some(Value::Int(number)) =
            value.as_ref().and_then(|value| value.at(&["spec", field]))
        {
            sum += number;
        }
    }
    Ok(sum)
}
