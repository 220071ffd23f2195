//! Reading the values of Kubernetes objects: one reader of each form, whoever asks.

pub mod addresses; // `10.0.0.0/8`, as sets
pub mod cron; //     `0 3 * * 1-5`
pub mod duration; // `720h0m0s`
pub mod quantity; // `250m`, `1.5`, `64Mi`
pub mod requests; // what a pod asks of its node
pub mod pods; //     and what an object asks by its pods
pub mod selector; // labels that must be there
