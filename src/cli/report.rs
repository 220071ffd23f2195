//! `ninefold report`: the fleet as one page.

use super::args::{PageFormat, Report};
use super::compare::read_ledgers;
use super::disk::{self, Tree, Trouble};
use super::{exit::Exit, foreign, prepared, print};
use crate::compile;
use crate::diag::Sink;
use crate::import::foreign::Foreign;
use crate::report::{self, Beside, Generation};
use std::mem::ManuallyDrop;

pub(super) fn run(arguments: &Report) -> Result<Exit, Trouble> {
    if let Some(texts) = foreign::texts(&arguments.out)?
        && let Some(read) = texts.objects(&arguments.out)
    {
        return without_ledger(arguments, &read);
    }
    let mut sink = Sink::default();
    let input = disk::read_input(&mut sink, &arguments.inputs)?.input;
    // A promise that does not hold is what somebody wants to see.
    let fleet = match compile::prepare_to_explain(&mut sink, input) {
        // The process ends with this, as with a build.
        Ok(fleet) => ManuallyDrop::new(fleet),
        Err(sources) => return Ok(prepared::report(sink, &sources)),
    };
    let tree = Tree::look_at(&arguments.out)?;
    let mut generations = Vec::new();
    for ledger in read_ledgers(&tree, &tree.units()?, &mut sink)? {
        generations.extend(ledger.iter().flat_map(Generation::in_ledger));
    }
    let broken = sink.errors() > 0;
    let findings = sink.sorted(fleet.sources());
    let page = report::Report::of(&fleet, Beside { generations, findings, today: arguments.today });
    let text = match arguments.format {
        _ if arguments.markdown => page.markdown(),
        PageFormat::Html => page.html(),
        PageFormat::Markdown => page.markdown(),
        PageFormat::Json => page.json(),
    };
    write(arguments, &text)?;
    Ok(if broken { Exit::Findings } else { Exit::Done })
}

/// The page about manifests that run today.
fn without_ledger(arguments: &Report, read: &Foreign<'_>) -> Result<Exit, Trouble> {
    let Some(judged) = foreign::judged(read, &arguments.cluster)? else {
        return Ok(Exit::Trouble);
    };
    let folder = disk::shown(&arguments.out);
    let page = report::foreign::Page::of(&folder, &judged)
        .map_err(|problem| Trouble::from(problem.message))?;
    let text = if arguments.markdown { page.markdown() } else { page.html() };
    write(arguments, &text)?;
    Ok(Exit::Done)
}

fn write(arguments: &Report, text: &str) -> Result<(), Trouble> {
    match &arguments.to {
        Some(file) => {
            disk::write_over(file, text)?;
            print::error(&format!("Wrote {}.\n", file.display()));
        }
        None => print::data(text),
    }
    Ok(())
}
