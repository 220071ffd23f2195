//! Arguments. The doc comments are the help text.

mod tree; //     what writes, compares and judges trees
mod recovery; // losses, drills and what is written of them

use clap::{Args, Parser, Subcommand, ValueEnum};
pub(super) use recovery::{
    Calendar, Cluster, Drill, Evidence, Lose, Lost, LostHow, Runbook, Simulate,
};
use std::path::PathBuf;
pub(super) use tree::{
    Build, Check, Diff, DiffFormat, FailOn, Layout, Retire, ShowSecrets, Verify,
};

/// Compiles availability and recovery intent into Kubernetes manifests that keep the promise.
#[derive(Debug, Parser)]
#[command(name = "ninefold", version, max_term_width = 100, after_help = EXIT)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

const EXIT: &str = "Exit status: 0 done; 1 findings, a tree that differs, or a promise that breaks; 2 wrong usage, or a file that cannot be read or written; 3 the gate of `diff` is not passed.";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Compile the specs and write the tree
    Build(Build),
    /// Report findings; write nothing
    Check(Check),
    /// Show what a change will do: the committed tree against what the specs compile to
    Diff(Diff),
    /// Judge a tree by itself: names match content, references resolve, the ledger agrees
    Verify(Verify),
    /// Drop former generations, once their successors are healthy
    Retire(Retire),
    /// Simulate the loss of a node, a zone or a region: what stays, what comes back, what breaks
    Simulate(Simulate),
    /// Show the fleet as one page: promises, room, time lines, dependencies, backups, drills
    Report(Report),
    /// Explain a finding, or a service: its promises, and where every number comes from
    Explain(Explain),
    /// Print the manifests of a restore drill: the service, restored into a closed namespace
    Drill(Drill),
    /// Print what to do when something is lost, as one page with every name filled in
    Runbook(Runbook),
    /// Print when drills are due, from the measurements in the fleet
    Calendar(Calendar),
    /// Check drill records against the promises, and print the lines for the fleet
    Evidence(Evidence),
    /// Serve editors (LSP): findings, meanings and completion as you type
    Lsp(Lsp),
    /// Serve assistants (MCP) with the commands that only read
    Mcp(Mcp),
    /// Print the JSON Schema of an input file, or of what a command prints as JSON
    Schema {
        /// Which schema
        #[arg(value_enum, default_value_t = SchemaOf::Service)]
        of: SchemaOf,
    },
    /// Write a commented fleet and a first service that build, or add a service
    Init(Init),
    /// Write specs from existing manifests, with an account of every field
    Import(Import),
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

