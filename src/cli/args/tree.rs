//! Arguments of what writes a tree, compares trees, or judges one.

use super::{Color, Format, Inputs, Target};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(in crate::cli) struct Build {
    #[command(flatten)]
    pub(in crate::cli) inputs: Inputs,
    /// The folder of the tree
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub(in crate::cli) out: PathBuf,
    /// Write nothing; fail unless the tree is what the specs compile to
    #[arg(long)]
    pub(in crate::cli) check: bool,
    /// Show every finding; without it, the first of each kind
    #[arg(long)]
    pub(in crate::cli) all: bool,
    /// Print how long reading, deciding, compiling and writing took
    #[arg(long)]
    pub(in crate::cli) timings: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Check {
    #[command(flatten)]
    pub(in crate::cli) inputs: Inputs,
    /// The format of findings
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(in crate::cli) format: Format,
    /// Keep running, and check again whenever a spec or a template is saved
    #[arg(long)]
    pub(in crate::cli) watch: bool,
    /// Show every finding; without it, the first of each kind
    #[arg(long)]
    pub(in crate::cli) all: bool,
}

#[derive(Debug, Args)]
#[command(after_help = SIDES)]
pub(in crate::cli) struct Diff {
    /// The old side; default: where HEAD left the default branch
    #[arg(long, value_name = "REV|DIR")]
    pub(in crate::cli) from: Option<String>,
    /// The new side; default: what the specs compile to, nothing is written
    #[arg(long, value_name = "REV|DIR")]
    pub(in crate::cli) to: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) inputs: Inputs,
    /// The folder of the tree
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub(in crate::cli) out: PathBuf,
    /// The output format
    #[arg(long, value_enum, default_value_t = DiffFormat::Text)]
    pub(in crate::cli) format: DiffFormat,
    /// Exit with 1 when something differs in more than spelling
    #[arg(long)]
    pub(in crate::cli) exit_code: bool,
    /// Exit with 3 when an effect is this severe or worse, and no `[[accept]]` covers it
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub(in crate::cli) fail_on: Option<FailOn>,
    /// Show every field that differs; twice: object by object
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub(in crate::cli) verbose: u8,
    /// Print one line for each object that differs
    #[arg(long, conflicts_with_all = ["names", "verbose"])]
    pub(in crate::cli) stat: bool,
    /// Print only the names of objects that differ
    #[arg(long, conflicts_with = "verbose")]
    pub(in crate::cli) names: bool,
    /// Show these services only; the exit status and JSON still cover all
    #[arg(long = "service", value_name = "NAME", num_args = 1..)]
    pub(in crate::cli) services: Vec<String>,
    /// When to colour the text
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    pub(in crate::cli) color: Color,
    /// Show values that look like secrets: on a terminal, or anywhere with `=always`
    #[arg(long, value_enum, value_name = "WHERE", num_args = 0..=1, require_equals = true,
        default_missing_value = "terminal")]
    pub(in crate::cli) show_secrets: Option<ShowSecrets>,
    /// Where the Markdown is posted: that limits its length
    #[arg(long, value_enum, default_value_t = Target::GithubComment)]
    pub(in crate::cli) target: Target,
    /// How long the Markdown may be, in bytes
    #[arg(long, value_name = "N", conflicts_with = "target",
        value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1000..))]
    pub(in crate::cli) max_bytes: Option<usize>,
    /// The key of the comment, where several runs comment on one pull request
    #[arg(long, default_value = "default", value_parser = key)]
    pub(in crate::cli) key: String,
    /// The address of the full report, for Markdown that was shortened
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) full_url: Option<String>,
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
pub(in crate::cli) struct Verify {
    /// The folder of the tree
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub(in crate::cli) out: PathBuf,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Retire {
    /// The services, such as `checkout` or `checkout@staging`; without one, all
    #[arg(value_name = "SERVICE")]
    pub(in crate::cli) services: Vec<String>,
    /// Only the former generation with this suffix, such as a bad release
    #[arg(long, value_name = "SUFFIX")]
    pub(in crate::cli) generation: Vec<String>,
    /// What `kubectl get deployments,statefulsets -A -o json` printed for a region: a file called after
    /// the region, or REGION=FILE. Only what the current generation has replaced everywhere leaves
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) observed: Vec<String>,
    #[command(flatten)]
    pub(in crate::cli) inputs: Inputs,
    /// The folder of the tree
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub(in crate::cli) out: PathBuf,
    /// Print what would leave the tree, and change nothing
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
    /// Continue although the tree is stale or has uncommitted changes, and print what was ignored
    #[arg(long)]
    pub(in crate::cli) force: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum DiffFormat {
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
pub(in crate::cli) enum FailOn {
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
pub(in crate::cli) enum ShowSecrets {
    /// On a terminal; anything else is wrong usage
    Terminal,
    /// Wherever it goes
    Always,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Layout {
    /// For people
    Text,
    /// One JSON object, complete
    Json,
    /// For audits
    Markdown,
}
