//! The table of findings.

use super::Severity;

/// A row of [`CODES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(u16);

/// What there is to say about every finding of one code.
#[derive(Debug)]
pub struct Row {
    /// Its name, in words: `rpo-out-of-reach`.
    pub name: &'static str,
    /// Whether it stops the compilation, unless the finding itself says otherwise.
    pub severity: Severity,
    /// One line: what it means.
    pub summary: &'static str,
    /// The page that `ninefold explain` prints, in Markdown.
    pub page: &'static str,
}

impl Code {
    /// The code of that name.
    pub fn find(name: &str) -> Option<Code> {
        let at = CODES.iter().position(|row| row.name == name)?;
        u16::try_from(at).ok().map(Code)
    }

    /// Its row.
    pub fn row(self) -> &'static Row {
        &CODES[self.0 as usize]
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.row().name
    }
}

macro_rules! codes {
    ($($constant:ident $name:literal $severity:ident $summary:literal)*) => {
        /// Every finding, by the alphabet.
        pub const CODES: &[Row] = &[$(Row {
            name: $name,
            severity: Severity::$severity,
            summary: $summary,
            page: include_str!(concat!("codes/", $name, ".md")),
        }),*];

        #[expect(non_camel_case_types, clippy::upper_case_acronyms, reason = "only to number the rows")]
        enum Number { $($constant),* }

        impl Code {
            $(#[doc = $summary] pub const $constant: Code = Code(Number::$constant as u16);)*
        }
    };
}

codes! {
    ACCEPT_EXPIRED "accept-expired" Error "an `[[accept]]` ended before the inventory was taken"
    ACCEPT_UNUSED "accept-unused" Warning "an `[[accept]]` accepts nothing that was found"
    AUTOSCALE_BOUNDS "autoscale-bounds" Error "an autoscaler could go below what the tier needs, or cannot move"
    BACKUP_LOCATION "backup-location" Error "no backup location of the region is where the tier asks for it"
    BACKUP_QUEUE "backup-queue" Error "backups of a region may wait for longer than every RPO counts on"
    BACKUP_TOO_LONG "backup-too-long" Error "a backup could still run when the next one is due"
    BACKUPS_SHARED "backups-shared" Error "two locations write to the same folder of a bucket"
    CONFIG_KEY "config-key" Error "a key of `[config]` cannot be an environment variable"
    CONTROL_CHARACTER "control-character" Error "a string holds a character that YAML readers change or refuse"
    CONTROL_PLANE_MANAGED "control-plane-managed" Error "the control plane of a managed cluster is out of reach"
    DATA_LEFT_BEHIND "data-left-behind" Warning "a stateful service starts with empty volumes under its new identity"
    DEPENDENCY_NOT_HERE "dependency-not-here" Error "a service depends on one that does not run in the same region"
    DNS_ROUTING "dns-routing" Error "a DNS zone cannot move users as the service wants"
    DUPLICATE_NAME "duplicate-name" Error "two things of one service share a name, a port or a path"
    DUPLICATE_SERVICE "duplicate-service" Error "two specs describe a service of the same name"
    FAILOVER_UNSAFE "failover-unsafe" Error "health checks would move users to a region that cannot serve them"
    FILE_TOO_LARGE "file-too-large" Error "a ConfigMap would be larger than Kubernetes stores"
    FOREIGN_FILE "foreign-file" Error "a file that Ninefold did not write is in the way"
    GENERATION_LOST "generation-lost" Error "a former generation that must stay is not what its ledger says"
    HEALTH_CHECK "health-check" Error "a record that should fail over is never found unhealthy"
    IMAGE_WITHOUT_DIGEST "image-without-digest" Error "an image is named by a tag, which can change its meaning"
    IMMEDIATE_BINDING "immediate-binding" Error "a zonal volume would be made before its pod is scheduled"
    IMMUTABLE_FIELD "immutable-field" Warning "a field changes that Kubernetes lets nobody change"
    INVALID_NAME "invalid-name" Error "a name is none that Kubernetes accepts"
    KUBERNETES_VERSION "kubernetes-version" Error "a region runs a Kubernetes that lacks what the manifests need"
    LEDGER_UNREADABLE "ledger-unreadable" Error "a ledger cannot be read, so nobody knows whose files these are"
    MEASUREMENT_STALE "measurement-stale" Error "a promise rests on a measurement that is too old for its tier"
    MISSING_KEY "missing-key" Error "a key that is required is missing"
    MOUNT_PATH "mount-path" Error "a path is not absolute, or collides with another mount"
    NAME_TOO_LONG "name-too-long" Error "an object's name would be longer than its kind allows"
    NO_ARCHIVE "no-archive" Error "a database has nowhere to archive"
    NO_ENTRY "no-entry" Error "a service is to be reached by users, and nothing leads them into a region"
    NO_FLEET "no-fleet" Error "there is no `fleet.toml`"
    NO_PROBE "no-probe" Warning "nothing tells whether a replica is ready"
    NO_SERVICE "no-service" Error "there is no spec of a service"
    NO_SNAPSHOTS "no-snapshots" Error "a volume is to be backed up, and its storage class takes no snapshots"
    NOT_UTF8 "not-utf8" Error "a file is not UTF-8 text"
    OBJECT_TWICE "object-twice" Error "two manifests describe the same object"
    PORT_RENAMED "port-renamed" Warning "a port of a Service gets another name, which no running pod has"
    PORT_UNKNOWN "port-unknown" Error "a port is named that the service does not have"
    PRIVILEGED_PORT "privileged-port" Error "a port needs a privilege that no container gets"
    REFERENCE_CYCLE "reference-cycle" Error "objects refer to each other in a circle, so none can be named first"
    REFERENCE_DANGLING "reference-dangling" Error "an object refers to one that is not there"
    REPLICATION_LAG "replication-lag" Error "a replication is further behind than the RPO allows"
    REPLICATION_MODE "replication-mode" Error "an engine is to commit in two regions, and only copies"
    RESERVED_NAME "reserved-name" Error "a name is one that Ninefold or the cluster uses itself"
    RESIDENCY "residency" Error "data would leave the geographies it is bound to"
    RETAIN_NOTHING "retain-nothing" Warning "no former generation stays, so a change takes the service down"
    RPO_NEEDS_REPLICATION "rpo-needs-replication" Error "no backup can keep an RPO this small"
    RPO_OUT_OF_REACH "rpo-out-of-reach" Error "more data than the RPO allows could be lost"
    RTO_OUT_OF_REACH "rto-out-of-reach" Error "a service could be away for longer than its RTO"
    SECRET_LITERAL "secret-literal" Error "a credential is written into a spec"
    STANDBY_WITHOUT_DATA "standby-without-data" Warning "a region stands by for a service with volumes, and nothing copies them there"
    STATEFUL_NEEDED "stateful-needed" Error "a Deployment cannot keep volumes"
    STORAGE_CLASS_UNKNOWN "storage-class-unknown" Error "a region has no storage class of that name"
    STRATEGY_NOT_ALLOWED "strategy-not-allowed" Error "a tier does not allow that recovery strategy, or the regions do not"
    TEMPLATE "template" Error "a template does not render"
    TEMPLATE_FIELD "template-field" Error "a manifest does not fit the type of its kind"
    TEMPLATE_KIND "template-kind" Error "a template describes another object than it stands for, or of an unknown kind"
    TOML_SYNTAX "toml-syntax" Error "a file is not TOML"
    TOO_FEW_REGIONS "too-few-regions" Error "a tier needs more regions"
    TOO_FEW_ZONES "too-few-zones" Error "a tier needs more zones than a region has"
    TREE_EDITED "tree-edited" Error "a file is not what its ledger says"
    TREE_INCOMPLETE "tree-incomplete" Error "a file that a ledger names, or an object that one refers to, is missing"
    TREE_NAME "tree-name" Error "a name does not follow from the content, or two objects share one"
    TTL_TOO_LONG "ttl-too-long" Error "resolvers would keep a record longer than the RTO has room for"
    UNKNOWN_KEY "unknown-key" Error "a key has no meaning here"
    UNKNOWN_REGION "unknown-region" Error "a region is named that the fleet does not have"
    UNKNOWN_SERVICE "unknown-service" Error "a service is named that no spec describes"
    UNKNOWN_TIER "unknown-tier" Error "a tier is named that does not exist"
    WRONG_TYPE "wrong-type" Error "a value has another type than its key takes"
    WRONG_VALUE "wrong-value" Error "a value is none that its key takes"
    ZONE_TOO_SMALL "zone-too-small" Error "a zone cannot hold its share of the replicas that the fleet promises"
    ZONE_VOLUME "zone-volume" Warning "a volume goes with its zone, and the tier survives the loss of one"
    ZONES_NOT_REAL "zones-not-real" Error "zones carry labels that Azure gives to fault domains"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words_unique_and_in_order() {
        let names: Vec<&str> = CODES.iter().map(|row| row.name).collect();
        assert!(
            names
                .iter()
                .all(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-' || b == b'8'))
        );
        assert!(names.is_sorted_by(|a, b| a < b));
    }
}
