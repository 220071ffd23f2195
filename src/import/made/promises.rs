//! What a ledger says of the promises of a service.

use crate::import::guess::Promised;
use crate::quantity::Duration;
use crate::tree::Ledger;
use serde_json::Value;

/// What was promised; nothing that no ledger says.
#[derive(Clone, Debug, Default)]
pub(in crate::import) struct Promises {
    /// The RPO and the RTO.
    pub(in crate::import) promised: Option<Promised>,
    /// How it comes back in another region.
    pub(in crate::import) recovery: Option<String>,
    /// Where its data may be.
    pub(in crate::import) residency: Vec<String>,
    /// What judges restored data.
    pub(in crate::import) verify: Vec<String>,
    /// Whether something keeps a copy in another region.
    pub(in crate::import) copied: bool,
    /// How far that is behind at worst.
    pub(in crate::import) lag: Option<Duration>,
    /// How long a replica takes to start at worst, with all that ends before it.
    pub(in crate::import) start: Option<Duration>,
}

/// The premise of a copy.
const COPY: &str = "replication";
/// The term of how far it is behind.
const LAG: &str = "replication lag";
/// The term of a start.
const START: &str = "start";

impl Promises {
    pub(super) fn read(ledger: &Ledger) -> Promises {
        let regions: Vec<Value> =
            ledger.promises().values().map(|promise| promise.value()).collect();
        let promised = |objective: &str| {
            let claims = regions.iter().filter_map(|region| region["claims"].as_object());
            let all = claims.flat_map(|losses| losses.values());
            all.filter_map(|claims| claims[objective]["promised"].as_u64()).max()
        };
        let words = |key: &str| -> Vec<String> {
            let all = regions.iter().filter_map(|region| region[key].as_array());
            let longest = all.max_by_key(|words| words.len()).into_iter().flatten();
            longest.filter_map(|word| Some(word.as_str()?.to_owned())).collect()
        };
        let lag = regions
            .iter()
            .find_map(|region| region["claims"]["region"]["rpo"]["terms"][LAG].as_u64());
        let claims = regions.iter().filter_map(|region| region["claims"].as_object());
        let starts = claims.flat_map(|losses| losses.values());
        let start = starts.filter_map(|claims| claims["rto"]["terms"][START].as_u64()).max();
        let recovery = regions.iter().find_map(|region| region["strategy"].as_str());
        let promised = promised("rpo").zip(promised("rto")).map(|(rpo, rto)| Promised {
            rpo: Duration::seconds(rpo),
            rto: Duration::seconds(rto),
        });
        Promises {
            promised,
            recovery: recovery.filter(|_| regions.len() > 1).map(str::to_owned),
            residency: words("residency"),
            verify: words("verify"),
            copied: words("premises").iter().any(|premise| premise == COPY),
            lag: lag.map(Duration::seconds),
            start: start.map(Duration::seconds),
        }
    }
}
