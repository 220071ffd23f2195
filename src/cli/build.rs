//! `ninefold build`, and `ninefold build --check`.

use super::args::Build;
use super::cached::key;
use super::compare::{self, Compared, Made, files};
use super::disk::{self, Cache, Change, Ledger as LedgerChange, Record, Tree, Trouble, UnitFiles};
use super::former::{FormerFiles, FormerObjects, kept_note};
use super::print::Shown;
use super::progress::Timings;
use super::{exit::Exit, prepared, print};
use crate::Fleet;
use crate::decide::kept::Kept;
use crate::diag::{Code, Diagnostic, Sink, Sources, natural};
use crate::kube::Kind;
use crate::kube::id::{self, ENVIRONMENT};
use crate::name::Digest;
use crate::plan::Unit;
use crate::tree::ledger::Entry;
use crate::tree::{Ledger, ledger};
use std::collections::BTreeSet;
use std::mem::ManuallyDrop;
use std::path::PathBuf;
use std::sync::Arc;

pub(super) fn run(arguments: &Build) -> Result<Exit, Trouble> {
    let mut timings = Timings::begin();
    let cache = match arguments.check {
        true => None,
        false => {
            Cache::load(&arguments.out, &[key(&arguments.inputs, &arguments.out, arguments.all)])
        }
    };
    if let Some((unchanged, text)) = cache.as_ref().and_then(Cache::nothing_to_do) {
        print::error(text);
        print::data(&Report { unchanged, ..Report::default() }.text());
        timings.end("look");
        timings.print(arguments.timings);
        return Ok(Exit::Done);
    }
    let mut sink = Sink::default();
    let mut read = disk::read_input(&mut sink, &arguments.inputs)?;
    if let Some(cache) = &cache {
        read.input.known_sound = Arc::new(cache.sound());
    }
    timings.end("read");
    let fleet = match prepared::fleet(&mut sink, read.input) {
        // The process ends with this: to give its memory back piece by piece only takes time.
        Ok(fleet) => ManuallyDrop::new(fleet),
        Err(sources) => {
            return Ok(prepared::report_as(sink, &sources, Shown::of(arguments.all)));
        }
    };
    timings.end("decide");
    let exit = if arguments.check {
        check((arguments, &mut timings), sink, &fleet)
    } else {
        build((arguments, &mut timings), sink, &fleet, cache.as_ref(), &read.seen)
    };
    timings.print(arguments.timings);
    exit
}

fn build(
    (arguments, timings): (&Build, &mut Timings),
    mut sink: Sink,
    fleet: &Fleet,
    cache: Option<&Cache>,
    seen: &[(PathBuf, String)],
) -> Result<Exit, Trouble> {
    let tree = Tree::lock(&arguments.out)?;
    // After an interruption nothing is taken on trust.
    let cache = cache.filter(|_| !tree.has_interrupted());
    let former = FormerFiles::default();
    // Findings about the step from one tree to the next are reported once.
    let mut once = Sink::default();
    let mut compared =
        compare::all(&tree, fleet, (&mut sink, &mut once), cache, |made| match made {
            Made::File(document) => {
                former.see(document);
                tree.stage(document)
            }
            Made::Ledger(ledger) => tree.stage_ledger(ledger),
        })?;
    timings.end("compile");
    let former = former.gather(&tree, &compared)?;
    judge_former(&tree, fleet, &former, &mut sink);
    let mut report_of = Report::default();
    compared.iter().for_each(|compared| report_of.add(compared));
    let fresh: Vec<String> =
        compared.iter().filter(|unit| unit.fresh).map(|unit| unit.unit.clone()).collect();
    let mut leaving: Vec<Change> = Vec::new();
    let gone = compare::gone(&tree, fleet)?;
    // Nearly always nothing is gone, and nobody asks who has its files now.
    let asked = compared.iter().filter(|_| !gone.is_empty());
    let made: BTreeSet<&str> = asked.flat_map(|unit| unit.files.paths()).collect();
    for unit in gone {
        let Some(old) = compare::read_ledger(&tree, &unit, &mut once)? else { continue };
        let owned = |(path, digest): (&str, Digest)| (path.to_owned(), digest.to_string());
        let mut removed: Vec<(String, String)> = old.files().map(owned).collect();
        // Another environment of the service may have it now.
        removed.retain(|(path, _)| !made.contains(&**path));
        volumes_leave(&tree, fleet, &old.without(|entry| made.contains(&*entry.path)), &mut once)?;
        report_of.gone(fleet, &old, removed.len(), &fresh);
        let ledger = LedgerChange::Gone(ledger::path(&unit));
        leaving.push(Change { files: UnitFiles::default(), removed, ledger });
    }
    if sink.errors() + once.errors() > 0 {
        tree.abandon()?;
        sink.absorb(once);
        return Ok(prepared::report_as(sink, fleet.sources(), Shown::of(arguments.all)));
    }
    let kept = kept_note(&tree, &former);
    let watched = watched(&tree, arguments, &former);
    let seen: Vec<(PathBuf, String)> = seen.iter().chain(&watched).cloned().collect();
    let left = left_over(&tree, &compared)?;
    let mut changes: Vec<Change> = compared.iter_mut().map(Compared::take_change).collect();
    changes.append(&mut leaving);
    let idle = |change: &Change| {
        change.files.written().len() == 0
            && change.removed.is_empty()
            && matches!(change.ledger, LedgerChange::Same)
    };
    if left.is_empty() && !tree.has_interrupted() && changes.iter().all(idle) {
        tree.abandon()?;
    } else {
        let (files, ledger) = (UnitFiles::default(), LedgerChange::Same);
        changes.push(Change { files, removed: left, ledger });
        tree.commit(&changes)?;
    }
    let shown = Shown::of(arguments.all);
    let (mut lasting, mut all) = lasting_and_all(sink, once, fleet.sources(), shown);
    lasting.push_str(&kept);
    if let Some(all) = &mut all {
        all.push_str(&kept);
    }
    // The first changes are those of `compared`, in its order.
    let records: Vec<Record<'_>> =
        compared.iter().zip(&changes).map(|(unit, change)| unit.record(&change.files)).collect();
    // Without it the next build takes longer; this one is done.
    let (looked_at, out) = ((seen.as_slice(), &**fleet.sound()), &arguments.out);
    let key = key(&arguments.inputs, out, arguments.all);
    let _ = Cache::write(out, &key, looked_at, &records, &lasting, cache);
    timings.end("write");
    print::error(all.as_deref().unwrap_or(&lasting));
    print::data(&report_of.text());
    Ok(Exit::Done)
}

