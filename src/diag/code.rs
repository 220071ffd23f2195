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
    /// Whether it is an effect of a change, which only a diff tells. How much it matters depends
    /// on the change.
    pub effect: bool,
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

/// The severity of a row, and whether it is an effect.
macro_rules! told {
    (Effect) => {
        (Severity::Warning, true)
    };
    ($severity:ident) => {
        (Severity::$severity, false)
    };
}

macro_rules! codes {
    ($($constant:ident $name:literal $severity:ident $summary:literal)*) => {
        /// Every finding, by the alphabet.
        pub const CODES: &[Row] = &[$(Row {
            name: $name,
            severity: told!($severity).0,
            effect: told!($severity).1,
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
    ADDRESS_ADDED "address-added" Effect "a service answers at a new address"
    ADDRESS_REMOVED "address-removed" Effect "a service no longer answers at an address"
    ADMISSION_CHANGES "admission-changes" Effect "what an API server admits changes"
    ALL_REGIONS_AT_ONCE "all-regions-at-once" Effect "one commit restarts the pods of every region"
    ANOTHER_VERSION "another-version" Effect "another version of Ninefold made the old tree, or it was not built"
    ANSWERED_BY_TWO "answered-by-two" Warning "the pods of two workloads answer one Service"
    API_REMOVED "api-removed" Error "a region's Kubernetes does not have that API, or no longer"
    APPLY_FAILS "apply-fails" Effect "an immutable field changes, so the object cannot be applied"
    ARGUMENTS_TOO_LONG "arguments-too-long" Error "an argument or a variable is larger than the kernel can start a process with"
    AUTOSCALE_BOUNDS "autoscale-bounds" Error "an autoscaler could go below what the tier needs, or cannot move"
    AUTOSCALER_LOOSENED "autoscaler-loosened" Effect "an autoscaler is removed, or its bounds fall"
    AVAILABILITY_BUDGET "availability-budget" Warning "one failure may last longer than the tier's availability allows in a year"
    AVAILABILITY_EXPECTED "availability-expected" Warning "the losses to expect in a year take longer than the tier's availability leaves"
    AVAILABILITY_LOOSENED "availability-loosened" Effect "a service serves for less of the year, as promised or as expected"
    BACKUP_CHANGES "backup-changes" Effect "backups or copies are made differently"
    BACKUP_GAP_GROWS "backup-gap-grows" Effect "backups become less frequent"
    BACKUP_LOCATION "backup-location" Error "no backup location of the region is where the tier asks for it"
    BACKUP_LOCATION_MOVES "backup-location-moves" Effect "backups go to another place"
    BACKUP_NEEDED "backup-needed" Error "a promise rests on backups that nobody makes"
    BACKUP_QUEUE "backup-queue" Error "backups of a region may wait longer than the RPOs allow for"
    BACKUP_SCOPE_SHRINKS "backup-scope-shrinks" Effect "less is backed up"
    BACKUP_TOO_LONG "backup-too-long" Error "a backup could still run when the next one is due"
    BACKUPS_SHARED "backups-shared" Error "two locations write to the same folder of a bucket"
    BACKUPS_STOP "backups-stop" Effect "a schedule of backups is removed or paused, and the service stays"
    BACKUPS_TOO_MANY "backups-too-many" Error "a Velero server would hold more Backups than it may"
    BUDGET_BLOCKS_DRAINS "budget-blocks-drains" Effect "a disruption budget allows no eviction"
    BUDGET_LOOSENED "budget-loosened" Effect "a drain may take more pods at once"
    CERTIFICATE_OUT_OF_REACH "certificate-out-of-reach" Error "a region cannot get the certificates that it needs before it takes over"
    CLAIM_GROWS "claim-grows" Effect "a volume grows"
    CLAIMS_NOT_RETAINED "claims-not-retained" Effect "volumes are deleted with what uses them"
    CLAIMS_UNPROVEN "claims-unproven" Warning "pods or data of an object of the user's own are in no proof"
    CLIENT_SIDE_APPLY "client-side-apply" Warning "an object is too large for client-side apply"
    CLUSTER_SHARED "cluster-shared" Error "two environments would meet in one cluster"
    CONFIG_IN_PLACE "config-in-place" Effect "a ConfigMap changes under its name"
    CONFIG_KEY "config-key" Error "a key of `[config]` cannot be an environment variable"
    CONSUMED_TWICE "consumed-twice" Warning "a service that nobody calls keeps its former version at work"
    CONTAINER_ADDED "container-added" Effect "pods get another container"
    CONTAINER_GOES "container-goes" Effect "pods lose a container"
    CONTROL_CHARACTER "control-character" Error "a string holds a character that YAML readers change or refuse"
    CONTROL_PLANE_MANAGED "control-plane-managed" Error "the control plane of a managed cluster is out of reach"
    DATA_DELETED "data-deleted" Effect "deleting an object deletes data or other objects with it"
    DATA_LEFT_BEHIND "data-left-behind" Warning "a stateful service starts with empty volumes under its new identity"
    DATA_STRANDED "data-stranded" Effect "volumes stay behind and nothing uses them"
    DATABASE_CHANGES "database-changes" Effect "a database gets another version, another size, or restarts"
    DELIVERY_CHANGES "delivery-changes" Effect "the tree is delivered differently, from elsewhere, or no longer"
    DELIVERY_OUT_OF_REACH "delivery-out-of-reach" Error "what delivers to a region is lost with the region that it takes over from"
    DELIVERY_UNKNOWN "delivery-unknown" Warning "git cannot tell what was delivered, so no former generation leaves"
    DEPENDENCY_LOWER_TIER "dependency-lower-tier" Warning "a service depends on one of a lower tier"
    DEPENDENCY_NOT_HERE "dependency-not-here" Error "a service depends on one that does not run in the same region"
    DEPENDENCY_SLOWER "dependency-slower" Error "a service is back later than one that calls it has promised"
    DEPENDENCY_STANDS_BY "dependency-stands-by" Error "a service stands by where one that calls it serves"
    DESCHEDULER_VERSION "descheduler-version" Error "a region runs a descheduler that does not count replicas as the scheduler does"
    DNS_ROUTING "dns-routing" Error "a DNS zone cannot move users as the service wants"
    DRILL_FAILED "drill-failed" Error "a check of a drill failed"
    DUPLICATE_NAME "duplicate-name" Error "two things of one service share a name, a port or a path"
    DUPLICATE_SERVICE "duplicate-service" Error "two specs describe a service of the same name"
    ENVIRONMENT_KEY "environment-key" Error "an environment changes a key that is the same in all environments"
    EVIDENCE_CONTRADICTS "evidence-contradicts" Error "the record of a drill contradicts itself"
    EVIDENCE_INCOMPLETE "evidence-incomplete" Error "the record of a drill lacks what an auditor asks for"
    EVIDENCE_OF_ANOTHER_SPEC "evidence-of-another-spec" Warning "a drill was of another spec than the service has now"
    FAILOVER_LOOSENED "failover-loosened" Effect "traffic moves to another region later, or not at all"
    FAILOVER_UNSAFE "failover-unsafe" Error "health checks would move users to a region that cannot serve them"
    FEWER_SURVIVORS "fewer-survivors" Effect "fewer pods are left after the loss of a zone"
    FIELD_TOO_NEW "field-too-new" Error "a region's Kubernetes does not have that field yet"
    FILE_TOO_LARGE "file-too-large" Error "a ConfigMap would be larger than Kubernetes stores"
    FITS_NO_NODE "fits-no-node" Warning "a pod asks for more than any node has"
    FOREIGN_FILE "foreign-file" Error "a file that Ninefold did not write is in the way"
    GAINS_REGION "gains-region" Effect "a service runs in one more region"
    GENERATION_LEAVES "generation-leaves" Effect "a former generation leaves the tree"
    GENERATION_LOST "generation-lost" Error "what runs is neither current nor kept, or its file is not what its ledger says"
    GENERATION_UNKNOWN "generation-unknown" Error "the generation to retire is current, or does not exist"
    GOVERNED_TWICE "governed-twice" Error "two disruption budgets cover the same pods, or two autoscalers one workload"
    GRACE_SHORTENED "grace-shortened" Effect "pods have less time to end their work"
    HAND_EDITED "hand-edited" Effect "generated files were edited by hand, and the change reverts that"
    HEALTH_CHECK "health-check" Error "a record that should fail over is never found unhealthy"
    HOOK_PRIVILEGE "hook-privilege" Error "a hook needs a privilege that no container gets"
    IDENTITY_CHANGES "identity-changes" Effect "pods have another identity in the cloud"
    IMAGE_CHANGES "image-changes" Effect "a container runs another image"
    IMAGE_LOSES_DIGEST "image-loses-digest" Effect "an image loses its digest, so its tag can move"
    IMAGE_OUT_OF_REACH "image-out-of-reach" Error "an image is kept only in the region that is lost"
    IMAGE_WITHOUT_DIGEST "image-without-digest" Error "an image is named by a tag, which can change its meaning"
    IMMEDIATE_BINDING "immediate-binding" Error "a zonal volume would be made before its pod is scheduled"
    IMMUTABLE_FIELD "immutable-field" Warning "a field changes that is immutable in Kubernetes"
    IMPORT_DECIDE "import-decide" Warning "an import leaves a decision to a person"
    IMPORT_EXISTS "import-exists" Error "a file that an import would write exists already"
    IMPORT_LOST "import-lost" Error "an imported field would be in no emitted object"
    IMPORT_REFUSED "import-refused" Error "what would be imported does not compile"
    IMPORT_UNREAD "import-unread" Error "an imported document is not a Kubernetes object"
    INVALID_NAME "invalid-name" Error "Kubernetes does not accept a name"
    JOB_ADDED "job-added" Effect "a job begins to run on a schedule"
    JOB_CHANGES "job-changes" Effect "a job runs at another time, or does something else"
    JOB_JOINS_SERVICE "job-joins-service" Error "pods of a Job would get traffic, and would block every drain"
    JOB_NOT_AWAITED "job-not-awaited" Warning "nothing makes pods wait for a job that comes before a release"
    JOB_RUNS "job-runs" Effect "work that runs once runs when the change is delivered"
    JOB_STOPS "job-stops" Effect "a job is removed or suspended"
    JSON_SYNTAX "json-syntax" Error "the record of a drill is not JSON"
    JUDGE_DISAGREES "judge-disagrees" Error "what Ninefold emits is not what it decided: a bug in Ninefold"
    KEY_REMOVED "key-removed" Error "a key of an earlier version has no meaning any more"
    KIND_CHANGES "kind-changes" Effect "an object becomes another kind, or another version of its kind"
    KUBERNETES_VERSION "kubernetes-version" Error "a region runs a Kubernetes that lacks what the manifests need"
    LEDGER_UNREADABLE "ledger-unreadable" Error "a ledger cannot be read, so nobody knows whose files these are"
    LINK_ASTRAY "link-astray" Error "a link among the specs leads nowhere, or out of their folder"
    LOSES_REGION "loses-region" Effect "a service leaves a region"
    MANIFEST "manifest" Error "a file of manifests holds something that cannot be in the tree"
    MANY_GENERATIONS "many-generations" Warning "a service keeps many former generations, and their pods"
    MEASUREMENT_STALE "measurement-stale" Error "a promise rests on a measurement that is too old for its tier"
    MISPLACED_KEY "misplaced-key" Error "a key of the service stands below `[config]`"
    MISSING_KEY "missing-key" Error "a key that is required is missing"
    MONITORING_CHANGES "monitoring-changes" Effect "alerts are removed or fire at other values, or Prometheus scrapes less"
    MOUNT_PATH "mount-path" Error "a path is not absolute, or collides with another mount"
    NAME_TOO_LONG "name-too-long" Error "an object's name would be longer than its kind allows"
    NETWORK_PATH_CLOSED "network-path-closed" Effect "a NetworkPolicy closes a path between pods"
    NETWORK_PATH_OPENED "network-path-opened" Effect "a NetworkPolicy opens a path between pods"
    NEXT_LOSS_LATER "next-loss-later" Effect "it takes longer until another zone may be lost, or nothing evens out the replicas any more"
    NO_ARCHIVE "no-archive" Error "a database has nowhere to archive"
    NO_ENTRY "no-entry" Error "users are to reach a service, and nothing leads them into a region"
    NO_FLEET "no-fleet" Error "there is no `fleet.toml`"
    NO_GATEWAY "no-gateway" Error "a port is open to the gateway, and a region has none"
    NO_KEDA "no-keda" Error "a service is scaled by triggers, and a region has no KEDA"
    NO_PROBE "no-probe" Warning "nothing tells whether a replica is ready"
    NO_ROOM_ELSEWHERE "no-room-elsewhere" Error "what a lost zone ran has no room in the others, and is promised to be back"
    NO_SERVICE "no-service" Error "there is no spec of a service"
    NO_SNAPSHOTS "no-snapshots" Error "a volume is to be backed up, and its storage class takes no snapshots"
    NODE_LOSS_SLOWER "node-loss-slower" Effect "pods stay longer on a node that is lost"
    NODE_TOO_SMALL "node-too-small" Warning "a replica needs more than a node of the zone has"
    NOT_UTF8 "not-utf8" Error "a file is not UTF-8 text"
    NOTHING_BACKED_UP "nothing-backed-up" Warning "a service has volumes, and nothing keeps what is on them"
    NOTHING_RESTARTS "nothing-restarts" Effect "a change scales or labels, and no pod restarts"
    NOTHING_SCRAPES "nothing-scrapes" Warning "metrics are to be read in a region that has no Prometheus"
    NOTHING_TO_RESTORE "nothing-to-restore" Error "a drill is asked for of a service that keeps no data"
    OBJECT_CHANGES "object-changes" Effect "an object changes in a way that no other effect covers"
    OBJECT_COMES "object-comes" Effect "an object is new, and no other effect covers it"
    OBJECT_GOES "object-goes" Effect "an object is removed, and no other effect covers it"
    OBJECT_REFUSED "object-refused" Error "the API server refuses what an object says"
    OBJECT_TOO_LARGE "object-too-large" Error "an object, its annotations or its data are larger than a cluster stores"
    OBJECT_TWICE "object-twice" Error "two manifests describe the same object"
    OBJECT_UNPROVEN "object-unproven" Error "an object of the user's own is not what a promise was proven with"
    OLDER_CLUSTER "older-cluster" Error "a backup would be restored into an older Kubernetes than it was taken from"
    ONLY_SOME_REGIONS "only-some-regions" Effect "an edit reaches some of the regions that are alike"
    PATCH_CHANGES_NOTHING "patch-changes-nothing" Error "a patch leaves its object as it is"
    PATCH_HAS_FIELD "patch-has-field" Warning "a patch says what a field of the spec says"
    PATCH_IDENTITY "patch-identity" Error "a patch would change who an object is, or how its pods are found"
    PATCH_MATCHES_NOTHING "patch-matches-nothing" Error "a patch names an object that the service does not have"
    PATCH_PROVEN "patch-proven" Error "a patch changes what a promise was proven with"
    PATCH_TAKES_ROOM "patch-takes-room" Error "a patch asks for resources that the capacity was not proven with"
    PATH_NOT_PORTABLE "path-not-portable" Warning "a file of the tree cannot be checked out on every system"
    PLACEMENT_CHANGES "placement-changes" Effect "pods run on other nodes"
    POD_NEVER_STARTS "pod-never-starts" Error "an object is accepted, and its pods never start"
    POD_SECURITY "pod-security" Error "the namespace of a pod refuses it"
    PODS_REPLACED "pods-replaced" Effect "a workload is replaced by one under another name"
    PODS_ROLLED "pods-rolled" Effect "a workload replaces its pods under the same name"
    POOL_OPEN "pool-open" Warning "a pool of nodes keeps no other pods away"
    PORT_CHANGES "port-changes" Effect "a Service answers on other ports, or differently"
    PORT_RENAMED "port-renamed" Warning "a port of a Service gets another name, which no running pod has, or another number"
    PORT_UNKNOWN "port-unknown" Error "a port is named that the service does not have"
    PRIVILEGED_PORT "privileged-port" Error "a port needs a privilege that no container gets"
    PROBE_LOOSENED "probe-loosened" Effect "a failure of a pod is noticed later, or not at all"
    PROMISE_MISSED "promise-missed" Error "a drill lost more, or took longer, than promised"
    PROMISE_TIGHTER "promise-tighter" Effect "more survives, or less is lost"
    QUORUM_LOWERED "quorum-lowered" Effect "a database has fewer copies"
    RBAC_WIDENED "rbac-widened" Effect "an account may do more in the cluster"
    REACHES_NOTHING "reaches-nothing" Warning "nobody calls a service, and it may call nobody either"
    REDUNDANCY "redundancy" Error "a storage class cannot survive what it is said to survive"
    REFERENCE_CYCLE "reference-cycle" Error "objects refer to each other in a circle, so none can be named first"
    REFERENCE_DANGLING "reference-dangling" Error "an object refers to one that is not there"
    REFERENCE_NOT_FOLLOWED "reference-not-followed" Error "a field of a custom kind holds a name that the tree changes"
    REGION_LOST "region-lost" Warning "a region is lost for now, and nothing covers the loss of another"
    REGION_ROLE_CHANGES "region-role-changes" Effect "a region begins or ceases to serve"
    REGION_SWAPPED "region-swapped" Effect "a region takes the place of another, and data does not move"
    REGION_TOO_SMALL "region-too-small" Error "a region has no room for what moves there when another is lost"
    REGIONS_FAIL_TOGETHER "regions-fail-together" Error "two regions of a service are clusters in one place"
    REPLICAS_RESET "replicas-reset" Warning "the replicas of a workload that keeps its name end, as an autoscaler takes over or its region stands by"
    REPLICAS_TWICE "replicas-twice" Warning "both an autoscaler and a number decide how many replicas a workload has"
    REPLICATION_LAG "replication-lag" Error "a replication is further behind than the RPO allows"
    REPLICATION_MODE "replication-mode" Error "an engine that only copies is asked to commit in two regions"
    RESERVED_NAME "reserved-name" Error "a name is one that Ninefold or the cluster uses itself"
    RESIDENCY "residency" Error "data would leave the geographies it is bound to"
    RESIDENCY_LOOSENED "residency-loosened" Effect "data may be stored in more geographies"
    RESOURCES_LOOSENED "resources-loosened" Effect "pods ask for less, or are killed earlier"
    RESTORES_TOGETHER "restores-together" Warning "services that move together restore with the same data movers, and one is late"
    RETENTION_SHORTENED "retention-shortened" Effect "backups are kept for less time"
    RETENTION_TOO_SHORT "retention-too-short" Error "a backup may be deleted before the next one is there"
    ROLLOUT_BELOW_PEAK "rollout-below-peak" Error "a rollout takes more replicas away than may be missing at the peak"
    ROLLOUT_LOOSENED "rollout-loosened" Effect "a workload replaces its pods less carefully"
    ROUTE_CHANGES "route-changes" Effect "users get to a service by another entry, port or share"
    RPO_LOOSENED "rpo-loosened" Effect "more data may be lost"
    RPO_NEEDS_REPLICATION "rpo-needs-replication" Error "no backup can keep an RPO this small"
    RPO_OUT_OF_REACH "rpo-out-of-reach" Error "more data than the RPO allows could be lost"
    RTO_LOOSENED "rto-loosened" Effect "it may take longer until a service is back"
    RTO_OUT_OF_REACH "rto-out-of-reach" Error "a service could be away for longer than its RTO"
    RUNS_AGAIN "runs-again" Error "an object that is applied again and again does its work each time"
    RUNS_AS_ROOT "runs-as-root" Warning "the containers of a service run as root"
    SCHEDULE_RENAMED "schedule-renamed" Effect "backups continue under a name that does not find the former ones"
    SECRET_CHANGES "secret-changes" Effect "the content of a Secret changes"
    SECRET_LITERAL "secret-literal" Error "a credential is written into a spec"
    SECRET_REFERENCE_CHANGES "secret-reference-changes" Effect "an object reads another Secret, or another key of it"
    SECRETS_LEFT_OUT "secrets-left-out" Warning "the backups of a service that keeps data hold none of its Secrets"
    SECURITY_LOOSENED "security-loosened" Effect "pods gain privileges"
    SELECTS_NO_POD "selects-no-pod" Warning "a selector finds nothing among the objects of its namespace"
    SELECTS_NOTHING "selects-nothing" Effect "a selector or a target finds nothing in the new tree"
    SERVICE_ADDED "service-added" Effect "a service is new"
    SERVICE_REMOVED "service-removed" Effect "a service leaves every region"
    SINGLE_REPLICA "single-replica" Effect "a workload is left with one pod"
    SPREAD_LOOSENED "spread-loosened" Effect "pods are kept apart less"
    STANDBY_WITHOUT_DATA "standby-without-data" Warning "a region stands by for a service with volumes, and nothing copies them there"
    STATEFUL_NEEDED "stateful-needed" Error "a Deployment cannot keep volumes"
    STORAGE_CLASS_UNKNOWN "storage-class-unknown" Error "a region has no storage class of that name"
    STORES_APART "stores-apart" Warning "two instances of a store run side by side, and share no data"
    STRATEGY_CHANGES "strategy-changes" Effect "a service recovers from the loss of a region in another way"
    STRATEGY_NOT_ALLOWED "strategy-not-allowed" Error "a tier does not allow that recovery strategy, or the regions do not"
    TEMPLATE "template" Error "a template does not render"
    TEMPLATE_FIELD "template-field" Error "a manifest does not fit the type of its kind"
    TEMPLATE_KIND "template-kind" Error "a manifest describes another object than it stands for, or one of an unknown kind"
    TIER_CONTRADICTS "tier-contradicts" Error "the fields of a tier contradict what it survives"
    TOML_SYNTAX "toml-syntax" Error "a file is not TOML"
    TOO_FEW_NODES "too-few-nodes" Error "there are fewer nodes than replicas that must stand apart"
    TOO_FEW_REGIONS "too-few-regions" Error "a tier needs more regions"
    TOO_FEW_ZONES "too-few-zones" Error "a tier needs more zones than a region has"
    TREE_EDITED "tree-edited" Error "a file is not what its ledger says"
    TREE_INCOMPLETE "tree-incomplete" Error "a file that a ledger names, or an object that one refers to, is missing"
    TREE_NAME "tree-name" Error "a name does not follow from the content, or two objects share one"
    TTL_TOO_LONG "ttl-too-long" Error "resolvers would keep a record longer than the RTO has room for"
    TWO_WRITERS "two-writers" Error "a second replica could write where one may"
    UNKNOWN_ENVIRONMENT "unknown-environment" Error "an environment is named that no region belongs to"
    UNKNOWN_KEY "unknown-key" Error "a key has no meaning here"
    UNKNOWN_POOL "unknown-pool" Error "a service names a pool of nodes that a region does not have"
    UNKNOWN_REGION "unknown-region" Error "a region is named that the fleet does not have"
    UNKNOWN_SERVICE "unknown-service" Error "a service is named that no spec describes"
    UNKNOWN_TIER "unknown-tier" Error "a tier is named that does not exist"
    UNREACHABLE_PORT "unreachable-port" Warning "a service listens on a port that nobody may connect to"
    VELERO_VERSION "velero-version" Error "a region runs a Velero that lacks what backups need, or stops for ever"
    VERIFY_CHANGES "verify-changes" Effect "restored data is checked differently, or not at all"
    VOLSYNC_VERSION "volsync-version" Error "a region runs a VolSync that leaves in copies what was deleted"
    VOLUMES_OUT_OF_STEP "volumes-out-of-step" Warning "volumes that belong together are copied one after the other"
    WAL_FILLS_UP "wal-fills-up" Error "the log of a database fills its volume before another archive can be named"
    WARNING_ADDED "warning-added" Effect "a build warns of something of which it did not warn"
    WRITER_ALONE "writer-alone" Warning "one replica writes, and a loss that the tier survives stops it"
    WRITER_KEPT "writer-kept" Warning "a former generation keeps writing beside the one replica that may"
    WRITER_MOVES "writer-moves" Effect "another region begins to write, or more replicas than one may"
    WRONG_ENVIRONMENT "wrong-environment" Error "a service names a region of another environment"
    WRONG_TYPE "wrong-type" Error "a value has another type than its key takes"
    WRONG_VALUE "wrong-value" Error "a key does not take this value"
    ZONE_TOO_SMALL "zone-too-small" Error "a zone cannot hold its share of the replicas that the fleet promises"
    ZONE_VOLUME "zone-volume" Warning "a volume is lost with its zone, and the tier survives the loss of one"
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
