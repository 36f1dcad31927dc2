//! Interactive mode, through a terminal.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::dhcp::{Lan, ServerKind};
use crate::program::signal;
use crate::wait::wait_for;

/// dhcptest at a terminal that `script` provides.
struct Terminal {
    script: Child,
    shown: Arc<Mutex<Vec<u8>>>,
}

impl Terminal {
    fn start(mut script: Command) -> Self {
        let program = concat!("exec ", env!("CARGO_BIN_EXE_dhcptest"));
        script.args(["--quiet", "--return", "--command", program, "/dev/null"]);
        let mut script = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (mut output, shown) = (script.stdout.take().unwrap(), Arc::new(Mutex::new(Vec::new())));
        let kept = Arc::clone(&shown);
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = output.read(&mut buffer) {
                kept.lock().unwrap().extend(&buffer[..length]);
            }
        });
        Self { script, shown }
    }

    fn types(&mut self, text: &str) {
        self.script.stdin.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// Waits until the terminal shows `text` for the `times`th time.
    fn waits_for(&self, text: &str, times: usize) {
        wait_for(text, || {
            let shown = String::from_utf8_lossy(&self.shown.lock().unwrap()).into_owned();
            (shown.matches(text).count() >= times).then_some(())
        });
    }

    fn status(mut self) -> Option<i32> {
        self.script.wait().unwrap().code()
    }
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn terminal_commands_are_read_while_answers_arrive() {
    let lan = Lan::new();
    let (server, client) = (lan.server(ServerKind::Kea), lan.client());
    let mut terminal = Terminal::start(client.command("script"));
    terminal.waits_for("Type \"d\" to broadcast a DHCP discover packet", 1);
    terminal.types("d 02:00:5e:00:53:98\r");
    terminal.waits_for("53 (DHCP Message Type): offer", 1);
    terminal.types("d\r");
    terminal.waits_for("53 (DHCP Message Type): offer", 2);
    terminal.types("r\r");
    terminal.waits_for("53 (DHCP Message Type): ack", 1);
    assert_eq!(server.leases().len(), 1, "{}", server.log());
    terminal.types("nonsense\r");
    terminal.waits_for("Unrecognized command.", 1);
    terminal.types("q\r");
    assert_eq!(terminal.status(), Some(0));
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn the_end_of_input_and_an_interrupt_end_it() {
    let lan = Lan::new();
    let client = lan.client();
    for (end, status) in [("\u{4}", 0), ("\u{3}", 130)] {
        let mut terminal = Terminal::start(client.command("script"));
        terminal.waits_for("Type \"d\"", 1);
        terminal.types(end);
        assert_eq!(terminal.status(), Some(status));
    }
}

#[test]
#[ignore = "needs dhcpd: run scripts/test"]
fn a_signal_ends_it_with_its_status_and_what_was_received() {
    let lan = Lan::new();
    let (server, client) = (lan.server(ServerKind::Dhcpd), lan.client());
    server.pause();
    for (arguments, name, status) in [
        (&["--query"][..], "INT", 130),
        (&["--wait", "--timeout", "0"], "TERM", 143),
        (&["--dora", "--tries", "0"], "HUP", 129),
    ] {
        let mut command = super::command(&client);
        let mut child = command.args(arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        assert!(lines.any(|line| line.contains("53 (DHCP Message Type): discover")), "{arguments:?}");
        signal(child.id(), name);
        let last = lines.last();
        assert_eq!(last.as_deref(), Some("dhcptest: interrupted after 0 answers"), "{arguments:?}");
        assert_eq!(child.wait().unwrap().code(), Some(status), "{arguments:?}");
    }
    server.resume();
    server.expect_no_leases();
}
