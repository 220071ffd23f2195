//! What of a report is shown, and how.

use super::sides::Opened;
use crate::cli::args::{Color, Diff, DiffFormat, Target};
use crate::cli::disk::Trouble;
use crate::cli::{pager, print};
use crate::diag::{Diagnostic, Sources};
use crate::diff::format::{Hidden, github, json, markdown, sarif, text, unified};
use crate::diff::report::{Report, Severity};
use crate::diff::value::Masks;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The widest line that is easy to read.
const WIDEST: usize = 120;

/// Prints a report of two sides, whose trees stand in `folder` of their repository.
pub(super) fn report(
    arguments: &Diff,
    report: &Report,
    (old, new): (&Opened, &Opened),
    folder: Option<&str>,
) -> Result<(), Trouble> {
    let fail_on = arguments.fail_on.map(Severity::from);
    if arguments.format == DiffFormat::Json {
        print::exactly(&json::render(report, &json::Options { fail_on }));
        return Ok(());
    }
    let (report, hidden) = match arguments.services.as_slice() {
        [] => (Cow::Borrowed(report), None),
        services => {
            let (part, hidden) = only(report, services);
            (Cow::Owned(part), hidden)
        }
    };
    match arguments.format {
        DiffFormat::Text => {
            let colour = match arguments.color {
                Color::Auto => pager::is_coloured(),
                Color::Always => true,
                Color::Never => false,
            };
            let width = pager::width().map(|width| width.min(WIDEST));
            let options =
                text::Options { detail: detail(arguments), colour, width, fail_on, hidden };
            pager::show(&text::render(&report, &options));
        }
        DiffFormat::Markdown => {
            let options = markdown_options(arguments, hidden);
            let text = markdown::render(&report, &options);
            print::exactly(&text.map_err(|small| Trouble::from(small.to_string()))?);
        }
        DiffFormat::Unified => {
            let read = |which, path: &str| match which {
                unified::Which::Old => old.files.read(path),
                unified::Which::New => new.files.read(path),
            };
            let folder = folder.unwrap_or_default().to_owned();
            let options = unified::Options { folder };
            let mut masks = match arguments.show_secrets {
                Some(_) => Masks::off(),
                None => Masks::default(),
            };
            let mut texts = unified::Texts { read: &read, masks: &mut masks };
            print::exactly(&unified::render(&report, &options, &mut texts));
        }
        DiffFormat::Sarif => {
            let options = sarif::Options { min: fail_on.unwrap_or(Severity::Info), hidden };
            print::exactly(&sarif::render(&report, &options));
        }
        DiffFormat::Github | DiffFormat::Json => {
            let options = github::Options { min: fail_on.unwrap_or(Severity::Info), hidden };
            print::exactly(&github::render(&report, &options));
        }
    }
    Ok(())
}

/// Says why there is no report, where a comment is to say it.
pub(super) fn failure(
    arguments: &Diff,
    what: &str,
    findings: &[Diagnostic],
    sources: &Sources,
) -> Result<(), Trouble> {
    if arguments.format == DiffFormat::Markdown {
        let options = markdown_options(arguments, None);
        // A phrase for a comment has no markup of its own.
        let what = what.replace('`', "");
        let text = markdown::failure(&what, findings, sources, &options);
        print::exactly(&text.map_err(|small| Trouble::from(small.to_string()))?);
    }
    Ok(())
}

fn detail(arguments: &Diff) -> text::Detail {
    match arguments.verbose {
        _ if arguments.names => text::Detail::Names,
        _ if arguments.stat => text::Detail::Stat,
        0 => text::Detail::Summary,
        1 => text::Detail::Fields,
        _ => text::Detail::All,
    }
}

fn markdown_options(arguments: &Diff, hidden: Option<Hidden>) -> markdown::Options {
    let target = match arguments.target {
        Target::GithubComment => markdown::Target::GithubComment,
        Target::GithubSummary => markdown::Target::GithubSummary,
        Target::GitlabNote => markdown::Target::GitlabNote,
    };
    markdown::Options {
        key: arguments.key.clone(),
        max_bytes: arguments.max_bytes.unwrap_or(target.max_bytes()),
        full: arguments.full_url.clone(),
        fail_on: arguments.fail_on.map(Severity::from),
        hidden,
    }
}

/// The part of a report that concerns some services. The counts stay those of the whole.
fn only(report: &Report, services: &[String]) -> (Report, Option<Hidden>) {
    let wanted = |service: &String| services.contains(service);
    let mut part = report.clone();
    part.objects.retain(|object| wanted(&object.service));
    part.effects.retain(|effect| wanted(&effect.service));
    let kept = |number: &usize| wanted(&report.objects[*number].service);
    let objects = renumbered(report.objects.len(), kept);
    let of_effects: Vec<usize> =
        part.effects.iter().flat_map(|effect| effect.causes.iter().copied()).collect();
    let has_a_part = |number: &usize| {
        let cause = &report.causes[*number];
        of_effects.contains(number) || cause.objects.iter().chain(&cause.followers).any(kept)
    };
    let causes = renumbered(report.causes.len(), has_a_part);
    part.causes = causes.keys().map(|number| report.causes[*number].clone()).collect();
    for cause in &mut part.causes {
        renumber(&mut cause.objects, &objects);
        renumber(&mut cause.followers, &objects);
    }
    for effect in &mut part.effects {
        renumber(&mut effect.causes, &causes);
        renumber(&mut effect.objects, &objects);
    }
    part.objects.iter_mut().for_each(|object| renumber(&mut object.causes, &causes));
    for group in &mut part.groups {
        renumber(&mut group.objects, &objects);
        group.services.retain(wanted);
    }
    part.groups.retain(|group| !group.objects.is_empty());
    let by = services.iter().map(|service| format!("--service {service}"));
    let by = by.collect::<Vec<_>>().join(" ");
    let objects = report.objects.len() - part.objects.len();
    let others = report.effects.iter().filter(|effect| !wanted(&effect.service));
    let hidden = Hidden { objects, effects: others.cloned().collect(), by };
    (part, Some(hidden))
}

/// The numbers below `count` that are kept, and what they become.
fn renumbered(count: usize, kept: impl Fn(&usize) -> bool) -> BTreeMap<usize, usize> {
    (0..count).filter(kept).enumerate().map(|(new, old)| (old, new)).collect()
}

fn renumber(numbers: &mut Vec<usize>, by: &BTreeMap<usize, usize>) {
    *numbers = numbers.iter().filter_map(|number| by.get(number).copied()).collect();
}
