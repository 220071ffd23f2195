//! Reading the values of Kubernetes objects: one reader of each form, whoever asks.

pub mod quantity; // `250m`, `1.5`, `64Mi`
