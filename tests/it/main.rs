//! The integration tests, in one binary.

mod generate; //   random valid fleets, and compiling one in memory
mod failures; //   lose a node, a zone, a region in the output and count what is left
mod properties; // laws that hold for any fleet
mod strings; //    text that YAML readers misread
