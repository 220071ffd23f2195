//! What delivery engines are told.

use super::Meta;
use crate::decide::delivery::Retries;
use serde::Serialize;

/// `application.yaml`
#[derive(Clone, Debug, Serialize)]
pub struct Application {
    /// Its metadata.
    pub meta: Meta,
    /// The project of Argo CD.
    pub project: String,
    /// The git repository.
    pub repository: String,
    /// The branch, commit or reference.
    pub revision: String,
    /// The folder that is delivered, from the top of the repository.
    pub path: String,
    /// The cluster, as Argo CD calls it; none for the one that it runs in.
    pub cluster: Option<String>,
    /// How it tries again what failed.
    pub retries: Retries,
    /// How it applies.
    pub options: Vec<&'static str>,
}

/// `application-set.yaml`: what each Application has, and the folders that have one.
#[derive(Clone, Debug, Serialize)]
pub struct ApplicationSet {
    /// What each has: the path in the words of the set.
    #[serde(flatten)]
    pub each: Application,
    /// The name of each, in the words of the set.
    pub application: String,
    /// The folders that have one, as a pattern.
    pub folders: String,
    /// The folders that have none all the same.
    pub without: Vec<String>,
}

/// `git-repository.yaml`
#[derive(Clone, Debug, Serialize)]
pub struct Repository {
    /// Its metadata.
    pub meta: Meta,
    /// The git repository.
    pub repository: String,
    /// The branch.
    pub branch: Option<String>,
    /// Instead, the commit.
    pub commit: Option<String>,
    /// Instead, a reference: `refs/tags/v3`.
    pub reference: Option<String>,
    /// The Secret that opens it.
    pub secret: Option<String>,
    /// How often it is asked for commits.
    pub interval: String,
    /// How long it may take to answer.
    pub timeout: String,
    /// What of it is left out, as `.gitignore` says it.
    pub ignore: String,
}

/// `kustomization.yaml`
#[derive(Clone, Debug, Serialize)]
pub struct Kustomization {
    /// Its metadata.
    pub meta: Meta,
    /// The `GitRepository`.
    pub source: String,
    /// The folder that is delivered, from the top of the repository.
    pub path: String,
    /// The Kustomization that comes first.
    pub after: Option<String>,
    /// What of the folder is another's to deliver, by an annotation; none where nothing is.
    pub without: Option<String>,
    /// The Secret with the way to the cluster; none for the one that Flux runs in.
    pub kubeconfig: Option<String>,
    /// How often what is there is held against the tree.
    pub interval: String,
    /// How soon it is tried again.
    pub retry: String,
    /// How long applying may take, and then getting healthy.
    pub timeout: String,
    /// Whether it is ready only when all of it is healthy.
    pub wait: bool,
}
