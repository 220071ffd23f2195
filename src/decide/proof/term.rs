//! One number of a claim, and where it comes from.

use crate::decide::size::Because;
use crate::diag::Span;
use crate::model::Step;
use crate::quantity::{Bytes, Cpu, Date, Duration};
use std::borrow::Cow;
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
    /// How it follows from other numbers; empty where it is read as it stands.
    pub formula: Formula,
}

impl Term {
    /// A time that counts once.
    pub fn seconds(name: &'static str, time: Duration, source: Source) -> Term {
        Term { name, times: 1, amount: Amount::seconds(time), source, formula: Formula::default() }
    }

    /// The same, so many times.
    pub fn times(mut self, times: u64) -> Term {
        self.times = times;
        self
    }

    /// The same, with how it follows from other numbers.
    pub fn because(mut self, formula: impl Into<Formula>) -> Term {
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

/// How a number follows from others, with these in it. It is put into words when somebody reads it:
/// of most claims nobody does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Formula {
    /// In words; empty where there is nothing to say.
    Words(Cow<'static, str>),
    /// Something is lost so often in a hundred years, and takes so long each time.
    Expected {
        /// How often.
        rate: u64,
        /// How long.
        each: Amount,
    },
    /// What a number of replicas consists of.
    Replicas(Because),
}

impl Formula {
    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        matches!(self, Formula::Words(words) if words.is_empty())
    }
}

impl Default for Formula {
    fn default() -> Formula {
        Formula::Words(Cow::Borrowed(""))
    }
}

impl From<&'static str> for Formula {
    fn from(words: &'static str) -> Formula {
        Formula::Words(Cow::Borrowed(words))
    }
}

impl From<String> for Formula {
    fn from(words: String) -> Formula {
        Formula::Words(Cow::Owned(words))
    }
}

/// `0.3 a year × 1m 40s`.
impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Formula::Words(words) => f.write_str(words),
            Formula::Expected { rate, each } => {
                let often = format!("{}.{:02}", rate / 100, rate % 100);
                let often = often.trim_end_matches('0').trim_end_matches('.');
                write!(f, "{often} a year × {each}")
            }
            Formula::Replicas(because) => because.fmt(f),
        }
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
        key: Cow<'static, str>,
        /// Its place.
        span: Span,
    },
    /// Written in the fleet.
    Fleet {
        /// The key, with dots.
        key: Cow<'static, str>,
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
        /// What would be declared or measured instead.
        unless: Unless,
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

/// What would make an assumption needless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unless {
    /// Nothing can.
    Never,
    /// A drill.
    Measured(Step),
    /// A key of the fleet, or what else the words say.
    Said(Cow<'static, str>),
}

/// `regions.eus2.backup.queue is declared`.
impl fmt::Display for Unless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unless::Never => Ok(()),
            Unless::Measured(what) => {
                write!(f, "a drill measures it (`[[measured]]`, `what = \"{}\"`)", what.word())
            }
            Unless::Said(words) => f.write_str(words),
        }
    }
}

impl Source {
    /// What nobody can declare or measure.
    pub const GUESS: Source = Source::Assumed { unless: Unless::Never };

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
            Source::Assumed { unless: Unless::Never } => f.write_str("assumed"),
            Source::Assumed { unless } => write!(f, "assumed, unless {unless}"),
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
