//! Ranges of addresses, as network policies take them.

use crate::diag::{Code, Diagnostic, Sink};
use crate::model::{Fleet, Region, cidr_form};

pub(super) fn check(sink: &mut Sink, fleet: &Fleet, region: &Region) {
    for (key, ranges) in [
        ("object_storage", &region.object_storage),
        ("api_server", &region.api_server),
        ("cluster_ranges", &region.cluster_ranges),
        ("gateway_ranges", &region.gateway_ranges),
    ] {
        for (index, range) in ranges.iter().enumerate() {
            let place = ["regions", region.name.as_str(), key, &index.to_string()];
            let place = fleet.document.at(&place);
            let finding = match cidr_form(range) {
                Err(help) => Diagnostic::new(
                    Code::WRONG_VALUE,
                    format!("`{range}` is not a range of addresses"),
                )
                .at(place, "")
                .help(help),
                // The API server takes an exception only where it leaves something.
                Ok(()) if key == "cluster_ranges" && range.ends_with("/0") => Diagnostic::new(
                    Code::WRONG_VALUE,
                    format!("`{range}` leaves no address outside of the cluster"),
                )
                .at(place, "")
                .help("write the ranges of its nodes, pods and Services"),
                Ok(()) => continue,
            };
            sink.error(finding);
        }
    }
}
