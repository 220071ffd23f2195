//! What is done when a region is lost, and in which order (`docs/facts.md`, "Order of a failover"):
//! the old one is fenced before the data leads elsewhere, data is there before pods, and users come
//! when it works.

use crate::decide::ServiceInRegion;
use crate::decide::role::Runs;
use crate::model::Service;
use serde::Serialize;

/// What somebody does when a region is lost; the template of the page spells each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Action {
    /// See that health checks have moved the users.
    Watch,
    /// Decide that the region is given up.
    Decide,
    /// Stop what still works in the lost region.
    Fence,
    /// Keep the delivery in the region that takes over from undoing what is done by hand.
    Pause,
    /// Get the data to where it is needed.
    Data,
    /// Run what carries the peak.
    Start,
    /// See that it works, before anybody is sent there.
    Look,
    /// Send the users there.
    Users,
    /// Write it into the spec, and let the delivery go on.
    Commit,
    /// Keep a region that comes and goes from getting users.
    KeepOut,
}

/// The region that takes over from `lost`: the first that the spec names and that does, where users
/// are not served by all of them.
pub(super) fn successor<'h, 'a>(
    all: &'h [ServiceInRegion<'a>],
    lost: &ServiceInRegion<'a>,
) -> Option<&'h ServiceInRegion<'a>> {
    let mut others = all.iter().filter(|other| other.region.name != lost.region.name);
    others.find(|other| other.role.takes_over && !lost.role.shares)
}

/// The steps when the region `lost` is away, which is one that is written to.
pub(super) fn steps(
    lost: &ServiceInRegion<'_>,
    successor: Option<&ServiceInRegion<'_>>,
) -> Vec<Action> {
    let service = lost.service;
    let automatic = moves_by_itself(service);
    let moves_data = service.keeps_data() || service.replication.is_some();
    let data = moves_data || service.postgresql.is_some();
    let Some(successor) = successor else {
        if service.regions.len() < 2 {
            return Vec::new();
        }
        // Who is called by services alone gets its callers with the users that these get.
        let inside = service.traffic.is_none() && !service.ports.iter().any(|port| port.gateway);
        let first = if automatic || inside { Action::Watch } else { Action::Decide };
        let steps = [(first, true), (Action::Data, data), (Action::KeepOut, true)];
        return chosen(&steps);
    };
    if automatic && successor.role.runs != Runs::Nothing && !data {
        return vec![Action::Watch, Action::Pause, Action::Start, Action::KeepOut];
    }
    chosen(&[
        (Action::Decide, true),
        (Action::Fence, true),
        (Action::Pause, true),
        (Action::Data, data),
        (Action::Start, true),
        (Action::Look, true),
        (Action::Users, true),
        (Action::Commit, true),
    ])
}

/// Whether health checks move the users, and there is something that they find.
pub(super) fn moves_by_itself(service: &Service) -> bool {
    service.moves_by_itself() && service.traffic.is_some()
}

fn chosen(steps: &[(Action, bool)]) -> Vec<Action> {
    steps.iter().filter(|(_, needed)| *needed).map(|(step, _)| *step).collect()
}
