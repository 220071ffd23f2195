//! The one integration test binary: what Ninefold promises, seen from outside.
#![expect(
    clippy::disallowed_methods,
    reason = "tests have folders of their own, and watch how long it takes"
)]
#![expect(
    clippy::unwrap_used,
    reason = "what goes wrong in a helper fails the test that called it"
)]

mod support; //     builds inputs, compiles them, returns what came out
mod explain; //     every page of a finding says what is true
mod rules; //       what is refused beside that, and what is not
mod history; //     trees in memory, built one after the other
mod generations; // what a change leaves beside itself
mod crash; //       builds that are killed, or cannot write
mod cache; //       builds with nothing to do
mod generate; //    random valid fleets, and compiling one in memory
mod failures; //    lose a node, a zone, a region in the output and count what is left
mod properties; //  laws that hold for any fleet
mod promises; //    the smallest change is enough, and one step less is not
mod queue; //       a week of Velero's queue, lived through
mod strings; //     text that YAML readers misread
mod workbench; //   compiles folders of test data, compares trees, runs the binary
mod bad; //         every file in bad/, bad-fleet/ and bad-templates/ reports exactly its .stderr
mod cases; //       every folder in cases/ compiles to exactly its out/
mod cli; //         end-to-end runs: flags, exit codes, what is and is not touched on disk
mod hostile; //     any bytes give findings, never a panic
mod recovery; //    what gets a service back
mod sets; //        what a person applies once
mod repo; //        the repository's own rules
