//! Effects that a service accepts: they satisfy the gate and stay visible.

use crate::diff::report::{Accepted, Effect};
use crate::spec::Specs;

/// Marks the effects that an `[[accept]]` names: of the service's spec on the new side, or, where a
/// service goes, of its last one on the old side.
///
/// An acceptance counts until its day, measured against the date of the fleet's inventory on the
/// new side: the clock decides nothing.
pub fn accept(effects: &mut [Effect], old: Option<&Specs>, new: Option<&Specs>) {
    for effect in effects {
        let of = |specs: Option<&Specs>| {
            let service = specs?.services.iter().find(|spec| spec.value.name == effect.service)?;
            Some(service.value.accept.clone())
        };
        let Some(accepted) = of(new).or_else(|| of(old)) else { continue };
        let Some(fleet) = new.or(old).map(|specs| &specs.fleet.value) else { continue };
        let holds = accepted
            .iter()
            .filter(|accept| accept.rule == effect.rule.name() && accept.until >= fleet.inventory)
            .max_by_key(|accept| accept.until);
        effect.accepted = holds.map(|accept| Accepted {
            reason: accept.reason.clone(),
            until: accept.until.to_string(),
        });
    }
}
