//! Hooks of backups: they run in the service's own container, which may do what Pod Security
//! `restricted` allows, and no more.

use crate::diag::{Code, Diagnostic, Sink};
use crate::model::{Model, Service};

const ADMIN: &str = "it needs the capability SYS_ADMIN";
const ROOT: &str = "it needs to become root";
const TOKEN: &str = "it needs a token of the API server";

/// Programs that cannot do their work there, and what they need.
const PRIVILEGED: &[(&str, &str)] = &[
    ("blockdev", ADMIN),
    ("chroot", "it needs the capability SYS_CHROOT"),
    ("dmsetup", ADMIN),
    ("fsfreeze", ADMIN),
    ("kubectl", TOKEN),
    ("lvcreate", ADMIN),
    ("mount", ADMIN),
    ("nsenter", ADMIN),
    ("su", ROOT),
    ("sudo", ROOT),
    ("systemctl", "it needs the host's init"),
    ("umount", ADMIN),
    ("xfs_freeze", ADMIN),
];

const SHELLS: &[&str] = &["ash", "bash", "dash", "ksh", "sh", "zsh"];

pub(super) fn check(sink: &mut Sink, _: &Model, service: &Service) {
    for (index, hook) in service.backup.hooks.iter().enumerate() {
        for (key, command) in [("before", &hook.before), ("after", &hook.after)] {
            let Some((at, program, needs)) = privileged(command) else { continue };
            let path = ["backup", "hooks", &index.to_string(), key, &at.to_string()];
            sink.error(
                Diagnostic::new(
                    Code::HOOK_PRIVILEGE,
                    format!("hook `{}` runs `{program}`, which no container of `{}` may", hook.name, service.name),
                )
                .at(service.at(&path), needs)
                .note("a hook that fails makes every backup a failed one")
                .help("let the service hold its own writes: a command of its own, such as `[\"/app/hold\"]`"),
            );
        }
    }
}

/// The word of a command that cannot work, the program in it, and what that needs.
fn privileged(command: &[String]) -> Option<(usize, &'static str, &'static str)> {
    let row = |word: &str| {
        let name = word.rsplit('/').next().unwrap_or_default();
        PRIVILEGED.iter().find(|(program, _)| *program == name)
    };
    let first = command.first()?;
    let shell = SHELLS.contains(&first.rsplit('/').next().unwrap_or_default());
    let words = command.iter().enumerate().take(if shell { command.len() } else { 1 });
    words
        .flat_map(|(at, word)| {
            let break_at = |c: char| c.is_whitespace() || ";&|()`".contains(c);
            word.split(break_at).map(move |word| (at, word))
        })
        .find_map(|(at, word)| row(word).map(|(program, needs)| (at, *program, *needs)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_seen_behind_its_path_and_in_a_script() {
        let found = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            privileged(&words).map(|(at, program, _)| (at, program))
        };
        assert_eq!(found(&["/sbin/fsfreeze", "-f", "/data"]), Some((0, "fsfreeze")));
        assert_eq!(found(&["/bin/sh", "-c", "sync && fsfreeze -f /data"]), Some((2, "fsfreeze")));
        assert_eq!(found(&["/app", "mount"]), None);
        assert_eq!(found(&["/bin/sh", "-c", "echo mounted"]), None);
        assert_eq!(found(&[]), None);
    }
}
