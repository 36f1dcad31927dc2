//! What went on before the wanted time, and is not in it because no client came, or because it is logged once.

use std::collections::BTreeMap;

use super::super::family::Tally;
use super::super::running::{Episode, Ongoing};
use super::{Cause, Findings, Grade, place};
use crate::text::count;

impl Findings<'_> {
    pub(super) fn running(&mut self) {
        let mut failed: BTreeMap<Cause, Vec<(String, Tally)>> = BTreeMap::new();
        for (at, what, episode) in self.analysis.running.earlier() {
            match what {
                Ongoing::Failure(is_v6, scope, cause) => {
                    failed.entry(*cause).or_default().push((place(scope, *is_v6), episode.tally));
                }
                _ => self.lasts(at, what, episode),
            }
        }
        for (cause, places) in failed {
            self.still_failing(cause, &places);
        }
    }

    fn still_failing(&mut self, cause: Cause, places: &[(String, Tally)]) {
        let mut all = Tally::default();
        for (_, tally) in places {
            all.join(tally);
        }
        let names: Vec<_> = places.iter().take(5).map(|(name, tally)| format!("{name} {}x", tally.count)).collect();
        let more = if places.len() > names.len() { ", and others" } else { "" };
        let (word, since) = match cause {
            Cause::NoPools => ("no pool for the client", "no new client got an address"),
            Cause::DatabaseError => ("the lease database failed", "no client got a lease"),
            _ => ("no free address", "no new client got an address"),
        };
        let what = format!("{word} when last asked, and {since} since: {}{more}", names.join(", "));
        let advice = "It began before this time, and nothing shows that it is over. See kea-pools.";
        self.count(Grade::Critical, what, advice, all);
    }

    fn lasts(&mut self, at: usize, what: &Ongoing, episode: &Episode) {
        let name = self.name(at);
        let (grade, what, advice) = match what {
            Ongoing::UnknownRelay(relay) => {
                let times = count(episode.tally.count, "packet");
                let what = format!("{times} from {relay} matched no subnet, and no configuration was loaded since");
                let advice = "The relay is not configured: give its subnet a relay address, or correct the address.";
                return self.count(Grade::Critical, what, advice, episode.tally);
            }
            Ongoing::SocketsFailed => (
                Grade::Critical,
                format!("{name} could not open sockets, and was not started or configured again since"),
                "The server receives nothing there: the address was missing, or another program has the port.",
            ),
            Ongoing::NoSockets => (
                Grade::Critical,
                format!("{name} has no open socket"),
                "The server receives nothing: name its interfaces in interfaces-config.",
            ),
            Ongoing::DatabaseGivenUp => (
                Grade::Critical,
                format!("{name} has given up reconnecting to a database"),
                "It retries no more. Start the database, then restart the daemon.",
            ),
            Ongoing::PartnerLost | Ongoing::Failure(..) => (
                Grade::Warning,
                format!("{name} does not reach its partner"),
                "Check the partner, the network between the servers, and firewalls for the HA port.",
            ),
        };
        self.add(grade, what, advice, Some(episode.tally));
    }
}
