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

const EXIT: &str = "Exit status: 0 done; 1 findings, or the tree differs; 2 wrong usage, or a file that cannot be read or written.";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Compile the specs and write the tree
    Build(Build),
    /// Report findings, write nothing
    Check(Check),
    /// Judge a tree by itself: names match content, references resolve, the ledger agrees
    Verify(Verify),
    /// Drop former generations, once their successors are healthy
    Retire(Retire),
    /// Print the set of a drill: restores a service into a closed namespace, and proves that it can be
    Drill(Drill),
    /// Print when drills are due, by what the fleet says was measured
    Calendar(Calendar),
    /// Check records of drills against the promises, and print what goes into the fleet
    Evidence(Evidence),
    /// Print the page of a finding
    Explain {
        /// Its code, as it stands in brackets: `rpo-out-of-reach`; without one, all codes
        code: Option<String>,
    },
    /// Print the JSON Schema of a service spec, of the fleet file, or of the record of a drill
    Schema {
        /// Of which file
        #[arg(value_enum, default_value_t = SchemaOf::Service)]
        of: SchemaOf,
    },
    /// Write a commented fleet and a first service that build
    Init {
        /// The folder that gets a folder `specs`
        #[arg(default_value = ".")]
        folder: PathBuf,
    },
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

#[derive(Debug, Args)]
pub(super) struct Inputs {
    /// The folder of the specs, with `fleet.toml`
    #[arg(long, default_value = "specs", value_name = "DIR")]
    pub(super) specs: PathBuf,
    /// A folder of templates that override the built-in ones, or add some
    #[arg(long, value_name = "DIR")]
    pub(super) templates: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Build {
    #[command(flatten)]
    pub(super) inputs: Inputs,
    /// The tree
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub(super) out: PathBuf,
    /// Write nothing; fail unless the tree is what the specs compile to
    #[arg(long)]
    pub(super) check: bool,
}

#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    pub(super) inputs: Inputs,
    /// How findings are printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The tree
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub(super) out: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Retire {
    /// The services; without one, all
    #[arg(value_name = "SERVICE")]
    pub(super) services: Vec<String>,
    #[command(flatten)]
    pub(super) inputs: Inputs,
    /// The tree
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub(super) out: PathBuf,
    /// Say what would leave, and change nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Go on although the tree is stale or has uncommitted changes; says what it ignores
    #[arg(long)]
    pub(super) force: bool,
}

#[derive(Debug, Args)]
pub(super) struct Calendar {
    /// The day on which what is due before is overdue, `2026-11-22`; without it, nothing is
    #[arg(long, value_name = "DATE")]
    pub(super) today: Option<crate::spec::quantity::Date>,
    #[command(flatten)]
    pub(super) inputs: Inputs,
}

#[derive(Debug, Args)]
pub(super) struct Evidence {
    /// The records, as JSON
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) inputs: Inputs,
}

#[derive(Debug, Args)]
pub(super) struct Drill {
    /// The service
    pub(super) service: String,
    /// Where it is restored
    #[arg(long)]
    pub(super) region: String,
    /// Part of every name: at most 16 of a-z, 0-9 and `-`; without it, it follows from the content,
    /// and only one drill of that content can be
    #[arg(long)]
    pub(super) id: Option<String>,
    /// The backup; without it, `set-backup` stands in its place, which no backup is called
    #[arg(long, value_name = "NAME")]
    pub(super) backup: Option<String>,
    /// Write one file for each object into this folder, instead of printing
    #[arg(long, value_name = "DIR")]
    pub(super) write: Option<PathBuf>,
    #[command(flatten)]
    pub(super) inputs: Inputs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// A JSON object in a line for each finding
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaOf {
    /// `specs/**/*.toml`
    Service,
    /// `specs/fleet.toml`
    Fleet,
    /// The record of a drill
    Evidence,
}
