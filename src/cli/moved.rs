//! Regions that go from one environment of a service to another: what runs there stays what runs, in the
//! same folder, under another ledger.

use super::compare::{Compared, read_ledger};
use super::disk::{Tree, Trouble};
use crate::Fleet;
use crate::diag::Sink;
use crate::kube::id;
use crate::plan::Unit;
use crate::tree::Ledger;
use std::collections::{BTreeMap, BTreeSet};

/// The ledgers of services that the tree knows in several environments, or in another one than the specs.
#[derive(Default)]
pub(super) struct Moved(BTreeMap<String, Vec<Ledger>>);

impl Moved {
    /// Reads them.
    pub(super) fn read(tree: &Tree, units: &[Unit], sink: &mut Sink) -> Result<Moved, Trouble> {
        let here: BTreeSet<&str> = units.iter().map(Unit::name).collect();
        let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for unit in tree.units()? {
            names.entry(id::plain(&unit).to_owned()).or_default().push(unit);
        }
        let mut moved = Moved::default();
        for (plain, units) in names {
            let gone = || units.iter().any(|unit| !here.contains(unit.as_str()));
            let known = || here.iter().any(|unit| id::plain(unit) == plain);
            // Most services have one environment, and their ledgers are read where they are compared.
            if units.len() == 1 && !(gone() && known()) {
                continue;
            }
            let mut ledgers = Vec::new();
            for unit in &units {
                // What is wrong with one that the specs know is reported where it is compared.
                let mut unseen = Sink::default();
                let found = if here.contains(unit.as_str()) { &mut unseen } else { &mut *sink };
                ledgers.extend(read_ledger(tree, unit, found)?);
            }
            moved.0.insert(plain, ledgers);
        }
        Ok(moved)
    }

    /// What other environments of a service had in the regions that are its own now.
    pub(super) fn to(&self, fleet: &Fleet, unit: &Unit) -> Vec<Ledger> {
        let Some(ledgers) = self.0.get(unit.folder()) else { return Vec::new() };
        let regions = fleet.regions(unit);
        let others = ledgers.iter().filter(|ledger| ledger.unit() != unit.name());
        let taken = others.map(|ledger| ledger.without(|entry| !regions.contains(&*entry.region)));
        taken.filter(|ledger| !ledger.objects().is_empty()).collect()
    }

    /// Leaves the files alone that one environment gives up and another one has.
    pub(super) fn keep<T>(&self, compared: &mut [Compared<T>]) {
        if self.0.is_empty() {
            return;
        }
        let made: BTreeSet<String> =
            compared.iter().flat_map(|unit| unit.files.paths().map(str::to_owned)).collect();
        for compared in compared {
            compared.removed.retain(|(path, _)| !made.contains(path));
        }
    }
}
