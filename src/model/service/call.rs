//! Whom a service calls, and who calls it.

use crate::kube::{Namespace, RegionName, ServiceName};
use crate::spec::service::Protocol;
use std::collections::BTreeMap;

/// Something that a service calls.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Call {
    /// A service, on these ports of its containers.
    Service {
        /// Its name.
        name: ServiceName,
        /// Which of `depends_on` names it.
        at: usize,
        /// Its namespace.
        namespace: Namespace,
        /// The container ports, with their protocols.
        ports: Vec<(u16, Protocol)>,
    },
    /// Pods that no spec describes, on these of their ports.
    Pods {
        /// Their namespace.
        namespace: Namespace,
        /// Their labels; none means all of the namespace.
        labels: BTreeMap<String, String>,
        /// The ports.
        ports: Vec<(u16, Protocol)>,
    },
    /// A host outside, on these ports.
    Host {
        /// `api.stripe.com`
        host: String,
        /// The ports.
        ports: Vec<(u16, Protocol)>,
        /// The service of this fleet that answers there, if one does.
        serves: Option<ServiceName>,
        /// Which of `depends_on` names it.
        at: usize,
    },
    /// Addresses outside, on these ports.
    Addresses {
        /// `10.20.0.0/16`
        cidr: String,
        /// The ports.
        ports: Vec<(u16, Protocol)>,
    },
}

impl Call {
    /// Who is called, as text of a page: `` the service `orders` ``, `` `10.20.0.0/16` ``.
    pub(crate) fn whom(&self) -> String {
        match self {
            Call::Service { name, .. } => format!("the service `{name}`"),
            Call::Pods { namespace, labels, .. } if labels.is_empty() => {
                format!("the pods of the namespace `{namespace}`")
            }
            Call::Pods { labels, .. } => {
                let labels: Vec<String> =
                    labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
                format!("the pods `{}`", labels.join(","))
            }
            Call::Host { host, .. } => format!("`{host}`"),
            Call::Addresses { cidr, .. } => format!("`{cidr}`"),
        }
    }
}

/// A service that calls this one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Caller {
    /// Its name.
    pub name: ServiceName,
    /// Its namespace.
    pub namespace: Namespace,
    /// The names of the ports that it calls.
    pub ports: Vec<String>,
    /// The regions it runs in.
    pub regions: Vec<RegionName>,
    /// Whether it has jobs, which call, too.
    pub jobs: bool,
}
