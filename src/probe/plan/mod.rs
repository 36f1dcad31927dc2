//! From what the user asks for and what this host has to links and exchanges: what a probe is to do. Pure.

use crate::error::{Error, Result};
use crate::family::Family;
use crate::wire::LinkSpec;

mod context;
mod exchange;
mod request;
pub mod subnets;
mod v4;
mod v6;

pub use context::{Host, PlanContext};
pub use exchange::{ExchangeSpec, Target};
pub use request::{ClientRequest, MessageKind, ProbeRequest};

/// The plan for a request.
///
/// # Errors
/// Nothing of it can be carried out.
pub fn plan(context: &PlanContext<'_>) -> Result<ProbePlan> {
    let plan = match context.request.family {
        Family::V4 => v4::plan(context),
        Family::V6 => v6::plan(context),
    }?;
    plan.completed(context)
}

/// What a probe is to do: links to open, and for each target an exchange that can be started again and again.
#[derive(Debug, Default)]
pub struct ProbePlan {
    /// The links to open.
    pub links: Vec<LinkSpec>,
    /// The interface that a route leads to, where a route chooses.
    via: Vec<Option<String>>,
    /// Who is asked.
    pub targets: Vec<Target>,
    /// What the user should know of how it is done.
    pub remarks: Vec<String>,
    /// What the user should know even without asking for it.
    pub notices: Vec<String>,
    /// Why there are targets that cannot be asked though they were meant to.
    failures: Vec<Error>,
}

impl ProbePlan {
    /// Something to know of how it is done, once.
    fn remark(&mut self, text: String) {
        if !self.remarks.contains(&text) {
            self.remarks.push(text);
        }
    }

    /// The place of this link. Targets that are asked in the same way share one: two sockets at one port would take each
    /// other's answers away.
    fn link(&mut self, link: LinkSpec, via: Option<String>) -> usize {
        let kind = |plan: &LinkSpec| (plan.interface.clone(), plan.source, plan.port, plan.client);
        let known = self.links.iter().zip(&self.via);
        let place = known.into_iter().position(|(known, known_via)| kind(known) == kind(&link) && *known_via == via);
        place.unwrap_or_else(|| {
            self.links.push(link);
            self.via.push(via);
            self.links.len() - 1
        })
    }

    /// A target that cannot be asked is one nevertheless, and does not keep others from being asked.
    fn attempt(&mut self, name: &str, planned: Result<()>) {
        if let Err(error) = planned {
            self.failures.push(error.clone());
            self.never(name, error);
        }
    }

    /// A target that cannot be asked from here.
    fn never(&mut self, name: &str, error: Error) {
        let (name, exchange) = (name.to_owned(), ExchangeSpec::Impossible(error));
        self.targets.push(Target { name, required: Vec::new(), networks: Vec::new(), exchange });
    }

    /// The plan with the servers that have no address, if anything of it can be carried out.
    fn completed(mut self, context: &PlanContext<'_>) -> Result<Self> {
        for (name, error) in &context.unresolved {
            self.attempt(name, Err(error.clone()));
        }
        self.keep_apart();
        self.unless_all_failed()
    }

    /// The plan, if there is anything left of it.
    ///
    /// # Errors
    /// Every attempt has failed: most likely for a mistake on the command line.
    fn unless_all_failed(mut self) -> Result<Self> {
        if self.failures.len() < self.targets.len() || self.failures.is_empty() {
            return Ok(self);
        }
        Err(self.failures.swap_remove(0))
    }

    /// Of several sockets at one port each keeps to the interface that its route leads to: at all interfaces, one would
    /// take the others' answers.
    fn keep_apart(&mut self) {
        let several = self.links.len() > 1;
        for (link, via) in self.links.iter_mut().zip(&self.via) {
            let via = via.clone().filter(|_| several && link.source.is_none());
            link.interface = link.interface.take().or(via);
        }
    }
}
