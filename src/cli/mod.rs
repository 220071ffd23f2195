//! The edge: the only code that sees arguments, disk and terminal.

mod args; //   what was typed
mod build; //  one command a file
mod compare;
mod moved; //      regions that go from one environment to another
mod former; //     what former generations do, for the proofs
mod cached; //     what the last build left, for the next one and for a diff
mod prepared; //   a fleet without errors, for all of them
mod check;
mod recheck; // findings of a fleet that is edited
mod rpc; // messages over standard input and output
mod lsp; // for editors
mod mcp; // for assistants
mod diff;
mod calendar;
mod drill;
mod evidence;
mod explain;
mod init;
mod import;
mod verify;
mod report;
mod retire;
mod observed; // what clusters were seen to run
mod runbook;
mod schema;
mod answers; // what commands print as JSON
mod foreign;
mod simulate;
mod disk; //   reading specs, reading and writing trees
mod exit; //   how a command ends
mod print; //  stdout, stderr, colour
mod progress; // how far a command is, and how long its parts took
mod pager; //  what is long, on a terminal

use args::{Arguments, Command};
use clap::{CommandFactory, Parser};
use disk::Trouble;
use exit::Exit;
use std::process::ExitCode;

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        print::error(&format!(
            "this is a bug in Ninefold {}: {panic}\nreport it, with the specs that cause it; the next build finishes one that it interrupted\n",
            env!("CARGO_PKG_VERSION"),
        ));
    }));
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            print::usage(&error);
            return if error.use_stderr() { Exit::Trouble } else { ended(Exit::Done) }.into();
        }
    };
    match std::panic::catch_unwind(|| run(arguments.command)) {
        Ok(Ok(exit)) => ended(exit).into(),
        Ok(Err(trouble)) => {
            print::error(&format!("error: {trouble}\n"));
            Exit::Trouble.into()
        }
        Err(_) => Exit::Trouble.into(),
    }
}

/// How the command ends, now that everything was printed.
fn ended(exit: Exit) -> Exit {
    let Some(why) = print::lost() else { return exit };
    print::error(&format!("error: writing to stdout: {why}\n"));
    Exit::Trouble
}

fn run(command: Command) -> Result<Exit, Trouble> {
    match command {
        Command::Build(arguments) => build::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Lsp(arguments) => lsp::run(&arguments),
        Command::Mcp(arguments) => mcp::run(&arguments),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Retire(arguments) => retire::run(&arguments),
        Command::Simulate(arguments) => simulate::run(&arguments),
        Command::Report(arguments) => report::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Calendar(arguments) => calendar::run(&arguments),
        Command::Evidence(arguments) => evidence::run(&arguments),
        Command::Drill(arguments) => drill::run(&arguments),
        Command::Runbook(arguments) => runbook::run(&arguments),
        Command::Schema { of } => Ok(schema::run(of)),
        Command::Init(arguments) => init::run(&arguments),
        Command::Import(arguments) => import::run(&arguments),
        Command::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "ninefold", &mut text);
            print::data(&String::from_utf8_lossy(&text));
            Ok(Exit::Done)
        }
        Command::Man => {
            print::data(&manual());
            Ok(Exit::Done)
        }
    }
}

/// The page of the command, followed by those of its subcommands.
fn manual() -> String {
    let mut command = Arguments::command();
    command.build();
    let mut text = Vec::new();
    let visible = command.get_subcommands().filter(|sub| sub.get_name() != "help").cloned();
    let pages: Vec<clap::Command> = visible
        .map(|sub| {
            let name: &'static str = format!("ninefold-{}", sub.get_name()).leak();
            sub.name(name)
        })
        .collect();
    for page in std::iter::once(command).chain(pages) {
        clap_mangen::Man::new(page).render(&mut text).expect("writing to memory does not fail");
    }
    String::from_utf8_lossy(&text).into_owned()
}
