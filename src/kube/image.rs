//! Names of container images.

/// The registry of an image: what stands before the first `/`, where that can be the name of a
/// host; else Docker Hub (distribution/reference `normalize.go`, `splitDockerDomain`).
pub fn registry(image: &str) -> &str {
    let host = |text: &&str| text.contains(['.', ':']) || *text == "localhost";
    let first = image.split_once('/').map(|(first, _)| first);
    first.filter(host).unwrap_or("docker.io")
}

/// The same image from another registry: what it is called there, and its digest, stay.
pub fn from(image: &str, host: &str) -> String {
    let rest = image.strip_prefix(registry(image)).and_then(|rest| rest.strip_prefix('/'));
    match rest {
        Some(rest) => format!("{host}/{rest}"),
        // Docker Hub's own images.
        None if !image.contains('/') => format!("{host}/library/{image}"),
        None => format!("{host}/{image}"),
    }
}

/// The most characters of the name of a repository, without its registry
/// (distribution/reference `reference.go`, `RepositoryNameTotalLengthMax`).
const LONGEST: usize = 255;

/// The most characters of a tag.
const LONGEST_TAG: usize = 128;

/// What keeps a text from being the name of an image, by the grammar of distribution/reference
/// (`reference.go`, `regexp.go`), which container runtimes and the kubelet parse it with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong.
    pub what: String,
    /// The nearest that is right, where there is one.
    pub instead: Option<String>,
}

/// What keeps `image` from being an image, if anything. A digest is a SHA-256 here: registries and
/// runtimes know others in part only.
pub fn problem(image: &str) -> Option<Problem> {
    let what = problem_of(image)?;
    let instead = Some(mended(image)).filter(|mended| problem_of(mended).is_none());
    Some(Problem { what, instead })
}

fn problem_of(image: &str) -> Option<String> {
    if image.is_empty() {
        return Some("it is empty".to_owned());
    }
    if let Some((scheme, _)) = image.split_once("://") {
        return Some(format!("it begins with `{scheme}://`: an image has no scheme"));
    }
    if let Some(space) = image.chars().find(|c| c.is_whitespace()) {
        return Some(format!("{space:?} is in it"));
    }
    let (name, digest) = match image.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (image, None),
    };
    let last = name.rfind('/').map_or(0, |slash| slash + 1);
    let (repository, tag) = match name[last..].split_once(':') {
        Some((repository, tag)) => (&name[..last + repository.len()], Some(tag)),
        None => (name, None),
    };
    repository_problem(repository)
        .or_else(|| tag.and_then(tag_problem))
        .or_else(|| digest.and_then(digest_problem))
}

fn repository_problem(repository: &str) -> Option<String> {
    let (domain, path) = match repository.split_once('/') {
        // As `splitDockerDomain`: else it is the first part of a path on Docker Hub.
        Some((first, path))
            if first.contains(['.', ':'])
                || first == "localhost"
                || first.chars().any(|c| c.is_ascii_uppercase()) =>
        {
            (Some(first), path)
        }
        _ => (None, repository),
    };
    if let Some(problem) = domain.and_then(domain_problem) {
        return Some(problem);
    }
    if path.len() > LONGEST {
        return Some(format!(
            "the name of its repository has {} characters, {LONGEST} are the most",
            path.len()
        ));
    }
    if domain.is_none() && path.len() == 64 && path.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Some("64 hexadecimal digits are taken for an image's id".to_owned());
    }
    path.split('/').find_map(component_problem)
}

fn domain_problem(domain: &str) -> Option<String> {
    let (host, port) = match domain.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (domain, None),
    };
    if let Some(port) = port
        && !port.parse::<u16>().is_ok_and(|port| port > 0)
    {
        return Some(format!("`{port}` is not a port"));
    }
    if let Some(address) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        let known = address.parse::<std::net::Ipv6Addr>().is_ok();
        return (!known).then(|| format!("`{address}` is not an address"));
    }
    let plain = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    (!host.split('.').all(plain)).then(|| format!("`{host}` is not a host of a registry"))
}

