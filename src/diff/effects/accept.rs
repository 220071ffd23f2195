//! Effects that a service accepts: they satisfy the gate and stay visible.

use crate::Input;
use crate::diag::Sink;
use crate::diff::Specs;
use crate::diff::report::{Accepted, Effect};
use crate::spec;
use crate::spec::quantity::Date;
use crate::spec::service::Accept;
use std::collections::{BTreeMap, BTreeSet};

/// Marks the effects that an `[[accept]]` names: of the service's spec on the new side, or, where a
/// service goes, of its last one on the old side.
///
/// An acceptance counts until its day, measured against the date of the fleet's inventory on the
/// new side: the clock decides nothing.
pub fn accept(effects: &mut [Effect], specs: &Specs) {
    if effects.is_empty() {
        return;
    }
    let (old, new) = (specs.old.as_ref().map(Accepts::of), specs.new.as_ref().map(Accepts::of));
    let Some(today) = new.as_ref().or(old.as_ref()).and_then(|side| side.inventory) else { return };
    let asked = old.as_ref().is_some_and(|old| !old.services.is_empty());
    let there = specs.new.as_ref().filter(|_| asked).map(names).unwrap_or_default();
    for effect in effects {
        let of = |side: &Option<Accepts>| side.as_ref()?.services.get(&effect.service).cloned();
        // A service that is still there says by itself what it accepts.
        let gone = !there.contains(&effect.service);
        let accepts = of(&new).or_else(|| of(&old).filter(|_| gone)).unwrap_or_default();
        let holds = accepts
            .into_iter()
            .filter(|accept| accept.rule == effect.rule.name() && accept.until >= today)
            .max_by_key(|accept| accept.until);
        effect.accepted =
            holds.map(|accept| Accepted { reason: accept.reason, until: accept.until.to_string() });
    }
}

/// What the services of one side accept.
struct Accepts {
    inventory: Option<Date>,
    services: BTreeMap<String, Vec<Accept>>,
}

impl Accepts {
    fn of(input: &Input) -> Accepts {
        // Most specs accept nothing, and reading them again takes time.
        let mut files = input.specs.clone();
        files.services.retain(|file| input.sources.get(*file).text.contains("accept"));
        let mut found = Accepts { inventory: None, services: BTreeMap::new() };
        let Ok(specs) = spec::read(&mut Sink::default(), &input.sources, &files) else {
            return found;
        };
        let (fleet, services, _) = specs.into_parts();
        found.inventory = Some(fleet.value.inventory);
        let accepting = services.into_iter().map(|spec| (spec.value.name, spec.value.accept));
        found.services = accepting.filter(|(_, accept)| !accept.is_empty()).collect();
        found
    }
}

/// The services that are there.
fn names(input: &Input) -> BTreeSet<String> {
    let name = |text: &str| {
        let table: toml::Table = text.parse().ok()?;
        table.get("name")?.as_str().map(str::to_owned)
    };
    let texts = input.specs.services.iter().map(|file| &input.sources.get(*file).text);
    texts.filter_map(|text| name(text)).collect()
}
