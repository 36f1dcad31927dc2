//! The output of another program, with a time limit.

use std::io::{self, Read as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::error::io_cause;

/// More than any output that is read here.
const LARGEST: u64 = 16 << 20;

/// The standard output of a program, if it succeeds within `time`; otherwise the reason. It is killed if it takes longer;
/// its own child processes are not.
pub(super) fn output(mut command: Command, time: Duration) -> Result<Vec<u8>, String> {
    let name = command.get_program().display().to_string();
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let take = |child: &mut Child| child.stdout.take().map(|pipe| Box::new(pipe) as Box<dyn io::Read + Send>);
    match attended(command, time, take)? {
        (text, ended) if ended.success() => Ok(text),
        (_, ended) => Err(format!("{name}: {ended}")),
    }
}

/// What a program writes to both of its streams, and how it ended, if that is within `time`.
pub(crate) fn whole_output(mut command: Command, time: Duration) -> Result<(Vec<u8>, ExitStatus), String> {
    let name = command.get_program().display().to_string();
    let failed = |cause: io::Error| format!("{name}: {}", io_cause(&cause));
    let (reader, writer) = io::pipe().map_err(failed)?;
    command.stdout(writer.try_clone().map_err(failed)?).stderr(writer);
    attended(command, time, move |_| Some(Box::new(reader)))
}

fn attended(
    mut command: Command,
    time: Duration,
    take: impl FnOnce(&mut Child) -> Option<Box<dyn io::Read + Send>>,
) -> Result<(Vec<u8>, ExitStatus), String> {
    let name = command.get_program().display().to_string();
    let failed = |cause: &io::Error| format!("{name}: {}", io_cause(cause));
    let mut child = command.env("LC_ALL", "C").stdin(Stdio::null()).spawn().map_err(|cause| failed(&cause))?;
    // Its ends of the pipes are open as long as this is there.
    drop(command);
    let pid = Pid::from_child(&child);
    let pipe = take(&mut child);
    let (sender, receiver) = mpsc::channel();
    let attend = move || {
        let mut text = Vec::new();
        let _ = pipe.map(|pipe| pipe.take(LARGEST).read_to_end(&mut text));
        // The receiver may be gone.
        let _ = sender.send((text, child.wait()));
    };
    let attended = thread::Builder::new().spawn(attend).map_err(|cause| failed(&cause))?;
    match receiver.recv_timeout(time) {
        Ok((_, Err(cause))) => Err(failed(&cause)),
        Ok((text, Ok(ended))) => Ok((text, ended)),
        Err(_) => {
            // Its pid stays valid until it is waited for.
            let _ = (!attended.is_finished()).then(|| kill_process(pid, Signal::KILL));
            Err(format!("{name}: no answer within {:.1} s", time.as_secs_f64()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(line: &str, time: Duration) -> Result<Vec<u8>, String> {
        let mut command = Command::new("sh");
        command.args(["-c", line]);
        output(command, time)
    }

    #[test]
    fn a_program_that_does_not_end_is_not_waited_for() {
        let late = said("exec cat /dev/zero >/dev/null", Duration::from_millis(20));
        assert_eq!(late.unwrap_err(), "sh: no answer within 0.0 s");
    }

    #[test]
    fn a_program_that_fails_or_is_missing_is_reported() {
        let patience = Duration::from_secs(120);
        assert_eq!(said("echo x", patience).unwrap(), b"x\n");
        assert_eq!(said("echo x; exit 3", patience).unwrap_err(), "sh: exit status: 3");
        let none = output(Command::new("/nowhere/x"), patience);
        assert_eq!(none.unwrap_err(), "/nowhere/x: No such file or directory");
    }
}
