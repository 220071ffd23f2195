//! What a record says of its own day: whether an auditor takes it, and whether it is of one piece.

use super::Judge;
use crate::diag::{Code, Diagnostic, Sink, Span};
use crate::model::Step;
use crate::quantity::Duration;
use crate::spec::evidence::{Outcome, Scenario};

/// What Velero calls a backup or a Restore that lacks nothing.
const COMPLETED: &str = "Completed";

impl Judge<'_> {
    /// What an auditor asks for.
    pub(super) fn form(&self, sink: &mut Sink) {
        let record = &self.record.value;
        let mut wrong = |key: &str, message: &str, help: &str| {
            let finding = Diagnostic::new(Code::EVIDENCE_INCOMPLETE, message);
            sink.error(finding.at(self.at(&[key]), "").help(help));
        };
        if self.sure(&["participants"]) && record.participants.is_empty() {
            wrong("participants", "nobody took part", "name those who did the drill");
        }
        let approver = &record.approver;
        if self.sure(&["approver"]) && approver.is_empty() {
            wrong("approver", "nobody approved the record", "name who read it and stands for it");
        }
        let alone = record.participants.iter().all(|one| one == approver);
        let both = self.sure(&["participants", "approver"]) && !record.participants.is_empty();
        if both && !approver.is_empty() && alone {
            let message = format!("only `{approver}` took part, and approves it alone");
            wrong("approver", &message, "name somebody else who read it and stands for it");
        }
        if self.sure(&["checks"]) && record.checks.is_empty() {
            let help = "write what was looked at, and whether it was as it should be: `{ \"name\": \"count of rows\", \"result\": \"passed\" }`";
            wrong("checks", "nothing was looked at", help);
        }
        if self.sure(&["spec_sha256"]) && !self.has_digest() {
            let help = "write the 64 digits that `sha256sum` prints of the spec";
            wrong("spec_sha256", "this is no SHA-256", help);
        }
    }

    /// Whether it names its spec by something that is a SHA-256.
    pub(super) fn has_digest(&self) -> bool {
        let digest = &self.record.value.spec_sha256;
        digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit())
    }

    /// What cannot have been, whatever came of the drill.
    pub(super) fn order(&self, sink: &mut Sink) {
        let record = &self.record.value;
        let backup = record.backup.as_ref().map(|one| (one.started, one.completed));
        let restore = record.restore.as_ref().map(|one| (one.started, one.completed));
        for (key, times) in [("backup", backup), ("restore", restore)] {
            if let Some((started, completed)) = times
                && completed < started
            {
                sink.error(
                    Diagnostic::new(
                        Code::EVIDENCE_CONTRADICTS,
                        format!("the {key} ended before it began"),
                    )
                    .at(self.at(&[key, "completed"]), "")
                    .related(self.at(&[key, "started"]), "it began here")
                    .help("copy both from its status"),
                );
            }
        }
        let one_cluster = record.clusters.source == record.clusters.target;
        if self.sure(&["clusters", "scenario"])
            && record.scenario == Scenario::Region
            && one_cluster
        {
            let lost = format!("`{}` was lost, and took over", record.clusters.source);
            sink.error(
                Diagnostic::new(Code::EVIDENCE_CONTRADICTS, lost)
                    .at(self.at(&["clusters", "target"]), "the same as the source")
                    .related(self.at(&["scenario"]), "a region was lost")
                    .help("name the cluster that took over, or the scenario that it was"),
            );
        }
        if let Some(today) = self.against.today.filter(|today| *today < record.on)
            && self.sure(&["on"])
        {
            sink.error(
                Diagnostic::new(Code::EVIDENCE_CONTRADICTS, "this drill is yet to come")
                    .at(self.at(&["on"]), format!("`--today` is {today}"))
                    .help("write the day on which it was done"),
            );
        }
        let measured = &record.measured;
        let terms = &measured.terms;
        let steps = terms.steps.values().chain(&terms.start).chain(&terms.verification);
        let sum = steps.fold(0u64, |sum, term| sum.saturating_add(*term));
        if self.sure(&["measured"]) && sum > measured.rto_s {
            let (sum, rto) = (Duration::seconds(sum), Duration::seconds(measured.rto_s));
            sink.error(
                Diagnostic::new(
                    Code::EVIDENCE_CONTRADICTS,
                    format!("the steps took {sum} together, and the whole took {rto}"),
                )
                .at(self.at(&["measured", "rto_s"]), rto.to_string())
                .related(self.at(&["measured", "terms"]), format!("{sum} together"))
                .help("write the time from the loss until it served; steps follow each other"),
            );
        }
        for (step, took) in &terms.steps {
            let took = Duration::seconds(*took);
            if took > Step::LONGEST {
                sink.error(
                    Diagnostic::new(
                        Code::WRONG_VALUE,
                        format!("nothing that took {took} is a recovery"),
                    )
                    .at(self.at(&["measured", "terms", "steps", step.word()]), "")
                    .help(format!("write at most {} seconds", Step::LONGEST.as_seconds())),
                );
            }
        }
    }

    /// What was not as it should be.
    pub(super) fn failures(&self, sink: &mut Sink) {
        for (place, what) in self.failed() {
            sink.error(
                Diagnostic::new(Code::DRILL_FAILED, what)
                    .at(place, "")
                    .note("what such a drill measured is no time of a recovery")
                    .help("mend it, and drill again; keep this record as well"),
            );
        }
    }

    /// The places of what failed, and how.
    fn failed(&self) -> Vec<(Span, String)> {
        let record = &self.record.value;
        let mut failed = Vec::new();
        for (at, check) in record.checks.iter().enumerate() {
            if check.result == Outcome::Failed && self.sure(&["checks"]) {
                let place = self.at(&["checks", &at.to_string(), "result"]);
                failed.push((place, format!("`{}` failed", check.name)));
            }
        }
        if let Some(backup) = record.backup.as_ref().filter(|one| one.phase != COMPLETED) {
            let what = format!("the backup `{}` is `{}`", backup.name, backup.phase);
            failed.push((self.at(&["backup", "phase"]), what));
        }
        if let Some(restore) = &record.restore {
            let (name, phase, errors) = (&restore.name, &restore.phase, restore.errors);
            if phase != COMPLETED {
                let what = format!("the Restore `{name}` is `{phase}`, with {errors} errors");
                failed.push((self.at(&["restore", "phase"]), what));
            } else if errors > 0 {
                let what = format!("the Restore `{name}` has {errors} errors");
                failed.push((self.at(&["restore", "errors"]), what));
            }
        }
        failed
    }

    /// Whether the result follows from the rest: from what was promised on that day, not from what
    /// is promised now.
    pub(super) fn result(&self, sink: &mut Sink) {
        let record = &self.record.value;
        if !self.sure(&["measured", "targets", "checks", "backup", "restore", "result"]) {
            return;
        }
        let (measured, targets) = (&record.measured, &record.targets);
        let late =
            [("rpo_s", measured.rpo_s, targets.rpo_s), ("rto_s", measured.rto_s, targets.rto_s)];
        let mut against: Vec<(Span, String)> = (late.into_iter())
            .filter(|(_, measured, target)| measured > target)
            .map(|(key, _, target)| {
                let words = format!("the target was {}", Duration::seconds(target));
                (self.at(&["measured", key]), words)
            })
            .collect();
        let failed = self.failed().into_iter();
        against.extend(failed.map(|(place, _)| (place, "this failed".to_owned())));
        match (record.result, against.is_empty()) {
            (Outcome::Passed, false) => {
                let mut finding = Diagnostic::new(
                    Code::EVIDENCE_CONTRADICTS,
                    "it is said to have passed, and did not",
                )
                .at(self.at(&["result"]), "")
                .help("write `\"failed\"`, and in `deviations` who mends it until when");
                for (place, words) in against {
                    finding = finding.related(place, words);
                }
                sink.error(finding);
            }
            (Outcome::Failed, true) => {
                sink.error(
                    Diagnostic::new(Code::DRILL_FAILED, "the drill failed, and nothing says at what")
                        .at(self.at(&["result"]), "")
                        .help("write the check that failed: `{ \"name\": \"…\", \"result\": \"failed\" }`"),
                );
            }
            (Outcome::Passed, true) | (Outcome::Failed, false) => {}
        }
    }
}
