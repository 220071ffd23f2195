//! The log of a database: how fast it grows, the volume that it has for itself, and how long that
//! holds while nothing is archived.
//!
//! PostgreSQL removes no segment that was not archived, and stops when their volume is full
//! (`docs/facts.md`, "Engines that replicate data"). So an archive that is away, mostly with the region
//! in which it is stored, leaves so many hours to name another one.

use super::database::{Numbers, SEGMENT};
use super::{Number, Reason, ServiceInRegion};
use crate::diag::{Code, Diagnostic, Sink};
use crate::model::Postgresql;
use crate::quantity::{Bytes, Duration};

/// What is there while everything is archived: `max_wal_size` of 1 GB, which PostgreSQL goes beyond
/// under load, and `wal_keep_size` of 512 MB, as CloudNativePG has them.
const KEPT: Bytes = Bytes::mebibytes(2048);

/// How long the volume must hold: until somebody was woken, has decided, and another archive is
/// delivered.
pub(crate) const HOLDS: Duration = Duration::minutes(240);

const HOUR: Duration = Duration::minutes(60);
const MEBIBYTE: u64 = 1 << 20;
const GIBIBYTE: u64 = 1 << 30;

/// How much log is written in an hour: declared, or as much between two base backups as the database
/// holds, and no less than a segment for each time that one is closed.
pub(super) fn per_hour(
    database: &Postgresql,
    (every, closed): (Duration, Option<Duration>),
) -> Bytes {
    if let Some(declared) = database.wal_per_hour {
        return declared;
    }
    let hours = |bytes: Bytes, time: Duration| {
        let seconds = u128::from(time.as_seconds().max(1));
        (u128::from(bytes.get()) * u128::from(HOUR.as_seconds())).div_ceil(seconds)
    };
    let idle = closed.map_or(0, |closed| hours(SEGMENT, closed));
    rounded(hours(database.size, every).max(idle), MEBIBYTE)
}

/// How large the volume of the log is: as the spec says, or as what is written in the time for which
/// it must hold.
pub(super) fn size(database: &Postgresql, per_hour: Bytes) -> Bytes {
    database.wal_size.unwrap_or_else(|| least(per_hour))
}

/// The least size that holds long enough.
fn least(per_hour: Bytes) -> Bytes {
    rounded(u128::from(written(per_hour, HOLDS).get()) + u128::from(KEPT.get()), GIBIBYTE)
}

/// How much is written in an hour at most, where a volume of this size is the least that holds.
pub(crate) fn per_hour_of(size: Bytes) -> Option<Bytes> {
    let room = size.get().checked_sub(KEPT.get())?;
    let per_hour = u128::from(room) * u128::from(HOUR.as_seconds());
    let per_hour = per_hour / u128::from(HOLDS.as_seconds()) / u128::from(MEBIBYTE);
    let per_hour = u64::try_from(per_hour).ok()? * MEBIBYTE;
    (per_hour > 0).then(|| Bytes::new(per_hour))
}

/// How much is written in a time.
fn written(per_hour: Bytes, time: Duration) -> Bytes {
    let bytes = u128::from(per_hour.get()) * u128::from(time.as_seconds());
    rounded(bytes.div_ceil(u128::from(HOUR.as_seconds())), 1)
}

/// Up to a whole unit.
fn rounded(bytes: u128, unit: u64) -> Bytes {
    let units = bytes.div_ceil(u128::from(unit)).saturating_mul(u128::from(unit));
    Bytes::new(u64::try_from(units).unwrap_or(u64::MAX))
}

impl Numbers {
    /// How long the volume of the log holds while nothing is archived.
    pub(crate) fn holds(&self) -> Duration {
        let room = u128::from(self.wal_size.get().saturating_sub(KEPT.get()));
        let seconds =
            room * u128::from(HOUR.as_seconds()) / u128::from(self.wal_per_hour.get().max(1));
        Duration::seconds(u64::try_from(seconds).unwrap_or(u64::MAX))
    }

