//! Arguments. The doc comments are the help text.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

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
    /// Show every warning; without it, a few of each kind
    #[arg(long)]
    pub(super) all: bool,
    /// The date of a new fleet's inventory; default: the newest date in the input
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(super) today: Option<crate::quantity::Date>,
}

#[derive(Debug, Args)]
pub(super) struct Build {
    #[command(flatten)]
    pub(super) inputs: Inputs,
    /// The folder of the tree
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub(super) out: PathBuf,
    /// Write nothing; fail unless the tree is what the specs compile to
    #[arg(long)]
    pub(super) check: bool,
    /// Show every warning; without it, a few of each kind
    #[arg(long)]
    pub(super) all: bool,
    /// Print how long reading, deciding, compiling and writing took
    #[arg(long)]
    pub(super) timings: bool,
}

#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    pub(super) inputs: Inputs,
    /// The format of findings
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
    /// Keep running, and check again whenever a spec or a template is saved
    #[arg(long)]
    pub(super) watch: bool,
    /// Show every warning; without it, a few of each kind
    #[arg(long)]
    pub(super) all: bool,
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
#[command(after_help = SIDES)]
pub(super) struct Diff {
    /// The old side; default: where HEAD left the default branch
    #[arg(long, value_name = "REV|DIR")]
    pub(super) from: Option<String>,
    /// The new side; default: what the specs compile to, nothing is written
    #[arg(long, value_name = "REV|DIR")]
    pub(super) to: Option<String>,
    #[command(flatten)]
    pub(super) inputs: Inputs,
    /// The folder of the tree
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub(super) out: PathBuf,
    /// The output format
    #[arg(long, value_enum, default_value_t = DiffFormat::Text)]
    pub(super) format: DiffFormat,
    /// Exit with 1 when something differs in more than spelling
    #[arg(long)]
    pub(super) exit_code: bool,
    /// Exit with 3 when an effect is this severe or worse, and no `[[accept]]` covers it
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub(super) fail_on: Option<FailOn>,
    /// Show every field that differs; twice: object by object
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
    /// Print one line for each object that differs
    #[arg(long, conflicts_with_all = ["names", "verbose"])]
    pub(super) stat: bool,
    /// Print only the names of objects that differ
    #[arg(long, conflicts_with = "verbose")]
    pub(super) names: bool,
    /// Show these services only; the exit status and JSON still cover all
    #[arg(long = "service", value_name = "NAME", num_args = 1..)]
    pub(super) services: Vec<String>,
    /// When to colour the text
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    pub(super) color: Color,
    /// Show values that look like secrets: on a terminal, or anywhere with `=always`
    #[arg(long, value_enum, value_name = "WHERE", num_args = 0..=1, require_equals = true,
        default_missing_value = "terminal")]
    pub(super) show_secrets: Option<ShowSecrets>,
    /// Where the Markdown is posted: that limits its length
    #[arg(long, value_enum, default_value_t = Target::GithubComment)]
    pub(super) target: Target,
    /// How long the Markdown may be, in bytes
    #[arg(long, value_name = "N", conflicts_with = "target",
        value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1000..))]
    pub(super) max_bytes: Option<usize>,
    /// The key of the comment, where several runs comment on one pull request
    #[arg(long, default_value = "default", value_parser = key)]
    pub(super) key: String,
    /// The address of the full report, for Markdown that was shortened
    #[arg(long, value_name = "URL")]
    pub(super) full_url: Option<String>,
}

const SIDES: &str = "A side is a folder, or a revision of git, whose tree stands where `--out` says. Write `dir:PATH` or `git:REV` where a name is both, and `git:REV:PATH` for a tree elsewhere (from the top of the repository, or from here: `./PATH`).\n\nExit status: 0 done; 1 with `--exit-code`: it differs; 2 wrong usage, findings, or something that cannot be read; 3 with `--fail-on`: the gate is not passed.";

/// A key that stays inside an HTML comment.
fn key(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    match !text.is_empty() && text.chars().all(plain) && !text.contains("--") {
        true => Ok(text.to_owned()),
        false => Err("a key has letters, digits and `-_./` only, and no `--`".to_owned()),
    }
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

#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The folder of the tree
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub(super) out: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Retire {
    /// The services, such as `checkout` or `checkout@staging`; without one, all
    #[arg(value_name = "SERVICE")]
    pub(super) services: Vec<String>,
    /// Only the former generation with this suffix, such as a bad release
    #[arg(long, value_name = "SUFFIX")]
    pub(super) generation: Vec<String>,
    /// What `kubectl get deployments,statefulsets -A -o json` printed for a region: a file called after
    /// the region, or REGION=FILE. Only what the current generation has replaced everywhere leaves
    #[arg(long, value_name = "FILE")]
    pub(super) observed: Vec<String>,
    #[command(flatten)]
    pub(super) inputs: Inputs,
    /// The folder of the tree
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub(super) out: PathBuf,
    /// Print what would leave the tree, and change nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Continue although the tree is stale or has uncommitted changes, and print what was ignored
    #[arg(long)]
    pub(super) force: bool,
}

#[derive(Debug, Args)]
pub(super) struct Simulate {
    /// What is lost
    #[arg(long, value_enum, value_name = "SCOPE")]
    pub(super) lose: Lose,
    /// How a zone is lost: its nodes gone, or only cordoned, while its pods stay ready
    #[arg(long, value_enum, default_value_t = LostHow::Gone, value_name = "HOW")]
    pub(super) how: LostHow,
    /// Which zone or region, or the zone of the node; without one, each of them in turn
    pub(super) name: Option<String>,
    /// The folder of the specs, with `fleet.toml`
    #[arg(long, default_value = "specs", value_name = "DIR")]
    pub(super) specs: PathBuf,
    /// The folder of the tree; or any folder or file of manifests without a ledger, which promise nothing
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub(super) out: PathBuf,
    /// The output format
    #[arg(long, value_enum, default_value_t = Shown::Text)]
    pub(super) format: Shown,
    #[command(flatten)]
    pub(super) cluster: Cluster,
}

/// What is said of the cluster of manifests that have no ledger, where no node is among them.
#[derive(Clone, Debug, Args)]
pub(super) struct Cluster {
    /// For manifests without a ledger and without nodes: the fleet in whose clusters they run
    #[arg(long, value_name = "FILE", conflicts_with_all = ["zones", "nodes", "node_cpu", "node_memory"])]
    pub(super) fleet: Option<PathBuf>,
    /// For manifests without a ledger and without nodes: the number of zones to assume
    #[arg(long, value_name = "N", default_value_t = 3,
        value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=100))]
    pub(super) zones: usize,
    /// For the same: the number of nodes to assume in each zone
    #[arg(long, value_name = "N", default_value_t = 2,
        value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=5000))]
    pub(super) nodes: usize,
    /// For the same: the CPU that pods may request on a node, `4` or `3920m`; without it, all have room
    #[arg(long, value_name = "CPU", requires = "node_memory")]
    pub(super) node_cpu: Option<crate::quantity::Cpu>,
    /// For the same: the memory that pods may request on a node, `16Gi`
    #[arg(long, value_name = "MEMORY", requires = "node_cpu")]
    pub(super) node_memory: Option<crate::quantity::Bytes>,
}

