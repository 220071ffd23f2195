//! The one integration binary.

mod history; //     trees in memory, built one after the other
mod generations; // what a change leaves beside itself
mod crash; //       builds that are killed, or cannot write