    /// How much log there is once half of that time has passed.
    pub(crate) fn half_full(&self) -> Bytes {
        let room = self.wal_size.get().saturating_sub(KEPT.get());
        Bytes::new(self.wal_size.get() - room / 2)
    }

    /// How much log was written since the last base backup, at worst.
    pub(crate) fn since_base(&self) -> Bytes {
        written(self.wal_per_hour, self.base_interval)
    }
}

/// `1Gi an hour (assumed)`
pub(crate) fn rate(here: &ServiceInRegion<'_>, database: &Numbers) -> String {
    let declared = here.service.postgresql.as_ref().is_some_and(|it| it.wal_per_hour.is_some());
    let assumed = if declared { "" } else { " (assumed)" };
    format!("{} an hour{assumed}", database.wal_per_hour)
}

/// The size of the volume of the log.
pub(crate) fn volume<'a>(
    here: &'a ServiceInRegion<'_>,
    database: &'a Numbers,
) -> Number<Bytes, impl FnOnce() -> Reason + use<'a>> {
    Number::new(database.wal_size, move || {
        let own = here.in_spec(&["data", "postgresql", "wal_size"]);
        let rate_of = here.in_spec(&["data", "postgresql", "wal_per_hour"]);
        let words = format!(
            "{KEPT} that are there anyway, and {} of log, {}: while nothing is archived, nothing of it is removed, and when it is full, PostgreSQL stops",
            database.holds(),
            rate(here, database)
        );
        Reason::new(words).or_built_in(own.or(rate_of))
    })
}

/// A volume of the log that is full before somebody can have named another archive.
pub(super) fn check(sink: &mut Sink, here: &ServiceInRegion<'_>) {
    let service = here.service;
    let Some(database) = here.database.as_deref().filter(|_| here.role.backs_up) else { return };
    let (holds, platform) = (database.holds(), here.region.postgresql.as_ref());
    let Some(platform) = platform.filter(|_| holds < HOLDS) else { return };
    let mut finding = Diagnostic::new(
        Code::WAL_FILLS_UP,
        format!(
            "the log of the database of `{}` fills its volume {holds} after nothing is archived any more",
            service.name
        ),
    )
    .at(service.at(&["data", "postgresql", "wal_size"]), "")
    .note(format!(
        "({} − {KEPT} that are there anyway) ÷ {} = {holds}; then PostgreSQL stops",
        database.wal_size,
        rate(here, database)
    ));
    let follows = service.regions.iter().any(|region| {
        region.name != here.region.name && platform.stored_in == region.name.as_str()
    });
    if follows {
        let path = ["regions", here.region.name.as_str(), "postgresql", "stored_in"];
        finding = finding.related(
            here.fleet.document.at(&path),
            "its archive stands where it stands by: that loss alone is enough",
        );
    }
    sink.error(finding.help(format!(
        "write `wal_size = \"{}\"` or more, which holds {HOLDS}, until another archive is named; or leave it out",
        least(database.wal_per_hour)
    )));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_volume_holds_as_long_as_it_must_and_no_gibibyte_more() {
        for mebibytes in [1, 240, 1000, 1024, 6827, 100_000] {
            let per_hour = Bytes::mebibytes(mebibytes);
            let of = |wal_size| Numbers {
                instances: 1,
                full: 1,
                cpu: crate::quantity::Cpu::millis(1),
                memory: per_hour,
                allowed_lag: HOUR,
                archive_timeout: None,
                base_interval: HOUR,
                wal_per_hour: per_hour,
                wal_size,
            };
            let size = least(per_hour);
            assert!(of(size).holds() >= HOLDS, "{per_hour}");
            assert!(of(Bytes::new(size.get() - GIBIBYTE)).holds() < HOLDS, "{per_hour}");
            assert!(of(size).half_full() > KEPT && of(size).half_full() < size);
        }
    }

    #[test]
    fn nothing_overflows() {
        let most = Bytes::new(u64::MAX);
        assert_eq!(written(most, Duration::seconds(u64::MAX)), most);
        assert!(least(most) > KEPT);
    }
}
