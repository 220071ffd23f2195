//! `ninefold simulate`: loses something in the tree, and says what comes of it.

use super::args::{Inputs, Lose, LostHow, Shown, Simulate};
use super::compare::read_ledgers;
use super::disk::{self, Tree, Trouble};
use super::{exit::Exit, foreign, print};
use crate::diag::{Sink, Sources};
use crate::import::foreign::Foreign;
use crate::judge::{self, Found, How, Problem, Promises, Question, Report, Scope};
use crate::tree::ledger;
use rayon::prelude::*;
use std::mem::ManuallyDrop;
use std::string::FromUtf8Error;

pub(super) fn run(arguments: &Simulate) -> Result<Exit, Trouble> {
    let question = question(arguments);
    if question.how == How::Cordoned && question.scope != Scope::Zone {
        print::error(
            "error: only a zone is cordoned\nhelp: write `--lose zone --how cordoned`, or leave out `--how`\n",
        );
        return Ok(Exit::Trouble);
    }
    if let Some(texts) = foreign::texts(&arguments.out)?
        && let Some(read) = texts.objects(&arguments.out)
    {
        return without_ledger(arguments, &read, &question);
    }
    let inputs = Inputs { specs: arguments.specs.clone(), templates: None };
    let mut sink = Sink::default();
    let input = disk::read_input(&mut sink, &inputs)?.input;
    let fleet = match crate::compile::fleet(&mut sink, input) {
        // The process ends with this, as with a build.
        Ok(fleet) => ManuallyDrop::new(fleet),
        Err(sources) => {
            print::findings(&sink.sorted(&sources), &sources);
            return Ok(Exit::Trouble);
        }
    };
    // What is wrong with services alone is for `check` to say.
    let mut sink = Sink::default();
    let tree = Tree::look_at(&arguments.out)?;
    let promises = ManuallyDrop::new(promises(&tree, arguments, &mut sink)?);
    if sink.errors() > 0 {
        let sources = Sources::default();
        print::findings(&sink.sorted(&sources), &sources);
        return Ok(Exit::Trouble);
    }
    let (found, mut problems) = objects(&tree)?;
    let answer = {
        let tree = ManuallyDrop::new(judge::Tree::gather(found).in_environments(&fleet));
        judge::run(&fleet, &tree, &promises, &question)
    };
    let answer = match answer {
        Ok(report) if problems.is_empty() => Ok(report),
        Ok(_) => Err(problems),
        Err(more) => {
            problems.extend(more);
            Err(problems)
        }
    };
    match answer {
        Ok(report) => Ok(show(arguments, &report)),
        Err(problems) => {
            problems.iter().for_each(|problem| print::error(&in_words(problem, arguments)));
            Ok(Exit::Trouble)
        }
    }
}

/// The same of manifests that run today, of which nobody promises anything.
fn without_ledger(
    arguments: &Simulate,
    read: &Foreign<'_>,
    question: &Question,
) -> Result<Exit, Trouble> {
    if read.seen.is_empty() {
        print::error(&nothing(arguments, read));
        return Ok(Exit::Trouble);
    }
    let Some(judged) = foreign::judged(read, &arguments.cluster)? else {
        return Ok(Exit::Trouble);
    };
    match judged.lose(question) {
        Ok(report) => Ok(show(arguments, &report)),
        Err(problem) => {
            print::error(&in_words(&problem, arguments));
            Ok(Exit::Trouble)
        }
    }
}

/// The message where no object was read.
fn nothing(arguments: &Simulate, read: &Foreign<'_>) -> String {
    let why = read.unread.iter().map(|one| format!("note: {} ({})\n", one.why, one.at));
    format!(
        "error: there is no object in `{}`\n{}help: give what `helm template`, `kustomize build` or `kubectl get -o yaml` print: a folder, a file, or `-`\n",
        arguments.out.display(),
        why.collect::<String>()
    )
}

fn question(arguments: &Simulate) -> Question {
    let scope = match arguments.lose {
        Lose::Node => Scope::Node,
        Lose::Zone => Scope::Zone,
        Lose::Region => Scope::Region,
    };
    let how = match arguments.how {
        LostHow::Gone => How::Gone,
        LostHow::Cordoned => How::Cordoned,
    };
    Question { scope, name: arguments.name.clone(), how }
}

fn show(arguments: &Simulate, report: &Report) -> Exit {
    print::data(&match arguments.format {
        Shown::Text => report.to_text(&arguments.out.to_string_lossy(), true),
        Shown::Json => report.to_json(),
    });
    if report.holds { Exit::Done } else { Exit::Findings }
}

fn in_words(problem: &Problem, arguments: &Simulate) -> String {
    let place = match problem.path.as_str() {
        "" => String::new(),
        path => format!("`{}/{path}`: ", arguments.out.display()),
    };
    format!("error: {place}{}\nhelp: {}\n", problem.message, problem.help)
}

/// What the ledgers promise.
fn promises(tree: &Tree, arguments: &Simulate, sink: &mut Sink) -> Result<Promises, Trouble> {
    let units = tree.units()?;
    if units.is_empty() {
        return Err(Trouble::new(
            "simulating",
            &arguments.out,
            "there is no ledger below it; `ninefold build` writes the tree",
        ));
    }
    let mut promises = Promises::new();
    let ledgers = read_ledgers(tree, &units, sink)?;
    for (unit, ledger) in units.into_iter().zip(ledgers) {
        if let Some(ledger) = ledger {
            promises.insert(unit, ledger.promises_as_json());
        }
    }
    Ok(promises)
}

/// Every object of the tree that a loss concerns, and every reason why one cannot be read.
fn objects(tree: &Tree) -> Result<(Vec<Found>, Vec<Problem>), Trouble> {
    let manifest = |path: &String| {
        let is_yaml = path.ends_with(".yaml") || path.ends_with(".yml");
        let folder = path.split('/').next();
        // What a person applies once is not there before it is.
        is_yaml && folder != Some(ledger::FOLDER) && folder != Some(ledger::RECOVERY)
    };
    let paths: Vec<String> = tree.files()?.into_iter().filter(manifest).collect();
    let read: Vec<Result<Result<Option<Found>, Problem>, Trouble>> = (paths.par_iter())
        .map(|path| {
            let text = String::from_utf8(tree.read(path)?.unwrap_or_default());
            let lossy =
                |error: FromUtf8Error| String::from_utf8_lossy(error.as_bytes()).into_owned();
            Ok(judge::look(path, &text.unwrap_or_else(lossy)))
        })
        .collect();
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    for one in read {
        match one? {
            Ok(object) => found.extend(object),
            Err(problem) => problems.push(problem),
        }
    }
    Ok((found, problems))
}
