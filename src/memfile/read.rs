//! From a row of a lease file to a lease.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use super::Header;
use super::field::{self, shown};
use super::split::{Fields, split};
use super::version::Target;
use crate::lease::context::{self, Demands};
use crate::lease::{Client, ClientId, Duid, Family, HwAddr, Lease, LeaseState, LeaseType, Lifetime, RowError};

/// Reads rows under one header; its buffer is reused from row to row.
#[derive(Debug)]
pub struct RowReader {
    header: Header,
    /// Whether the release that wrote it reads the last row, too.
    is_of_release: bool,
    has_lost_hwaddr: bool,
    omits_details: bool,
    scratch: Vec<u8>,
}

/// Where a decoded field is: in the row itself or in the reader's buffer.
enum At {
    Row,
    Scratch(Range<usize>),
}

/// The hardware address with its type and source.
type Hardware = (Range<usize>, Option<u16>, Option<u32>);

/// The address of a DHCPv4 row, whatever else is wrong with it.
#[must_use]
pub fn address4(row: &[u8]) -> Option<Ipv4Addr> {
    field::stored4(row.split(|octet| *octet == b',').next()?)
}

/// The address of a DHCPv6 row, whatever else is wrong with it.
#[must_use]
pub fn address6(row: &[u8]) -> Option<Ipv6Addr> {
    field::stored6(row.split(|octet| *octet == b',').next()?)
}

impl RowReader {
    /// A reader for the rows below `header`.
    #[must_use]
    pub fn new(header: Header) -> Self {
        let scratch = Vec::with_capacity(1024);
        Self { header, is_of_release: true, has_lost_hwaddr: false, omits_details: false, scratch }
    }

    /// For rows that were checked before: from now on, leases are without host name and user context, and without a DHCPv4
    /// client identifier where the hardware address is known.
    pub fn omit_details(&mut self) {
        self.omits_details = true;
    }

    /// Whether the row that was read last is one for the releases that write such files. Some rows only others read: a
    /// DUID of two bytes, a client identifier of 200.
    #[must_use]
    pub fn is_of_release(&self) -> bool {
        self.is_of_release
    }

    /// Whether the hardware address of the DHCPv6 row that was read last is unreadable; Kea goes on without it, and so
    /// does this reader.
    #[must_use]
    pub fn has_lost_hwaddr(&self) -> bool {
        self.has_lost_hwaddr
    }

    /// Reads a row (without its newline).
    pub fn lease<'a>(&'a mut self, row: &'a [u8]) -> Result<Lease<'a>, RowError> {
        let lease = match self.header.family {
            Family::V4 => self.read4(row),
            Family::V6 => self.read6(row),
        };
        lease.map_err(|error| with_line_end(error, row))
    }

    fn read4<'a>(&'a mut self, row: &'a [u8]) -> Result<Lease<'a>, RowError> {
        self.scratch.clear();
        let f = split(row, self.header)?;
        let address = field::ipv4("address", f.get(0))?;
        let hwaddr = field::hwaddr("hwaddr", f.get(1), &mut self.scratch)?;
        let client_id = if self.omits_details && !hwaddr.is_empty() { b"" } else { f.get(2) };
        let client_id = field::identifier("client_id", client_id, 2..=255, &mut self.scratch)?;
        let valid_lifetime = Lifetime::from(field::number32("valid_lifetime", f.get(3))?);
        let expire = field::epoch("expire", f.get(4))?;
        let subnet_id = field::number32("subnet_id", f.get(5))?;
        let fqdn_fwd = field::boolean("fqdn_fwd", f.get(6))?;
        let fqdn_rev = field::boolean("fqdn_rev", f.get(7))?;
        let [hostname_field, context_field] = self.details([f.get(8), f.get(10)]);
        let hostname = self.text(hostname_field, f.may_have_escapes);
        let state = LeaseState::from(if f.has(9) { field::number32("state", f.get(9))? } else { 0 });
        let (user_context, demands) = self.user_context(context_field, f.may_have_escapes)?;
        let pool_id = self.pool_id(&f, 11)?;
        self.is_of_release = self.release_of(&f).reads4(client_id.len(), demands);
        if hwaddr.is_empty() && client_id.is_empty() && state != LeaseState::Declined {
            return Err(RowError::row("neither hardware address nor client identifier, and not declined"));
        }
        Ok(Lease {
            client: Client::V4 { address, client_id: ClientId(&self.scratch[client_id]) },
            hwaddr: HwAddr(&self.scratch[hwaddr]),
            valid_lifetime,
            cltt: expire.wrapping_sub(valid_lifetime.as_u32().into()),
            subnet_id,
            pool_id,
            fqdn_fwd,
            fqdn_rev,
            hostname: self.place(hostname, hostname_field),
            state,
            user_context: self.place(user_context, context_field),
        })
    }