/// How a zone can be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum LostHow {
    /// Its nodes are gone, with their pods
    Gone,
    /// Its nodes take no new pods, its endpoints get no requests, and its pods stay
    Cordoned,
}

/// What can be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Lose {
    /// One node
    Node,
    /// All nodes of a zone
    Zone,
    /// A region with its cluster
    Region,
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

#[derive(Debug, Args)]
pub(super) struct Runbook {
    /// The service; in another environment than the default one, `checkout@staging`
    pub(super) service: String,
    /// What is lost
    #[arg(long, value_enum, value_name = "LOSS")]
    pub(super) loss: Lost,
    /// Where: a region, or a zone of it; without one, the first region in which it can be lost
    pub(super) name: Option<String>,
    #[command(flatten)]
    pub(super) inputs: Inputs,
}

/// What a runbook is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Lost {
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
pub(super) struct Calendar {
    /// Today, such as `2026-11-22`, to mark what is overdue; without it, nothing is marked
    #[arg(long, value_name = "DATE")]
    pub(super) today: Option<crate::quantity::Date>,
    /// The output format
    #[arg(long, value_enum, default_value_t = Shown::Text)]
    pub(super) format: Shown,
    #[command(flatten)]
    pub(super) inputs: Inputs,
}

#[derive(Debug, Args)]
pub(super) struct Evidence {
    /// The records, as JSON; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// The day on which the records must still count, such as `2026-11-22`; default: the day of the
    /// fleet's inventory
    #[arg(long, value_name = "DATE")]
    pub(super) today: Option<crate::quantity::Date>,
    /// The output format
    #[arg(long, value_enum, default_value_t = Shown::Text)]
    pub(super) format: Shown,
    #[command(flatten)]
    pub(super) inputs: Inputs,
}

#[derive(Debug, Args)]
pub(super) struct Drill {
    /// The service; the region decides its environment
    pub(super) service: String,
    /// The region to restore into
    #[arg(long)]
    pub(super) region: String,
    /// Part of every name: at most 16 of a-z, 0-9 and `-`; default: a digest of the content, so that
    /// each drill exists once
    #[arg(long)]
    pub(super) id: Option<String>,
    /// What to restore from; default: the first of these that the service has
    #[arg(long, value_enum)]
    pub(super) from: Option<Store>,
    /// The backup; without it, the placeholder `set-backup`, which no backup is called
    #[arg(long, value_name = "NAME")]
    pub(super) backup: Option<String>,
    /// The point in time to recover a database to, in UTC, `2026-11-22T21:00:00Z`; without it, the
    /// placeholder `set-moment`, which the operator refuses
    #[arg(long, value_name = "TIME")]
    pub(super) moment: Option<String>,
    /// Write one file for each object into this folder, instead of printing
    #[arg(long, value_name = "DIR", conflicts_with = "format")]
    pub(super) write: Option<PathBuf>,
    /// The output format
    #[arg(long, value_enum, default_value_t = Shown::Text)]
    pub(super) format: Shown,
    #[command(flatten)]
    pub(super) inputs: Inputs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Store {
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
pub(super) enum DiffFormat {
    /// For people
    Text,
    /// For the comment of a pull request
    Markdown,
    /// For machines: all of it
    Json,
    /// A patch, as git writes one
    Unified,
    /// Annotations of a pull request on GitHub
    Github,
    /// For code scanning, which shows effects at the lines of their edits
    Sarif,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    /// A region, data or its backups are lost, or the change cannot be applied
    Critical,
    /// A promise is weaker than before
    High,
    /// Pods are replaced; what is promised holds
    Medium,
    /// Nobody notices
    Low,
    /// Worth a line
    Info,
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
pub(super) enum ShowSecrets {
    /// On a terminal; anything else is wrong usage
    Terminal,
    /// Wherever it goes
    Always,
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
pub(super) enum Layout {
    /// For people
    Text,
    /// One JSON object, complete
    Json,
    /// For audits
    Markdown,
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
