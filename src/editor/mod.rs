//! What an editor asks while somebody writes a spec: what stands at a place, what may be written
//! there, and what follows from it.
//!
//! It reads texts that are half written, so nothing here takes a text for valid TOML. What may be
//! written is read from the schemas, and what follows is what `explain` prints.

mod cursor; //   where in a text a place is
mod schema; //   what may be written at a path
mod names; //    what a fleet calls its regions, tiers, services and ports
mod complete; // what may be written here
mod hover; //    what stands here, and what follows from it
mod port; //     the port that a name stands for
mod fleet; //    and of the fleet, who rests on it

pub use complete::{Insert, Offer, offers};
pub use cursor::{Cursor, Part, cursor};
pub use hover::{Hover, hover};
pub use names::Names;

/// What a text is, which says what its keys mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The fleet file.
    Fleet,
    /// The spec of a service.
    Service,
}

impl Kind {
    /// The schema of such a text.
    fn schema(self) -> &'static serde_json::Value {
        match self {
            Kind::Fleet => &crate::spec::schema::FLEET,
            Kind::Service => &crate::spec::schema::SERVICE,
        }
    }
}
