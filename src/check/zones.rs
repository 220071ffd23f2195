//! Zones: they have names of their own, and on Azure real ones.

use crate::diag::{Code, Diagnostic, Sink};
use crate::kube::id;
use crate::model::{Fleet, Provider, Region};

/// Without availability zones, Azure labels nodes with the number of their fault domain
/// (cloud-provider-azure, `pkg/provider/azure_zones.go`): spread over `0`, `1` and `2` looks
/// right inside one datacentre.
pub(super) fn check(sink: &mut Sink, fleet: &Fleet, region: &Region) {
    let (name, zones) = (region.name.as_str(), &region.zones);
    let place =
        |index: usize| fleet.document.at(&["regions", name, "zones", &index.to_string(), "name"]);
    for (index, zone) in zones.iter().enumerate() {
        if let Some(first) = zones[..index].iter().position(|other| other.name == zone.name) {
            sink.error(
                Diagnostic::new(
                    Code::DUPLICATE_NAME,
                    format!("two zones are called `{}`", zone.name),
                )
                .at(place(index), "here again")
                .related(place(first), "first here"),
            );
        }
        if let Some(problem) = id::label_value_problem(&zone.name) {
            sink.error(
                Diagnostic::new(Code::INVALID_NAME, format!("`{}` cannot name a zone", zone.name))
                    .at(place(index), problem)
                    .note("it is the value of the label `topology.kubernetes.io/zone`"),
            );
            continue;
        }
        let (location, number) = zone.name.rsplit_once('-').unwrap_or_default();
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        // A location may have several clusters: `eastus2`, or `eastus2-a` and `eastus2-b`.
        let rest = name.strip_prefix(location);
        let of_location = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
        let real = !number.is_empty() && digits(number) && !location.is_empty() && of_location;
        if region.provider == Provider::Azure && !real {
            sink.error(
                Diagnostic::new(
                    Code::ZONES_NOT_REAL,
                    format!("`{}` is not a zone of `{name}`", zone.name),
                )
                .at(place(index), "")
                .note("without zones, Azure labels nodes with the number of a fault domain, in one datacentre")
                .help(format!("a real zone is called `{name}-{}`", index + 1)),
            );
        }
    }
}
