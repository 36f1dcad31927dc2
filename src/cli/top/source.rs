//! Where answers come from: servers, or a recording of them.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::path::Path;
use std::time::Duration;

use crate::env::files;
use crate::error::{Error, Result};
use crate::fleet::{HostWorker, Moment, Workers};
use crate::installation::LiveFiles;
use crate::top::{App, HostLook, Model, Played, Player, Recorder, Replay};

/// A line of a recording is no longer.
const LONGEST: u64 = 256 << 20;

/// Where answers come from.
pub(super) enum Source {
    /// Servers, and this host, if its servers are among them.
    Servers(Servers),
    /// A recording.
    Recording(Recording),
}

/// Servers that are asked.
pub(super) struct Servers {
    pub(super) workers: Workers,
    /// The worker that looks at this host.
    pub(super) host: Option<HostWorker>,
    pub(super) record: Option<Record>,
    pub(super) interval: Duration,
    pub(super) next: Duration,
    /// How many places are still to answer in this round.
    pub(super) awaited: usize,
    /// Whether this host is still to be looked at in this round.
    pub(super) is_host_due: bool,
}

impl Source {
    /// Asks what is due, and takes what was answered; whether there was anything.
    pub(super) fn take(&mut self, moment: Moment, app: &mut App) -> Result<bool> {
        match self {
            Self::Servers(servers) => servers.take(moment, app),
            Self::Recording(recording) => recording.take(moment, app),
        }
    }

    /// The moment that is shown at this one.
    pub(super) fn moment(&self, now: Moment) -> Moment {
        match self {
            Self::Servers(_) => now,
            Self::Recording(recording) => recording.moment(now),
        }
    }

    /// How long there is nothing to do.
    pub(super) fn pause(&self, now: Duration) -> Duration {
        match self {
            Self::Servers(servers) => servers.next.saturating_sub(now),
            Self::Recording(_) => Duration::MAX,
        }
    }
}

impl Servers {
    fn take(&mut self, moment: Moment, app: &mut App) -> Result<bool> {
        if moment.monotonic >= self.next {
            self.awaited = self.workers.ring(moment);
            self.next = moment.monotonic + self.interval;
            self.is_host_due = true;
        }
        let mut is_news = false;
        while let Some(round) = self.workers.next() {
            if let Some(record) = &mut self.record {
                record.write(round.place, round.moment, &round.readings)?;
            }
            app.take(round.place, round.moment, round.readings);
            self.awaited = self.awaited.saturating_sub(1);
            is_news = true;
        }
        // The host is looked at after the answers, so that the servers are not asked twice, but does not wait for a late one.
        let is_late = self.next.saturating_sub(moment.monotonic) <= self.interval / 2;
        if let Some(host) = self.host.as_ref().filter(|_| self.is_host_due && (self.awaited == 0 || is_late)) {
            self.is_host_due = !host.ring(moment, app.statuses());
        }
        if let Some(host) = &self.host {
            while let Some(facts) = host.next() {
                let look = app.take_host(facts.moment, &facts.host, &facts.files, facts.load);
                if let Some(record) = &mut self.record {
                    record.write_host(facts.moment, &look)?;
                }
                is_news = true;
            }
        }
        Ok(is_news)
    }
}

/// A recording that is being written.
pub(super) struct Record {
    file: Box<dyn Write>,
    name: String,
    recorder: Recorder,
}

impl Record {
    /// Creates the file, with its first line.
    pub(super) fn create(path: &Path, head: &str, live: &LiveFiles) -> Result<Self> {
        let file = files::create_new(path, live)?;
        let mut record = Self { file, name: path.display().to_string(), recorder: Recorder::default() };
        record.line(head)?;
        Ok(record)
    }

    pub(super) fn write(
        &mut self,
        place: usize,
        moment: Moment,
        readings: &[crate::stats::reading::Reading],
    ) -> Result<()> {
        let line = self.recorder.line(place, moment, readings);
        self.line(&line)
    }

    pub(super) fn write_host(&mut self, moment: Moment, look: &HostLook) -> Result<()> {
        let line = self.recorder.host_line(moment, look);
        self.line(&line)
    }

