//! Pods that the API server would refuse, by the Pod Security level of their namespace.

use super::{Context, Problem};
use crate::diag::Code;
use crate::kube::pod_security::{self, Refused};
use crate::kube::{ObjectId, references};
use crate::yaml::Value;

/// What the namespace of an object refuses of its pods: of each container, and of the pod, once.
pub(super) fn problems(id: &ObjectId, value: &Value, context: Context<'_>) -> Vec<Problem> {
    let Some(path) = references::pods(&id.kind) else { return Vec::new() };
    let (Some(pod), Some(namespace)) = (value.at(&path), &id.namespace) else { return Vec::new() };
    // Of other namespaces nobody here knows what they are held to.
    let Some(level) = context.levels.get(&(id.region.clone(), namespace.clone())) else {
        return Vec::new();
    };
    let refused = pod_security::refused(*level, pod);
    let together = refused.chunk_by(|a, b| a.container.is_some() && a.path[..2] == b.path[..2]);
    let problem = |of: &[Refused]| {
        let first = of.first().expect("a chunk has something");
        let whose = match &first.container {
            Some(name) => format!("its container `{name}`"),
            None => "the pod".to_owned(),
        };
        let (level, kind) = (level.word(), id.kind.name());
        let what: Vec<&str> = of.iter().map(|one| one.what.as_str()).collect();
        // One thing has a place of its own; several are reported where their container begins.
        let depth = if of.len() == 1 { first.path.len() } else { 2 };
        let path = path.iter().map(|step| (*step).to_owned());
        Problem {
            path: path.chain(first.path[..depth].iter().cloned()).collect(),
            note: Some(format!(
                "`{namespace}` is held to the Pod Security level `{level}`: the API server would take the {kind}, and none of its pods"
            )),
            help: Some(format!(
                "{}; where they must have it, write `pod_security.{namespace} = \"{}\"` into the fleet",
                help(of),
                pod_security::needed(pod).word()
            )),
            ..Problem::new(
                Code::POD_SECURITY,
                format!("pods of this {kind} are refused: {whose} has {}", and(&what)),
            )
        }
    };
    together.map(problem).collect()
}

/// What to write, and what to leave out.
fn help(of: &[Refused]) -> String {
    let (write, others): (Vec<&str>, Vec<&str>) =
        of.iter().map(|one| one.instead.as_str()).partition(|instead| instead.starts_with('`'));
    let write =
        (!write.is_empty()).then(|| format!("in its `securityContext`, write {}", and(&write)));
    write.into_iter().chain(others.into_iter().map(str::to_owned)).collect::<Vec<_>>().join("; ")
}

/// `a`, `a and b`, `a, b and c`.
fn and(of: &[&str]) -> String {
    match of {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => of.concat(),
    }
}
