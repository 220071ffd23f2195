//! Warnings that a change brings: a build of the new specs has them, and one of the old specs has not.

use super::edits::Edit;
use super::texts::{Objects, Texts, objects};
use crate::Fleet;
use crate::diag::{Code, Diagnostic, Severity, Sink};
use crate::diff::Found;
use crate::diff::pair::Renames;
use crate::diff::report::CauseKind;
use crate::kube::id;
use crate::name::Digest;
use crate::plan::Unit;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The most variants that are tried to tell which edit brings a warning; beyond it, every edit that can
/// concern it counts.
const VARIANTS: usize = 48;

/// A warning, and what brings it.
pub(in crate::diff) struct Warning {
    /// The finding.
    pub(in crate::diff) code: Code,
    /// Whom it concerns; `fleet` for what services share.
    pub(in crate::diff) service: String,
    /// One phrase.
    pub(in crate::diff) message: String,
    /// What follows, and what to write instead.
    pub(in crate::diff) notes: Vec<String>,
    /// The file, the line and the column; none when no text is to blame.
    pub(in crate::diff) place: Option<(String, usize, usize)>,
    /// The edits that bring it, by number; then the causes that these are.
    pub(in crate::diff) causes: Vec<usize>,
    /// The lines of that file that it speaks of.
    lines: BTreeSet<usize>,
    /// Whether it is found when its unit is compiled, and not before.
    of_unit: bool,
}

/// What tells warnings apart: of two that differ in numbers alone, neither is new.
type Key = (Code, String, String);

impl Warning {
    fn of(fleet: &Fleet, service: &str, finding: &Diagnostic, of_unit: bool) -> Warning {
        let sources = fleet.sources();
        let labels = finding.primary.iter().chain(&finding.related);
        let file = finding.primary.as_ref().map(|label| label.span.file);
        let here = labels.filter(|label| Some(label.span.file) == file);
        let place = finding.primary.as_ref().map(|label| {
            let at = sources.position(label.span);
            (sources.get(label.span.file).path.clone(), at.line, at.column)
        });
        let help = finding.help.iter().map(|help| format!("help: {help}"));
        Warning {
            code: finding.code,
            service: service.to_owned(),
            message: finding.message.clone(),
            notes: finding.notes.iter().cloned().chain(help).collect(),
            place,
            causes: Vec::new(),
            lines: here.map(|label| sources.position(label.span).line).collect(),
            of_unit,
        }
    }

    fn key(&self) -> Key {
        let number = |c: char| c.is_ascii_digit();
        let words: Vec<&str> = self.message.split(number).filter(|part| !part.is_empty()).collect();
        (self.code, self.service.clone(), words.join("#"))
    }
}

/// The specs of one side, and what was found in them.
pub(super) struct Side {
    fleet: Arc<Fleet>,
    checks: Sink,
    units: BTreeMap<String, Sink>,
    /// The service that each file is the spec of.
    services: BTreeMap<String, String>,
}

impl Side {
    /// Nothing when they do not compile.
    pub(super) fn of(texts: &Texts) -> Option<Side> {
        let mut checks = Sink::default();
        let fleet = Arc::new(texts.prepare(&mut checks)?);
        Some(Side { fleet, checks, units: BTreeMap::new(), services: services(texts) })
    }

    /// The side that was compiled already, without what was found in its units.
    pub(super) fn found(found: &Found, texts: &Texts) -> Side {
        Side {
            fleet: Arc::clone(&found.fleet),
            checks: found.checks.clone(),
            units: BTreeMap::new(),
            services: services(texts),
        }
    }

    /// Takes what was found already in the units that are `wanted`.
    fn take(&mut self, found: &Found, wanted: &BTreeSet<&str>) {
        let units = found.units.iter().filter(|(unit, _)| wanted.contains(unit.as_str()));
        self.units = units.map(|(unit, sink)| (unit.clone(), sink.clone())).collect();
    }

