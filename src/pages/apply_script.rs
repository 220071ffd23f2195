//! The script that applies a region with `kubectl`: for whoever runs it, and for CI.

use super::Page;
use crate::decide::Decided;
use crate::kube::kinds::KINDS;
use crate::kube::{RegionName, delivery};
use crate::model::Installation;
use crate::plan::Origin;
use crate::plan::delivery::{FLEET, places};
use hmac_sha256::Hash;
use serde::Serialize;

/// The kind of the objects in which `kubectl` keeps what it applied.
const KIND: &str = "ApplySet";
const SINGULAR: &str = "applyset";
const PLURAL: &str = "applysets";
const GROUP: &str = "delivery.ninefold.dev";

/// The name of its file.
const FILE: &str = "apply.sh";

/// What the script says.
#[derive(Debug, Serialize)]
pub(crate) struct Script {
    region: String,
    /// The folders, in their order.
    sets: Vec<Set>,
    /// The kinds that nothing removes but a person.
    kept: Vec<&'static str>,
    /// The kinds that wait for the jobs of a release.
    late: Vec<&'static str>,
    kind: &'static str,
    singular: &'static str,
    plural: &'static str,
    group: &'static str,
}

/// A folder, and what marks everything in it.
#[derive(Debug, Serialize)]
struct Set {
    folder: String,
    id: String,
}

/// The script of every region, where `kubectl` delivers and the fleet asks for it.
pub(crate) fn scripts(decided: &Decided) -> Vec<(RegionName, Page<Script>, Origin)> {
    let fleet = decided.fleet();
    match fleet.installation {
        Installation::Script => {}
        Installation::ByHand | Installation::Objects(_) => return Vec::new(),
    }
    let origin = Origin { span: fleet.document.key(&["delivery"]), key: "delivery" };
    let script = |(region, services): (&RegionName, std::collections::BTreeSet<_>)| {
        let services = services.into_iter().map(crate::kube::ServiceName::plain);
        let late = KINDS.iter().filter(|row| delivery::waits_for_jobs(&row.kind));
        let values = Script {
            region: region.to_string(),
            sets: std::iter::once(FLEET)
                .chain(services)
                .map(|folder| Set {
                    folder: folder.to_owned(),
                    id: id(&format!("{region}-{folder}")),
                })
                .collect(),
            kept: KINDS.iter().filter(|row| row.precious).map(|row| row.name).collect(),
            late: late.map(|row| row.name).collect(),
            kind: KIND,
            singular: SINGULAR,
            plural: PLURAL,
            group: GROUP,
        };
        let page = Page { file: FILE.to_owned(), template: "delivery/apply.sh", values };
        (region.clone(), page, origin)
    };
    places(decided).into_iter().map(script).collect()
}

/// The value of the label on every object of the set `name`, as `kubectl` makes it: of the name, the
/// namespace, here none, the kind and the group of what the set is kept in (KEP-3659).
fn id(name: &str) -> String {
    let digest = Hash::hash(format!("{name}..{KIND}.{GROUP}").as_bytes());
    format!("applyset-{}-v1", base64(&digest))
}

/// Base64 with the alphabet of URLs, without padding (RFC 4648, section 5).
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..=three.len() {
            let six = (bits >> (18 - 6 * at)) & 63;
            text.push(char::from(ALPHABET[six as usize]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_sets_are_those_of_kubectl() {
        assert_eq!(base64(b"f"), "Zg");
        assert_eq!(base64(b"fo"), "Zm8");
        assert_eq!(base64(b"foobar"), "Zm9vYmFy");
        assert_eq!(base64(&[0xfb, 0xff]), "-_8");
    }
}