/// What former generations do to what is promised, and why none of them can leave, if so.
fn judge_former(tree: &Tree, fleet: &Fleet, former: &FormerObjects, sink: &mut Sink) {
    fleet.check_queues(sink, &former.schedules);
    let kept: Vec<Kept> = former.workloads.iter().map(|(kept, _)| kept.clone()).collect();
    fleet.check_kept(sink, &kept);
    if let Some(why) = tree.history().unknown.as_ref().filter(|_| !former.is_empty()) {
        sink.report(
            Diagnostic::new(
                Code::DELIVERY_UNKNOWN,
                format!("no former generation can leave: {}", why.why),
            )
            .note("what was delivered stays, and without git nobody knows what that was")
            .help(why.help.clone()),
        );
    }
}

/// What another build may read beside specs and tree, as it looked.
fn watched(tree: &Tree, arguments: &Build, former: &FormerObjects) -> Vec<(PathBuf, String)> {
    let mut watched = tree.history().watched().to_vec();
    // Whoever gives git what it lacks gets an answer at once.
    if tree.history().unknown.is_some() && !former.is_empty() {
        watched.push((arguments.out.clone(), "unknown".to_owned()));
    }
    watched
}

/// What there is to say about the inputs, and that with what is reported `once`, when that is more.
fn lasting_and_all(
    sink: Sink,
    once: Sink,
    sources: &Sources,
    shown: Shown,
) -> (String, Option<String>) {
    let text = |sink: Sink| print::text_of(&sink.sorted(sources), sources, shown);
    let all = (!once.is_empty()).then(|| {
        let mut all = sink.clone();
        all.absorb(once);
        text(all)
    });
    (text(sink), all)
}

/// What an interrupted build made, and this one does not.
fn left_over<T>(tree: &Tree, compared: &[Compared<T>]) -> Result<Vec<(String, String)>, Trouble> {
    let mut left = tree.interrupted()?;
    if !left.is_empty() {
        let made: BTreeSet<&str> = compared.iter().flat_map(|unit| unit.files.paths()).collect();
        left.retain(|path| !made.contains(&**path));
    }
    // They were written down already.
    Ok(left.into_iter().map(|path| (path, String::new())).collect())
}

/// Says of a service that leaves which volumes leave with it.
fn volumes_leave(tree: &Tree, fleet: &Fleet, old: &Ledger, sink: &mut Sink) -> Result<(), Trouble> {
    if fleet.units().iter().any(|unit| fleet.previously(unit) == Some(old.unit())) {
        return Ok(());
    }
    let database = |entry: &Entry| entry.kind == Kind::PostgresqlCluster.name();
    let holds = |entry: &&Entry| entry.kind == "StatefulSet" || database(entry);
    for entry in old.objects().iter().filter(holds) {
        let text = tree.read(&entry.path)?.unwrap_or_default();
        if database(entry) || String::from_utf8_lossy(&text).contains("\n  volumeClaimTemplates:") {
            let namespace = entry.namespace.as_deref().unwrap_or_default();
            sink.report(
                Diagnostic::new(
                    Code::DATA_LEFT_BEHIND,
                    format!("`{}` leaves {}, and what its volumes hold", old.unit(), entry.region),
                )
                .note(format!(
                    "they stand in namespace `{namespace}`: when that is deleted, so are they"
                ))
                .help("make sure of a backup that outlives them before you deliver this"),
            );
        }
    }
    Ok(())
}

