//! The one integration test binary: what Ninefold promises, seen from outside.
#![expect(
    clippy::disallowed_methods,
    reason = "tests have folders of their own, and watch how long it takes"
)]
#![expect(
    clippy::unwrap_used,
    reason = "what goes wrong in a helper fails the test that called it"
)]

/// As in the program: thousands of fleets are compiled here.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

mod input; //       files as what comes in
mod random; //      numbers that are the same everywhere
mod support; //     builds inputs, compiles them, returns what came out
mod explain; //     every page of a finding says what is true
mod pages; //       every page of a service, too
mod rules; //       what is refused beside that, and what is not
mod smallest; //   the change that a refusal proposes is enough, and less is not
mod room; //       the room that zones need, worked out anew
mod claims; //     what is claimed to be left is left
mod order; //      in which order they move
mod failed_over; // and what the commit of that is refused for
mod evened; //     and left once more, where a descheduler evens out the replicas
mod rests; //      what services call, and are promised with
mod escapes; //    what users write beside the specs is in the claims, or voids them
mod loosened; //   and what they loosen of any object
mod governed; //   what others wrote in its namespace, too
mod monotone; //   more of anything breaks no promise
mod enforced; //   what no spec can ask for, read from what is emitted
mod environments; // one service in several environments: nothing of one changes another
mod history; //     trees in memory, built one after the other
mod generations; // what a change leaves beside itself
mod deliveries; //  and what no habit of git may take away
mod endpoints; //   random histories, delivered to a model of a cluster
mod crash; //       builds that are killed, or cannot write
mod databases; //  their log, what watches it, and what they are given
mod bootstrap; //  how a database began is history
mod cache; //       builds with nothing to do
mod generate; //    random valid fleets, and compiling one in memory
mod failures; //    lose a node, a zone, a region in the output and count what is left
mod simulate; //    the same by `ninefold simulate`, held against the promises
mod foreign; //     the same of manifests that run today
mod properties; //  laws that hold for any fleet
mod diff_values; // laws of the comparison of two values
mod promises; //    the smallest change is enough, and one step less is not
mod played; //      promises, second by second, told again apart from what decides them
mod queue; //       a week of Velero's queue, lived through
mod backups_at_scale; // few Schedules, and a number of Backups that a server holds
#[cfg(unix)]
mod clusters; //    what a person does when a control plane is gone
mod strings; //     text that YAML readers misread
mod workbench; //   compiles folders of test data, compares trees, runs the binary
mod fits; //        whether a JSON value fits its schema
mod talk; //        a program that is talked to
mod lsp; //         what an editor is told
mod clients; //     the messages of editors as they are, and their folders
mod mcp; //         what an assistant is told
mod contract; //    what machines read has a schema, and fits it
mod formats; //     the forms of a diff, of reports made by hand
mod edges; //       fleets and services at the edges of what can be written
mod schema; //      the table of types judges as the published schemas do
mod attached; //    files on the disk that specs refer to
mod own_pods; //    pods of the fleet's own are in its sums
mod patches; //     a patch does what kubectl makes of it
mod manifests; //   objects in files of the user's own
mod templates; //   templates of the user's own
mod bad; //         every file in the folders bad… reports exactly its .stderr
mod applications; // public applications as specs, and what each need is held by
mod cases; //       every folder in cases/ compiles to exactly its out/
mod delivery; //    what delivery engines make of a tree
#[cfg(unix)]
mod kubectl; //     a stand-in for it, which writes down how it is called
mod cli; //         end-to-end runs: flags, exit codes, what is and is not touched on disk
mod diff; //        what a diff says of a known change
mod sides; //       which trees `diff` compares, how it ends, and that it changes nothing
mod review; //      what a pull request is told, with a stand-in for the forge
#[cfg(unix)]
mod install; //     what the forges install, from a stand-in for releases
mod shipped; //     what a release is made of, with stand-ins for what compiles
mod readme; //      the screens in the README and in docs are what is printed
mod docs; //        the tables of docs are what the program has, and links lead somewhere
mod import; //      manifests that run today become specs
mod import_bounds; // an import of what nobody means well with ends
mod import_kinds; // objects of every built-in kind give themselves back
mod import_options; // the options of an import, by what each changes
mod cutover; //     what runs is moved, and no step loses an endpoint
mod hostile; //     any bytes give findings, never a panic
mod recovery; //    what gets a service back
mod alerts; //      what wakes somebody, as Prometheus judges
#[cfg(unix)]
mod ready; //       what must stand in a region that takes over
mod sets; //        what a person applies once
#[cfg(unix)]
mod by_hand; //     what a person does with backups and copies
mod stores; //      databases and copies among it
mod without_backups; // what nothing backs up, and regions that have no Velero
mod single_writer; // a service of which one replica may write
mod evidence; //    what records of drills are worth, and when drills are due
mod cards; //       what somebody reads at night: cards, procedures, and both printed as one
mod layers; //      which folder may know of which
mod releases; //    jobs that end before the pods of a release start
mod report; //      the page has the numbers of the ledgers, and asks for nothing
mod repo; //        the repository's own rules
