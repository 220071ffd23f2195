//! Arguments of what loses a part of the fleet, and of what gets it back.

use super::{Inputs, Shown};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(in crate::cli) struct Simulate {
    /// What is lost
    #[arg(long, value_enum, value_name = "SCOPE")]
    pub(in crate::cli) lose: Lose,
    /// How a zone is lost: its nodes gone, or only cordoned, while its pods stay ready
    #[arg(long, value_enum, default_value_t = LostHow::Gone, value_name = "HOW")]
    pub(in crate::cli) how: LostHow,
    /// Which zone or region, or the zone of the node; without one, each of them in turn
    pub(in crate::cli) name: Option<String>,
    /// The folder of the specs, with `fleet.toml`
    #[arg(long, default_value = "specs", value_name = "DIR")]
    pub(in crate::cli) specs: PathBuf,
    /// The folder of the tree; or any folder or file of manifests without a ledger, which promise nothing
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub(in crate::cli) out: PathBuf,
    /// The output format
    #[arg(long, value_enum, default_value_t = Shown::Text)]
    pub(in crate::cli) format: Shown,
    #[command(flatten)]
    pub(in crate::cli) cluster: Cluster,
}

/// What is said of the cluster of manifests that have no ledger, where no node is among them.
#[derive(Clone, Debug, Args)]
pub(in crate::cli) struct Cluster {
    /// For manifests without a ledger and without nodes: the fleet in whose clusters they run
    #[arg(long, value_name = "FILE", conflicts_with_all = ["zones", "nodes", "node_cpu", "node_memory"])]
    pub(in crate::cli) fleet: Option<PathBuf>,
    /// For manifests without a ledger and without nodes: the number of zones to assume
    #[arg(long, value_name = "N", default_value_t = 3,
        value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=100))]
    pub(in crate::cli) zones: usize,
    /// For the same: the number of nodes to assume in each zone
    #[arg(long, value_name = "N", default_value_t = 2,
        value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=5000))]
    pub(in crate::cli) nodes: usize,
    /// For the same: the CPU that pods may request on a node, `4` or `3920m`; without it, all have room
    #[arg(long, value_name = "CPU", requires = "node_memory")]
    pub(in crate::cli) node_cpu: Option<crate::quantity::Cpu>,
    /// For the same: the memory that pods may request on a node, `16Gi`
    #[arg(long, value_name = "MEMORY", requires = "node_cpu")]
    pub(in crate::cli) node_memory: Option<crate::quantity::Bytes>,
}

/// How a zone can be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum LostHow {
    /// Its nodes are gone, with their pods
    Gone,
    /// Its nodes take no new pods, its endpoints get no requests, and its pods stay
    Cordoned,
}

/// What can be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Lose {
    /// One node
    Node,
    /// All nodes of a zone
    Zone,
    /// A region with its cluster
    Region,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Runbook {
    /// The service; in another environment than the default one, `checkout@staging`
    pub(in crate::cli) service: String,
    /// What is lost
    #[arg(long, value_enum, value_name = "LOSS")]
    pub(in crate::cli) loss: Lost,
    /// Where: a region, or a zone of it; without one, the first region in which it can be lost
    pub(in crate::cli) name: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) inputs: Inputs,
}

/// What a runbook is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Lost {
    /// A node
    Node,
    /// A zone
    Zone,
    /// A region with its cluster
    Region,
    /// Data, or a bad release
    Data,
    /// The control plane of a cluster
    ControlPlane,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Calendar {
    /// Today, such as `2026-11-22`, to mark what is overdue; without it, nothing is marked
    #[arg(long, value_name = "DATE")]
    pub(in crate::cli) today: Option<crate::quantity::Date>,
    /// The output format
    #[arg(long, value_enum, default_value_t = Shown::Text)]
    pub(in crate::cli) format: Shown,
    #[command(flatten)]
    pub(in crate::cli) inputs: Inputs,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Evidence {
    /// The records, as JSON; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(in crate::cli) files: Vec<PathBuf>,
    /// The day on which the records must still count, such as `2026-11-22`; default: the day of the
    /// fleet's inventory
    #[arg(long, value_name = "DATE")]
    pub(in crate::cli) today: Option<crate::quantity::Date>,
    /// The output format
    #[arg(long, value_enum, default_value_t = Shown::Text)]
    pub(in crate::cli) format: Shown,
    #[command(flatten)]
    pub(in crate::cli) inputs: Inputs,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Drill {
    /// The service; the region decides its environment
    pub(in crate::cli) service: String,
    /// The region to restore into
    #[arg(long)]
    pub(in crate::cli) region: String,
    /// Part of every name: at most 16 of a-z, 0-9 and `-`; default: a digest of the content, so that
    /// each drill exists once
    #[arg(long)]
    pub(in crate::cli) id: Option<String>,
    /// What to restore from; default: the first of these that the service has
    #[arg(long, value_enum)]
    pub(in crate::cli) from: Option<Store>,
    /// The backup; without it, the placeholder `set-backup`, which no backup is called
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) backup: Option<String>,
    /// The point in time to recover a database to, in UTC, `2026-11-22T21:00:00Z`; without it, the
    /// placeholder `set-moment`, which the operator refuses
    #[arg(long, value_name = "TIME")]
    pub(in crate::cli) moment: Option<String>,
    /// Write one file for each object into this folder, instead of printing
    #[arg(long, value_name = "DIR", conflicts_with = "format")]
    pub(in crate::cli) write: Option<PathBuf>,
    /// The output format
    #[arg(long, value_enum, default_value_t = Shown::Text)]
    pub(in crate::cli) format: Shown,
    #[command(flatten)]
    pub(in crate::cli) inputs: Inputs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Store {
    /// A backup by Velero
    Backup,
    /// The archive of the database
    Archive,
    /// What VolSync has copied to the region
    Copies,
}

impl From<Store> for crate::plan::recovery::Store {
    fn from(store: Store) -> Self {
        match store {
            Store::Backup => Self::Backup,
            Store::Archive => Self::Archive,
            Store::Copies => Self::Copies,
        }
    }
}
