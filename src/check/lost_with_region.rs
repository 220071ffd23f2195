//! What must not go with the region that is lost, as far as the fleet says where it is
//! (`docs/facts.md`, "What stands in a region before a service moves there"): the images, what
//! delivers, the certificates of the region that takes over.

use crate::diag::{self, Code, Diagnostic, Severity, Sink};
use crate::kube::image;
use crate::model::{Model, Region, Service};
use crate::spec::fleet::{Challenge, Registry};
use crate::spec::service::Strategy;
use std::sync::Arc;

pub(super) fn check(sink: &mut Sink, model: &Model, service: &Service) {
    // Where a region that could not be read is, nobody knows.
    if model.fleet().doubts.names("regions").next().is_some() {
        return;
    }
    for lost in lost(service) {
        images(sink, model, service, lost);
        delivery(sink, model, service, lost);
    }
    certificates(sink, model, service);
}

/// The regions from which another one takes over.
fn lost(service: &Service) -> &[Arc<Region>] {
    match service.strategy {
        Strategy::ActiveActive => &service.regions,
        Strategy::BackupAndRestore | Strategy::PilotLight | Strategy::WarmStandby => {
            service.regions.get(..1).unwrap_or_default()
        }
    }
}

/// The regions that are left, with their places in the list of the spec.
fn left<'a>(
    service: &'a Service,
    lost: &'a Region,
) -> impl Iterator<Item = (usize, &'a Region)> + 'a {
    let regions = service.regions.iter().map(|region| &**region).enumerate();
    regions.filter(|(_, region)| region.location != lost.location)
}

fn images(sink: &mut Sink, model: &Model, service: &Service, lost: &Region) {
    let database = service.postgresql.as_ref().map(|database| &database.image);
    let path = ["data", "postgresql", "image"].map(str::to_owned);
    let database = database.map(|image| (path.to_vec(), image.as_str()));
    let own = service.images().map(|(path, image, _)| (path, image));
    for (path, image) in own.chain(database) {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let host = image::registry(image);
        let without: Vec<&str> = left(service, lost)
            .filter(|(_, region)| !answers(model, host, region, lost))
            .map(|(_, region)| region.name.as_str())
            .collect();
        let Some(first) = without.first() else { continue };
        let declared = model.fleet().document.key(&["registries", host]);
        sink.error(
            Diagnostic::new(
                Code::IMAGE_OUT_OF_REACH,
                format!(
                    "when `{}` is lost, {} cannot pull the image of `{}`",
                    lost.name,
                    diag::list(without.iter().copied()),
                    service.name
                ),
            )
            .at(service.at(&path), "")
            .related(declared, format!("it goes with `{}`", lost.name))
            .note("every pod that starts where another one takes over, or on another node, pulls it")
            .help(format!(
                "have the registry keep its images in another region, and name that in `stored_in`; or name a registry there that has them: `mirrors = {{ {first} = \"…\" }}`"
            )),
        );
    }
}

/// Whether `region` can pull what `host` has while `lost` is away; what nobody declares is not
/// judged.
fn answers(model: &Model, host: &str, region: &Region, lost: &Region) -> bool {
    let fleet = model.fleet();
    let stands = |registry: &Registry| {
        let mut places = registry.stored_in.iter().map(|name| fleet.place(name));
        registry.elsewhere || places.any(|place| place != lost.location)
    };
    let Some(registry) = fleet.registries.get(host) else { return true };
    match registry.mirrors.get(region.name.as_str()) {
        // A mirror is in the region that it is for, unless it is declared itself.
        Some(mirror) => fleet.registries.get(mirror).is_none_or(stands),
        None => stands(registry),
    }
}

fn delivery(sink: &mut Sink, model: &Model, service: &Service, lost: &Region) {
    let fleet = model.fleet();
    // Where every region serves, none has to be made the leader.
    let leads = service.strategy != Strategy::ActiveActive;
    for (index, region) in left(service, lost) {
        if fleet.place(region.delivered_from.as_str()) != lost.location {
            continue;
        }
        let (severity, message) = if leads {
            (
                Severity::Error,
                format!("`{}` cannot be told to lead when `{}` is lost", region.name, lost.name),
            )
        } else {
            (
                Severity::Warning,
                format!("no change reaches `{}` while `{}` is lost", region.name, lost.name),
            )
        };
        let declared = fleet.document.at(&["regions", region.name.as_str(), "delivered_from"]);
        sink.report(
            Diagnostic::new(Code::DELIVERY_OUT_OF_REACH, message)
                .severity(severity)
                .at(service.at(&["regions", &index.to_string()]), "stands when the other is lost")
                .related(declared, "what delivers is lost as well")
                .note("another region leads, or gets more replicas, by a commit that something delivers there")
                .help(format!(
                    "run what delivers in `{}` as well, and remove `delivered_from`; or name a region that is lost with neither",
                    region.name
                )),
        );
    }
}

fn certificates(sink: &mut Sink, model: &Model, service: &Service) {
    let hosts = service.traffic.as_ref().map(|traffic| traffic.hosts.as_slice());
    let Some(host) = hosts.and_then(<[String]>::first) else { return };
    // The first region has its hosts to itself, unless all of them serve.
    let alone = usize::from(service.strategy != Strategy::ActiveActive);
    if service.regions.len() < 2 {
        return;
    }
    for region in &service.regions[alone..] {
        let asked = region.entry.as_ref().and_then(|entry| entry.challenge);
        if asked != Some(Challenge::Http01) {
            continue;
        }
        let path = ["regions", region.name.as_str(), "entry", "challenge"];
        sink.error(
            Diagnostic::new(
                Code::CERTIFICATE_OUT_OF_REACH,
                format!("`{}` gets no certificate of `{host}` before it takes over", region.name),
            )
            .at(service.at(&["traffic", "hosts", "0"]), "leads to another region, or to several")
            .related(model.fleet().document.at(&path), "answered only where the host leads to")
            .note("users who come there in a failover would be shown an error, until a certificate is issued")
            .help("have them issued by DNS-01, which a record answers from anywhere: `challenge = \"dns-01\"`"),
        );
    }
}
