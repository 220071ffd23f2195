//! `[delivery]`: an address that the engine can clone and that holds no credential, a revision and a
//! folder that git can have, and no key that means nothing to the engine.

use super::names::named;
use crate::diag::{self, Code, Diagnostic, Sink};
use crate::kube::engines::delivery::Delivery;
use crate::kube::id;
use crate::model::{Fleet, Installation, Source};

pub(super) fn check(sink: &mut Sink, fleet: &Fleet) {
    keys(sink, fleet);
    let source = match &fleet.installation {
        Installation::Objects(source) => source,
        Installation::ByHand | Installation::Script => return,
    };
    for (key, name, what) in [
        ("namespace", Some(source.namespace.as_str()), "a namespace"),
        ("project", Some(source.project.as_str()), "a project of Argo CD"),
        ("secret", source.secret.as_deref(), "a Secret"),
    ] {
        let Some(name) = name else { continue };
        let at = || fleet.document.at(&["delivery", key]);
        named(sink, id::subdomain_problem, (what, name), at, "");
    }
    repository(sink, fleet, source);
    revision(sink, fleet, &source.revision);
    path(sink, fleet, &source.path);
}

fn refuse(sink: &mut Sink, fleet: &Fleet, key: &str, message: String, help: &str) {
    let place = fleet.document.at(&["delivery", key]);
    sink.error(Diagnostic::new(Code::WRONG_VALUE, message).at(place, "").help(help));
}

/// Every key that was written means something to the engine.
fn keys(sink: &mut Sink, fleet: &Fleet) {
    let reads = |engine: &Delivery, key: &str| engine.row().keys.contains(&key);
    let mut keys: Vec<&str> = Vec::new();
    for key in Delivery::ALL.iter().flat_map(|engine| engine.row().keys) {
        let strange = fleet.document.has(&["delivery", key]) && !reads(&fleet.delivery, key);
        if strange && !keys.contains(key) {
            keys.push(key);
        }
    }
    for key in keys {
        let message = format!("`{key}` means nothing to `{}`", fleet.delivery.word());
        let readers = Delivery::ALL.iter().filter(|engine| reads(engine, key));
        let readers = diag::list(readers.map(|engine| engine.word()));
        refuse(sink, fleet, key, message, &format!("remove it; it is for {readers}"));
    }
}

/// An address that the engine can clone, with no credential in it.
fn repository(sink: &mut Sink, fleet: &Fleet, source: &Source) {
    let (document, row) = (&fleet.document, fleet.delivery.row());
    let engine = row.word;
    let url = &source.repository;
    if !document.has(&["delivery", "repository"]) {
        sink.error(
            Diagnostic::new(
                Code::MISSING_KEY,
                format!("`repository` is missing: `{engine}` does not know where the tree is"),
            )
            .at(document.key(&["delivery"]), "belongs here")
            .help(format!(
                "add `repository = \"https://…\"`; or, to point it there by hand, write `delivery = \"{engine}\"` alone"
            )),
        );
        return;
    }
    let place = document.at(&["delivery", "repository"]);
    match address(url) {
        Ok(Address::Scp { user, host, path }) if !row.reads_scp => {
            let help = format!("write it as a URL: `ssh://{user}@{host}/{path}`");
            let message = format!("{} does not read `{url}`", row.name);
            refuse(sink, fleet, "repository", message, &help);
        }
        Ok(Address::Scp { .. } | Address::Url) => {}
        Err(Problem::Credential) => {
            sink.error(
                Diagnostic::new(Code::SECRET_LITERAL, "this looks like a URL with a credential")
                    .at(place, "hidden from this report")
                    .hiding(place)
                    .note("the tree is committed: everybody who can read it would know it")
                    .help(format!(
                        "write the URL without it, and {}; and replace the credential, it has been written down",
                        row.credential
                    )),
            );
        }
        Err(Problem::Form) => refuse(
            sink,
            fleet,
            "repository",
            format!("`{url}` is not an address of a git repository"),
            "write it like `https://git.example.com/shop/fleet.git` or `ssh://git@git.example.com/shop/fleet.git`",
        ),
    }
}

