//! What came of all probes of one target: the table between probing, judging and showing.

use super::Record;
use super::plan::Target;
use super::tally::Tally;

/// A target and what came of it.
#[derive(Debug)]
pub struct TargetResult<'a> {
    /// Who was asked, and for what.
    pub target: &'a Target,
    /// Answers, times and losses.
    pub tally: Tally,
    /// Why something could not be sent.
    pub unsent: Option<String>,
    /// What was not as expected about answers.
    pub faults: Vec<String>,
    /// What is odd about answers that count.
    pub remarks: Vec<String>,
    /// What a fault means and how to accept it.
    pub hint: Option<&'static str>,
}

/// How many different faults are kept about one target.
const MOST_FAULTS: usize = 32;

/// How many different remarks are kept about one target.
const MOST_REMARKS: usize = 8;

impl<'a> TargetResult<'a> {
    /// Before the first probe.
    #[must_use]
    pub fn new(target: &'a Target) -> Self {
        Self { target, tally: Tally::default(), unsent: None, faults: Vec::new(), remarks: Vec::new(), hint: None }
    }

    /// Adds the faults that are new.
    pub fn add_faults(&mut self, faults: Vec<String>) {
        for fault in faults {
            if self.faults.len() < MOST_FAULTS && !self.faults.contains(&fault) {
                self.faults.push(fault);
            }
        }
    }

    /// Adds what is not as it should be about answers that count, but for the form of options.
    pub fn add_remarks(&mut self, record: &Record) {
        for answer in &record.answers {
            for remark in answer.remarks.iter().filter(|remark| !remark.is_of_form()) {
                let text = format!("{}: {remark}", answer.source.ip());
                if self.remarks.len() < MOST_REMARKS && !self.remarks.contains(&text) {
                    self.remarks.push(text);
                }
            }
        }
    }
}