    fn read6<'a>(&'a mut self, row: &'a [u8]) -> Result<Lease<'a>, RowError> {
        self.scratch.clear();
        let f = split(row, self.header)?;
        let address = field::ipv6("address", f.get(0))?;
        let duid = field::identifier("duid", f.get(1), 1..=130, &mut self.scratch)?;
        let valid_lifetime = Lifetime::from(field::number32("valid_lifetime", f.get(2))?);
        let expire = field::epoch("expire", f.get(3))?;
        let subnet_id = field::number32("subnet_id", f.get(4))?;
        let preferred_lifetime = Lifetime::from(field::number32("pref_lifetime", f.get(5))?);
        let lease_type = LeaseType::from(field::signed32("lease_type", f.get(6))?);
        let iaid = field::number32("iaid", f.get(7))?;
        let prefix_len = prefix_len(lease_type, f.get(8))?;
        let fqdn_fwd = field::boolean("fqdn_fwd", f.get(9))?;
        let fqdn_rev = field::boolean("fqdn_rev", f.get(10))?;
        let [hostname_field, context_field] = self.details([f.get(11), f.get(14)]);
        let hostname = self.text(hostname_field, f.may_have_escapes);
        let state = LeaseState::from(if f.has(13) { field::number32("state", f.get(13))? } else { 0 });
        let (user_context, demands) = self.user_context(context_field, f.may_have_escapes)?;
        self.is_of_release = self.release_of(&f).reads6(&self.scratch[duid.clone()], state, demands);
        let (hwaddr, hwtype, hwaddr_source) = self.hardware(f.get(12), f.get(15), f.get(16));
        let pool_id = self.pool_id(&f, 17)?;
        let duid = Duid(&self.scratch[duid]);
        check_duid(duid, state)?;
        Ok(Lease {
            client: Client::V6 {
                address,
                duid,
                iaid,
                lease_type,
                prefix_len,
                preferred_lifetime,
                hwtype,
                hwaddr_source,
            },
            hwaddr: HwAddr(&self.scratch[hwaddr]),
            valid_lifetime,
            cltt: cltt6(expire, valid_lifetime),
            subnet_id,
            pool_id,
            fqdn_fwd,
            fqdn_rev,
            hostname: self.place(hostname, hostname_field),
            state,
            user_context: self.place(user_context, context_field),
        })
    }