fn check(
    (arguments, timings): (&Build, &mut Timings),
    mut sink: Sink,
    fleet: &Fleet,
) -> Result<Exit, Trouble> {
    let tree = Tree::look_at(&arguments.out)?;
    let former = FormerFiles::default();
    let mut step = Sink::default();
    let compared = compare::all(&tree, fleet, (&mut sink, &mut step), None, |made| {
        if let Made::File(document) = made {
            former.see(document);
        }
        Ok(())
    })?;
    timings.end("compile");
    sink.absorb(step);
    if sink.errors() > 0 {
        return Ok(prepared::report_as(sink, fleet.sources(), Shown::of(arguments.all)));
    }
    judge_former(&tree, fleet, &former.gather(&tree, &compared)?, &mut sink);
    for lost in compared.iter().filter_map(Compared::lost) {
        sink.error(lost);
    }
    let lost = sink.errors() > 0;
    let findings = sink.sorted(fleet.sources());
    print::error(&print::text_of(&findings, fleet.sources(), Shown::of(arguments.all)));
    let lines = differences(&tree, fleet, &compared)?;
    if lines.is_empty() {
        return Ok(if lost { Exit::Findings } else { Exit::Done });
    }
    print::error(&lines.concat());
    print::error(&format!(
        "error: `{}` is not what the specs compile to\nhelp: run `ninefold build`, and commit what it writes\n",
        arguments.out.display()
    ));
    Ok(Exit::Findings)
}

/// A line for everything in which the tree is not what the specs compile to.
pub(super) fn differences<T>(
    tree: &Tree,
    fleet: &Fleet,
    compared: &[Compared<T>],
) -> Result<Vec<String>, Trouble> {
    let gone = compare::gone(tree, fleet)?;
    let mut lines: Vec<String> = compared.iter().filter_map(Compared::line_of_check).collect();
    lines.extend(gone.iter().map(|unit| format!("{unit}: no spec describes it any more\n")));
    let removed =
        |unit: &Compared<T>| unit.removed.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>();
    let made = compared.iter().flat_map(|unit| unit.files.paths());
    let mut known: BTreeSet<String> = made.map(str::to_owned).collect();
    known.extend(compared.iter().flat_map(removed));
    for unit in gone {
        let old = compare::read_ledger(tree, &unit, &mut Sink::default())?;
        known.extend(old.iter().flat_map(Ledger::files).map(|(path, _)| path.to_owned()));
        known.insert(ledger::path(&unit));
    }
    let foreign = tree.files()?.into_iter().filter(|path| !known.contains(path));
    lines.sort_by(|a, b| natural(a, b));
    lines.extend(
        foreign.map(|path| format!("{path}: Ninefold did not write it; move it out of the tree\n")),
    );
    if tree.has_interrupted() {
        lines.push("a build was interrupted here\n".to_owned());
    }
    Ok(lines)
}

/// What a build says that it did.
#[derive(Default)]
struct Report {
    lines: Vec<String>,
    written: usize,
    removed: usize,
    unchanged: usize,
}

impl Report {
    fn add<T>(&mut self, compared: &Compared<T>) {
        self.lines.extend(compared.line());
        self.written += compared.files.written().len();
        self.removed += compared.removed.len();
        self.unchanged += compared.unchanged;
    }

    fn gone(&mut self, fleet: &Fleet, old: &Ledger, removed: usize, fresh: &[String]) {
        let (unit, units) = (old.unit(), fleet.units());
        let regions: BTreeSet<&str> = old.objects().iter().map(|entry| &*entry.region).collect();
        // Another environment of the service may have its regions now.
        let takes_over = |now: &&Unit| {
            now.folder() == id::plain(unit) && !fleet.regions(now).is_disjoint(&regions)
        };
        let renamed = units.iter().find(|now| fleet.previously(now) == Some(unit));
        let successor = renamed.or_else(|| units.iter().find(takes_over));
        let what = match successor {
            Some(now) => format!("is `{}` now", now.name()),
            None => "left the specs, and the tree with all its generations".to_owned(),
        };
        let hint = match (successor, fresh) {
            (None, [only]) if !only.contains(ENVIRONMENT) && !unit.contains(ENVIRONMENT) => {
                format!(
                    " (if `{only}` is its new name, restore the tree and write `previously = \"{unit}\"` there)"
                )
            }
            _ => String::new(),
        };
        self.lines.push(format!("{unit}: {what}, {} removed{hint}\n", files(removed)));
        self.removed += removed;
    }

    fn text(mut self) -> String {
        // A line begins with the name of its service.
        self.lines.sort_by(|a, b| natural(a, b));
        let total = format!(
            "Wrote {}, removed {}, left {} unchanged.\n",
            files(self.written),
            self.removed,
            self.unchanged
        );
        self.lines.concat() + &total
    }
}
