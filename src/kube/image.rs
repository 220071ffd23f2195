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

#[cfg(test)]
mod tests {
    use super::*;

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