#[derive(Clone, Debug, Args)]
pub(super) struct Inputs {
    /// The folder of the specs, with `fleet.toml`
    #[arg(long, default_value = "specs", value_name = "DIR")]
    pub(super) specs: PathBuf,
    /// A folder of templates that override the built-in ones, or add to them
    #[arg(long, value_name = "DIR")]
    pub(super) templates: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Init {
    /// The folder in which to create `specs`
    #[arg(default_value = ".")]
    pub(super) folder: PathBuf,
    /// Add `specs/NAME.toml` to the fleet that is there, and write nothing else
    #[arg(long, value_name = "NAME")]
    pub(super) service: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Import {
    /// What `helm template`, `kustomize build` or `kubectl get -o yaml` print: files, folders, or `-`
    #[arg(required = true, value_name = "FILE|DIR")]
    pub(super) inputs: Vec<PathBuf>,
    /// The folder to write the specs into
    #[arg(long, default_value = "specs", value_name = "DIR")]
    pub(super) into: PathBuf,
    /// The fleet; default: `fleet.toml` in that folder, written where it is missing
    #[arg(long, value_name = "FILE")]
    pub(super) fleet: Option<PathBuf>,
    /// The tier of every service
    #[arg(long, value_name = "TIER")]
    pub(super) tier: Option<String>,
    /// The regions of every service, separated by commas; default: the first of the fleet
    #[arg(long, value_name = "REGIONS", value_delimiter = ',')]
    pub(super) regions: Vec<String>,
    /// The namespace of objects that name none, or name `default`; default: the name of the first file
    /// or folder
    #[arg(long, value_name = "NAME")]
    pub(super) namespace: Option<String>,
    /// A file with digests of images, a line each: `nginx:1.29=sha256:…`
    #[arg(long, value_name = "FILE")]
    pub(super) digests: Option<PathBuf>,
    /// Write what became of every field to this file, as JSON
    #[arg(long, value_name = "FILE")]
    pub(super) account: Option<PathBuf>,
    /// Write a page for each service into this folder, with the steps that move what runs to the new
    /// names without losing an endpoint; default: `cutover`
    #[arg(long, value_name = "DIR", num_args = 0..=1, default_missing_value = "cutover")]
    pub(super) cutover: Option<PathBuf>,
    /// Show every finding; without it, the first of each kind
    #[arg(long)]
    pub(super) all: bool,
    /// The date of a new fleet's inventory; default: the newest date in the input
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(super) today: Option<crate::quantity::Date>,
}

#[derive(Debug, Args)]
pub(super) struct Lsp {
    #[command(flatten)]
    pub(super) inputs: Inputs,
    /// Accepted and ignored: it is always standard input and output
    #[arg(long, hide = true)]
    pub(super) stdio: bool,
}

#[derive(Debug, Args)]
pub(super) struct Mcp {
    #[command(flatten)]
    pub(super) inputs: Inputs,
    /// The folder of the tree
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub(super) out: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Explain {
    /// A finding by its code, `rpo-out-of-reach`, or a service, `checkout`, in another environment
    /// `checkout@staging`; without one, all codes
    pub(super) name: Option<String>,
    /// For a service: a region, and a part: `rpo`, `rto`, `zone`, or a field such as
    /// `deployment.spec.replicas`; the beginning or the end of its path is enough
    #[arg(value_names = ["REGION", "FIELD"], num_args = 0..=2)]
    pub(super) part: Vec<String>,
    /// Explain the service, where a finding has the same name
    #[arg(long, requires = "name")]
    pub(super) service: bool,
    #[command(flatten)]
    pub(super) inputs: Inputs,
    /// A folder or file of manifests without a ledger: the name is that of a workload in it, such as `web`,
    /// `shop/web` or `Deployment/shop/web`
    #[arg(long, value_name = "DIR", requires = "name")]
    pub(super) out: Option<PathBuf>,
    #[command(flatten)]
    pub(super) cluster: Cluster,
    /// The output format
    #[arg(long, value_enum, default_value_t = Layout::Text)]
    pub(super) format: Layout,
}

/// How an answer is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Shown {
    /// For people
    Text,
    /// One JSON object
    Json,
}

/// How the page of the fleet is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum PageFormat {
    /// One file for a browser, which needs nothing beside itself
    Html,
    /// For a wiki
    Markdown,
    /// Its data, as one JSON object
    Json,
}

#[derive(Debug, Args)]
pub(super) struct Report {
    #[command(flatten)]
    pub(super) inputs: Inputs,
    /// The folder of the tree, for its former generations; or any folder or file of manifests without a
    /// ledger, to show what losses do to them
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub(super) out: PathBuf,
    #[command(flatten)]
    pub(super) cluster: Cluster,
    /// Write the page into this file, instead of printing it
    #[arg(long, value_name = "FILE")]
    pub(super) to: Option<PathBuf>,
    /// The output format
    #[arg(long, value_enum, default_value_t = PageFormat::Html, value_name = "FORMAT")]
    pub(super) format: PageFormat,
    /// The same as `--format markdown`
    #[arg(long, conflicts_with = "format")]
    pub(super) markdown: bool,
    /// Today, such as `2026-11-22`, to mark overdue drills; without it, none is marked
    #[arg(long, value_name = "DATE")]
    pub(super) today: Option<crate::quantity::Date>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// One JSON object a line, for each finding
    Json,
    /// For code scanning, which shows findings at their lines
    Sarif,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Target {
    /// 65,000 bytes
    GithubComment,
    /// 1,000,000 bytes
    GithubSummary,
    /// 950,000 bytes
    GitlabNote,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaOf {
    /// `specs/**/*.toml`
    Service,
    /// `specs/fleet.toml`
    Fleet,
    /// The record of a drill
    Evidence,
    /// A line that `check` prints
    Check,
    /// What `explain` prints
    Explain,
    /// What `simulate` prints
    Simulate,
    /// What `diff` prints
    Diff,
    /// What `drill` prints
    Drill,
    /// What `calendar` prints
    Calendar,
    /// What `evidence` prints
    EvidenceAnswer,
    /// What `report` prints
    Report,
    /// The account of an import
    Account,
}
