//! Logs of configurations that cannot be read whole: a text names its outputs also where it is no JSON. If none does, the
//! logs in the usual directory are those.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::Request;
use crate::config::{self, Daemon};
use crate::inspect::logging::Found;
use crate::redact;

/// Where logs are, unless a daemon says otherwise.
const DIRECTORY: &str = "/var/log/kea";

/// More than any configuration that is looked into.
const LARGEST: u64 = 16 << 20;

/// The logs that broken configurations name; none if all could be read.
pub(super) fn logs(request: &Request, found: &Found) -> BTreeSet<PathBuf> {
    let whole =
        |file: &Path| found.sites.iter().any(|site| site.config.file == file && site.config.syntax_error.is_none());
    let usual =
        || Daemon::ALL.into_iter().flat_map(config::daemon_files).filter(|file| request.root.metadata(file).is_ok());
    let files: Vec<PathBuf> =
        if request.configurations.is_empty() { usual().collect() } else { request.configurations.clone() };
    let broken: Vec<PathBuf> = files.into_iter().filter(|file| !whole(file)).collect();
    let is_any = !broken.is_empty();
    let read = |file: PathBuf| request.root.regular_file(std::path::absolute(&file).unwrap_or(file), LARGEST).ok();
    let mut logs: BTreeSet<PathBuf> =
        broken.into_iter().filter_map(read).flat_map(|text| outputs(&redact::text_of(&text))).collect();
    if logs.is_empty() && is_any && found.sites.iter().all(|site| site.paths().next().is_none()) {
        logs.extend(in_directory(request));
    }
    logs
}

/// The files after each `"output":` of a text.
fn outputs(text: &str) -> Vec<PathBuf> {
    let value = |(at, name): (usize, &str)| {
        let rest = text[at + name.len()..].trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
        let value = rest.split('"').next().filter(|value| !value.is_empty() && !value.contains('\n'))?;
        let is_file = !["stdout", "stderr"].contains(&value) && !value.starts_with("syslog");
        is_file.then(|| Path::new(DIRECTORY).join(value))
    };
    text.match_indices("\"output\"").filter_map(value).collect()
}

fn in_directory(request: &Request) -> Vec<PathBuf> {
    let Ok(mut folder) = request.root.directory(DIRECTORY) else { return Vec::new() };
    folder.pick(|name| {
        let path = Path::new(DIRECTORY).join(String::from_utf8_lossy(name).into_owned());
        Some(path).filter(|path| path.extension().is_some_and(|end| end == "log"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_known_from_text_that_is_no_json() {
        let text = "{ oops \"output\" :\n \"/x/a.log\", } \"output\": \"b.log\" \"output\": \"stdout\" \"output\": \"syslog:x\" \"output\": [";
        assert_eq!(outputs(text), [Path::new("/x/a.log"), Path::new("/var/log/kea/b.log")]);
    }
}
