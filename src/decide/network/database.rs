//! Who reaches the instances of a database, and whom they reach.

use super::openings::{Opening, Peer, PortRule, Whom};
use super::pods::{pods_of, pods_of_database};
use super::{HTTPS, dns, monitoring, ranges, to_api_server};
use crate::decide::ServiceInRegion;
use std::collections::BTreeMap;

/// The ports of an instance of a database: where it is asked for data, by Prometheus, and by the
/// operator for its state.
const POSTGRESQL: PortRule = PortRule { port: 5432, protocol: "TCP" };
const METRICS: PortRule = PortRule { port: 9187, protocol: "TCP" };
const STATUS: PortRule = PortRule { port: 8000, protocol: "TCP" };

/// The instances of a database, in the same namespace.
pub(crate) fn to_database(cluster: &str) -> Opening {
    Opening {
        peers: vec![Peer::pods(None, pods_of_database(cluster))],
        ports: vec![POSTGRESQL],
        whom: Whom::Instances,
    }
}

/// Who may connect to the instances of a database: the service, the other instances, the operator,
/// and Prometheus where there is one.
pub(crate) fn database_ingress(here: &ServiceInRegion<'_>, cluster: &str) -> Vec<Opening> {
    let in_namespace = |namespace: &str, name, ports: &[PortRule]| Opening {
        peers: vec![Peer::pods(Some(namespace.to_owned()), BTreeMap::new())],
        ports: ports.to_vec(),
        whom: Whom::Platform(name, namespace.to_owned()),
    };
    let from_service = Opening {
        peers: pods_of(here.service.name.plain(), !here.service.jobs.is_empty(), None),
        ports: vec![POSTGRESQL],
        whom: Whom::Client,
    };
    let operator = crate::decide::database::operator(here.region);
    let from_prometheus =
        monitoring(here).map(|namespace| in_namespace(namespace, "Prometheus", &[METRICS]));
    let fixed = [
        from_service,
        among_instances(cluster),
        in_namespace(operator, "the operator", &[STATUS, POSTGRESQL]),
    ];
    fixed.into_iter().chain(from_prometheus).collect()
}

/// Where the instances of a database may go: name resolution, the other instances, the API server,
/// as each instance reports its own state, and the archive (cloudnative-pg
/// `docs/src/networking.md`).
pub(crate) fn database_egress(here: &ServiceInRegion<'_>, cluster: &str) -> Vec<Opening> {
    let api_server = to_api_server(here, Whom::ApiServer);
    // Where the API server may be anywhere, the archive is reached by the same rule.
    let archive = (!here.region.api_server.is_empty()).then(|| Opening {
        peers: ranges(&here.region.object_storage),
        ports: vec![HTTPS],
        whom: Whom::Archive,
    });
    let fixed = [dns(here), among_instances(cluster), api_server];
    fixed.into_iter().chain(archive).collect()
}

fn among_instances(cluster: &str) -> Opening {
    Opening {
        peers: vec![Peer::pods(None, pods_of_database(cluster))],
        ports: vec![POSTGRESQL, STATUS],
        whom: Whom::Instances,
    }
}
