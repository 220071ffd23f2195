//! What a service calls, and stands by where the caller serves, or where health checks move its users.

use super::calls_here;
use crate::decide::{Decided, ServiceInRegion, strategy};
use crate::diag::{self, Code, Diagnostic, Severity, Sink, Span};
use crate::model::{Service, Strategy};

pub(super) fn check(sink: &mut Sink, decided: &Decided, service: &Service) {
    for (name, place) in calls_here(service) {
        let Some(called) = decided.service(name) else { continue };
        let there: Vec<ServiceInRegion<'_>> = decided.places(called).collect();
        let pair = Pair { service, called, place };
        let mut both = Vec::new();
        let lost = |here: &ServiceInRegion<'_>| decided.lost.contains(&here.region.name);
        for here in decided.places(service).filter(|here| !lost(here)) {
            let there = there.iter().find(|there| there.region.name == here.region.name);
            both.extend(there.filter(|there| !there.role.serves).map(|there| (here, *there)));
        }
        let serves: Vec<_> = both.iter().filter(|(here, _)| here.role.serves).copied().collect();
        if !serves.is_empty() {
            let there: Vec<_> = serves.into_iter().map(|(_, there)| there).collect();
            pair.report(sink, &there, "serves in");
        } else if service.moves_by_itself() && !called.moves_by_itself() {
            let there: Vec<_> = both.into_iter().map(|(_, there)| there).collect();
            if !there.is_empty() {
                pair.report(sink, &there, "is moved by health checks to");
            }
        }
    }
}

/// A service, and one that it calls.
struct Pair<'a> {
    service: &'a Service,
    called: &'a Service,
    place: Span,
}

impl Pair<'_> {
    /// It stands by in these regions, where the caller `does` something. Where the caller serves in
    /// every region, or health checks choose, that is refused: what runs with less than it leads with,
    /// somebody may accept. Else another one leads the caller, as for a while in a failover, in which
    /// one is moved after the other: a warning.
    fn report(&self, sink: &mut Sink, there: &[ServiceInRegion<'_>], does: &str) {
        let (service, called) = (self.service, self.called);
        let names = || there.iter().map(|there| there.region.name.as_str());
        let cold = there.iter().any(|there| there.size.running == 0);
        let finding = Diagnostic::new(
            Code::DEPENDENCY_STANDS_BY,
            format!(
                "`{}` {does} {}, where `{}` stands by",
                service.name,
                diag::list(names()),
                called.name
            ),
        )
        .at(self.place, if cold { "nothing of it runs there" } else { "called from there" })
        .related(called.origin(&["recovery"]), format!("`{}`", called.strategy.word()))
        .note(there.iter().map(size).collect::<Vec<_>>().join("; "))
        .help(self.help());
        let one_leads = service.strategy != Strategy::ActiveActive && !service.moves_by_itself();
        if one_leads || service.regions.len() == 1 {
            sink.report(finding.severity(Severity::Warning));
        } else if cold {
            sink.error(finding);
        } else {
            sink.report(finding.unless_accepted());
        }
    }

    fn help(&self) -> String {
        let (service, called) = (self.service, self.called);
        let mut ways = Vec::new();
        if strategy::suits(called, Strategy::ActiveActive)
            && called.tier.strategies.contains(&Strategy::ActiveActive)
        {
            ways.push(format!("write `recovery = \"active/active\"` for `{}`", called.name));
        }
        let leads = &service.regions[0].name;
        if service.strategy != Strategy::ActiveActive || service.regions.len() == 1 {
            if called.regions[0].name != *leads {
                ways.push(format!("name `{leads}` first in the `regions` of `{}`", called.name));
            } else if called.traffic.is_some() {
                ways.push(format!("write `failover = \"automatic\"` for `{}`", called.name));
            }
            if service.moves_by_itself() {
                ways.push(format!("write `failover = \"manual\"` for `{}`", service.name));
            }
        }
        if ways.is_empty() {
            ways.push(format!(
                "write another `recovery` for `{}`, so that one region leads both",
                service.name
            ));
        }
        ways.join("; or ")
    }
}

/// `3 replicas run in centralus, and 5 where it leads`
fn size(there: &ServiceInRegion<'_>) -> String {
    let (running, leads) = (there.size.running, there.leading_size.full);
    let region = &there.region.name;
    match running {
        0 => format!("in `{region}` none of its replicas run until a person has brought it up"),
        1 => format!("1 replica runs in `{region}`, and {leads} where it leads"),
        _ => format!("{running} replicas run in `{region}`, and {leads} where it leads"),
    }
}
