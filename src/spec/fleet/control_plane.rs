//! What is said of a control plane that the fleet runs itself.

use crate::quantity::{Bytes, Duration};
use schemars::JsonSchema;
use serde::Deserialize;

/// A control plane that this fleet runs itself, as kubeadm sets it up. That of a managed cluster is
/// out of reach.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ControlPlane {
    /// Whether you run its etcd yourself. Default: only where the provider is `other`.
    pub self_managed: Option<bool>,
    /// How etcd is backed up. Default: not at all; the tree has what the cluster should run.
    pub snapshots: Option<EtcdSnapshots>,
    /// The worker nodes, if the cluster manages them itself by Cluster API. Default: none; lost nodes are
    /// not replaced.
    pub machines: Option<Machines>,
}

/// Snapshots of the etcd of a cluster.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EtcdSnapshots {
    /// The image of etcd, of the same minor version as the servers, with `etcdctl` and `etcdutl`.
    #[schemars(
        example = "registry.k8s.io/etcd:3.6.5-0@sha256:4bb1f8f4d1f3d7e0c9a2b5f6e7d8091a2b3c4d5e6f708192a3b4c5d6e7f80912"
    )]
    pub image: String,
    /// The time between two snapshots. Default: `1h`.
    pub every: Option<Duration>,
    /// The region in which snapshots are stored, which must be another one.
    #[schemars(example = &"centralus")]
    pub stored_in: String,
    /// The geography of that region, if it is not one of this fleet's. Default: none.
    #[schemars(example = &"us")]
    pub geography: Option<String>,
    /// The largest that a snapshot can be. Default: `16Gi`.
    pub size: Option<Bytes>,
    /// What uploads a snapshot.
    pub upload: Upload,
}

/// What uploads a snapshot.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Upload {
    /// The image.
    #[schemars(
        example = "registry.example.com/tools/aws-cli@sha256:4bb1f8f4d1f3d7e0c9a2b5f6e7d8091a2b3c4d5e6f708192a3b4c5d6e7f80912"
    )]
    pub image: String,
    /// The arguments. The file is `/snapshot/snapshot.db`; `$(SNAPSHOT)` is a name that no other snapshot
    /// has.
    #[schemars(example = ["cp", "/snapshot/snapshot.db", "s3://shop-etcd/$(SNAPSHOT)"])]
    pub args: Vec<String>,
    /// A Secret in `kube-system` whose keys become environment variables. Default: none.
    #[schemars(example = &"etcd-upload")]
    pub secret: Option<String>,
}

/// The Cluster of Cluster API that a cluster is to itself.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Machines {
    /// The name of the Cluster.
    #[schemars(example = &"shop-eastus2")]
    pub cluster: String,
    /// The namespace of the Cluster.
    #[schemars(example = &"clusters")]
    pub namespace: String,
}