    /// Digests of what the specs contribute to some units: equal ones compile to the same.
    fn fingerprints<'u>(&self, units: &BTreeSet<&'u str>) -> BTreeMap<&'u str, Digest> {
        let named = |unit: Unit| {
            let name = units.get(unit.name()).copied()?;
            Some((name, self.fleet.fingerprint(&unit, &BTreeSet::new())))
        };
        self.fleet.units().into_iter().filter_map(named).collect()
    }

    /// The current objects of units.
    pub(super) fn compile(&self, wanted: &BTreeSet<&str>) -> BTreeMap<String, Objects> {
        let fits = |unit: &Unit| wanted.contains(unit.name());
        let units: Vec<Unit> = self.fleet.units().into_iter().filter(fits).collect();
        let made = units.par_iter().filter_map(|unit| {
            let tree = self.fleet.written(unit).ok()?;
            Some((unit.name().to_owned(), objects(tree.ledger())))
        });
        made.collect()
    }

    /// Those of some units in which something is refused.
    pub(super) fn refused(&self, units: &BTreeSet<&str>) -> BTreeSet<String> {
        let wanted: Vec<Unit> =
            self.fleet.units().into_iter().filter(|unit| units.contains(unit.name())).collect();
        let refused = wanted
            .par_iter()
            .filter(|unit| self.fleet.examine(&mut Sink::default(), unit).is_err());
        refused.map(|unit| unit.name().to_owned()).collect()
    }

    /// Looks at units for what is found there alone, in less time.
    fn examine(&mut self, wanted: &BTreeSet<&str>) {
        let fits = |unit: &Unit| wanted.contains(unit.name());
        let units: Vec<Unit> = self.fleet.units().into_iter().filter(fits).collect();
        let found = units.into_par_iter().map(|unit| {
            let mut sink = Sink::default();
            // What is refused is among what is found.
            let _ = self.fleet.examine(&mut sink, &unit);
            (unit.name().to_owned(), sink)
        });
        let found: Vec<(String, Sink)> = found.collect();
        self.units.extend(found);
    }

    /// Whether there is a unit of that name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.fleet.units().iter().any(|unit| unit.name() == name)
    }

    /// Every warning of the checks, and of the units that were compiled.
    fn warnings(&self) -> Vec<Warning> {
        let warns = |finding: &&&Diagnostic| finding.severity == Severity::Warning;
        let (checks, mut found) = (self.checks.all(), Vec::new());
        for finding in checks.iter().filter(warns) {
            let file = finding.primary.as_ref().map(|label| label.span.file);
            let path = file.map(|file| self.fleet.sources().get(file).path.as_str());
            let service = path.and_then(|path| self.services.get(path)).map(String::as_str);
            let service = service.unwrap_or(Unit::Fleet.name());
            found.push(Warning::of(&self.fleet, service, finding, false));
        }
        for (unit, sink) in &self.units {
            let findings = sink.all();
            let warnings = findings.iter().filter(warns);
            found.extend(warnings.map(|finding| Warning::of(&self.fleet, unit, finding, true)));
        }
        found
    }
}

/// The service that each file is the spec of.
fn services(texts: &Texts) -> BTreeMap<String, String> {
    texts.services.iter().map(|(name, text)| (text.path().to_owned(), name.clone())).collect()
}

/// The units in which an edit may bring a warning: those that change or whose specs were edited, and all
/// when the edit is of what they share.
pub(super) fn concerned<'a>(
    changed: impl Iterator<Item = &'a str>,
    edits: &'a [Edit],
    sides: [&'a Texts; 2],
) -> BTreeSet<&'a str> {
    let edited = edits.iter().filter_map(|edit| edit.service.as_deref());
    let mut units: BTreeSet<&str> = changed.chain(edited).chain([Unit::Fleet.name()]).collect();
    if edits.iter().any(|edit| edit.service.is_none()) {
        units.extend(sides.iter().flat_map(|side| side.services.keys().map(String::as_str)));
    }
    units
}

