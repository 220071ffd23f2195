#![doc = include_str!("README.md")]

// The pipeline, in order. Each stage uses only the stages above it.
pub mod spec; //     1  what was written
pub mod model; //    2  what it means
pub mod plan; //     3  which objects, with which numbers
pub mod manifest; // 4  as YAML text
pub mod object; //   5  as typed Kubernetes objects
pub mod name; //     6  under their final names
pub mod tree; //     7  as files
pub mod diff; //     8  what a change does

// Beside the stages.
pub mod pages; //    what people read: cards and procedures
pub mod judge; //    what the emitted objects do when something is lost
pub mod explain; //  what is promised of a service, and where every number comes from
pub mod evidence; // what the records of drills are worth

// Shared by the stages; none of these knows a stage.
pub mod diag; // findings
pub mod kube; // facts about Kubernetes
pub mod yaml; // syntax
pub mod quantity; // durations, sizes, CPU, dates

pub mod compile; //  the pipeline itself
pub mod cli; //      the edge: arguments, disk, terminal

pub use compile::{Fleet, Input};
