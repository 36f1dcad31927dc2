//! tcpdump: what was really on the wire.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::program::{must, signal};
use crate::wait::wait_for;

/// A tcpdump that runs at an interface; it ends when dropped.
pub(crate) struct Capture {
    process: Child,
    dir: TempDir,
    /// Sends a packet that it sees after all others.
    last: Command,
}

/// What that packet holds.
const END: &str = "the end of this capture";

impl Capture {
    /// `tcpdump` and `bash` are those of the place to listen at.
    pub(crate) fn start(mut tcpdump: Command, bash: Command) -> Self {
        let dir = tempfile::Builder::new().prefix("kea-capture.").tempdir().unwrap();
        let said = dir.path().join("said");
        tcpdump
            .args(["-i", "eth0", "-U", "--immediate-mode", "-Z", "root", "--nano", "-w"])
            .arg(dir.path().join("pcap"));
        tcpdump.arg("udp port 67 or udp port 68 or udp port 546 or udp port 547 or (vlan and udp) or icmp");
        tcpdump.stdin(Stdio::null()).stdout(Stdio::null()).stderr(fs::File::create(&said).unwrap());
        let process = tcpdump.spawn().unwrap();
        wait_for("tcpdump to listen", || fs::read_to_string(&said).unwrap().contains("listening on").then_some(()));
        let mut last = bash;
        last.args(["-c", "echo -n \"$1\" >/dev/udp/ff02::1%eth0/67", "bash", END]);
        Self { process, dir, last }
    }

    /// Ends it when it has seen everything; gives the file it wrote, which ends with a packet of ours.
    pub(crate) fn stop(&mut self) -> PathBuf {
        let file = self.dir.path().join("pcap");
        if self.process.try_wait().unwrap().is_none() {
            must(&mut self.last);
            wait_for("the last packet", || fs::read(&file).unwrap().ends_with(END.as_bytes()).then_some(()));
            signal(self.process.id(), "INT");
            self.process.wait().unwrap();
        }
        file
    }

    /// Ends it; gives its lines about what it saw, hardware addresses and times in Unix time with them.
    pub(crate) fn lines(&mut self) -> Vec<String> {
        let file = self.stop();
        let text = must(
            Command::new("tcpdump").args(["-e", "-n", "-tt", "-vv", "--nano", "-r"]).arg(file).stderr(Stdio::null()),
        );
        let mut packets: Vec<String> = Vec::new();
        for line in text.lines() {
            match packets.last_mut() {
                // What belongs to a packet is indented.
                Some(packet) if line.starts_with(char::is_whitespace) => {
                    packet.push(' ');
                    packet.push_str(line.trim());
                }
                _ => packets.push(line.to_owned()),
            }
        }
        packets.pop();
        packets
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