/// The warnings that only the new side has, each with the numbers of the edits that bring it. What was
/// `found` in it need not be looked for again.
pub(super) fn brought(
    (old, mut new, found): (&mut Side, Side, Option<&Found>),
    (before, after): (&Texts, &Texts),
    (edits, renames): (&[Edit], &Renames),
    concerned: &BTreeSet<&str>,
) -> Vec<Warning> {
    let (was, is) = (old.fingerprints(concerned), new.fingerprints(concerned));
    // What compiles the same on both sides has no new warning.
    let wanted = concerned.iter().copied().filter(|unit| was.get(unit) != is.get(unit));
    let wanted: BTreeSet<&str> = wanted.collect();
    match found {
        Some(found) => new.take(found, &wanted),
        None => new.examine(&wanted),
    }
    // Where there is none on the new side, it does not matter which the old one had.
    let has_some = |unit: &str| new.units.get(unit).is_some_and(|sink| !sink.is_empty());
    let renamed = renames.iter().filter(|(now, _)| has_some(now)).map(|(_, then)| then.as_str());
    let wanted = wanted.into_iter().filter(|unit| has_some(unit));
    old.examine(&wanted.chain(renamed).collect());
    let mut known: BTreeMap<Key, usize> = BTreeMap::new();
    for mut warning in old.warnings() {
        // A service is the same under its new name.
        for (now, then) in renames {
            for (now, then) in [(&**now, &**then), (id::plain(now), id::plain(then))] {
                warning.message =
                    warning.message.replace(&format!("`{then}`"), &format!("`{now}`"));
                if warning.service == then {
                    now.clone_into(&mut warning.service);
                }
            }
        }
        *known.entry(warning.key()).or_default() += 1;
    }
    let is_new = |warning: &Warning| match known.get_mut(&warning.key()) {
        Some(left) if *left > 0 => {
            *left -= 1;
            false
        }
        _ => true,
    };
    let mut found: Vec<Warning> = new.warnings().into_iter().filter(is_new).collect();
    let mut left = VARIANTS;
    for warning in &mut found {
        warning.causes = behind(warning, (before, after), edits, &mut left);
    }
    found
}

/// The edits that bring a warning: those at a line that it speaks of, and else those without which it is
/// not there.
fn behind(
    warning: &Warning,
    (before, after): (&Texts, &Texts),
    edits: &[Edit],
    left: &mut usize,
) -> Vec<usize> {
    let all = |fits: &dyn Fn(&Edit) -> bool| -> Vec<usize> {
        (0..edits.len()).filter(|at| fits(&edits[*at])).collect()
    };
    let file = warning.place.as_ref().map(|(file, ..)| file.as_str());
    let there = all(&|edit| {
        Some(edit.place.file.as_str()) == file
            && edit.place.line.is_some_and(|line| warning.lines.contains(&line))
    });
    if !there.is_empty() {
        return there;
    }
    let service = id::plain(&warning.service);
    let own = |edit: &Edit| edit.service.as_deref() == Some(service);
    let near = all(&|edit| own(edit) || edit.kind != CauseKind::Spec);
    let candidates = if near.is_empty() { all(&|_| true) } else { near };
    if candidates.len() < 2 || candidates.len() > *left {
        return candidates;
    }
    *left -= candidates.len();
    let stays = |at: &usize| {
        let without = edits[*at].reversed().made(after, before);
        Side::of(&without).is_some_and(|mut side| {
            if warning.of_unit {
                side.examine(&BTreeSet::from([warning.service.as_str()]));
            }
            side.warnings().iter().any(|other| other.key() == warning.key())
        })
    };
    let found: Vec<usize> = candidates.par_iter().copied().filter(|at| !stays(at)).collect();
    if found.is_empty() { candidates } else { found }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_do_not_tell_warnings_apart_and_words_do() {
        let warning = |message: &str| Warning {
            code: Code::WRONG_VALUE,
            service: "web".to_owned(),
            message: message.to_owned(),
            notes: Vec::new(),
            place: None,
            causes: Vec::new(),
            lines: BTreeSet::new(),
            of_unit: false,
        };
        let key = |message: &str| warning(message).key();
        assert_eq!(key("`web` may be down for 6h"), key("`web` may be down for 12h"));
        assert_ne!(key("`web` may be down for 6h"), key("`web` may be down for 6d"));
        assert_ne!(key("`web` is refused"), key("`shop` is refused"));
    }
}
