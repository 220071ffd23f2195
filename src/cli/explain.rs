//! `ninefold explain`: the page of a finding, or of a service.

use super::args::{Explain, Layout};
use super::disk::{self, Trouble};
use super::{exit::Exit, foreign, print};
use crate::Fleet;
use crate::diag::{CODES, Code, Sink, did_you_mean};
use crate::explain::{Page, Selection, foreign as workload, json, markdown, text};
use std::mem::ManuallyDrop;
use std::path::Path;

pub(super) fn run(arguments: &Explain) -> Result<Exit, Trouble> {
    let Some(name) = &arguments.name else {
        print::data(&list(arguments.format));
        return Ok(Exit::Done);
    };
    if let Some(out) = &arguments.out {
        return without_spec(arguments, name, out);
    }
    // A code is shorter to say than a service, and alone it is enough.
    let alone = arguments.part.is_empty() && !arguments.service;
    match Code::find(name).filter(|_| alone) {
        Some(code) => {
            print::data(&finding(code, arguments.format));
            Ok(Exit::Done)
        }
        None => service(arguments, name),
    }
}

/// A workload of manifests that run today.
fn without_spec(arguments: &Explain, name: &str, out: &Path) -> Result<Exit, Trouble> {
    let texts = foreign::texts(out)?;
    let Some(read) = texts.as_ref().and_then(|texts| texts.objects(out)) else {
        let why =
            "there are no manifests of a stranger; of a tree of Ninefold's, leave `--out` out";
        return Err(Trouble::new("reading", out, why));
    };
    let Some(judged) = foreign::judged(&read, &arguments.cluster)? else {
        return Ok(Exit::Trouble);
    };
    let pages = foreign::explained(&read, &judged, name);
    if pages.is_empty() {
        let names = judged.names();
        let help = did_you_mean(name, names.iter().copied());
        print::error(&format!(
            "error: `{}` has no workload called `{name}`\nhelp: {help}\n",
            out.display()
        ));
        return Ok(Exit::Trouble);
    }
    print::data(&match arguments.format {
        Layout::Text => pages.iter().map(workload::Page::to_text).collect::<Vec<_>>().join("\n"),
        Layout::Markdown => {
            pages.iter().map(workload::Page::to_markdown).collect::<Vec<_>>().join("\n")
        }
        Layout::Json => json::foreign(&pages),
    });
    Ok(Exit::Done)
}

/// The codes, each with what it is about.
fn list(layout: Layout) -> String {
    match layout {
        Layout::Text => {
            let widest = CODES.iter().map(|row| row.name.len()).max().unwrap_or(0);
            let lines = CODES.iter().map(|row| format!("{:widest$}  {}\n", row.name, row.summary));
            lines.collect()
        }
        Layout::Markdown => {
            let lines = CODES.iter().map(|row| format!("- `{}`: {}\n", row.name, row.summary));
            lines.collect()
        }
        Layout::Json => json::codes(CODES),
    }
}

fn finding(code: Code, layout: Layout) -> String {
    let row = code.row();
    match layout {
        Layout::Text | Layout::Markdown => row.page.to_owned(),
        Layout::Json => json::code(row),
    }
}

fn service(arguments: &Explain, name: &str) -> Result<Exit, Trouble> {
    if !arguments.service && !arguments.inputs.specs.exists() {
        let codes = CODES.iter().map(|row| row.name);
        let folder = arguments.inputs.specs.display();
        let help = did_you_mean(name, codes);
        print::error(&format!(
            "error: there is no finding `{name}`, and no folder `{folder}` in which a service could be\nhelp: {help}\nhelp: for a service, name the folder of the specs: `--specs DIR`\n"
        ));
        return Ok(Exit::Trouble);
    }
    let mut sink = Sink::default();
    let input = disk::read_input(&mut sink, &arguments.inputs)?.input;
    let fleet = match crate::compile::prepare_to_explain(&mut sink, input) {
        // The process ends with this, as with a build.
        Ok(fleet) => ManuallyDrop::new(fleet),
        Err(sources) => {
            let findings = sink.sorted(&sources);
            print::findings(&findings, &sources);
            return Ok(Exit::Trouble);
        }
    };
    // A stage goes on only where nothing was refused, and of a promise that is this is wanted.
    let mut found = Sink::default();
    let words = arguments.part.iter().map(String::as_str);
    let called = fleet.called(name, words).map(|service| service.name.to_string());
    let page = Page::of(&mut found, &fleet, called.as_deref().unwrap_or(name));
    sink.absorb(found);
    let sources = fleet.sources();
    // Neither warnings nor what is wrong with other services is what was asked for.
    sink.only_errors();
    let mut findings = sink.sorted(sources);
    let exit = match page {
        Ok(Some(page)) => match Selection::read(&page, &arguments.part) {
            Ok(selection) => {
                let file =
                    |label: &crate::diag::Label| sources.get(label.span.file).path == page.spec;
                findings.retain(|finding| finding.primary.as_ref().is_some_and(file));
                shown(&selection.of(&page), arguments.format);
                Exit::Done
            }
            Err(wrong) => {
                print::error(&format!("error: {}\nhelp: {}\n", wrong.message, wrong.help));
                return Ok(Exit::Trouble);
            }
        },
        Ok(None) => {
            unknown(&fleet, name);
            return Ok(Exit::Trouble);
        }
        Err(_) => Exit::Trouble,
    };
    print::findings(&findings, sources);
    Ok(exit)
}

fn shown(page: &Page<'_>, layout: Layout) {
    print::data(&match layout {
        // Where nothing shows colour, it is taken out again.
        Layout::Text => text::render(page, true),
        Layout::Json => json::render(page),
        Layout::Markdown => markdown::render(page),
    });
}

fn unknown(fleet: &Fleet, name: &str) {
    if Code::find(name).is_some() {
        print::error(&format!(
            "error: there is no service `{name}`\nhelp: it is a finding: `ninefold explain {name}`\n"
        ));
        return;
    }
    let known = fleet.services().chain(CODES.iter().map(|row| row.name));
    let help = match crate::diag::nearest(name, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let services = crate::diag::list(fleet.services().take(SHOWN));
            let more = fleet.services().count().saturating_sub(SHOWN);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("services: {services}{more}; `ninefold explain` lists the findings")
        }
    };
    print::error(&format!("error: there is no service or finding `{name}`\nhelp: {help}\n"));
}

/// How many services a help lists.
const SHOWN: usize = 12;
