//! Names of container images.

/// The registry of an image: what stands before the first `/`, where that can be the name of a
/// host; else Docker Hub (distribution/reference `normalize.go`, `splitDockerDomain`).
pub fn registry(image: &str) -> &str {
    let host = |text: &&str| text.contains(['.', ':']) || *text == "localhost";
    let first = image.split_once('/').map(|(first, _)| first);
    first.filter(host).unwrap_or("docker.io")
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
}
