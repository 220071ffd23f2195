//! Paths of routes, as the API server and the Gateway API take them.

/// The rules of an HTTPRoute at most (gateway-api `apis/v1/httproute_types.go`).
pub const MAX_RULES: usize = 16;

/// The host names of an HTTPRoute at most (the same).
pub const MAX_HOSTS: usize = 16;

/// The characters of a path at most (the same; an Ingress has no limit).
const MAX_PATH: usize = 1024;

/// What no path may hold: a proxy takes each for something else than it says (kubernetes
/// `pkg/apis/networking/validation`, gateway-api `HTTPPathMatch`).
const NOWHERE: &[&str] = &["//", "/./", "/../", "%2f", "%2F", "#"];

/// Says what keeps `path` from being the beginning of paths that lead somewhere, if anything.
pub fn path_problem(path: &str) -> Option<String> {
    // Of a URI (RFC 3986): `pchar`, and `/`.
    let of_path = |c: char| c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@/%".contains(c);
    if !path.starts_with('/') {
        return Some("it begins with `/`".to_owned());
    }
    if path.len() > MAX_PATH {
        return Some(format!("it has {} characters, {MAX_PATH} is the most", path.len()));
    }
    if let Some(stray) = NOWHERE.iter().find(|stray| path.contains(**stray)) {
        return Some(format!("`{stray}` cannot stand in it"));
    }
    if path.ends_with("/..") || path.ends_with("/.") {
        return Some("it ends with dots, which lead elsewhere".to_owned());
    }
    if let Some(stray) = path.chars().find(|c| !of_path(*c)) {
        return Some(format!("{stray:?} cannot stand in it"));
    }
    let escapes = path.split('%').skip(1);
    let broken = |escape: &str| {
        !escape.as_bytes().get(..2).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
    };
    escapes.into_iter().any(broken).then(|| "`%` begins two hexadecimal digits".to_owned())
}

/// Whether two beginnings are met by the same paths: a `/` at the end says nothing.
pub fn same_path(a: &str, b: &str) -> bool {
    a.trim_end_matches('/') == b.trim_end_matches('/')
}

/// Whether everything below `path` is below `wider`, element by element.
pub fn leads_below(wider: &str, path: &str) -> bool {
    let (wider, path) = (wider.trim_end_matches('/'), path.trim_end_matches('/'));
    path.strip_prefix(wider).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_that_leads_somewhere() {
        for right in ["/", "/api", "/api/v1/", "/a%20b", "/~user", "/.well-known/x", "/a..b"] {
            assert_eq!(path_problem(right), None, "{right}");
        }
        for wrong in [
            "", "api", "//", "/a//b", "/a/../b", "/..", "/a/.", "/a%2Fb", "/a%2", "/a b", "/a?b",
            "/a#b", "/é",
        ] {
            assert!(path_problem(wrong).is_some(), "{wrong}");
        }
        assert!(path_problem(&format!("/{}", "a".repeat(1024))).is_some());
    }

    #[test]
    fn a_path_leads_below_another_by_its_elements() {
        assert!(
            leads_below("/", "/api") && leads_below("/api", "/api/") && leads_below("/a/", "/a/b")
        );
        assert!(!leads_below("/api", "/apis") && !leads_below("/api", "/"));
    }
}