fn component_problem(part: &str) -> Option<String> {
    if part.is_empty() {
        return Some("a part of its name between `/` is empty".to_owned());
    }
    if part.bytes().any(|b| b.is_ascii_uppercase()) {
        return Some(format!("`{part}` has capitals: only the registry and the tag may"));
    }
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if let Some(wrong) = part.chars().find(|c| !inner(*c) && !"._-".contains(*c)) {
        return Some(format!("{wrong:?} in `{part}` is none of a-z, 0-9, `.`, `_` and `-`"));
    }
    if !part.starts_with(inner) || !part.ends_with(inner) {
        return Some(format!("`{part}` begins or ends with a mark"));
    }
    // `.`, `_`, `__`, or any number of `-`.
    let marks = part.split(|c: char| c.is_ascii_alphanumeric()).filter(|marks| !marks.is_empty());
    let single =
        |marks: &str| matches!(marks, "." | "_" | "__") || marks.bytes().all(|mark| mark == b'-');
    marks
        .filter(|marks| !single(marks))
        .map(|marks| format!("`{marks}` in `{part}` is not a separator"))
        .next()
}

fn tag_problem(tag: &str) -> Option<String> {
    let inner = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    if tag.is_empty() {
        Some("the tag behind `:` is empty".to_owned())
    } else if tag.len() > LONGEST_TAG {
        Some(format!("its tag has {} characters, {LONGEST_TAG} are the most", tag.len()))
    } else if let Some(wrong) = tag.chars().find(|c| !inner(*c)) {
        Some(format!("{wrong:?} in the tag is none of a-z, A-Z, 0-9, `_`, `.` and `-`"))
    } else if tag.starts_with(['.', '-']) {
        Some("its tag begins with a mark".to_owned())
    } else {
        None
    }
}

fn digest_problem(digest: &str) -> Option<String> {
    let Some((algorithm, hex)) = digest.split_once(':') else {
        return Some("its digest has no algorithm".to_owned());
    };
    if algorithm != "sha256" {
        Some(format!("its digest is of `{algorithm}`, and registries name images by `sha256`"))
    } else if hex.len() != 64 {
        Some(format!("its digest has {} digits, and a SHA-256 has 64", hex.len()))
    } else if !hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
        Some("its digest has other signs than 0-9 and a-f".to_owned())
    } else {
        None
    }
}