/// A name that git takes for a branch, a commit or a reference (`git check-ref-format`).
fn revision(sink: &mut Sink, fleet: &Fleet, revision: &str) {
    let strange = |c: char| c.is_whitespace() || c.is_control() || "~^:?*[\\\"'`".contains(c);
    let part = |part: &str| part.is_empty() || part.starts_with('.') || part.ends_with(".lock");
    let refused = revision.contains(strange)
        || revision.contains("..")
        || revision.contains("@{")
        || revision.starts_with('-')
        || revision.ends_with('.')
        || revision.split('/').any(part);
    if refused {
        let message = format!("`{revision}` is not a branch, commit or reference of git");
        refuse(sink, fleet, "revision", message, "write the name of a branch, such as `main`");
    }
}

/// A folder below the top of the repository: engines take it as a pattern, and as a path. That it is
/// the one which is committed, nobody here can know.
fn path(sink: &mut Sink, fleet: &Fleet, path: &str) {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    let folder = |part: &str| !part.is_empty() && !part.starts_with('.');
    if path.is_empty() || !path.chars().all(plain) || !path.split('/').all(folder) {
        refuse(
            sink,
            fleet,
            "path",
            format!("`{path}` is not a folder of a repository"),
            "write the folder of the tree as it is from the top of the repository, in letters, digits, `-`, `_` and `.`: `out`",
        );
    }
}

/// An address of a git repository.
enum Address<'a> {
    /// `https://…`, `ssh://…`
    Url,
    /// `git@host:path`
    Scp { user: &'a str, host: &'a str, path: &'a str },
}

/// What is wrong with an address.
#[derive(Debug, PartialEq, Eq)]
enum Problem {
    /// It holds a password, or a token in the place of the user.
    Credential,
    /// It has not the form of one.
    Form,
}

fn address(url: &str) -> Result<Address<'_>, Problem> {
    if url.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(Problem::Form);
    }
    let host_form = |host: &str| {
        let of_host = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
        !host.is_empty() && host.chars().all(of_host)
    };
    if let Some((scheme, rest)) = url.split_once("://") {
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, authority),
        };
        // Over HTTP, what stands for the user is a token; over SSH, it is a name.
        let secret = user.is_some_and(|user| scheme != "ssh" || user.contains(':'));
        if secret {
            return Err(Problem::Credential);
        }
        let known = ["https", "http", "ssh"].contains(&scheme);
        let plain = !path.contains(['?', '#']) && !path.trim_matches('/').is_empty();
        return match known && host_form(host) && plain {
            true => Ok(Address::Url),
            false => Err(Problem::Form),
        };
    }
    let Some((login, path)) = url.split_once(':') else { return Err(Problem::Form) };
    match login.split_once('@') {
        Some((user, host)) if host_form(host) && !user.is_empty() && !path.is_empty() => {
            Ok(Address::Scp { user, host, path: path.trim_start_matches('/') })
        }
        _ => Err(Problem::Form),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_repositories_are_told_from_others() {
        let good = [
            "https://git.example.com/shop/fleet.git",
            "http://git.example.com:8080/fleet",
            "ssh://git@git.example.com:2222/shop/fleet.git",
            "git@github.com:shop/fleet.git",
        ];
        assert!(good.iter().all(|url| address(url).is_ok()));
        let secret = [
            "https://token@git.example.com/shop/fleet.git",
            "https://user:word@git.example.com/shop/fleet.git",
            "ssh://git:word@git.example.com/shop/fleet.git",
        ];
        assert!(secret.iter().all(|url| address(url).err() == Some(Problem::Credential)));
        let wrong = [
            "",
            "git.example.com/shop/fleet.git",
            "file:///srv/fleet.git",
            "https:///fleet.git",
            "https://git.example.com",
            "https://git.example.com/fleet.git?ref=main",
            "https://git.example.com/fleet git",
            "C:\\fleet",
            "../fleet",
        ];
        assert!(wrong.iter().all(|url| address(url).err() == Some(Problem::Form)));
    }
}
