//! Facts about Kubernetes, as tables. The stages hold the algorithms.

pub mod id; //           who an object is
pub mod kinds; //        every kind that is emitted
pub mod references; //   which field holds whose name
pub mod labels; //       the labels and annotations that carry meaning
pub mod field_order; //  the order of fields in a document
pub mod delivery; //     what delivery engines are told
pub mod version; //      the versions that manifests are made for
pub mod storage; //      what volumes survive

pub use id::{FinalName, LogicalName, Namespace, ObjectId, RegionName, ServiceName};
pub use kinds::Kind;
