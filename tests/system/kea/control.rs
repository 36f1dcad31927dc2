//! Kea's control socket.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

/// Where a server takes commands. One command per connection: a JSON map there, a JSON map back, end of file.
#[derive(Debug, Clone)]
pub(crate) struct ControlSocket(pub(crate) PathBuf);

impl ControlSocket {
    /// The server's answer, whatever it is; an error means that nobody answers.
    pub(crate) fn try_command(&self, name: &str, arguments: Option<&Value>) -> io::Result<Value> {
        serde_json::from_slice(&self.answer(name, arguments)?).map_err(io::Error::other)
    }

    /// The server's answer as it is written; some numbers in it may be such that no JSON reader takes them.
    pub(crate) fn answer(&self, name: &str, arguments: Option<&Value>) -> io::Result<Vec<u8>> {
        let mut request = json!({ "command": name });
        if let Some(arguments) = arguments {
            request["arguments"] = arguments.clone();
        }
        let mut stream = UnixStream::connect(&self.0)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        stream.write_all(request.to_string().as_bytes())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer)
    }

    /// The answer to a command that must succeed; 3 (nothing found) is a success.
    #[track_caller]
    pub(crate) fn command(&self, name: &str, arguments: Option<&Value>) -> Value {
        let answer = self.try_command(name, arguments).unwrap_or_else(|cause| panic!("{name}: {cause}"));
        assert!(answer["result"] == 0 || answer["result"] == 3, "{name} {arguments:?}: {answer}");
        answer
    }
}
