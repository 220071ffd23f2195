//! `ninefold evidence FILE…`: records of drills, held against what is promised.

use super::answers::{self, Counts};
use super::args::{Evidence, Shown};
use super::disk::{self, Trouble};
use super::{exit::Exit, prepared, print};
use crate::diag::{Sink, json};
use crate::evidence::Counted;
use crate::{Fleet, spec};

pub(super) fn run(arguments: &Evidence) -> Result<Exit, Trouble> {
    let mut sink = Sink::default();
    let mut input = disk::read_input(&mut sink, &arguments.inputs)?.input;
    let mut found = Sink::default();
    let files = disk::read_named(&mut found, &mut input.sources, &arguments.files)?;
    // What cannot be read at all was reported.
    let read = |file| spec::record(&mut found, &input.sources, file).ok();
    let records: Vec<_> = files.into_iter().filter_map(read).collect();
    let fleet = match prepared::fleet(&mut sink, input) {
        Ok(fleet) => fleet,
        Err(sources) => {
            sink.absorb(found);
            return Ok(prepared::report(sink, &sources));
        }
    };
    let counted = fleet.evidence(&mut found, &records, arguments.today);
    let wrong = found.errors() > 0;
    let findings = found.sorted(fleet.sources());
    match arguments.format {
        Shown::Text => {
            print::findings(&findings, fleet.sources());
            for record in &counted {
                print::error(&note(&fleet, record));
                print::data(&record.measured);
            }
        }
        Shown::Json => print::data(&answers::json(&answers::Evidence {
            records: counted.iter().map(|record| counts(&fleet, record)).collect(),
            findings: json::findings(&findings, fleet.sources()),
        })),
    }
    Ok(if wrong { Exit::Findings } else { Exit::Done })
}

fn counts<'a>(fleet: &'a Fleet, record: &'a Counted) -> Counts<'a> {
    Counts {
        file: &fleet.sources().get(record.file).path,
        tier: &record.tier,
        until: record.lapses.map(|(_, last)| last.to_string()),
        measured: &record.measured,
        known: record.known,
    }
}

fn note(fleet: &Fleet, record: &Counted) -> String {
    let path = &fleet.sources().get(record.file).path;
    let tier = &record.tier;
    let lapses = match record.lapses {
        Some((bears, last)) => {
            format!("until {last}: `{tier}` bears what was measured for {bears}")
        }
        None => format!("for ever: `{tier}` bears a measurement of any age"),
    };
    let nothing = match (record.measured.is_empty(), record.known) {
        (true, 0) => "; it measured no step that a fleet takes over",
        (true, _) => "; the fleet has what it measured",
        (false, _) => "",
    };
    format!("note: `{path}` counts {lapses}{nothing}\n")
}
