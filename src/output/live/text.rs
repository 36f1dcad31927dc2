//! One frame as text: for tickets, mails and tests.

use std::io::{self, Write};

use ratatui::text::Line;

use super::frame_options::Colors;
use super::scene::Scene;
use super::{FrameOptions, overview, pools};
use crate::output::usage::table::fold;
use crate::top::{App, DaemonState, IDLE};

/// How many rows of pools are shown.
const POOLS: usize = 20;

/// Writes the overview, what is wrong, and the pools that are nearest to being full.
pub fn write(app: &App, look: FrameOptions, out: &mut dyn Write) -> io::Result<()> {
    let scene = Scene { app, look: FrameOptions { colors: Colors::None, ..look } };
    if app.replay.is_some() {
        let now = scene.model().moment.now;
        writeln!(out, "REPLAY: recorded at {} {}", scene.date(now), scene.clock(now))?;
    }
    lines(&overview::all(&scene), out)?;
    let mut is_first = true;
    for (index, server) in scene.model().servers.iter().enumerate() {
        let idle = server.is_idle().then_some((None, IDLE));
        let why = |it| Some((DaemonState::daemon_name(it), it.why()?));
        for (daemon, why) in idle.into_iter().chain(server.daemons().filter_map(why)) {
            if std::mem::take(&mut is_first) {
                writeln!(out)?;
            }
            let daemon = daemon.map_or_else(String::new, |name| format!(" {name}"));
            let text = format!("{}{daemon}: {}", scene.server(index), scene.foreign(why));
            fold(&text, usize::from(look.width), "  ").iter().try_for_each(|line| writeln!(out, "{line}"))?;
        }
    }
    let (shown, more) = pools::first(&scene, POOLS);
    if !shown.is_empty() {
        writeln!(out)?;
        lines(&shown, out)?;
    }
    if more > 0 {
        writeln!(out, "{more} more rows; -f json and kea-pools have all")?;
    }
    Ok(())
}

fn lines(lines: &[Line<'_>], out: &mut dyn Write) -> io::Result<()> {
    lines.iter().try_for_each(|line| writeln!(out, "{}", line.to_string().trim_end()))
}
