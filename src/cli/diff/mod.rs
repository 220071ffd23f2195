//! `ninefold diff`: what a change will do.

mod sides; //    which trees are compared
mod compiled; // one of them: what the specs compile to
mod shown; //    what of the report is wanted

use super::args::{Diff, FailOn, ShowSecrets};
use super::disk::{self, Trouble};
use super::{exit::Exit, pager, print};
use crate::diag::{Diagnostic, Sink, Sources, did_you_mean};
use crate::diff::report::{Report, Severity, Side};
use crate::diff::{self, Options, Specs};
use std::collections::BTreeSet;
use std::mem::ManuallyDrop;

/// Why there is no report.
pub(super) enum Failure {
    /// Something cannot be read.
    Trouble(Trouble),
    /// There are errors in the input.
    Findings(Vec<Diagnostic>, Sources),
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Failure {
        Failure::Trouble(trouble)
    }
}

impl Failure {
    /// Everything that a sink has.
    fn findings(sink: Sink, sources: &Sources) -> Failure {
        Failure::Findings(sink.sorted(sources), sources.clone())
    }

    /// What is wrong with the tree of a side.
    fn in_tree(findings: Vec<Diagnostic>, side: &Side) -> Failure {
        let name = &side.name;
        let named = findings.into_iter().map(|finding| finding.note(format!("in {name}")));
        Failure::Findings(named.collect(), Sources::default())
    }
}

pub(super) fn run(arguments: &Diff) -> Result<Exit, Trouble> {
    if arguments.show_secrets == Some(ShowSecrets::Terminal) && !pager::on_terminal() {
        return Err(Trouble::from(
            "`--show-secrets` shows them on a terminal, and this is none\nhelp: `--show-secrets=always` shows them wherever this goes".to_owned(),
        ));
    }
    match compare(arguments) {
        Ok(exit) => Ok(exit),
        Err(Failure::Trouble(trouble)) => {
            shown::failure(arguments, &trouble.to_string(), &[], &Sources::default())?;
            Err(trouble)
        }
        Err(Failure::Findings(findings, sources)) => {
            print::findings(&findings, &sources);
            let what = "The specs, or one of the trees, have findings, so nobody knows what this change would do.";
            shown::failure(arguments, what, &findings, &sources)?;
            Ok(Exit::Trouble)
        }
    }
}

fn compare(arguments: &Diff) -> Result<Exit, Failure> {
    if arguments.to.is_none() {
        disk::look_for_specs(&arguments.inputs)?;
    }
    // Specs are decided while git starts, and what no specs change is made meanwhile.
    rayon::spawn(crate::compile::warm);
    let (sources, prepared) = beside(
        || sides::Sources::of(arguments),
        || arguments.to.is_none().then(|| compiled::Prepared::of(arguments)),
    );
    let sources = sources?;
    let (mut old, mut new) = sources.open(arguments, prepared)?;
    let specs = Specs { old: old.specs.take(), new: new.specs.take(), found: new.found.take() };
    // The command ends with this, and taking apart what it made takes as long as a tenth of it.
    let specs = ManuallyDrop::new(specs);
    let options = Options { show_secrets: arguments.show_secrets.is_some() };
    let mut report = {
        let (from, to) = sides::trees(&old, &new)?;
        let (from, to) = (ManuallyDrop::new(from), ManuallyDrop::new(to));
        let known = || from.units.keys().chain(to.units.keys()).map(String::as_str);
        if let Some(wrong) =
            arguments.services.iter().find(|name| known().all(|unit| unit != *name))
        {
            let help = did_you_mean(wrong, known().collect::<BTreeSet<_>>());
            return Err(Trouble::from(format!("neither side has `{wrong}`\nhelp: {help}")).into());
        }
        diff::between((old.side.clone(), &from), (new.side.clone(), &to), &specs, options)
            .map_err(|findings| Failure::Findings(findings, Sources::default()))?
    };
    // A file that could not be read looks like one that is not there.
    if let Some(trouble) = [&old, &new].iter().find_map(|side| side.files.trouble()) {
        return Err(trouble.into());
    }
    report.notes.splice(0..0, old.notes.iter().chain(&new.notes).cloned());
    shown::report(arguments, &report, (&old, &new), sources.folder())?;
    Ok(exit(arguments, &report))
}

/// Does two things at once: the first one, which waits for git, on a thread of its own.
fn beside<A: Send, B>(waiting: impl FnOnce() -> A + Send, other: impl FnOnce() -> B) -> (A, B) {
    std::thread::scope(|scope| {
        let waiting = scope.spawn(waiting);
        let other = other();
        (waiting.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), other)
    })
}

fn exit(arguments: &Diff, report: &Report) -> Exit {
    let gate = arguments.fail_on.map(Severity::from);
    if gate.is_some_and(|gate| report.unaccepted(gate).next().is_some()) {
        Exit::Gate
    } else if arguments.exit_code && !report.is_cosmetic() {
        Exit::Findings
    } else {
        Exit::Done
    }
}

impl From<FailOn> for Severity {
    fn from(severity: FailOn) -> Severity {
        match severity {
            FailOn::Critical => Severity::Critical,
            FailOn::High => Severity::High,
            FailOn::Medium => Severity::Medium,
            FailOn::Low => Severity::Low,
            FailOn::Info => Severity::Info,
        }
    }
}
