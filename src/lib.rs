#![doc = include_str!("README.md")]

// The pipeline, in order. Each stage uses only the stages above it.
pub mod spec; //     what was written
pub mod model; //    what it means
pub mod check; //    what must hold
pub mod decide; //   every number, once, and why
pub mod plan; //     which objects
pub mod manifest; // as YAML text
pub mod object; //   as typed Kubernetes objects
pub mod name; //     under their final names
pub mod tree; //     as files
pub mod diff; //     what a change does

// Beside the stages.
pub mod pages; //    what people read: cards and procedures
pub mod judge; //    what the emitted objects do when something is lost
pub mod explain; //  what is promised of a service, and where every number comes from
pub mod editor; //   what an editor asks while somebody writes a spec
pub mod report; //   all of it as one page to look at
pub mod evidence; // what the records of drills are worth
pub mod import; //   from manifests that run today to specs

// Shared by the stages; none of these knows a stage.
pub mod diag; // findings
mod credential; // how one is recognised
pub mod kube; // facts about Kubernetes
pub mod yaml; // syntax
pub mod quantity; // durations, sizes, CPU, dates
pub mod words; //    what a spec chooses from
pub mod by_name; //  values by names that somebody chose

pub mod compile; //  the pipeline itself
pub mod cli; //      the edge: arguments, disk, terminal

pub use compile::{Fleet, Input};