/// What was probably meant.
fn mended(image: &str) -> String {
    let plain = image.trim();
    let plain = plain.split_once("://").map_or(plain, |(_, rest)| rest);
    let (name, digest) = match plain.split_once('@') {
        Some((name, digest)) => (name, format!("@{}", digest.to_ascii_lowercase())),
        None => (plain, String::new()),
    };
    let mut parts: Vec<String> =
        name.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
    let count = parts.len();
    for (at, part) in parts.iter_mut().enumerate() {
        let is_domain = at == 0 && count > 1 && part.contains(['.', ':']);
        let (own, tag) = match part.split_once(':') {
            Some((own, tag)) if at + 1 == count => (own.to_owned(), Some(tag.to_owned())),
            _ => (part.clone(), None),
        };
        let own = if is_domain { own } else { own.trim_matches(['-', '_', '.']).to_lowercase() };
        let tag = tag.filter(|tag| !tag.is_empty()).map_or(String::new(), |tag| format!(":{tag}"));
        *part = own + &tag;
    }
    parts.join("/") + &digest
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A digest.
    const DIGEST: &str = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    #[test]
    fn what_registries_call_images_is_taken() {
        for name in [
            "nginx",
            "nginx:1.27",
            "library/nginx",
            "registry.example.com/shop/checkout",
            "registry.example.com:5000/shop/checkout:v1.2.3-rc.1_x",
            "Registry.Example.com/shop/checkout",
            "localhost/a",
            "localhost:5000/a",
            "10.0.0.1:5000/a",
            "[2001:db8::1]:5000/a",
            "[2001:db8::1]/a",
            "ghcr.io/cloudnative-pg/postgresql:17.6",
            "a.b/c--d/e__f/g.h/i_j",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop",
            "gcr.io/distroless/static-debian12:nonroot",
            "registry.k8s.io/etcd:3.6.4-0",
        ] {
            assert_eq!(problem(name), None, "{name}");
            assert_eq!(problem(&format!("{name}@{DIGEST}")), None, "{name} by digest");
        }
        assert_eq!(problem(&format!("a.b/{}", "c".repeat(255))), None);
        assert_eq!(problem(&format!("a:{}", "c".repeat(128))), None);
    }

    #[test]
    fn what_no_registry_calls_an_image_is_told_what_to_write() {
        let digest = format!("@{DIGEST}");
        for (wrong, right) in [
            ("https://registry.example.com/shop/a", Some("registry.example.com/shop/a")),
            ("docker://nginx", Some("nginx")),
            ("registry.example.com/Shop/A", Some("registry.example.com/shop/a")),
            ("registry.example.com//shop/a", Some("registry.example.com/shop/a")),
            ("/shop/a", Some("shop/a")),
            ("/-hello", Some("hello")),
            ("shop/a/", Some("shop/a")),
            ("-hello", Some("hello")),
            ("registry.example.com/shop/a:", Some("registry.example.com/shop/a")),
            (" nginx", Some("nginx")),
            ("Nginx", Some("nginx")),
            ("shop/a..b", None),
            ("shop/a___b", None),
            ("shop/a b", None),
            ("shop/a:b:c", None),
            ("shop/a:-b", None),
            ("shop/ä", None),
            ("registry.example.com:port/a", None),
            ("registry.example.com:99999/a", None),
            ("registry..example.com/a", None),
            ("-registry.example.com/a", None),
            ("", None),
        ] {
            for (end, name) in [("", wrong.to_owned()), (&*digest, format!("{wrong}{digest}"))] {
                let found = problem(&name).unwrap_or_else(|| panic!("{name} is taken"));
                let right = right.map(|right| format!("{right}{end}"));
                assert_eq!(found.instead, right, "{name}: {}", found.what);
            }
        }
        for wrong in [
            "a@2072b9fe",
            "a@sha256:2072b9fe",
            "a@sha512:2072b9fe",
            "a@md5:d41d8cd98f00b204e9800998ecf8427e",
            &format!("a@{DIGEST}0"),
            &format!("a@{DIGEST}@{DIGEST}"),
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            &format!("a.b/{}", "c".repeat(256)),
            &format!("a:{}", "c".repeat(129)),
        ] {
            assert_eq!(problem(wrong).map(|found| found.instead), Some(None), "{wrong}");
        }
        let capitals = format!("a@{}", DIGEST.to_uppercase());
        assert_eq!(problem(&capitals).and_then(|found| found.instead), Some(format!("a@{DIGEST}")));
    }

    #[test]
    fn the_registry_of_an_image_is_its_host() {
        assert_eq!(registry("registry.example.com/shop/a@sha256:0"), "registry.example.com");
        assert_eq!(registry("localhost/a"), "localhost");
        assert_eq!(registry("registry:5000/a"), "registry:5000");
        assert_eq!(registry("library/nginx"), "docker.io");
        assert_eq!(registry("nginx:1.27"), "docker.io");
    }

    #[test]
    fn an_image_from_elsewhere_keeps_its_name_and_its_digest() {
        let from = |image| from(image, "mirror.example.com:5000");
        assert_eq!(
            from("registry.example.com/shop/a@sha256:0"),
            "mirror.example.com:5000/shop/a@sha256:0"
        );
        assert_eq!(from("docker.io/library/nginx:1"), "mirror.example.com:5000/library/nginx:1");
        assert_eq!(from("nginx:1"), "mirror.example.com:5000/library/nginx:1");
        assert_eq!(from("shop/a:1"), "mirror.example.com:5000/shop/a:1");
    }
}
