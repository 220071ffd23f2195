//! Images: another one, an older one, one that can change its meaning.

use super::workload::{self};
use super::{Match, Service};
use crate::diag::Code;
use crate::diff::report::Severity;
use crate::yaml::Value;

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    let mut matches = Vec::new();
    for edit in service.edits() {
        let Some((old, new)) = edit.pods() else { continue };
        for (name, before, after) in workload::both(old, new) {
            let image = |container: &Value| {
                container.get("image").and_then(Value::as_str).map(str::to_owned)
            };
            let Some((then, now)) = image(before).zip(image(after)) else { continue };
            if then == now {
                continue;
            }
            let (then, now) = (Image::read(&then), Image::read(&now));
            let older = then.is_newer_than(&now);
            // What a later version wrote, an earlier one may not be able to read.
            let keeps_data =
                workload::keeps_data(edit.old_item) && older && then.major() > now.major();
            let severity = match (keeps_data, older) {
                (true, _) => Severity::High,
                (false, true) => Severity::Medium,
                (false, false) => Severity::Low,
            };
            let word = if older { "an older image" } else { "another image" };
            let mut matched = edit
                .neutral(Code::IMAGE_CHANGES, severity, format!("{word} for container {name}"))
                .detail(format!("{} → {}", then.shown(&now), now.shown(&then)))
                .changed("image", then.text.as_str(), now.text.as_str());
            if keeps_data {
                matched = matched.detail("an earlier major version may not read what a later one wrote: restore a backup that the earlier one made");
            }
            matches.push(matched);
            if !now.pinned && (then.pinned || !then.moves() && now.moves()) {
                let what = if then.pinned { "its digest" } else { "its tag" };
                let title = format!("the image of container {name} loses {what}");
                matches.push(
                    edit.loosens(Code::IMAGE_LOSES_DIGEST, Severity::High, title)
                        .detail(format!("`{}` can mean another image tomorrow", now.text)),
                );
            }
        }
    }
    matches
}

/// An image's name, in parts.
struct Image {
    text: String,
    repository: String,
    tag: Option<String>,
    digest: Option<String>,
    pinned: bool,
}

impl Image {
    fn read(text: &str) -> Image {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.to_owned())),
            None => (text, None),
        };
        // A colon before the last slash belongs to the port of a registry.
        let slash = rest.rfind('/').map_or(0, |at| at + 1);
        let (repository, tag) = match rest[slash..].split_once(':') {
            Some((name, tag)) => (format!("{}{name}", &rest[..slash]), Some(tag.to_owned())),
            None => (rest.to_owned(), None),
        };
        Image { text: text.to_owned(), repository, tag, pinned: digest.is_some(), digest }
    }

    /// Whether the registry may give another image for it at any time.
    fn moves(&self) -> bool {
        !self.pinned && self.tag.as_deref().is_none_or(|tag| tag == "latest")
    }

    /// Whether both have a version in their tags, and this one's is greater.
    fn is_newer_than(&self, other: &Image) -> bool {
        let of = |image: &Image| image.tag.as_deref().and_then(version);
        match (of(self), of(other)) {
            (Some(this), Some(that)) => self.repository == other.repository && this > that,
            _ => false,
        }
    }

    /// The first number of its version.
    fn major(&self) -> Option<u64> {
        version(self.tag.as_deref()?)?.first().copied()
    }

    /// The part that differs from the other: the digest's first digits, or the tag.
    fn shown(&self, other: &Image) -> String {
        if self.repository != other.repository {
            return self.text.clone();
        }
        let tag = self.tag.as_ref().map(|tag| format!(":{tag}")).unwrap_or_default();
        let digest = self.digest.as_deref().map(|digest| {
            let end = digest.find(':').map_or(0, |at| at + 1) + 12;
            format!("@{}…", digest.get(..end).unwrap_or(digest))
        });
        match format!("{tag}{}", digest.unwrap_or_default()) {
            nothing if nothing.is_empty() => "no tag".to_owned(),
            shown => shown,
        }
    }
}

/// `v1.20.3` as numbers; nothing when it is no version.
fn version(tag: &str) -> Option<Vec<u64>> {
    let numbers = tag.strip_prefix('v').unwrap_or(tag).split('.');
    let numbers: Option<Vec<u64>> = numbers.map(|number| number.parse().ok()).collect();
    numbers.filter(|numbers| numbers.len() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_come_in_parts() {
        let image = Image::read("registry.example.com:5000/shop/web:v1.2@sha256:abc");
        assert_eq!(image.repository, "registry.example.com:5000/shop/web");
        assert_eq!((image.tag.as_deref(), image.pinned), (Some("v1.2"), true));
        let newer = Image::read("web:1.10.0");
        assert!(newer.is_newer_than(&Image::read("web:1.9.3")));
        assert!(!Image::read("web:1.9.3").is_newer_than(&newer));
        assert!(!Image::read("web:stable").is_newer_than(&newer));
        assert!(Image::read("web").moves() && Image::read("web:latest").moves());
    }
}
