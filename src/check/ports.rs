//! Ports that a container may open.

use crate::diag::{Code, Diagnostic, Sink};
use crate::model::{Model, Service};

pub(super) fn check(sink: &mut Sink, _: &Model, service: &Service) {
    for (index, port) in service.ports.iter().enumerate() {
        if port.port < 1024 {
            let (inner, outer) = (8000 + u32::from(port.port), port.service.unwrap_or(port.port));
            sink.error(
                Diagnostic::new(
                    Code::PRIVILEGED_PORT,
                    format!("port {} needs a privilege that no container gets", port.port),
                )
                .at(service.at(&["ports", &index.to_string(), "port"]), "below 1024")
                .note("containers run as an ordinary user, without capabilities")
                .help(format!(
                    "listen higher up, and keep the port that callers use: `port = {inner}`, `service = {outer}`"
                )),
            );
        }
    }
}
