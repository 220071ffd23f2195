//! Which keys name something of the fleet, and what.

/// What a key names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Region,
    /// Of the environment of which the place speaks.
    RegionOfEnvironment,
    OwnRegion,
    OwnRegionOrDefault,
    Zone,
    Environment,
    Tier,
    Service,
    ServiceOrFleet,
    /// Of its own container.
    OwnPort,
    /// Of the sidecar that the place is in.
    PortOfTheSidecar,
    /// Of any of its containers.
    AnyOwnPort,
    PortOfTheService,
    Pool,
    Class,
    Geography,
    Priority,
    Registry,
    Team,
    Namespace,
    OwnPath,
    Rule,
    Effect,
    Secret,
}

/// The tables whose keys are names, by their paths; `*` is an item of a list, or any name.
pub(super) const KEYS_OF_SERVICE: &[(&str, Of)] = &[
    ("environments", Of::Environment),
    ("traffic.weights", Of::OwnRegion),
    ("traffic.health_checks", Of::OwnRegion),
    ("config.*", Of::OwnRegionOrDefault),
];

/// The same of the fleet.
pub(super) const KEYS_OF_FLEET: &[(&str, Of)] =
    &[("tiers", Of::Tier), ("registries.*.mirrors", Of::Region)];

/// The keys whose values name something.
pub(super) const SERVICE: &[(&str, Of)] = &[
    ("tier", Of::Tier),
    ("regions.*", Of::RegionOfEnvironment),
    ("team", Of::Team),
    ("namespace", Of::Namespace),
    ("depends_on.*.service", Of::Service),
    ("depends_on.*.ports.*", Of::PortOfTheService),
    ("depends_on.*.namespace", Of::Namespace),
    ("called_by.*.namespace", Of::Namespace),
    ("called_by.*.ports.*", Of::AnyOwnPort),
    ("probes.port", Of::OwnPort),
    ("probes.*.port", Of::OwnPort),
    ("probes.*.grpc", Of::OwnPort),
    ("probes.*.tcp", Of::OwnPort),
    ("sidecars.*.probes.port", Of::PortOfTheSidecar),
    ("sidecars.*.probes.*.port", Of::PortOfTheSidecar),
    ("sidecars.*.probes.*.grpc", Of::PortOfTheSidecar),
    ("sidecars.*.probes.*.tcp", Of::PortOfTheSidecar),
    ("traffic.port", Of::AnyOwnPort),
    ("traffic.routes.*.port", Of::AnyOwnPort),
    ("data.postgresql.made_anew.*", Of::OwnRegion),
    ("manifests.*.regions.*", Of::OwnRegion),
    ("placement.pool", Of::Pool),
    ("volumes.*.class", Of::Class),
    ("data.postgresql.class", Of::Class),
    ("data.residency.*", Of::Geography),
    ("config.*.secret", Of::Secret),
    ("config.*.*.secret", Of::Secret),
    ("init.*.config.*.secret", Of::Secret),
    ("sidecars.*.config.*.secret", Of::Secret),
    ("jobs.*.config.*.secret", Of::Secret),
    ("init.*.mounts.*", Of::OwnPath),
    ("init.*.mounts.*.of", Of::OwnPath),
    ("sidecars.*.mounts.*", Of::OwnPath),
    ("sidecars.*.mounts.*.of", Of::OwnPath),
    ("jobs.*.init.*.mounts.*", Of::OwnPath),
    ("jobs.*.init.*.mounts.*.of", Of::OwnPath),
    ("accept.*.rule", Of::Rule),
];

/// The same of the fleet.
pub(super) const FLEET: &[(&str, Of)] = &[
    ("tiers.*.like", Of::Tier),
    ("tiers.*.priority_class", Of::Priority),
    ("accept.*.service", Of::ServiceOrFleet),
    ("accept.*.rule", Of::Effect),
    ("defaults.placement.pool", Of::Pool),
    ("defaults.team", Of::Team),
    ("regions.*.environment", Of::Environment),
    ("regions.*.geography", Of::Geography),
    ("regions.*.delivered_from", Of::Region),
    ("regions.*.pools.*.zones.*", Of::Zone),
    ("regions.*.registries.*.host", Of::Registry),
    ("regions.*.postgresql.stored_in", Of::Region),
    ("regions.*.postgresql.geography", Of::Geography),
    ("regions.*.backup.locations.*.stored_in", Of::Region),
    ("regions.*.backup.locations.*.geography", Of::Geography),
    ("regions.*.control_plane.snapshots.stored_in", Of::Region),
    ("regions.*.control_plane.snapshots.geography", Of::Geography),
    ("measured.*.service", Of::Service),
    ("measured.*.region", Of::Region),
    ("manifests.*.regions.*", Of::Region),
    ("registries.*.stored_in.*", Of::Region),
];
