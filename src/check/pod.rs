//! Who the processes of a pod are, what they may use, and the ServiceAccount that they have.

use super::names::named;
use crate::diag::{Code, Diagnostic, Severity, Sink, Span};
use crate::kube::id;
use crate::model::{Medium, Model, Service};
use crate::quantity::{Bytes, Cpu};

pub(super) fn check(sink: &mut Sink, _: &Model, service: &Service) {
    limits(sink, service);
    in_memory(sink, service);
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

fn limits(sink: &mut Sink, service: &Service) {
    let (cpu, memory) = ((service.cpu_limit, service.cpu), (service.memory_limit, service.memory));
    let at = |key: &str| service.at(&["capacity", key]);
    above_the_request(sink, "a replica asks", (cpu, memory), &at);
    for (index, job) in service.jobs.iter().enumerate() {
        let cpu = (job.cpu_limit, job.cpu.unwrap_or(service.cpu));
        let memory = (job.memory_limit, job.memory.unwrap_or(service.memory));
        let at = |key: &str| service.at(&["jobs", &index.to_string(), key]);
        above_the_request(sink, &format!("the job `{}` asks", job.name), (cpu, memory), &at);
    }
}

/// A limit, where one is written, and the request that it is for.
type Limited<T> = (Option<T>, T);

fn above_the_request(
    sink: &mut Sink,
    who: &str,
    (cpu, memory): (Limited<Cpu>, Limited<Bytes>),
    at: &impl Fn(&str) -> Span,
) {
    fn below<T: PartialOrd + Copy + ToString>((limit, request): Limited<T>) -> Option<[String; 2]> {
        let limit = limit.filter(|limit| *limit < request)?;
        Some([limit.to_string(), request.to_string()])
    }
    let below = [("cpu_limit", "CPU", below(cpu)), ("memory_limit", "memory", below(memory))];
    for (key, what, below) in below {
        let Some([limit, request]) = below else { continue };
        sink.error(
            Diagnostic::new(
                Code::WRONG_VALUE,
                format!("`{key}` is {limit}, and {who} for {request} of {what}"),
            )
            .at(at(key), "")
            .note("the API server refuses a limit that is less than the request")
            .help(format!("write `{request}` or more, or ask for less")),
        );
    }
}

/// What lies in folders in memory is a part of what a replica may use.
fn in_memory(sink: &mut Sink, service: &Service) {
    let limit = service.memory_limit.unwrap_or(service.memory);
    let folders = || {
        let folders = service.scratch.iter().enumerate();
        folders.filter(|(_, one)| one.medium == Medium::Memory)
    };
    let sum = folders().fold(Bytes::default(), |sum, (_, one)| sum + one.size);
    let Some((index, folder)) = folders().next_back().filter(|_| sum >= limit) else { return };
    let more = format!("{} and more", sum + service.memory);
    sink.error(
        Diagnostic::new(
            Code::WRONG_VALUE,
            format!("folders in memory hold {sum}, and a replica may use {limit} of memory"),
        )
        .at(service.at(&["scratch", &index.to_string(), "size"]), "")
        .note(format!(
            "what is written to `{}` counts as its memory: the kernel ends the replica before the folder is full",
            folder.path
        ))
        .help(format!("write a smaller `size`, or `memory_limit = …` in `[capacity]`: {more}")),
    );
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
