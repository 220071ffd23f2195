//! What a claim takes for granted, and cannot know (`docs/facts.md`, "What no compiler proves").

macro_rules! premises {
    ($($variant:ident $code:literal $text:literal)*) => {
        /// Something that is taken for granted; in the order in which they are shown.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Premise {
            $(#[doc = $text] $variant,)*
        }

        impl Premise {
            /// All of them.
            pub const ALL: &[Premise] = &[$(Premise::$variant),*];

            /// Its key in the ledger.
            pub fn code(self) -> &'static str {
                match self { $(Premise::$variant => $code),* }
            }

            /// As a sentence.
            pub fn text(self) -> &'static str {
                match self { $(Premise::$variant => $text),* }
            }
        }
    };
}

premises! {
    Inventory "inventory" "The fleet file is as true as its date: zones, nodes, storage and Velero are what it says."
    Load "load" "The load is at most the declared peak."
    Placement "placement" "Replicas are spread as when they were scheduled."
    FirstLoss "first-loss" "This is the first loss of a zone: after it is back, replicas stay where they are, and the next loss may take more, until a rollout evens them out."
    NextLoss "next-loss" "The next loss of a zone comes no sooner than the counted time after the first is back: by then, the descheduler has evened out the replicas."
    Agreement "agreement" "Replicas with volumes of their own agree among themselves who writes what, and any carries the load of another; where one may write, `single_writer` says so."
    Callees "callees" "A service starts without the services that it calls, and works as soon as they answer."
    Returned "returned" "The region that the fleet calls lost is back: until then, nothing covers the loss of another, and what is stored there is out of reach."
    Independence "independence" "Nothing else is lost at the same time: DNS, identity, registry, secrets and the delivery of one commit to all regions are shared."
    Bugs "bugs" "The application works, and what it acknowledged is on its volumes."
    CrashConsistent "crash-consistent" "A snapshot without hooks is as consistent as a disk after a power cut, each volume by itself."
    Hooks "hooks" "The hooks make what is on the volumes consistent."
    Storage "storage" "The storage keeps what it acknowledged: a volume outlives its pod, its node and, where its class says so, its zone."
    Vault "vault" "The backup location survives the loss of what it backs up, and cannot be deleted with the same credentials."
    VeleroRuns "velero-runs" "Velero runs; an alert fires when backups stop, before more runs fail than the tier allows."
    VeleroVersion "velero-version" "Velero has a version that supports what is asked of it: the fleet does not say which (`velero`). A 1.18 before 1.18.4 may stop for ever."
    VeleroServer "velero-server" "No flag of the Velero server changes what a Schedule says: it runs every controller, as many backups at a time as the fleet declares, and has no volume policy for all of them, nor a modifier for all restores."
    Queue "queue" "Nothing else makes backups on the server: one that is made by hand takes a slot, and others wait for it. A slot that becomes free is given out at once."
    Objects "objects" "Velero collects the objects of a namespace within its time: nothing enforces that."
    Noticed "noticed" "Damage is noticed while every backup is still kept (`backup.recent`): of the days before, one of each is left."
    Log "log" "A database writes no more log in an hour than is declared (`wal_per_hour`) or assumed."
    Archive "archive" "The archive of a database answers, or another is named before the log fills its volume: until then, nothing that is written is safe elsewhere."
    Replication "replication" "The declared replication runs, and is never further behind than it says; Ninefold cannot see it."
    VolsyncRuns "volsync-runs" "VolSync recovers before more runs fail than the tier allows: an alert fires at the first. A mover that is killed leaves a lock, which a person removes."
    VolsyncVersion "volsync-version" "VolSync has a version that supports what is asked of it: the fleet does not say which (`volsync`). One before 0.11 leaves deleted files in a copy."
    ReplicaPromoted "replica-promoted" "Whoever replicates the data can make the copy the primary within the time that is counted."
    NothingToLose "nothing-to-lose" "It keeps no data: its objects are in this tree, and what it calls keeps the data."
    OwnCopies "own-copies" "What a replica keeps is on replicas of other zones, too: a volume that goes with its zone takes nothing away."
    Unwanted "unwanted" "A volume with `backup = false` holds nothing that must be kept."
    Tree "tree" "The tree, and what delivers it, work without the lost region."
    Capacity "capacity" "The nodes that are declared are there when they are needed."
    People "people" "A person decides within the time that is counted, which nothing enforces."
    Failover "failover" "Health checks see the loss and move the traffic, as the spec says of them."
    Clients "clients" "Clients ask DNS again when the time to live has passed."
    Rates "rates" "How often something is lost is assumed: a pod 12 times a year, a node once, a zone every 3 years, a region every 20."
    CommonCause "common-cause" "One lost zone in ten takes another with it, and that counts as the loss of the region; regions fail alone."
    Changes "changes" "Bad releases, bad configuration and expired certificates are not counted: one commit that changes every region takes down all of them."
    Connects "connects" "A process that no longer works accepts no connections either: the probe only connects, and does not see one that hangs."
    Fenced "fenced" "A lost node is deleted, or tainted out-of-service, within the time that is counted: until then a StatefulSet replaces none of its pods."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_words() {
        let mut codes: Vec<&str> = Premise::ALL.iter().map(|premise| premise.code()).collect();
        assert!(codes.iter().all(|code| code.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')));
        codes.sort_unstable();
        assert!(codes.windows(2).all(|pair| pair[0] != pair[1]));
        assert!(Premise::ALL.iter().all(|premise| premise.text().ends_with('.')));
    }
}
