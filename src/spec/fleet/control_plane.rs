//! What is said of a control plane that the fleet runs itself.

use crate::quantity::{Bytes, Duration};
use schemars::JsonSchema;
use serde::Deserialize;

/// A control plane that this fleet runs itself, as kubeadm sets it up. That of a managed cluster is
/// out of reach.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ControlPlane {
    /// Whether its etcd can be reached. Default: where the provider is `other`.
    pub self_managed: Option<bool>,
    /// How its etcd is saved. Default: it is not; what the cluster should run is in the tree.
    pub snapshots: Option<EtcdSnapshots>,
    /// Its worker nodes, where Cluster API makes them from within. Default: nobody replaces one.
    pub machines: Option<Machines>,
}

/// Snapshots of the etcd of a cluster.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EtcdSnapshots {
    /// The image of etcd, of the minor version that the servers run; with `etcdctl` and `etcdutl`.
    pub image: String,
    /// How often. Default: `1h`.
    pub every: Option<Duration>,
    /// The region in which they are stored; not this one.
    pub stored_in: String,
    /// The geography of that region; for a region that is none of this fleet's. Default: none.
    pub geography: Option<String>,
    /// The most that a snapshot takes. Default: `16Gi`.
    pub size: Option<Bytes>,
    /// What takes them there.
    pub upload: Upload,
}

/// What uploads a snapshot.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Upload {
    /// Its image.
    pub image: String,
    /// Its arguments. The file is `/snapshot/snapshot.db`; `$(SNAPSHOT)` is a name that no other
    /// snapshot has.
    pub args: Vec<String>,
    /// A Secret in `kube-system` whose keys become its environment. Default: none.
    pub secret: Option<String>,
}

/// The Cluster of Cluster API that a cluster is to itself.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Machines {
    /// The name of the Cluster.
    pub cluster: String,
    /// Its namespace.
    pub namespace: String,
}