    fn line(&mut self, line: &str) -> Result<()> {
        let failed = |cause: std::io::Error| Error::io(format!("write {}", self.name), &cause);
        self.file.write_all(line.as_bytes()).map_err(failed)
    }
}

/// A recording that is shown.
pub(super) struct Recording {
    lines: BufReader<Box<dyn Read + Send>>,
    name: String,
    number: usize,
    player: Player,
    /// The line that is shown next.
    next: Option<Played>,
    /// The moment of its first line, and when that was shown.
    began: Option<(Moment, Duration)>,
    /// The moment of the last line that was shown.
    last: Option<Moment>,
}

impl Recording {
    /// Opens the file; also returns its servers.
    pub(super) fn open(path: &Path) -> Result<(Self, Model)> {
        let name = path.display().to_string();
        let file = files::open(path).map_err(|cause| Error::io(format!("read {name}"), &cause))?;
        let mut recording = Self {
            lines: BufReader::new(file),
            name,
            number: 0,
            player: Player::default(),
            next: None,
            began: None,
            last: None,
        };
        let head = recording.line()?.unwrap_or_default();
        let Some(model) = Player::head(&head) else {
            return Err(Error::new(format!("read {}", recording.name), "this is no recording of kea-top")
                .hint("make one with kea-top --record FILE"));
        };
        recording.advance()?;
        if recording.next.is_none() {
            return Err(Error::new(format!("read {}", recording.name), "this recording has no answers"));
        }
        Ok((recording, model))
    }

    /// The next line that is not empty.
    fn line(&mut self) -> Result<Option<String>> {
        loop {
            let mut line = Vec::new();
            let read = (&mut self.lines).take(LONGEST).read_until(b'\n', &mut line);
            let count = read.map_err(|cause| Error::io(format!("read {}", self.name), &cause))?;
            self.number += 1;
            // An editor may have left a mark at the beginning, and empty lines.
            let line = if self.number == 1 { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line) } else { &line };
            if count == 0 || !line.trim_ascii().is_empty() {
                return Ok((count > 0).then(|| String::from_utf8_lossy(line).into_owned()));
            }
        }
    }

    fn advance(&mut self) -> Result<()> {
        self.next = match self.line()? {
            None => None,
            Some(line) => match self.player.line(&line) {
                Some(played) => Some(played),
                // The last line may have been cut off when the program ended.
                None if !line.ends_with('\n') => None,
                None => {
                    let cause = "this is no line of a recording";
                    return Err(Error::new(format!("{}:{}", self.name, self.number), cause));
                }
            },
        };
        Ok(())
    }

    /// The moment that is shown; after the last line it stays.
    fn moment(&self, now: Moment) -> Moment {
        if let (None, Some(last)) = (&self.next, self.last) {
            return last;
        }
        let Some((first, shown)) = self.began else { return self.next.as_ref().map_or(now, |next| next.moment) };
        let passed = now.monotonic.saturating_sub(shown);
        let seconds = i64::try_from(passed.as_secs()).unwrap_or(0);
        Moment { now: first.now + seconds, monotonic: first.monotonic + passed }
    }

    fn take(&mut self, now: Moment, app: &mut App) -> Result<bool> {
        if let (None, Some(next)) = (self.began, &self.next) {
            self.began = Some((next.moment, now.monotonic));
        }
        let until = self.moment(now).monotonic;
        let mut is_news = false;
        while let Some(played) = self.next.take_if(|next| next.moment.monotonic <= until) {
            self.show(played, app)?;
            is_news = true;
        }
        Ok(is_news)
    }

    fn show(&mut self, played: Played, app: &mut App) -> Result<()> {
        self.last = Some(played.moment);
        app.show(played);
        self.advance()?;
        if self.next.is_none() {
            app.replay = Some(Replay::Ended);
        }
        Ok(())
    }

    /// Takes the rest at once; the moment of the last line.
    pub(super) fn finish(&mut self, app: &mut App) -> Result<Option<Moment>> {
        while let Some(played) = self.next.take() {
            self.show(played, app)?;
        }
        Ok(self.last)
    }
}
