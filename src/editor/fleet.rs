//! What follows from a key of the fleet: who rests on it, and which numbers come from it.

use crate::Fleet;
use crate::decide::proof::{Amount, Claim, Proof, Source};
use crate::decide::room;
use crate::diag::{Sink, Span, natural};
use crate::explain::Page;
use crate::model::Service;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Services whose manifests are looked at: each is compiled for it.
const LOOKED_AT: usize = 40;

/// Services that are named in a line.
const NAMED: usize = 4;

/// Lines of terms, and of numbers.
const LONGEST: usize = 30;

/// What follows from what the fleet says under `keys`, as Markdown; nothing where nothing does.
pub(super) fn follows(fleet: &Fleet, keys: &[String]) -> Option<String> {
    let path: Vec<&str> = keys.iter().map(String::as_str).collect();
    let document = &fleet.model().fleet().document;
    let written = document.has(&path).then(|| document.at(&path));
    let users = users(fleet, &path);
    let rests = written.map(|span| Rests::of(fleet, span, &users)).unwrap_or_default();
    let mut text = String::new();
    if let Some(users_text) = users_in_words(&path, &users) {
        text.push_str(&users_text);
    }
    room(fleet, &path, &mut text);
    list("Terms of what is promised", &rests.terms, &mut text);
    list("Numbers in the manifests", &rests.numbers, &mut text);
    if rests.left_out > 0 && !rests.numbers.is_empty() {
        text.push_str(&format!(
            "\nOf {} more services, the manifests were not looked at.\n",
            rests.left_out
        ));
    }
    (!text.is_empty()).then_some(text)
}

/// The services that a key is about: those in its region, or of its tier; all, for any other key.
fn users<'a>(fleet: &'a Fleet, path: &[&str]) -> Vec<&'a Service> {
    let all = fleet.model().services().iter();
    let mut users: Vec<&Service> = match path {
        ["regions", region, ..] => all
            .filter(|service| service.regions.iter().any(|here| here.name.as_str() == *region))
            .collect(),
        ["tiers", tier, ..] => all.filter(|service| service.tier.name == *tier).collect(),
        _ => all.collect(),
    };
    users.sort_by(|a, b| natural(a.name.address(), b.name.address()));
    users
}

fn users_in_words(path: &[&str], users: &[&Service]) -> Option<String> {
    let what = match path {
        ["regions", region, ..] => format!("in `{region}`"),
        ["tiers", tier, ..] => format!("of the tier `{tier}`"),
        _ => return None,
    };
    let names: BTreeSet<String> = users.iter().map(|service| service.name.to_string()).collect();
    Some(match names.len() {
        0 => format!("No service is {what}.\n"),
        1 => format!("One service is {what}: {}.\n", named(&names)),
        count => format!("{count} services are {what}: {}.\n", named(&names)),
    })
}

/// A few of the names, and how many more there are.
fn named(names: &BTreeSet<String>) -> String {
    let mut sorted: Vec<&str> = names.iter().map(String::as_str).collect();
    sorted.sort_by(|a, b| natural(a, b));
    let shown = sorted.len().min(NAMED);
    let more = match sorted.len() - shown {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more}", sorted[..shown].join(", "))
}

/// What comes from one place of the fleet, each with the services that have it.
#[derive(Default)]
struct Rests {
    terms: BTreeMap<String, BTreeSet<String>>,
    numbers: BTreeMap<String, BTreeSet<String>>,
    /// Services whose manifests were not looked at.
    left_out: usize,
}

