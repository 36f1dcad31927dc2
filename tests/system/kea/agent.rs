//! The Control Agent: HTTP and HTTPS in front of a server's control socket.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Stdio};

use serde_json::{Value, json};

use super::{Instance, Network};
use crate::program::{must, run};
use crate::wait::wait_for;

/// The port it listens at, in the servers' namespace, unless it is given another one.
const PORT: u16 = 8000;

/// A running Control Agent; it ends when dropped.
pub(crate) struct Agent {
    process: Child,
}

impl Agent {
    /// An agent in front of `instance`, whose configuration has `more`, at the servers' end of `network`.
    pub(crate) fn start(instance: &Instance, network: &Network, more: &Value) -> Self {
        let mut agent = json!({
            "http-host": "127.0.0.1",
            "http-port": PORT,
            "control-sockets": { format!("dhcp{}", instance.family.digit()): {
                "socket-type": "unix", "socket-name": instance.scratch("run/control"),
            } },
            "loggers": [{ "name": "kea-ctrl-agent", "severity": "INFO",
                "output_options": [{ "output": instance.scratch("log/agent.log") }] }],
        });
        agent.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let port = agent["http-port"].clone();
        let configuration = instance.scratch("kea-ctrl-agent.conf");
        fs::write(&configuration, json!({ "Control-agent": agent }).to_string()).unwrap();
        let console = fs::File::create(instance.scratch("log/agent.console")).unwrap();
        let mut command = network.server_side("/usr/sbin/kea-ctrl-agent");
        command.arg("-c").arg(&configuration);
        command.env("KEA_PIDFILE_DIR", instance.scratch("run")).env("KEA_LOCKFILE_DIR", instance.scratch("run"));
        command.stdin(Stdio::null()).stdout(console.try_clone().unwrap()).stderr(console);
        let process = command.spawn().unwrap();
        let mut agent = Self { process };
        wait_for("the agent to listen", || {
            if let Some(status) = agent.process.try_wait().unwrap() {
                let said = ["log/agent.console", "log/agent.log"].map(|log| fs::read_to_string(instance.scratch(log)));
                panic!("the agent does not start ({status}): {said:?}");
            }
            let script = format!("exec 3<>/dev/tcp/127.0.0.1/{port}");
            (run(network.server_side("bash").args(["-c", &script])).status == 0).then_some(())
        });
        agent
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// Files of an authority, of a server it vouches for as 127.0.0.1 and dhcp1.example, and of a client: `NAME.crt` and `NAME.key`.
pub(crate) fn certificates(instance: &Instance) -> impl Fn(&str) -> PathBuf {
    let dir = instance.scratch("tls");
    fs::create_dir(&dir).unwrap();
    let script = "set -e
        new() {
            name=$1; shift
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj \"/CN=$name\" \\
                -keyout \"$name.key\" -out \"$name.crt\" \"$@\" 2>&1
        }
        new authority
        new server -CA authority.crt -CAkey authority.key -addext basicConstraints=critical,CA:false \\
            -addext subjectAltName=IP:127.0.0.1,DNS:dhcp1.example
        new client -CA authority.crt -CAkey authority.key -addext basicConstraints=critical,CA:false";
    must(std::process::Command::new("sh").args(["-c", script]).current_dir(&dir));
    move |name| dir.join(name)
}
