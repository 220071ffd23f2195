//! `ninefold evidence FILE…`: records of drills, held against what is promised.

use super::args::Evidence as Arguments;
use super::disk::{self, Trouble};
use super::{exit::Exit, print};
use crate::Fleet;
use crate::diag::{self, Sink};
use crate::kube::ServiceName;
use crate::model::Service;
use crate::spec::evidence::{Evidence, Outcome, Restore};
use crate::spec::quantity::Duration;
use std::path::Path;

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Trouble> {
    let mut sink = Sink::default();
    let input = disk::read_input(&mut sink, &arguments.inputs)?.input;
    let fleet = match crate::prepare(&mut sink, input) {
        Ok(fleet) if sink.errors() == 0 => fleet,
        Ok(fleet) => {
            print::findings(&sink.sorted(fleet.sources()), fleet.sources());
            return Ok(Exit::Findings);
        }
        Err(sources) => {
            print::findings(&sink.sorted(&sources), &sources);
            return Ok(Exit::Findings);
        }
    };
    let mut wrong = 0;
    for path in &arguments.files {
        let text = disk::read_text(path)?;
        let found = match read(&text) {
            Ok(record) => judge(&fleet, &record),
            Err(problem) => Judged { problems: vec![problem], ..Judged::default() },
        };
        wrong += found.problems.len();
        print::error(&shown(path, &found.problems));
        print::data(&found.measured);
    }
    Ok(if wrong > 0 { Exit::Findings } else { Exit::Done })
}

fn shown(path: &Path, problems: &[String]) -> String {
    let line = |problem: &String| format!("error: {}: {problem}\n", path.display());
    problems.iter().map(line).collect()
}

fn read(text: &str) -> Result<Evidence, String> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let record: Evidence = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let at = if path == "." { String::new() } else { format!("`{path}`: ") };
        format!("{at}{}\nhelp: `ninefold schema evidence` prints the form", error.inner())
    })?;
    reader.end().map_err(|error| format!("something follows the record: {error}"))?;
    Ok(record)
}

/// What is wrong with a record, and what the fleet takes from it.
#[derive(Default)]
struct Judged {
    problems: Vec<String>,
    /// As TOML.
    measured: String,
}

fn judge(fleet: &Fleet, record: &Evidence) -> Judged {
    let model = fleet.model();
    let Some(service) = model.service(&ServiceName::new(&*record.service)) else {
        let known = model.services().iter().map(|service| service.name.as_str());
        let help = diag::did_you_mean(&record.service, known);
        let problem = format!("`service`: no spec describes `{}`\nhelp: {help}", record.service);
        return Judged { problems: vec![problem], ..Judged::default() };
    };
    let of_cluster = |cluster: &str| {
        service.regions.iter().find(|region| region.cluster == cluster).map(|region| &region.name)
    };
    let mut problems = form(record);
    for (key, cluster) in [("source", &record.clusters.source), ("target", &record.clusters.target)]
    {
        if of_cluster(cluster).is_none() {
            let known = service.regions.iter().map(|region| region.cluster.as_str());
            let help = diag::did_you_mean(cluster, known);
            let name = &service.name;
            problems
                .push(format!("`clusters.{key}`: `{name}` is not in `{cluster}`\nhelp: {help}"));
        }
    }
    problems.extend(promises(service, record));
    let passed = problems.is_empty();
    if !passed && record.result == Outcome::Passed {
        problems.push("`result`: it says `passed`, and what is above says otherwise".to_owned());
    }
    let measured = match of_cluster(&record.clusters.target) {
        Some(region) => toml(record, region.as_str()),
        None => String::new(),
    };
    Judged { problems, measured }
}

/// What a record must say to be one that an auditor takes.
fn form(record: &Evidence) -> Vec<String> {
    let mut problems = Vec::new();
    let digits = |text: &str| text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    if !digits(&record.spec_sha256) {
        problems.push("`spec_sha256`: a SHA-256 has 64 digits of base 16".to_owned());
    }
    if record.participants.is_empty() {
        problems.push("`participants`: nobody took part".to_owned());
    }
    if record.approver.is_empty() || record.participants.iter().all(|one| *one == record.approver) {
        problems.push("`approver`: somebody who did more than take part must approve".to_owned());
    }
    if record.checks.is_empty() {
        problems.push("`checks`: nothing was looked at".to_owned());
    }
    for check in record.checks.iter().filter(|check| check.result == Outcome::Failed) {
        problems.push(format!("`checks`: `{}` failed", check.name));
    }
    if let Some(backup) = record.backup.as_ref().filter(|backup| backup.phase != "Completed") {
        problems.push(format!("`backup.phase`: `{}` is `{}`", backup.name, backup.phase));
    }
    let broken = |restore: &&Restore| restore.phase != "Completed" || restore.errors > 0;
    if let Some(Restore { name, phase, errors, .. }) = record.restore.as_ref().filter(broken) {
        problems.push(format!("`restore`: `{name}` is `{phase}`, with {errors} errors"));
    }
    let terms = &record.measured.terms;
    let steps = terms.steps.values().chain(&terms.start).chain(&terms.verification);
    let sum = steps.fold(0u64, |sum, term| sum.saturating_add(*term));
    if sum > record.measured.rto_s {
        let (sum, rto) = (Duration::seconds(sum), Duration::seconds(record.measured.rto_s));
        problems
            .push(format!("`measured.terms`: they are {sum} together, and the whole took {rto}"));
    }
    problems
}

/// What was measured beside what is promised, and what was promised beside what is now.
fn promises(service: &Service, record: &Evidence) -> Vec<String> {
    let (measured, targets) = (&record.measured, &record.targets);
    let rows = [
        ("rpo", service.rpo, measured.rpo_s, targets.rpo_s),
        ("rto", service.rto, measured.rto_s, targets.rto_s),
    ];
    let mut problems = Vec::new();
    for (key, promised, measured, target) in rows {
        let (measured, target) = (Duration::seconds(measured), Duration::seconds(target));
        if measured > promised {
            problems.push(format!(
                "`measured.{key}_s`: it took {measured}, `{}` promises {promised}",
                service.name
            ));
        }
        if target != promised {
            problems.push(format!(
                "`targets.{key}_s`: the target was {target}, `{}` promises {promised} now: drill again",
                service.name
            ));
        }
    }
    if record.tier != service.tier.name {
        problems.push(format!(
            "`tier`: it was `{}`, `{}` is `{}` now",
            record.tier, service.name, service.tier.name
        ));
    }
    problems
}

/// What goes into the fleet, whatever came of the drill: a slow restore was measured as well.
fn toml(record: &Evidence, region: &str) -> String {
    let mut text = String::new();
    for (step, took) in &record.measured.terms.steps {
        let took = Duration::seconds((*took).max(1));
        let source = toml::Value::String(format!("drill {}", record.drill_id));
        text.push_str(&format!(
            "[[measured]]\nservice = \"{}\"\nregion  = \"{region}\"\nwhat    = \"{}\"\ntook    = \"{}\"\non      = \"{}\"\nsource  = {source}\n\n",
            record.service,
            step.word(),
            took.compact(),
            record.on,
        ));
    }
    text
}
