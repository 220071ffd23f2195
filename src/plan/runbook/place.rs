//! What a page says about a service in a region.

use super::super::proof::{self, Claim, Objective, Scope, rto::step};
use super::super::role::Runs;
use super::super::{Here, recovery};
use super::values::{Copied, Place, Step, Times, Told};
use crate::spec::service::Engine;

pub(super) fn place(here: &Here<'_>) -> Place {
    let proof = proof::of(here);
    let told = |scope| {
        let rto = proof.claim(scope, Objective::Rto);
        let rpo = proof.claim(scope, Objective::Rpo);
        (rto.is_some() || rpo.is_some()).then(|| told(rpo, rto))
    };
    let region = here.region;
    Place {
        region: region.name.to_string(),
        short: region.short.clone(),
        context: region.name.to_string(),
        role: here.role.word,
        velero: region.backup_namespace.to_string(),
        replicas: here.size.running,
        full: here.size.full,
        peak: here.size.peak,
        survivors: proof.survivors_of_zone_loss,
        zones: region.zones.iter().map(|zone| zone.name.clone()).collect(),
        writes: here.role.backs_up,
        takes_over: here.role.takes_over,
        restores: recovery::fails_over_by_restore(here),
        cold: here.role.runs == Runs::Nothing,
        backups: recovery::backups(here),
        copies: copies(here),
        ready: None,
        node: told(Scope::Node),
        zone: told(Scope::Zone),
        lost: told(Scope::Region),
        data: told(Scope::Data),
    }
}

fn copies(here: &Here<'_>) -> Vec<Copied> {
    let service = here.service;
    let engine = service.replication.as_ref().map(|replication| replication.engine);
    if engine != Some(Engine::Volsync) || !here.role.takes_over {
        return Vec::new();
    }
    let copied = service.volumes.iter().filter(|volume| volume.backup != Some(false));
    let each = |volume: &crate::spec::service::Volume, ordinal: u32| Copied {
        claim: format!("{}-{}-{ordinal}", volume.name, service.name),
        volume: volume.name.clone(),
        destination: service.logical(&format!("{}-{ordinal}", volume.name)),
        class: (service.class_of(volume, here.region))
            .map(|class| class.name.clone())
            .unwrap_or_default(),
        size: volume.size.to_string(),
    };
    copied
        .flat_map(|volume| (0..here.size.full).map(move |ordinal| each(volume, ordinal)))
        .collect()
}

fn told(rpo: Option<&Claim>, rto: Option<&Claim>) -> Told {
    let worst = |claim: Option<&Claim>| claim?.worst.map(|worst| worst.to_string());
    let mut premises: Vec<proof::Premise> =
        rpo.into_iter().chain(rto).flat_map(|claim| claim.premises.iter().copied()).collect();
    premises.sort_unstable();
    premises.dedup();
    let time = |name: &str| {
        let term = rto?.term(name)?;
        Some(proof::Amount { number: term.total(), unit: term.amount.unit }.to_string())
    };
    let terms = rto.map(|claim| claim.terms.as_slice()).unwrap_or_default();
    Told {
        rpo: worst(rpo),
        rto: worst(rto),
        verdict: rto.map_or("not promised", |claim| claim.verdict().word()),
        formula: rto.map_or("", |claim| claim.formula),
        steps: (terms.iter())
            .map(|term| Step {
                name: term.name,
                time: proof::Amount { number: term.total(), unit: term.amount.unit }.to_string(),
                source: cell(&term.source.to_string()),
            })
            .collect(),
        times: Times {
            detect: time(step::DETECT),
            decide: time(step::DECIDE),
            evict: time(step::EVICT),
            detach: time(step::DETACH),
            sync: time(step::SYNC),
            objects: time(step::OBJECTS),
            restore: time(step::RESTORE),
            promote: time(step::PROMOTE),
            pull: time(step::PULL),
            start: time(step::START),
            switch: time(step::SWITCH),
        },
        premises: premises.into_iter().map(proof::Premise::text).collect(),
    }
}

/// Free text as it may stand in a cell of a table.
fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}
