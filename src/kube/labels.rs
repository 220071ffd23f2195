//! The labels and annotations that carry meaning.

/// Which service an object belongs to. Selectors of Services and disruption budgets use it alone,
/// so that they cover every generation.
pub const SERVICE: &str = "ninefold.dev/service";

/// Which region an object stands in.
pub const REGION: &str = "ninefold.dev/region";

/// Which generation a pod belongs to. Selectors of workloads use it beside [`SERVICE`], so that no
/// workload ever selects the pods of another.
pub const GENERATION: &str = "ninefold.dev/generation";

/// How many replicas carry the peak: what must be left after a loss that the tier survives.
pub const PEAK: &str = "ninefold.dev/peak-replicas";
