//! Records of drills, held against what is promised (`docs/facts.md`, "Drills").
//!
//! A record is of one day. Whether it contradicts itself is judged by what it says of that day; its
//! numbers are held against what is promised now. The digest of the spec tells the two apart: what
//! is of another spec is evidence of the past.

mod own; //   what a record says of its own day
mod fleet; // what the fleet says of it now

use crate::diag::{Code, Diagnostic, FileId, Sink, Sources, Span};
use crate::kube::RegionName;
use crate::model::Model;
use crate::model::Step;
use crate::quantity::{Bytes, Date, Duration};
use crate::spec::Spec;
use crate::spec::evidence::Evidence;

/// What a record is held against.
#[derive(Clone, Copy, Debug)]
pub struct Against<'a> {
    /// The fleet as it is.
    pub model: &'a Model,
    /// The texts, with the specs as they are.
    pub sources: &'a Sources,
    /// The day on which it is asked; without one, only the day of the inventory counts.
    pub today: Option<Date>,
}

/// A record that a fleet can take over.
#[derive(Clone, Debug)]
pub struct Counted {
    /// The record.
    pub file: FileId,
    /// What was measured, as it is written into the fleet; without what stands there already.
    pub measured: String,
    /// How many steps stand there already.
    pub known: usize,
    /// The tier of the service.
    pub tier: String,
    /// For how long the tier bears a measurement, and the last day of that; none: for ever.
    pub lapses: Option<(Duration, Date)>,
}

/// Reports what is wrong with records. Those count that are in form and of a drill that was carried
/// out; a promise that was missed was measured all the more.
pub fn judge(sink: &mut Sink, against: Against<'_>, records: &[Spec<Evidence>]) -> Vec<Counted> {
    twice(sink, records);
    records.iter().filter_map(|record| Judge { record, against }.counted(sink)).collect()
}

/// One drill has one record.
fn twice(sink: &mut Sink, records: &[Spec<Evidence>]) {
    let key = |record: &Spec<Evidence>| {
        let sure = !record.doubts.any(&["service", "drill_id"]);
        sure.then(|| (record.value.service.clone(), record.value.drill_id.clone()))
    };
    for (at, record) in records.iter().enumerate() {
        let Some((service, drill)) = key(record) else { continue };
        let same = |other: &&Spec<Evidence>| key(other) == key(record);
        let Some(first) = records[..at].iter().find(same) else { continue };
        sink.error(
            Diagnostic::new(
                Code::EVIDENCE_CONTRADICTS,
                format!("two records are of the drill `{drill}` of `{service}`"),
            )
            .at(record.document.at(&["drill_id"]), "again here")
            .related(first.document.at(&["drill_id"]), "first here")
            .help("give one file for each drill"),
        );
    }
}

struct Judge<'a> {
    record: &'a Spec<Evidence>,
    against: Against<'a>,
}

impl<'a> Judge<'a> {
    fn counted(&self, sink: &mut Sink) -> Option<Counted> {
        let mut found = Sink::default();
        self.form(&mut found);
        self.order(&mut found);
        self.failures(&mut found);
        self.result(&mut found);
        let service = self.service(&mut found);
        if let Some(service) = service {
            self.clusters(&mut found, service);
            self.promises(&mut found, service);
            self.spec(&mut found, service);
            self.age(&mut found, service);
        }
        let missed = |finding: &&Diagnostic| finding.code == Code::PROMISE_MISSED;
        let missed = found.all().into_iter().filter(missed).count();
        let sound = self.record.doubts.is_empty() && found.errors() == missed;
        sink.absorb(found);
        let service = service.filter(|_| sound)?;
        let region = self.region(service, &self.record.value.clusters.target)?;
        let (known, new) = self.steps(region);
        Some(Counted {
            file: self.record.document.file(),
            measured: new
                .into_iter()
                .map(|step| written(&self.record.value, region, step))
                .collect(),
            known: known.len(),
            tier: service.tier.name.clone(),
            lapses: service.tier.evidence.map(|bears| (bears, self.lapses(bears))),
        })
    }

    /// The steps that the fleet has from this drill, and those that it has not.
    fn steps(&self, region: &RegionName) -> (Vec<Measurement>, Vec<Measurement>) {
        let record = &self.record.value;
        // What took less than a second is written as one.
        let took = |seconds: u64| Duration::seconds(seconds.max(1));
        let all = record.measured.terms.steps.iter().map(|(step, s)| (*step, took(*s)));
        all.partition(|(step, took)| {
            self.against.model.fleet().measured.iter().any(|known| {
                (known.what, known.took, known.on) == (*step, *took, record.on)
                    && known.service.as_deref() == Some(&*record.service)
                    && known.region.as_deref() == Some(region.as_str())
            })
        })
    }

    fn at(&self, path: &[&str]) -> Span {
        self.record.document.at(path)
    }

    /// Whether these keys could be read.
    fn sure(&self, keys: &[&str]) -> bool {
        !self.record.doubts.any(keys)
    }
}

/// A step, and how long it took.
type Measurement = (Step, Duration);

/// What goes into the fleet of one step.
fn written(record: &Evidence, region: &RegionName, (step, took): Measurement) -> String {
    let source = toml::Value::String(format!("drill {}", record.drill_id));
    // A restore of so much says what one of more takes.
    let restored = record.restore.as_ref().filter(|it| step == Step::Restore && it.bytes >> 20 > 0);
    let bytes = restored.map_or(String::new(), |restore| {
        // Less is claimed rather than more.
        format!("bytes   = \"{}\"\n", Bytes::mebibytes(restore.bytes >> 20))
    });
    format!(
        "[[measured]]\nservice = \"{}\"\nregion  = \"{region}\"\nwhat    = \"{}\"\ntook    = \"{}\"\n{bytes}on      = \"{}\"\nsource  = {source}\n\n",
        record.service,
        step.word(),
        took.compact(),
        record.on,
    )
}
