//! Versions of Velero, and what is true of each.

use super::version::Release;

/// A version of Velero, `1.18.4`.
pub type Version = Release<1>;

/// The first that has what is asked of it.
#[derive(Clone, Copy, Debug)]
pub struct Since {
    /// The version.
    pub version: Version,
    /// What came with it, as a sentence goes on: `leaves out …`.
    pub what: &'static str,
    /// Where that stands.
    pub source: &'static str,
}

/// What every backup needs.
pub const NEEDED: &[Since] = &[
    Since {
        version: Version { minor: 16, patch: 0 },
        what: "chooses volumes by the labels of their claims (`pvcLabels`)",
        source: "velero `internal/resourcepolicies`",
    },
    Since {
        version: Version { minor: 17, patch: 0 },
        what: "leaves out VolumeSnapshots that somebody else made",
        source: "velero#5781",
    },
];

/// What several backups at a time need.
pub const CONCURRENT: Since = Since {
    version: Version { minor: 18, patch: 0 },
    what: "runs several backups at a time (`--concurrent-backups`)",
    source: "velero `pkg/cmd/server/config/config.go`",
};

/// Something that stops backups in some versions.
#[derive(Clone, Copy, Debug)]
pub struct Stop {
    /// The first that has it.
    pub from: Version,
    /// The first that has it no more.
    pub mended: Version,
    /// What happens, as a sentence goes on.
    pub what: &'static str,
    /// Where that stands.
    pub source: &'static str,
}

/// What is known to stop backups for ever.
pub const STOPS: &[Stop] = &[Stop {
    from: Version { minor: 18, patch: 0 },
    mended: Version { minor: 18, patch: 4 },
    what: "takes nothing from its queue any more once a location was out of reach for a while",
    source: "velero#10519",
}];

/// A flag of the server by which a backup, or a restore, becomes another one, or none.
#[derive(Clone, Copy, Debug)]
pub struct Flag {
    /// Its name, without the dashes.
    pub name: &'static str,
    /// What makes it harmless.
    pub harmless: Harmless,
}

/// What makes a flag of the server harmless.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Harmless {
    /// Every Schedule says it itself, in this field of its `spec`.
    Schedule(&'static [&'static str]),
    /// Every BackupStorageLocation says it itself, in this field of its `spec`.
    Location(&'static str),
    /// It must be what the fleet declares, or is not there: whoever checks a region asks.
    Asked,
}

/// All of them (velero `pkg/cmd/server/config/config.go`, `pkg/controller/backup_controller.go`,
/// `prepareBackupRequest`; the policies since its main of 2026-09; the modifier, of every restore that names
/// none, since velero#10098). What only makes a backup faster, or concerns what no Schedule asks for
/// (`--uploader-type`, `--fs-backup-timeout`), is none.
pub const FLAGS: &[Flag] = &[
    in_schedule("default-backup-ttl", &["template", "ttl"]),
    in_schedule("default-item-operation-timeout", &["template", "itemOperationTimeout"]),
    in_schedule("default-snapshot-move-data", &["template", "snapshotMoveData"]),
    in_schedule("default-volumes-to-fs-backup", &["template", "defaultVolumesToFsBackup"]),
    in_schedule("default-backup-storage-location", &["template", "storageLocation"]),
    in_schedule("schedule-skip-immediately", &["skipImmediately"]),
    Flag { name: "backup-sync-period", harmless: Harmless::Location("backupSyncPeriod") },
    Flag {
        name: "store-validation-frequency",
        harmless: Harmless::Location("validationFrequency"),
    },
    Flag { name: "concurrent-backups", harmless: Harmless::Asked },
    Flag { name: "restore-only", harmless: Harmless::Asked },
    Flag { name: "disable-controllers", harmless: Harmless::Asked },
    Flag { name: "global-backup-volume-policies-configmap", harmless: Harmless::Asked },
    Flag { name: "default-resource-modifier-configmap", harmless: Harmless::Asked },
];

const fn in_schedule(name: &'static str, field: &'static [&'static str]) -> Flag {
    Flag { name, harmless: Harmless::Schedule(field) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_velero_prints_them() {
        assert_eq!("v1.18.4".parse(), Ok(Version { minor: 18, patch: 4 }));
        assert_eq!("1.17.0".parse::<Version>().unwrap().to_string(), "1.17.0");
        for text in ["1.18", "1", "", "2.0.0", "1.18.x", "1.18.4-rc.1", "1..4"] {
            assert_eq!(text.parse::<Version>(), Err(()), "{text}");
        }
    }
}
