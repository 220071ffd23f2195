//! Facts about Kubernetes, as tables. The stages hold the algorithms.

pub mod id; //           who an object is
pub mod kinds; //        every kind that is emitted
pub mod schema; //       the types of objects, field by field
pub mod pod_security; // what the pods of a namespace may be
pub mod limits; //       what a cluster refuses of an object
pub mod downward; //     fields of pods in environment variables
pub mod references; //   which field holds whose name
pub mod custom_references; // the same of custom kinds
pub mod needs; //        what an object takes for granted
pub mod operators; //    who serves the kinds that Kubernetes has not
pub mod defaults; //     what a field is that is not written
pub mod immutable; //    which fields nobody can change
pub mod labels; //       the labels and annotations that carry meaning
pub mod list_keys; //    what tells the items of a list apart
pub mod engines; //      who delivers, replicates and makes records
pub mod delivery; //     annotations for delivery engines
pub mod read; //         values of objects, as Kubernetes reads them
pub mod version; //      the versions that manifests are made for
pub mod velero; //       and what is true of those of Velero
pub mod volsync; //      and of VolSync
pub mod descheduler; //  and of the descheduler
pub mod image; //        names of images
pub mod route; //        paths of routes
pub mod storage; //      what volumes survive
pub mod time_zone; //    names of time zones
pub mod stores; //       images of databases and brokers

pub use id::{FinalName, LogicalName, Namespace, ObjectId, RegionName, ServiceName};
pub use kinds::Kind;
