//! Sets of addresses, as the `ipBlock` of a NetworkPolicy names them.

use std::fmt;
use std::net::IpAddr;

/// Addresses of both families. Two sets are equal exactly when they hold the same addresses, however
/// they were written.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Addresses(Vec<Run>);

/// Addresses from the first to the last of one family, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Run {
    wide: bool,
    first: u128,
    last: u128,
}

/// How many ranges are spelled out.
const SHOWN: usize = 3;

impl Addresses {
    /// The addresses of a range; none when it is no range.
    pub fn of(cidr: &str) -> Option<Addresses> {
        let (address, length) = cidr.split_once('/')?;
        let length: u32 = length.parse().ok()?;
        let (wide, bits, number) = match address.parse().ok()? {
            IpAddr::V4(address) => (false, 32, u128::from(u32::from(address))),
            IpAddr::V6(address) => (true, 128, u128::from(address)),
        };
        let free = u32::checked_sub(bits, length)?;
        let mask = if free == 128 { u128::MAX } else { (1 << free) - 1 };
        Some(Addresses(vec![Run { wide, first: number & !mask, last: number | mask }]))
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those of either set.
    #[must_use]
    pub fn with(&self, other: &Addresses) -> Addresses {
        let mut runs: Vec<Run> = self.0.iter().chain(&other.0).copied().collect();
        runs.sort_unstable();
        let mut joined: Vec<Run> = Vec::new();
        for run in runs {
            match joined.last_mut() {
                Some(before)
                    if before.wide == run.wide && run.first <= before.last.saturating_add(1) =>
                {
                    before.last = before.last.max(run.last);
                }
                _ => joined.push(run),
            }
        }
        Addresses(joined)
    }

    /// Those that the other set does not hold.
    #[must_use]
    pub fn without(&self, other: &Addresses) -> Addresses {
        let mut left = self.0.clone();
        for hole in &other.0 {
            left = left.into_iter().flat_map(|run| cut(run, *hole)).collect();
        }
        Addresses(left).with(&Addresses::default())
    }

    /// The fewest ranges that make up the set: `10.0.0.0/8`.
    pub fn ranges(&self) -> Vec<String> {
        self.0.iter().flat_map(|run| run.ranges()).collect()
    }
}

/// A run less a hole: what is before it, and what is behind it.
fn cut(run: Run, hole: Run) -> Vec<Run> {
    if run.wide != hole.wide || hole.last < run.first || run.last < hole.first {
        return vec![run];
    }
    let before = (hole.first > run.first).then(|| Run { last: hole.first - 1, ..run });
    let behind = (hole.last < run.last).then(|| Run { first: hole.last + 1, ..run });
    before.into_iter().chain(behind).collect()
}

impl Run {
    fn ranges(self) -> Vec<String> {
        let bits: u32 = if self.wide { 128 } else { 32 };
        let mut found = Vec::new();
        let mut first = self.first;
        loop {
            let aligned = if first == 0 { bits } else { first.trailing_zeros().min(bits) };
            let fits = |free: &u32| match free {
                128 => first == 0 && self.last == u128::MAX,
                free => first.checked_add((1 << free) - 1).is_some_and(|last| last <= self.last),
            };
            let free = (0..=aligned).rev().find(fits).unwrap_or(0);
            let address = match self.wide {
                true => IpAddr::from(std::net::Ipv6Addr::from(first)),
                false => {
                    IpAddr::from(std::net::Ipv4Addr::from(u32::try_from(first).unwrap_or(u32::MAX)))
                }
            };
            found.push(format!("{address}/{}", bits - free));
            let last = if free == 128 { u128::MAX } else { first + ((1 << free) - 1) };
            if last >= self.last {
                return found;
            }
            first = last + 1;
        }
    }
}

impl fmt::Display for Addresses {
    /// `10.0.0.0/8, 192.168.0.0/16`, and how many more there are; what is nearly everything, by what it
    /// lacks: `0.0.0.0/0 without 10.0.0.0/8`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        for (wide, all) in [(false, "0.0.0.0/0"), (true, "::/0")] {
            let own = Addresses(self.0.iter().filter(|run| run.wide == wide).copied().collect());
            if own.is_empty() {
                continue;
            }
            let ranges = own.ranges();
            let lacks =
                Addresses::of(all).map(|all| all.without(&own).ranges()).unwrap_or_default();
            parts.push(match lacks.len() <= SHOWN && lacks.len() < ranges.len() {
                true => format!("{all} without {}", some(&lacks)),
                false => some(&ranges),
            });
        }
        f.write_str(&parts.join(", "))
    }
}

/// The first of some ranges, and how many more there are.
fn some(ranges: &[String]) -> String {
    let shown = ranges[..ranges.len().min(SHOWN)].join(", ");
    match ranges.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more ranges"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(ranges: &[&str]) -> Addresses {
        let each = ranges.iter().map(|range| Addresses::of(range).unwrap());
        each.fold(Addresses::default(), |all, one| all.with(&one))
    }

    #[test]
    fn two_halves_are_the_whole() {
        assert_eq!(of(&["10.0.0.0/9", "10.128.0.0/9"]), of(&["10.0.0.0/8"]));
        assert_eq!(of(&["10.0.0.0/8", "10.1.0.0/16"]), of(&["10.0.0.0/8"]));
        assert_eq!(of(&["0.0.0.0/0"]).ranges(), ["0.0.0.0/0"]);
        assert_eq!(of(&["::/0"]).ranges(), ["::/0"]);
        assert_ne!(of(&["0.0.0.0/0"]), of(&["::/96"]));
    }

    #[test]
    fn what_is_left_is_told_in_ranges() {
        let left = of(&["10.0.0.0/8"]).without(&of(&["10.64.0.0/10"]));
        assert_eq!(left.ranges(), ["10.0.0.0/10", "10.128.0.0/9"]);
        assert!(of(&["10.1.0.0/16"]).without(&of(&["10.0.0.0/8"])).is_empty());
        let whole = of(&["::/0"]).without(&of(&["2001:db8::/32"]));
        assert_eq!(whole.with(&of(&["2001:db8::/32"])).ranges(), ["::/0"]);
        let hole = of(&["10.0.0.0/8"]).without(&of(&["10.0.0.7/32"]));
        assert_eq!(hole.to_string(), "10.0.0.0/30, 10.0.0.4/31, 10.0.0.6/32 and 21 more ranges");
        let nearly = of(&["0.0.0.0/0"]).without(&of(&["10.0.0.0/8"]));
        assert_eq!(nearly.to_string(), "0.0.0.0/0 without 10.0.0.0/8");
    }

    #[test]
    fn what_is_no_range_is_none() {
        for wrong in ["10.0.0.0", "10.0.0.0/33", "x/8", "::/129", "10.0.0.0/-1"] {
            assert_eq!(Addresses::of(wrong), None, "{wrong}");
        }
    }
}
