//! Who the processes of a pod are, what they may use, and the ServiceAccount that they have.

use super::names::named;
use crate::diag::{Code, Diagnostic, Severity, Sink};
use crate::kube::id;
use crate::model::{Model, Service};

pub(super) fn check(sink: &mut Sink, _: &Model, service: &Service) {
    limits(sink, service);
    extended(sink, service);
    if let Some(name) = &service.pod.service_account {
        let at = || service.at(&["pod", "service_account"]);
        named(sink, id::subdomain_problem, ("a ServiceAccount", name), at, "");
    }
    if service.is_root() {
        sink.report(
            Diagnostic::new(Code::RUNS_AS_ROOT, format!("`{}` runs as root", service.name))
                .at(service.at(&["pod", "user"]), "")
                .note(format!(
                    "so namespace `{}` is held to the Pod Security level `baseline`, for every pod in it",
                    service.namespace
                ))
                .help("write the user that the image is made for, `user = 10001`; where it has none, accept this"),
        );
    }
}

/// No two services of a namespace have one ServiceAccount: each would be the other's identity, and
/// the folder of either would take it away.
pub(super) fn accounts(sink: &mut Sink, model: &Model) {
    let named = |service: &&Service| service.pod.service_account.is_some();
    for service in model.services().iter().filter(named) {
        let same = |other: &&Service| {
            other.name != service.name
                && other.name.environment() == service.name.environment()
                && other.namespace == service.namespace
                && other.account() == service.account()
                && (other.pod.service_account.is_none() || other.name < service.name)
        };
        let Some(other) = model.services().iter().find(same) else { continue };
        let account = service.account();
        sink.error(
            Diagnostic::new(
                Code::DUPLICATE_NAME,
                format!(
                    "`{}` and `{}` have one ServiceAccount, `{account}`",
                    other.name, service.name
                ),
            )
            .at(service.at(&["pod", "service_account"]), "")
            .related(other.origin(&["pod", "service_account"]), "first here")
            .note("each of them makes it, and what one of them may do, the other may")
            .help("give it another name, or remove it"),
        );
    }
}

fn limits(sink: &mut Sink, service: &Service) {
    let cpu = service.cpu_limit.filter(|limit| *limit < service.cpu);
    let memory = service.memory_limit.filter(|limit| *limit < service.memory);
    let below = [
        ("cpu_limit", "CPU", cpu.map(|limit| (limit.to_string(), service.cpu.to_string()))),
        (
            "memory_limit",
            "memory",
            memory.map(|limit| (limit.to_string(), service.memory.to_string())),
        ),
    ];
    for (key, what, below) in below {
        let Some((limit, request)) = below else { continue };
        sink.error(
            Diagnostic::new(
                Code::WRONG_VALUE,
                format!("`{key}` is {limit}, and a replica asks for {request} of {what}"),
            )
            .at(service.at(&["capacity", key]), "")
            .note("the API server refuses a limit that is less than the request")
            .help(format!("write `{request}` or more, or ask for less")),
        );
    }
}

fn extended(sink: &mut Sink, service: &Service) {
    for (name, amount) in &service.resources {
        let place = service.document.key(&["capacity", "resources", name]);
        // Kubernetes `IsExtendedResourceName` (`pkg/apis/core/v1/helper`).
        let native =
            name.split_once('/').is_none_or(|(domain, _)| domain.ends_with("kubernetes.io"));
        let problem = id::qualified_problem(name)
            .or_else(|| native.then(|| "it has no domain of its own before a `/`".to_owned()));
        if let Some(problem) = problem {
            sink.error(
                Diagnostic::new(
                    Code::WRONG_VALUE,
                    format!("`{name}` is not an extended resource"),
                )
                .at(place, problem)
                .help("write what a device plugin calls it, such as `\"nvidia.com/gpu\" = 1`; CPU and memory are `cpu` and `memory`"),
            );
        } else if *amount == 0 {
            sink.report(
                Diagnostic::new(Code::WRONG_VALUE, format!("0 of `{name}` is the same as none"))
                    .severity(Severity::Warning)
                    .at(place, "")
                    .help("remove the line"),
            );
        }
    }
}
