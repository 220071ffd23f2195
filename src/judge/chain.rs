//! What a service rests on, as the ledgers have it: those that it calls, and those that they call.

use super::promise::{OfService, Promise};
use super::report::Scope;
use crate::quantity::Duration;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What those below a service make of its own promise.
#[derive(Debug, Default)]
pub(super) struct Below {
    /// Each that may be back only after the service should be, with the chain to it.
    pub(super) slower: Vec<String>,
    /// Each that is promised for less of a year.
    pub(super) lower: Vec<String>,
}

/// Looks at everything that a service rests on in a region that is lost.
pub(super) fn below(
    promises: &BTreeMap<String, OfService>,
    (service, region): (&str, &str),
    own: &Promise,
) -> Below {
    let mut found = Below::default();
    let mut seen = BTreeSet::from([service.to_owned()]);
    let mut open: VecDeque<(&Promise, String)> = VecDeque::from([(own, String::new())]);
    while let Some((promise, chain)) = open.pop_front() {
        for name in &promise.rests_on {
            let there = promises.get(name).and_then(|of| of.get(region));
            let Some(there) = there.filter(|_| seen.insert(name.clone())) else { continue };
            let chain = match chain.as_str() {
                "" => format!("`{name}`"),
                chain => format!("{chain}, which calls `{name}`"),
            };
            found.slower.extend(slower(own, there, &chain));
            found.lower.extend(lower(own, there, &chain));
            open.push_back((there, chain));
        }
    }
    found
}

fn slower(own: &Promise, there: &Promise, chain: &str) -> Option<String> {
    let rto = own.rto(Scope::Region)?.promised?;
    let back = there.rto(Scope::Region)?.worst;
    if back.is_some_and(|back| back <= rto) {
        return None;
    }
    let back = match back {
        Some(back) => format!("is back after {}", Duration::seconds(back)),
        None => "has no bound for when it is back".to_owned(),
    };
    let rto = Duration::seconds(rto);
    Some(format!("it rests on {chain}: that {back} by its ledger, and the RTO is {rto}"))
}

fn lower(own: &Promise, there: &Promise, chain: &str) -> Option<String> {
    let (own, there) = (own.availability()?, there.availability()?);
    let percent = |share: u64| {
        let text = format!("{}.{:04}", share / 10_000, share % 10_000);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    (there < own).then(|| {
        format!(
            "rests on {chain}, promised for {} % of a year, itself for {} %",
            percent(there),
            percent(own)
        )
    })
}
