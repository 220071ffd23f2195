//! Who makes records that lead users to a region, and who serves the zones of them, one literal each
//! (`docs/facts.md`, "Records that follow health").

use crate::kube::Kind;

/// What is true of an engine that makes records.
#[derive(Debug)]
pub struct Row {
    /// As it is written in the fleet.
    pub word: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The kind that it reads.
    pub kind: Kind,
    /// Whether each route has an object of its own; else a service has one.
    pub each_route: bool,
    /// Whether somebody else serves the zone, and why that must, or cannot, be said.
    pub provider: Provider,
    /// How it finds that a region is lost.
    pub health: Health,
    /// Whether a record says where the region answers, so that its entry must have an address.
    pub addresses: bool,
    /// The field of its object with the time that resolvers may keep an answer; `*` stands for any
    /// item.
    pub ttl: &'static str,
    /// The field with the share of a region.
    pub weight: Weight,
    /// The field with what decides between regions; none where several of its fields do.
    pub rule: Option<&'static [&'static str]>,
    /// How a person sees that it is at work.
    pub seen: Seen,
    /// What of its own in a cluster is called like the region, as a person calls it.
    pub tag: Option<&'static str>,
    /// How procedures call it.
    pub procedure: &'static str,
}

/// Whether somebody beside the engine serves a zone.
#[derive(Debug)]
pub enum Provider {
    /// Somebody does.
    Named {
        /// Why the fleet must say who.
        why: &'static str,
    },
    /// Nobody does.
    Nobody {
        /// Why the fleet cannot say who.
        why: &'static str,
    },
}

/// How an engine finds that a region is lost.
#[derive(Debug)]
pub enum Health {
    /// By health checks of the provider, which somebody makes and names in the spec.
    OfProvider,
    /// By itself, in as many regions as there are.
    Own {
        /// What it goes by.
        how: &'static str,
    },
}

/// Which shares an object of the engine holds.
#[derive(Debug)]
pub enum Weight {
    /// That of its own region, in this field.
    Own(&'static str),
    /// That of each region, in the field called like it: the last `*`.
    Each(&'static str),
}

/// How a person sees that an engine is at work.
#[derive(Debug)]
pub enum Seen {
    /// By the flags of its Deployment.
    Deployment {
        /// The label of the Deployment.
        label: &'static str,
        /// What to look for.
        what: &'static str,
    },
    /// By the state of the object itself, where the region has one.
    Object {
        /// How `kubectl` calls the kind.
        resource: &'static str,
        /// The beginning of what `kubectl wait --for` waits for; the name of the region ends it.
        state: &'static str,
    },
}

super::engines! {
    /// Who makes records.
    DnsEngine: Row {
        /// ExternalDNS, which reads objects of the kind DNSEndpoint (`--source=crd`).
        ExternalDns = Row {
            word: "external-dns",
            name: "ExternalDNS",
            kind: Kind::DnsEndpoint,
            each_route: false,
            provider: Provider::Named { why: "what ExternalDNS can do in a zone depends on it" },
            health: Health::OfProvider,
            addresses: true,
            ttl: "spec.endpoints[*].recordTTL",
            weight: Weight::Own("spec.endpoints[*].providerSpecific[aws/weight].value"),
            rule: None,
            seen: Seen::Deployment {
                label: "app.kubernetes.io/name=external-dns",
                what: "its own owner id",
            },
            tag: None,
            procedure: "external-dns",
        },
        /// k8gb, whose clusters answer for the zone themselves. The geo tag of a cluster is the name of
        /// its region.
        K8gb = Row {
            word: "k8gb",
            name: "k8gb",
            kind: Kind::Gslb,
            // It answers for the hosts of one route.
            each_route: true,
            provider: Provider::Nobody {
                why: "its clusters answer for it; who serves the zone above only delegates it",
            },
            health: Health::Own {
                how: "each cluster answers for the service while it has a pod that is ready",
            },
            addresses: false,
            ttl: "spec.strategy.dnsTtlSeconds",
            weight: Weight::Each("spec.strategy.weight.*"),
            rule: Some(&["spec", "strategy", "type"]),
            seen: Seen::Object { resource: "gslbs.k8gb.io", state: "jsonpath={.status.geoTag}=" },
            tag: Some("geo tag"),
            procedure: "k8gb",
        },
    }
}

/// Who serves zones.
pub mod provider {
    /// What is true of a provider of zones.
    #[derive(Debug)]
    pub struct Row {
        /// As it is written in the fleet.
        pub word: &'static str,
        /// Its name, as it stands in a procedure.
        pub name: &'static str,
        /// How procedures that have its commands call it; the others say what to change there.
        pub procedure: Option<&'static str>,
        /// What tells the page about it from those about others.
        pub page: &'static str,
        /// Whether ExternalDNS can give it several records of one name and say who gets which: no other
        /// provider of its tree reads `setIdentifier` (external-dns `provider/*`, 0.22).
        pub routes: bool,
    }

    const COMMON: Row = Row { word: "", name: "", procedure: None, page: "", routes: false };

    super::super::engines! {
        /// Who serves a DNS zone.
        DnsProvider: Row {
            /// Amazon Route 53.
            Aws = Row {
                word: "aws",
                name: "Route 53",
                procedure: Some("route-53"),
                page: "",
                routes: true,
            },
            /// Azure DNS.
            Azure = Row { word: "azure", name: "Azure DNS", page: "azure", ..COMMON },
            /// Google Cloud DNS.
            Google = Row { word: "google", name: "Google Cloud DNS", page: "google", ..COMMON },
            /// Cloudflare.
            Cloudflare = Row { word: "cloudflare", name: "Cloudflare", page: "cloudflare", ..COMMON },
            /// Anything else.
            Other = Row { word: "other", name: "the provider of the zone", ..COMMON },
        }
    }
}

pub use provider::DnsProvider;
