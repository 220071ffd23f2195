//! The one test binary: tests that drive Ninefold with data, and what they share.

mod bad; //       every file in bad/ and bad-fleet/ reports exactly its .stderr
mod cases; //     every folder in cases/ compiles to exactly its out/
mod cli; //       end-to-end runs: flags, exit codes, what is and is not touched on disk
mod hostile; //   any bytes give findings, never a panic
mod repo; //      the repository's own rules
mod workbench; // compiling in memory, comparing trees, running the binary
