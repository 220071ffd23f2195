//! Whether there are nodes enough to keep replicas apart.

use super::capacity::more_nodes;
use super::{ServiceInRegion, placement, size};
use crate::diag::{Code, Diagnostic, Sink};
use crate::model::{Spread, Survives, Zone};

pub(crate) fn check(sink: &mut Sink, here: &ServiceInRegion<'_>) {
    if here.service.survives() == Survives::Node {
        outlive_a_node(sink, here);
    } else if here.service.tier.host_spread == Spread::Required {
        required(sink, here);
    }
}

/// Replicas that outlive a node stand on nodes of their own.
fn outlive_a_node(sink: &mut Sink, here: &ServiceInRegion<'_>) {
    let (service, region) = (here.service, here.region);
    let has: u32 = region.zones.iter().map(|zone| zone.nodes).sum();
    let needs = here.size.full;
    if has >= needs {
        return;
    }
    let more = needs - has;
    let mut help = format!("{more} more node{}", if more == 1 { "" } else { "s" });
    let fits = |peak: &u32| size::with_peak(service, region, &here.role, *peak).full <= has;
    if let Some(peak) = (1..service.peak).rev().find(fits) {
        help = format!("{help}, or `capacity.peak = {peak}`");
    }
    sink.error(
        Diagnostic::new(
            Code::TOO_FEW_NODES,
            format!("`{}` needs {needs} nodes in {}, it has {has}", service.name, region.called()),
        )
        .at(service.at(&["regions", &here.index()]), "")
        .related(service.at(&["tier"]), "survives the loss of a node")
        .note(format!(
            "{} replicas carry the peak and one may be lost, so no two may share a node",
            here.size.peak
        ))
        .help(help),
    );
}

/// A spread over nodes that is demanded leaves pods pending where a zone has too few.
fn required(sink: &mut Sink, here: &ServiceInRegion<'_>) {
    let (service, region) = (here.service, here.region);
    let needs = placement::nodes_of_a_zone(service, &here.size);
    let zones = region.zones.iter().enumerate();
    let lacking: Vec<(usize, &Zone)> = zones.filter(|(_, zone)| zone.nodes < needs).collect();
    if lacking.is_empty() {
        return;
    }
    let mut finding = Diagnostic::new(
        Code::TOO_FEW_NODES,
        format!("`{}` needs {needs} nodes in each zone of {}", service.name, region.called()),
    )
    .at(service.at(&["regions", &here.index()]), "")
    .related(service.at(&["tier"]), "demands a node of its own for each replica");
    for (index, zone) in &lacking {
        let place = here.fleet.document.at_owned(&region.path_of_zone(*index, "nodes"));
        finding = finding.related(place, format!("has {}", zone.nodes));
        if region.pool.is_some() {
            break;
        }
    }
    let more = lacking.iter().map(|(_, zone)| (u64::from(needs - zone.nodes), zone.name.as_str()));
    sink.error(
        finding
            .note(format!(
                "{} replicas and {} for a rollout leave a pod pending where a zone has fewer, also while another zone is lost",
                placement::max_replicas(service, &here.size),
                service.tier.surge
            ))
            .help(format!(
                "{}, or `host_spread = \"required-where-it-fits\"` for the tier",
                more_nodes(more)
            )),
    );
}
