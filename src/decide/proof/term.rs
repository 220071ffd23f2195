//! One number of a claim, and where it comes from.

use crate::diag::Span;
use crate::quantity::{Bytes, Cpu, Date, Duration};
use std::fmt;

/// One number of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// What it is, in words; unique within its claim: `between two backups`.
    pub name: &'static str,
    /// How many times it counts.
    pub times: u64,
    /// The number.
    pub amount: Amount,
    /// Where it comes from.
    pub source: Source,
    /// How it follows from other numbers, with these numbers in it; empty where it is read as it
    /// stands.
    pub formula: String,
}

impl Term {
    /// A time that counts once.
    pub fn seconds(name: &'static str, time: Duration, source: Source) -> Term {
        Term { name, times: 1, amount: Amount::seconds(time), source, formula: String::new() }
    }

    /// The same, so many times.
    pub fn times(mut self, times: u64) -> Term {
        self.times = times;
        self
    }

    /// The same, with how it follows from other numbers.
    pub fn because(mut self, formula: impl Into<String>) -> Term {
        self.formula = formula.into();
        self
    }

    /// What it adds to the sum, in the unit of its amount.
    pub fn total(&self) -> u64 {
        self.amount.number.saturating_mul(self.times)
    }

    /// `2 × 15m between two backups`, `5m queue (assumed)`.
    pub fn words(&self) -> String {
        let times = if self.times == 1 { String::new() } else { format!("{} × ", self.times) };
        let assumed = if self.source.is_assumed() { " (assumed)" } else { "" };
        format!("{times}{} {}{assumed}", self.amount, self.name)
    }
}

/// A number with its unit; always whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount {
    /// The number.
    pub number: u64,
    /// What it counts.
    pub unit: Unit,
}

impl Amount {
    /// A time.
    pub const fn seconds(time: Duration) -> Amount {
        Amount { number: time.as_seconds(), unit: Unit::Seconds }
    }

    /// So many replicas.
    pub const fn replicas(number: u32) -> Amount {
        Amount { number: number as u64, unit: Unit::Replicas }
    }
}

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Replicas.
    Replicas,
    /// Thousandths of a core.
    MilliCpu,
    /// Bytes.
    Bytes,
    /// A share: millionths of one.
    Millionths,
}

/// As people write it: `57m`, `3 replicas`, `1500m`, `40Gi`, `99.95 %`.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.unit {
            Unit::Seconds => Duration::seconds(self.number).fmt(f),
            Unit::Replicas if self.number == 1 => f.write_str("1 replica"),
            Unit::Replicas => write!(f, "{} replicas", self.number),
            Unit::MilliCpu => Cpu::millis(self.number).fmt(f),
            Unit::Bytes => Bytes::new(self.number).fmt(f),
            Unit::Millionths => {
                let text = format!("{}.{:04}", self.number / 10_000, self.number % 10_000);
                write!(f, "{} %", text.trim_end_matches('0').trim_end_matches('.'))
            }
        }
    }
}

/// Where a number comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Written in the service's spec.
    Spec {
        /// The key, with dots.
        key: String,
        /// Its place.
        span: Span,
    },
    /// Written in the fleet.
    Fleet {
        /// The key, with dots.
        key: String,
        /// Its place.
        span: Span,
    },
    /// A field of the tier, built in or overridden.
    Tier {
        /// The tier.
        tier: String,
        /// The field, with dots.
        field: &'static str,
    },
    /// The default of Kubernetes.
    Kubernetes {
        /// Its own name for it, and where that stands.
        reference: &'static str,
    },
    /// The default of Velero.
    Velero {
        /// Its own name for it, and where that stands.
        reference: &'static str,
    },
    /// Ninefold decided it, and wrote it into a manifest, so that it is enforced.
    Decided {
        /// The field, with its kind: `schedule.spec.schedule`.
        field: &'static str,
    },
    /// A constant of Ninefold's, which nothing in a spec, the fleet or the tier changes.
    BuiltIn,
    /// A budget that Ninefold proves to hold for everything in the region together.
    Proven,
    /// What is claimed of a service that it rests on.
    Claimed {
        /// The service.
        of: String,
    },
    /// A cautious guess, as nobody declared or measured it.
    Assumed {
        /// What to declare or measure instead; empty where nothing can be.
        instead: String,
    },
    /// Measured in a drill.
    Measured {
        /// The day.
        on: Date,
        /// By whom or in what, as the fleet says.
        words: String,
        /// Its place in the fleet.
        span: Span,
    },
}

impl Source {
    /// Whether nobody declared, decided or measured it.
    pub fn is_assumed(&self) -> bool {
        matches!(self, Source::Assumed { .. })
    }

    /// The place in a spec or in the fleet, where there is one.
    pub fn span(&self) -> Option<Span> {
        match self {
            Source::Spec { span, .. }
            | Source::Fleet { span, .. }
            | Source::Measured { span, .. } => Some(*span),
            Source::Tier { .. }
            | Source::Kubernetes { .. }
            | Source::Velero { .. }
            | Source::Decided { .. }
            | Source::BuiltIn
            | Source::Proven
            | Source::Claimed { .. }
            | Source::Assumed { .. } => None,
        }
    }
}

/// In words: `spec rpo`, `tier gold: backup.failed_runs`, `assumed`.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Spec { key, .. } => write!(f, "spec {key}"),
            Source::Fleet { key, .. } => write!(f, "fleet {key}"),
            Source::Tier { tier, field } => write!(f, "tier {tier}: {field}"),
            Source::Kubernetes { reference } => write!(f, "Kubernetes: {reference}"),
            Source::Velero { reference } => write!(f, "Velero: {reference}"),
            Source::Decided { field } => write!(f, "decided, in {field}"),
            Source::BuiltIn => f.write_str("built in"),
            Source::Proven => f.write_str("proven for the region"),
            Source::Claimed { of } => write!(f, "claimed of {of}"),
            Source::Assumed { instead } if instead.is_empty() => f.write_str("assumed"),
            Source::Assumed { instead } => write!(f, "assumed, unless {instead}"),
            Source::Measured { on, words, .. } => write!(f, "measured on {on}: {words}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_print_as_people_write_them() {
        let print = |number, unit| Amount { number, unit }.to_string();
        assert_eq!(print(3420, Unit::Seconds), "57m");
        assert_eq!(print(1, Unit::Replicas), "1 replica");
        assert_eq!(print(1500, Unit::MilliCpu), "1500m");
        assert_eq!(print(40 << 30, Unit::Bytes), "40Gi");
        assert_eq!(print(999_500, Unit::Millionths), "99.95 %");
        assert_eq!(print(1_000_000, Unit::Millionths), "100 %");
    }
}