impl Rests {
    fn of(fleet: &Fleet, span: Span, users: &[&Service]) -> Rests {
        let is_there = |source: &Source| source.span().is_some_and(|at| at.touches(span));
        let mut rests =
            Rests { left_out: users.len().saturating_sub(LOOKED_AT), ..Rests::default() };
        let proofs =
            |service: &&Service| (service.name.to_string(), fleet.decided().proofs(service));
        let all: Vec<(String, Vec<Proof>)> = users.par_iter().map(proofs).collect();
        for (service, proofs) in &all {
            for claim in proofs.iter().flat_map(|proof| &proof.claims) {
                for text in terms(claim, &is_there) {
                    rests.terms.entry(text).or_default().insert(service.clone());
                }
            }
        }
        let numbers = |service: &&Service| {
            let page = Page::of(&mut Sink::default(), fleet, service.name.address()).ok()??;
            let there = page.numbers.into_iter().filter(|it| it.sources.iter().any(is_there));
            let text = there.map(|it| format!("`{}.{}` = {}", it.object, it.field, it.value));
            Some((service.name.to_string(), text.collect::<Vec<String>>()))
        };
        let looked_at = &users[..users.len().min(LOOKED_AT)];
        let found: Vec<(String, Vec<String>)> = looked_at.par_iter().filter_map(numbers).collect();
        for (service, numbers) in found {
            for number in numbers {
                rests.numbers.entry(number).or_default().insert(service.clone());
            }
        }
        rests
    }
}

/// The terms of a claim that come from there, and the promise, if it does.
fn terms<'a>(
    claim: &'a Claim,
    is_there: &'a impl Fn(&Source) -> bool,
) -> impl Iterator<Item = String> + 'a {
    let what = format!("{} at {}", short(claim), claim.scope.words());
    let promised = claim.promised.iter().filter(|promised| is_there(&promised.source));
    let worst = |worst: Option<Amount>| worst.map_or("no bound".to_owned(), |it| it.to_string());
    let promised = promised.map(move |promised| {
        format!("promised {}, worst case {}", promised.amount, worst(claim.worst))
    });
    let terms = claim.terms.iter().filter(|term| term.total() > 0 && is_there(&term.source));
    promised.chain(terms.map(|term| term.words())).map(move |text| format!("{what}: {text}"))
}

fn short(claim: &Claim) -> &'static str {
    crate::explain::short(claim.objective)
}

/// How much room the nodes have that a key of a region declares.
fn room(fleet: &Fleet, path: &[&str], text: &mut String) {
    let ["regions", region, rest @ ..] = path else { return };
    // The place of a pool in its list, by its name.
    let place = |room: &room::Room| {
        let mut nodes = fleet.model().fleet().nodes();
        let pool = nodes.find(|nodes| {
            nodes.name == room.region
                && nodes.pool.as_ref().map(|pool| &pool.name) == room.pool.as_ref()
        })?;
        Some(pool.pool.as_ref()?.index.to_string())
    };
    let is_asked = |room: &room::Room| match rest {
        [] => true,
        ["zones", ..] => room.pool.is_none(),
        ["pools"] => room.pool.is_some(),
        ["pools", number, ..] => place(room).as_deref() == Some(*number),
        _ => false,
    };
    let rooms = room::of(fleet.decided());
    let mut lines = BTreeMap::new();
    for room in rooms.iter().filter(|room| room.region.as_str() == *region && is_asked(room)) {
        for resource in &room.resources {
            let of = room.pool.as_ref().map(|pool| format!("pool `{pool}`, ")).unwrap_or_default();
            let asked = match &resource.worst {
                Some(worst) => {
                    let lost = worst.region.as_ref().map(|region| format!("`{region}`"));
                    let lost = lost.unwrap_or_else(|| "the largest zone".to_owned());
                    format!(
                        "{} of {} are requested when {lost} is lost",
                        worst.asked.text, worst.has.text
                    )
                }
                None => {
                    let least = resource.has.iter().min_by_key(|has| has.number);
                    let least = least.map_or("nothing", |has| has.text.as_str());
                    format!("{} of {least} are requested in one zone", resource.asked.text)
                }
            };
            lines.insert(format!("{of}{}: {asked}", resource.name), BTreeSet::new());
        }
    }
    list("Room", &lines, text);
}

/// Adds a list under its title; nothing where there is none.
fn list(title: &str, lines: &BTreeMap<String, BTreeSet<String>>, text: &mut String) {
    if lines.is_empty() {
        return;
    }
    text.push_str(&format!("\n**{title}**\n\n"));
    for (line, services) in lines.iter().take(LONGEST) {
        let of =
            if services.is_empty() { String::new() } else { format!(" ({})", named(services)) };
        text.push_str(&format!("- {line}{of}\n"));
    }
    if lines.len() > LONGEST {
        text.push_str(&format!("- … and {} more\n", lines.len() - LONGEST));
    }
}