    /// These fields, empty if details are omitted.
    fn details<'a>(&self, fields: [&'a [u8]; 2]) -> [&'a [u8]; 2] {
        if self.omits_details { [b""; 2] } else { fields }
    }

    /// A release that wrote a row, by its columns: servers append rows of their own columns below any header.
    fn release_of(&self, fields: &Fields<'_>) -> Target {
        let is_foreign = self.header.surplus() > 0;
        let columns = if is_foreign { fields.count().min(self.header.columns) } else { fields.count() };
        Target::of_columns(self.header.family, columns)
    }

    /// The pool's number. Where the header does not have the column, what is there is a number to a newer server, and
    /// nothing to the one whose file it is; where it has another there, it is no number of a pool.
    fn pool_id(&self, fields: &Fields<'_>, column: usize) -> Result<u32, RowError> {
        match (fields.has(column), column < self.header.columns) {
            (false, _) => Ok(0),
            (true, false) if self.header.surplus() > 0 => Ok(0),
            (true, true) => field::number32("pool_id", fields.get(column)),
            (true, false) => Ok(field::number32("pool_id", fields.get(column)).unwrap_or(0)),
        }
    }

    fn text(&mut self, field: &[u8], may_have_escapes: bool) -> At {
        let unescaped = if may_have_escapes { field::unescape(field, &mut self.scratch) } else { None };
        unescaped.map_or(At::Row, At::Scratch)
    }

    fn place<'a>(&'a self, at: At, field: &'a [u8]) -> &'a [u8] {
        match at {
            At::Row => field,
            At::Scratch(range) => &self.scratch[range],
        }
    }

    fn user_context(&mut self, field: &[u8], may_have_escapes: bool) -> Result<(At, Demands), RowError> {
        let at = self.text(field, may_have_escapes);
        let mut demands = Demands::default();
        if !field.is_empty() {
            let text = match &at {
                At::Row => field,
                At::Scratch(range) => &self.scratch[range.clone()],
            };
            demands = context::check(text)
                .map_err(|cause| RowError::new("user_context", format!("{}: {cause}", shown(text))))?;
        }
        Ok((at, demands))
    }

    /// The hardware address with its type and source. An unreadable one costs only itself, as in Kea; the word `NULL`,
    /// which `kea-admin lease-dump` writes for MySQL's NULL, says that there is none.
    fn hardware(&mut self, hwaddr: &[u8], hwtype: &[u8], source: &[u8]) -> Hardware {
        let read = self.read_hardware(hwaddr, hwtype, source);
        self.has_lost_hwaddr = read.is_err();
        read.unwrap_or((0..0, None, None))
    }

    fn read_hardware(&mut self, hwaddr: &[u8], hwtype: &[u8], source: &[u8]) -> Result<Hardware, RowError> {
        let is_said = |field: &[u8]| !matches!(field, b"" | b"NULL");
        let hwtype = is_said(hwtype).then(|| field::number16("hwtype", hwtype)).transpose()?;
        let source = is_said(source).then(|| field::number32("hwaddr_source", source)).transpose()?;
        let hwaddr = field::hwaddr("hwaddr", if hwaddr == b"NULL" { b"" } else { hwaddr }, &mut self.scratch)?;
        Ok((hwaddr, hwtype, source))
    }
}

/// A DUID that means no client is only a declined lease's.
fn check_duid(duid: Duid<'_>, state: LeaseState) -> Result<(), RowError> {
    match (duid.0, state) {
        ([], _) => Err(RowError::new("duid", "empty")),
        ([0], state) if state != LeaseState::Declined => {
            Err(RowError::new("duid", "00 means no client, and the lease is not declined"))
        }
        _ => Ok(()),
    }
}

/// When a DHCPv6 lease was last given: Kea keeps 32 bits of that.
fn cltt6(expire: i64, lifetime: Lifetime) -> i64 {
    expire.wrapping_sub(lifetime.as_u32().into()) & i64::from(u32::MAX)
}

/// Lines of another system are what is wrong where nothing else is.
#[cold]
fn with_line_end(error: RowError, row: &[u8]) -> RowError {
    if row.ends_with(b"\r") { RowError::row("the row ends with CR LF; Kea takes LF alone") } else { error }
}

