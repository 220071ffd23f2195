//! Who makes the records that lead users to a service.

use super::values::Records;
use crate::model::{DnsEngine, DnsProvider};
use crate::model::{Fleet, Service};

/// Of the names of `service`; none where it has no name.
pub(super) fn records(fleet: &Fleet, service: &Service) -> Option<Records> {
    let host = service.traffic.as_ref()?.hosts.first()?;
    let Some((zone, written)) = fleet.zone_of(host) else {
        return Some(Records { engine: "elsewhere", zone: None, provider: None });
    };
    let engine = match written.engine {
        DnsEngine::ExternalDns => "external-dns",
        DnsEngine::K8gb => "k8gb",
    };
    let provider = written.provider.map(|provider| match provider {
        DnsProvider::Aws => "Route 53",
        DnsProvider::Azure => "Azure DNS",
        DnsProvider::Google => "Google Cloud DNS",
        DnsProvider::Cloudflare => "Cloudflare",
        DnsProvider::Other => "the provider of the zone",
    });
    Some(Records { engine, zone: Some(zone.clone()), provider })
}
