//! The one integration test binary: what Ninefold promises, seen from outside.

mod support; //     builds inputs, compiles them, returns what came out
mod explain; //     every page of a finding says what is true
mod rules; //       what is refused beside that, and what is not
mod history; //     trees in memory, built one after the other
mod generations; // what a change leaves beside itself
mod crash; //       builds that are killed, or cannot write
mod generate; //    random valid fleets, and compiling one in memory
mod failures; //    lose a node, a zone, a region in the output and count what is left
mod properties; //  laws that hold for any fleet
mod strings; //     text that YAML readers misread
