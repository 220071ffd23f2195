//! A stand-in for `kubectl` that writes down how it is called.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Writes each call into `calls` beside the stand-in, with the kinds that it was given behind `#`.
/// What is given on standard input stays in `stdin` beside it.
const CALLED: &str = r#"#!/bin/sh
set -eu
home=$(dirname "$0")
file=
last=
for argument in "$@"; do
  [ "$last" != -f ] || file=$argument
  last=$argument
done
[ "$file" != - ] || cat > "$home/stdin"
case $file in
  '') given= ;;
  -) given=$(sed -n 's/^kind: //p' "$home/stdin" | tr '\n' ' ') ;;
  *) given=$(sed -n 's/^kind: //p' "$file" | tr '\n' ' ') ;;
esac
printf '%s\n' "$* # $given" >> "$home/calls"
"#;

/// Puts it into a folder, which it makes. `answers` is what it does after it wrote the call down, as
/// lines of a shell that know `home`, its folder, and `file`, what `-f` named.
pub(crate) fn stand_in(folder: &Path, answers: &str) {
    std::fs::create_dir(folder).unwrap();
    let kubectl = folder.join("kubectl");
    std::fs::write(&kubectl, format!("{CALLED}{answers}")).unwrap();
    std::fs::set_permissions(&kubectl, std::fs::Permissions::from_mode(0o755)).unwrap();
}
