//! Last row wins: which rows of a lease file's journal are the leases of today.
//!
//! A journal of many rows an address folds into the number of each address's last row. The numbers are kept, not the
//! rows, so that a million leases cost some twenty octets each; a second reading picks the rows out.

use std::hash::Hash;

use hashbrown::HashMap;

/// The last row of each address so far.
#[derive(Debug)]
pub struct Latest<Address> {
    rows: HashMap<Address, u32>,
}

impl<Address: Hash + Eq + Copy + Ord> Latest<Address> {
    /// Nothing read yet.
    #[must_use]
    pub fn new() -> Self {
        Self { rows: HashMap::new() }
    }

    /// Row number `row` is the lease of `address`; earlier rows of the address are replaced.
    pub fn give(&mut self, address: Address, row: u32) {
        self.rows.insert(address, row);
    }

    /// Row number `row` gives `address` if there is no lease of it: the row is one that another release than the file's
    /// reads.
    pub fn offer(&mut self, address: Address, row: u32) {
        self.rows.entry(address).or_insert(row);
    }

    /// A row with lifetime 0 takes `address` away; there may be no lease to take.
    pub fn take(&mut self, address: Address) {
        self.rows.remove(&address);
    }

    /// Looks all `addresses` up for nothing but the time: what is said of them next finds its memory in the cache.
    /// The look-ups wait for memory together, as changes made one after the other do not.
    pub fn warm_up(&self, addresses: impl Iterator<Item = Address>) {
        let known = addresses.filter(|address| self.rows.contains_key(address)).count();
        std::hint::black_box(known);
    }

    /// How many leases there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.rows.len() as u64
    }

    /// The rows that are leases.
    #[must_use]
    pub fn into_rows(self) -> RowSet {
        let mut set = RowSet { words: Vec::new() };
        for row in self.rows.into_values() {
            set.add(row);
        }
        set
    }
}

impl<Address: Hash + Eq + Copy + Ord> Default for Latest<Address> {
    fn default() -> Self {
        Self::new()
    }
}

/// A set of row numbers.
#[derive(Debug, Default)]
pub struct RowSet {
    words: Vec<u64>,
}

impl RowSet {
    fn add(&mut self, row: u32) {
        let word = row as usize / 64;
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        self.words[word] |= 1 << (row % 64);
    }

    /// How many rows are in it.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.words.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// Whether row number `row` is in it.
    #[must_use]
    pub fn contains(&self, row: u32) -> bool {
        self.words.get(row as usize / 64).is_some_and(|word| word & (1 << (row % 64)) != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn winners(latest: Latest<u32>, rows: u32) -> Vec<u32> {
        let set = latest.into_rows();
        (0..rows).filter(|&row| set.contains(row)).collect()
    }

    #[test]
    fn the_last_row_of_an_address_wins() {
        let mut latest = Latest::new();
        for (row, address) in [10, 11, 10, 12, 11].into_iter().enumerate() {
            latest.give(address, u32::try_from(row).expect("few rows"));
        }
        assert_eq!(latest.count(), 3);
        assert_eq!(winners(latest, 5), [2, 3, 4]);
    }

    #[test]
    fn an_offer_replaces_no_lease() {
        let mut latest = Latest::new();
        latest.give(10, 0);
        latest.offer(10, 1);
        latest.offer(11, 2);
        latest.offer(11, 3);
        latest.offer(12, 4);
        latest.give(12, 5);
        assert_eq!(winners(latest, 6), [0, 2, 5]);
    }

    #[test]
    fn a_deleted_address_is_gone_until_it_is_given_again() {
        let mut latest = Latest::new();
        latest.give(10, 0);
        latest.take(10);
        latest.take(99);
        latest.give(11, 3);
        latest.take(11);
        latest.give(11, 200);
        assert_eq!(winners(latest, 201), [200]);
    }
}