/// The length of a prefix, of which Kea keeps 8 bits; that of an address is 128, whatever the row says.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is cut as Kea cuts it")]
fn prefix_len(lease_type: LeaseType, field: &[u8]) -> Result<u8, RowError> {
    match lease_type {
        LeaseType::Pd => field::signed32("prefix_len", field).map(|length| length as u8),
        _ => Ok(128),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memfile::{COLUMNS4, COLUMNS6, columns};
    use proptest::prelude::*;

    fn reader(family: Family, count: usize) -> RowReader {
        let line = columns(family)[..count].join(",");
        RowReader::new(Header::parse(line.as_bytes(), family).expect("a header"))
    }

    fn error4(row: &str) -> String {
        reader(Family::V4, 12).lease(row.as_bytes()).expect_err(row).to_string()
    }

    #[test]
    fn a_row_of_each_header_version_is_a_whole_lease() {
        let full =
            "192.0.2.1,02:18:00:00:00:01,01:02,3600,1000003600,7,1,0,a&#x2cb&#x26c,3,{ \"a\": 1&#x2c \"b\": 2 },9";
        let mut newest = reader(Family::V4, 12);
        let lease = newest.lease(full.as_bytes()).expect("a lease");
        assert_eq!((lease.cltt, lease.state, lease.pool_id), (1_000_000_000, LeaseState::Released, 9));
        assert_eq!(lease.hostname, b"a,b&c");
        assert_eq!(lease.user_context, br#"{ "a": 1, "b": 2 }"#);
        let mut old = reader(Family::V4, 10);
        assert_eq!(old.lease(full.as_bytes()).expect("a lease").pool_id, 9, "a newer server appended this row");
        let mut oldest = reader(Family::V4, 9);
        let lease = oldest.lease(b"192.0.2.1,02:18:00:00:00:01,,0,1000000000,7,0,0,host").expect("a lease");
        assert_eq!((lease.state, lease.pool_id, lease.user_context), (LeaseState::Assigned, 0, &b""[..]));
    }

    #[test]
    fn a_prefix_lease_is_read_and_the_length_of_an_address_is_128() {
        let mut reader = reader(Family::V6, 18);
        let row = b"2001:db8::,00:01:02,7200,1000007200,1,3600,2,-1,56,0,0,,02:00:00:00:00:01,0,,1,2,0";
        let lease = reader.lease(row).expect("a lease");
        assert_eq!((lease.prefix_len(), lease.iaid(), lease.is_prefix()), (56, Some(u32::MAX), true));
        assert!(matches!(lease.client, Client::V6 { hwtype: Some(1), hwaddr_source: Some(2), .. }));
        let row = b"2001:db8::1,00:01:02,7200,1000007200,1,3600,0,1,,0,0,,,0,,,,0";
        assert_eq!(reader.lease(row).expect("a lease").prefix_len(), 128);
    }

    #[test]
    fn without_details_the_rest_of_a_lease_is_the_same() {
        let row4 = "192.0.2.1,02:18:00:00:00:01,01:02,3600,1000003600,7,1,0,a&#x2cb,3,{ \"a\": 1&#x2c \"b\": 2 },9";
        let row6 = "2001:db8::,00:01:02,7200,1000007200,1,3600,2,5,56,0,1,host,02:00:00:00:00:01,0,{},1,2,0";
        for (family, row) in [(Family::V4, row4), (Family::V6, row6)] {
            let count = columns(family).len();
            let (mut whole, mut brief) = (reader(family, count), reader(family, count));
            brief.omit_details();
            let whole = whole.lease(row.as_bytes()).expect("a lease");
            let client = if family == Family::V4 { whole.client.with_identifier(b"") } else { whole.client };
            let expected = Lease { client, hostname: b"", user_context: b"", ..whole };
            assert_eq!(brief.lease(row.as_bytes()).expect("a lease"), expected);
        }
        let without_hwaddr = b"192.0.2.1,,01:02,3600,1000003600,7,1,0,,0,,9";
        let mut brief = reader(Family::V4, 12);
        brief.omit_details();
        assert_eq!(brief.lease(without_hwaddr).expect("a lease").identifier(), [1, 2]);
    }

    #[test]
    fn an_unreadable_hardware_address_costs_nothing_else() {
        let mut reader = reader(Family::V6, 17);
        let row = b"2001:db8::1,00:01:02,1,2,1,1,0,1,128,0,0,,zz,0,,1,2";
        assert_eq!(reader.lease(row).expect("a lease").hwaddr, HwAddr(b""));
        assert!(reader.has_lost_hwaddr());
        let row = b"2001:db8::1,00:01:02,1,2,1,1,0,1,128,0,0,,,0,,NULL,NULL";
        reader.lease(row).expect("a lease");
        assert!(!reader.has_lost_hwaddr());
    }

    #[test]
    fn each_bad_row_says_what_is_wrong() {
        let cases = [
            ("192.0.2.1,02:00,,1", "4 columns where the header has 12"),
            ("192.0.2.300,02:00,,1,2,1,0,0,,0,,0", "address: \"192.0.2.300\" is no IPv4 address"),
            ("192.0.2.1,02:0g,,1,2,1,0,0,,0,,0", "hwaddr: \"02:0g\" is no hardware address"),
            ("192.0.2.1,0218,,1,2,1,0,0,,0,,0", "hwaddr: \"0218\" is no hardware address"),
            ("192.0.2.1,02:18,01,1,2,1,0,0,,0,,0", "client_id: 1 octet, Kea takes at least 2"),
            ("192.0.2.1,02:18,,4294967296,2,1,0,0,,0,,0", "valid_lifetime: 4294967296 is above 4294967295"),
            ("192.0.2.1,02:18,,,2,1,0,0,,0,,0", "valid_lifetime: empty"),
            ("192.0.2.1,02:18,,1,2,1,true,0,,0,,0", "fqdn_fwd: \"true\" is no 0 or 1"),
            ("192.0.2.1,02:18,,1,2,1,0,0,,default,,0", "state: \"default\" is no number"),
            ("192.0.2.1,,,1,2,1,0,0,,0,,0", "neither hardware address nor client identifier, and not declined"),
            ("192.0.2.1,02:18,,1,2,1,0,0,,0,,0\r", "the row ends with CR LF; Kea takes LF alone"),
            ("192.0.2.1,02:18,,1,2,1,0,0,,0,,", "pool_id: empty"),
            ("192.0.2.1,02:18,,+-1,2,1,0,0,,0,,0", "valid_lifetime: \"+-1\" is no number"),
            (
                "192.0.2.1,02:18,,1,18446744073709551616,1,0,0,,0,,0",
                "expire: 18446744073709551616 is above 18446744073709551615",
            ),
            (
                "::ffff:192.0.2.1,02:18,,1,2,1,0,0,,0,,0",
                "address: \"::ffff:192.0.2.1\" is an IPv6 address, which no client of this server can have",
            ),
        ];
        for (row, expected) in cases {
            assert_eq!(error4(row), expected);
        }
        assert!(error4("192.0.2.1,02:18,,1,2,1,0,0,,0,[],0").starts_with("user_context: \"[]\": not a JSON map"));
    }

    #[test]
    fn text_is_octets() {
        let mut reader = reader(Family::V4, 12);
        for name in [&b"a\xffb"[..], b"\xfcrich", b"a\0b", b"\xc3", b"a\rb", b"\x01\x7f"] {
            let row = [b"192.0.2.1,02:18,,1,2,1,0,0,", name, b",0,{\"a\":\"\xff\0\"},0"].concat();
            let lease = reader.lease(&row).expect("a lease");
            assert_eq!((lease.hostname, lease.user_context), (name, &b"{\"a\":\"\xff\0\"}"[..]));
        }
    }

    #[test]
    fn numbers_are_read_in_each_form_kea_reads() {
        let mut reader = reader(Family::V4, 12);
        for (text, number) in [
            ("+1", 1),
            ("007", 7),
            ("000000000000000000000000001", 1),
            ("1\0x", 1),
            ("-0", 0),
            ("-1", u32::MAX),
            ("-4294967295", 1),
        ] {
            let row = format!("192.0.2.1,02:18,,9,2,{text},+1,00,,{text},,{text}");
            let lease = reader.lease(row.as_bytes()).expect(text);
            assert_eq!((lease.subnet_id, lease.state.number(), lease.pool_id), (number, number, number), "{text}");
        }
        let mut expire = |text: &str| {
            let row = format!("192.0.2.1,02:18,,1,{text},1,0,0,,0,,0");
            reader.lease(row.as_bytes()).map(|lease| lease.expire())
        };
        assert_eq!(expire("18446744073709551615"), Ok(-1));
        assert_eq!(expire("-9223372036854775808"), Ok(i64::MIN));
        assert_eq!(expire("9223372036854775807"), Ok(i64::MAX));
    }

    #[test]
    fn a_row_of_kea_2_2_needs_no_hardware_type() {
        let mut older = reader(Family::V6, 17);
        let row = b"2001:db8::1%eth0,00:00:00,1,2,1,1,9,1,x,0,0,\xff,,0,";
        let lease = older.lease(row).expect("a lease");
        assert_eq!(
            (lease.lease_type(), lease.identifier(), lease.cltt),
            (Some(LeaseType::Other(9)), &[0, 0, 0][..], 1)
        );
        assert!(older.is_of_release());
        let mut below_newer = reader(Family::V6, 18);
        let row = b"2001:db8::1,00:01,1,2,1,1,0,1,128,0,0,,,0,";
        assert_eq!(below_newer.lease(row).expect("Kea 2.2 appends to a file of a newer Kea").identifier(), [0, 1]);
        assert!(below_newer.is_of_release());
        assert!(below_newer.lease(&row[..row.len() - 1]).is_err());
    }

    #[test]
    fn a_row_needs_the_columns_of_a_release_and_not_of_the_header() {
        let row = b"192.0.2.1,02:18,,1,2,1,0,0,host,0,";
        for more in ["pool_id", "pool_id,shiny", "relay_id,remote_id,pool_id"] {
            let line = format!("{},{more}", COLUMNS4[..11].join(","));
            let mut reader = RowReader::new(Header::parse(line.as_bytes(), Family::V4).expect("a header"));
            assert_eq!(reader.lease(row).expect("a row of Kea 2.2").hostname, b"host");
            assert!(reader.is_of_release());
            assert!(reader.lease(&row[..row.len() - 1]).is_err(), "10 columns are too few for each");
            let has_number = more.starts_with("pool_id");
            let lease = reader.lease(b"192.0.2.1,02:18,,1,2,1,0,0,,0,,7,,").expect(more);
            assert_eq!(lease.pool_id, if has_number { 7 } else { 0 }, "{more}");
        }
    }

    #[test]
    fn a_row_for_another_release_is_recognised() {
        let mut newer = reader(Family::V6, 18);
        for (duid, state, is_of_release) in [
            ("00:01:02", 0, true),
            ("00:01", 0, false),
            ("00:00:00", 0, false),
            ("00:00:00", 1, true),
            ("00", 1, false),
        ] {
            let row = format!("2001:db8::1,{duid},1,2,1,1,0,1,128,0,0,,,{state},,,,0");
            newer.lease(row.as_bytes()).expect(duid);
            assert_eq!(newer.is_of_release(), is_of_release, "{duid}, {state}");
        }
    }

    #[test]
    fn a_row_with_all_columns_is_of_a_newer_release() {
        let mut older = reader(Family::V4, 11);
        let id = vec!["ab"; 200].join(":");
        older.lease(format!("192.0.2.1,,{id},1,2,1,0,0,,0,").as_bytes()).expect("a lease");
        assert!(!older.is_of_release());
        older.lease(format!("192.0.2.1,,{id},1,2,1,0,0,,0,,0").as_bytes()).expect("a lease");
        assert!(older.is_of_release());
    }

    #[test]
    fn identifiers_are_read_in_each_form_kea_reads() {
        let mut reader = reader(Family::V4, 12);
        for form in ["01:0a:ff", "01:A:FF", "1:0a:ff", "01 0a ff", "010aff", "0x010AFF", "10aff"] {
            let row = format!("192.0.2.1,,{form},1,2,1,0,0,,0,,0");
            assert_eq!(reader.lease(row.as_bytes()).expect(form).identifier(), [1, 10, 255]);
        }
    }

    #[test]
    fn an_escape_that_is_none_stays() {
        let mut reader = reader(Family::V4, 12);
        for (field, text) in [("&#", "&#"), ("&#x 4", "&#x 4"), ("&#xzz&#x41", "&#xzzA"), ("&amp&&#x2C", "&amp&,")] {
            let row = format!("192.0.2.1,02:18,,1,2,1,0,0,{field},0,,0");
            assert_eq!(reader.lease(row.as_bytes()).expect(field).hostname, text.as_bytes());
        }
    }

    #[test]
    fn an_escape_that_ends_too_early_is_a_nul_as_in_kea() {
        let mut reader = reader(Family::V4, 12);
        for (field, text) in [("&#x", "\0"), ("a&#x4", "a\x004"), ("&#x41&#x", "A\0")] {
            let row = format!("192.0.2.1,02:18,,1,2,1,0,0,{field},0,,0");
            assert_eq!(reader.lease(row.as_bytes()).expect(field).hostname, text.as_bytes());
        }
    }

    proptest! {
        #[test]
        fn no_octets_make_it_panic(row in proptest::collection::vec(any::<u8>(), 0..120)) {
            let _ = reader(Family::V4, COLUMNS4.len()).lease(&row);
            let _ = reader(Family::V6, COLUMNS6.len()).lease(&row);
        }

        #[test]
        fn no_fields_make_it_panic(fields in proptest::collection::vec("[0-9a-f:.,&#x+-]{0,30}", 9..20)) {
            let row = fields.join(",");
            let _ = reader(Family::V4, COLUMNS4.len()).lease(row.as_bytes());
            let _ = reader(Family::V6, COLUMNS6.len()).lease(row.as_bytes());
        }
    }
}
