//! Makes leases for benchmarks, always the same ones: `generate-leases 4|6 memfile|pgsql|mysql|dhcpd LEASES`; and a
//! configuration of 5,000 subnets with 20,000 pools that they are in: `generate-leases 4 kea|dhcpd.conf FILE`, where a lease
//! file of Kea is FILE.
//!
//! The mix is that of a busy network: 10 % have a user context, 15 % no host name, 1.5 % an odd one, 1 % never end,
//! 0.5 % are declined, 2 % expired and reclaimed; of DHCPv6 leases 15 % are prefixes. Client identifiers have at most
//! 21 octets, since `kea-admin lease-dump` fails on longer ones. The order is random with respect to the address.
//!
//! `memfile` is a lease file as Kea 2.2 writes it, with three rows for each lease; `pgsql` is for `COPY … FROM`,
//! `mysql` for `LOAD DATA` (scripts/bench has the columns), `dhcpd` the same rows as in a lease file, as ISC dhcpd writes them.

use std::fmt::Write as _;
use std::io::{self, BufWriter, Write};
use std::net::{Ipv4Addr, Ipv6Addr};

/// When the last of the leases was given: 2026-11-20 12:00 UTC.
const NOW: i64 = 1_795_176_000;

const INFINITE: u32 = u32::MAX;

/// The first address, 10.0.1.0, and how many subnets of 256 addresses there are from there on.
const FIRST: u32 = 0x0a00_0100;
const SUBNETS: u32 = 5000;

/// How often each lease stands in a lease file.
const ROUNDS: i64 = 3;

const ODD_NAMES: [&str; 7] = ["büro,", "a&b-", "it's ", "c:\\", "\"quoted\"-", "&#x41-", "smørrebrød-"];

const HEADER4: &str =
    "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context";
const HEADER6: &str = "address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,\
                       fqdn_rev,hostname,hwaddr,state,user_context,hwtype,hwaddr_source";

/// `SplitMix64`: small, and the same everywhere and for ever.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// True `n` times in a thousand.
    fn permille(&mut self, n: u64) -> bool {
        self.below(1000) < n
    }

    fn octets(&mut self, n: usize) -> Vec<u8> {
        (0..n).map(|_| self.next().to_le_bytes()[0]).collect()
    }
}

/// A bijection that looks like chance.
fn mix(mut n: u64) -> u64 {
    n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

/// A lease of either family.
struct Lease {
    address4: Ipv4Addr,
    address6: Ipv6Addr,
    hwaddr: Vec<u8>,
    /// Client identifier or DUID.
    client: Vec<u8>,
    lifetime: u32,
    cltt: i64,
    subnet: u32,
    fqdn: bool,
    hostname: String,
    state: u8,
    context: String,
    is_prefix: bool,
    prefix_len: u8,
    iaid: u32,
}

impl Lease {
    /// The `n`th lease of a family.
    fn new(n: u32, v6: bool) -> Self {
        let mut random = Random(u64::from(n) << 8 | u64::from(v6));
        let state = match random.below(1000) {
            0..5 => 1,
            5..25 => 2,
            _ => 0,
        };
        let is_prefix = v6 && random.permille(150);
        let infinite = state == 0 && random.permille(10);
        let lifetime = [3600, 7200, 14400, 86400][usize::try_from(random.below(4)).unwrap_or(0)];
        let mut lease = Self {
            address4: Ipv4Addr::from_bits(FIRST + n + n / 5),
            address6: if is_prefix { prefix(n) } else { host(n) },
            hwaddr: if v6 && random.permille(400) { Vec::new() } else { random.octets(6) },
            client: Vec::new(),
            lifetime: if infinite { INFINITE } else { lifetime },
            cltt: NOW - i64::try_from(random.below(u64::from(lifetime))).unwrap_or(0),
            subnet: if v6 { 1 + n / 4096 } else { 1 + (n + n / 5) / 256 },
            fqdn: random.permille(300),
            hostname: hostname(n, &mut random),
            state,
            context: context(&mut random),
            is_prefix,
            prefix_len: if is_prefix { 56 } else { 128 },
            iaid: u32::try_from(random.below(1 << 32)).unwrap_or(0),
        };
        lease.client = if v6 { duid(&mut random) } else { client_id(&lease.hwaddr, &mut random) };
        if state == 1 {
            lease.hwaddr.clear();
            lease.client = if v6 { vec![0] } else { Vec::new() };
        }
        if state != 0 {
            lease.hostname.clear();
        }
        lease
    }

    /// What lease files hold; a database holds `cltt` for a lease without end.
    fn expire(&self) -> i64 {
        self.cltt + i64::from(self.lifetime)
    }
}

fn host(n: u32) -> Ipv6Addr {
    let network = 0x2001_0db8_0000_0000_u64 | u64::from(n / 4096);
    Ipv6Addr::from_bits(u128::from(network) << 64 | u128::from(mix(u64::from(n))))
}

fn prefix(n: u32) -> Ipv6Addr {
    Ipv6Addr::from_bits(0xfd00 << 112 | u128::from(n) << 72)
}

fn hostname(n: u32, random: &mut Random) -> String {
    match random.below(1000) {
        0..150 => String::new(),
        150..165 => format!("{}{n}", ODD_NAMES[usize::try_from(random.below(7)).unwrap_or(0)]),
        _ => format!("host-{n}.{}.example.org", ["office", "lab", "guest", "wifi"][(n % 4) as usize]),
    }
}

fn context(random: &mut Random) -> String {
    match random.below(1000) {
        0..99 => format!("{{ \"ISC\": {{ \"relay-agent-info\": \"0x{}\" }} }}", hex(&random.octets(16), "")),
        99 => format!("{{ \"note\": \"rack \\\"{}\\\"\", \"port\": {} }}", random.below(40), random.below(48)),
        _ => String::new(),
    }
}

/// None, the hardware address with its type, or what RFC 4361 asks for.
fn client_id(hwaddr: &[u8], random: &mut Random) -> Vec<u8> {
    match random.below(10) {
        0 => Vec::new(),
        1..8 => [&[1], hwaddr].concat(),
        _ => [&[0xff][..], &random.octets(4), &[0, 1, 0, 1], &random.octets(4), hwaddr].concat(),
    }
}

/// Link-layer address with time, link-layer address, or UUID.
fn duid(random: &mut Random) -> Vec<u8> {
    let (kind, length): (&[u8], _) = match random.below(10) {
        0 => (&[0, 4], 16),
        1..3 => (&[0, 3, 0, 1], 6),
        _ => (&[0, 1, 0, 1], 10),
    };
    [kind, &random.octets(length)].concat()
}

fn hex(octets: &[u8], separator: &str) -> String {
    let mut text = String::with_capacity(octets.len() * 3);
    for (at, octet) in octets.iter().enumerate() {
        let _ = write!(text, "{}{octet:02x}", if at == 0 { "" } else { separator });
    }
    text
}

/// A row of a lease file; Kea 2.2 escapes commas and ampersands alone.
fn memfile_row(lease: &Lease, v6: bool, out: &mut impl Write) -> io::Result<()> {
    let escape = |text: &str| text.replace('&', "&#x26").replace(',', "&#x2c");
    let Lease { lifetime, subnet, state, prefix_len, iaid, .. } = lease;
    let (expire, fqdn) = (lease.expire(), u8::from(lease.fqdn));
    let (hostname, context) = (escape(&lease.hostname), escape(&lease.context));
    let (hwaddr, client) = (hex(&lease.hwaddr, ":"), hex(&lease.client, ":"));
    if !v6 {
        let address = lease.address4;
        return writeln!(
            out,
            "{address},{hwaddr},{client},{lifetime},{expire},{subnet},{fqdn},{fqdn},{hostname},{state},{context}"
        );
    }
    let address = lease.address6;
    let lease_type = if lease.is_prefix { 2 } else { 0 };
    let source = if hwaddr.is_empty() { "," } else { "1,2" };
    writeln!(
        out,
        "{address},{client},{lifetime},{expire},{subnet},{lifetime},{lease_type},{iaid},{prefix_len},{fqdn},{fqdn},\
         {hostname},{hwaddr},{state},{context},{source}"
    )
}

/// A row between tabs, with what Kea puts into absent values.
fn sql_row(lease: &Lease, v6: bool, mysql: bool, out: &mut impl Write) -> io::Result<()> {
    let escape = |text: &str| text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n");
    let octets = |octets: &[u8]| if mysql { hex(octets, "") } else { format!("\\\\x{}", hex(octets, "")) };
    let absent = if mysql { "\\N" } else { "" };
    let or_absent = |octets: &[u8], text: String| if octets.is_empty() { absent.to_owned() } else { text };
    let Lease { lifetime, subnet, state, prefix_len, iaid, .. } = lease;
    let end = if *lifetime == INFINITE { lease.cltt } else { lease.expire() };
    let expire = if mysql { end.to_string() } else { timestamp(end) };
    let fqdn = u8::from(lease.fqdn);
    let hostname = escape(&lease.hostname);
    let context = or_absent(lease.context.as_bytes(), escape(&lease.context));
    let client = or_absent(&lease.client, octets(&lease.client));
    if !v6 {
        let (address, hwaddr) = (lease.address4.to_bits(), octets(&lease.hwaddr));
        return writeln!(
            out,
            "{address}\t{hwaddr}\t{client}\t{lifetime}\t{expire}\t{subnet}\t{fqdn}\t{fqdn}\t{hostname}\t{state}\t{context}"
        );
    }
    let address = lease.address6;
    let lease_type = if lease.is_prefix { 2 } else { 0 };
    let iaid = if mysql { i64::from(*iaid) } else { i64::from(iaid.cast_signed()) };
    let hwaddr = or_absent(&lease.hwaddr, octets(&lease.hwaddr));
    let source = match (lease.hwaddr.is_empty(), mysql) {
        (false, _) => "1\t2",
        (true, true) => "\\N\t\\N",
        (true, false) => "0\t0",
    };
    writeln!(
        out,
        "{address}\t{client}\t{lifetime}\t{expire}\t{subnet}\t{lifetime}\t{lease_type}\t{iaid}\t{prefix_len}\t{fqdn}\t\
         {fqdn}\t{hostname}\t{hwaddr}\t{state}\t{context}\t{source}"
    )
}

fn timestamp(epoch: i64) -> String {
    chrono::DateTime::from_timestamp(epoch, 0).map(|time| time.format("%F %T+00").to_string()).unwrap_or_default()
}

/// A declaration of ISC dhcpd's lease file.
fn dhcpd_lease(lease: &Lease, out: &mut impl Write) -> io::Result<()> {
    let time = |epoch: i64| {
        let time = chrono::DateTime::from_timestamp(epoch, 0).unwrap_or_default();
        time.format("%w %Y/%m/%d %T").to_string()
    };
    let state = match (lease.state, lease.lifetime) {
        (1, _) => "abandoned",
        (2, _) | (_, 0) => "free",
        _ => "active",
    };
    writeln!(out, "lease {} {{", lease.address4)?;
    writeln!(out, "  starts {};\n  ends {};", time(lease.cltt), time(lease.expire().min(i64::from(i32::MAX))))?;
    writeln!(out, "  binding state {state};\n  hardware ethernet {};", hex(&lease.hwaddr, ":"))?;
    writeln!(out, "  client-hostname \"{}\";\n}}", lease.hostname.replace(['"', '\\'], ""))
}

/// The prefix of each subnet, and its four pools.
fn subnets() -> impl Iterator<Item = (u32, Ipv4Addr, [(Ipv4Addr, Ipv4Addr); 4])> {
    (0..SUBNETS).map(|index| {
        let first = FIRST + index * 256;
        let pool = |quarter| {
            let first = first + quarter * 64;
            (Ipv4Addr::from_bits(first), Ipv4Addr::from_bits(first + 63))
        };
        (index + 1, Ipv4Addr::from_bits(first), [0_u32, 1, 2, 3].map(pool))
    })
}

/// A configuration of Kea with these subnets, and its lease file.
fn kea_configuration(lease_file: &str, out: &mut impl Write) -> io::Result<()> {
    write!(
        out,
        "{{\"Dhcp4\": {{\"lease-database\": {{\"type\": \"memfile\", \"name\": \"{lease_file}\"}},\n\"subnet4\": ["
    )?;
    for (id, prefix, pools) in subnets() {
        let pools = pools.map(|(first, last)| format!("{{\"pool\": \"{first} - {last}\"}}")).join(", ");
        let comma = if id > 1 { "," } else { "" };
        write!(out, "{comma}\n{{\"id\": {id}, \"subnet\": \"{prefix}/24\", \"pools\": [{pools}]}}")?;
    }
    writeln!(out, "]}}}}")
}

/// A configuration of ISC dhcpd with the same.
fn dhcpd_configuration(out: &mut impl Write) -> io::Result<()> {
    for (_, prefix, pools) in subnets() {
        writeln!(out, "subnet {prefix} netmask 255.255.255.0 {{")?;
        for (first, last) in pools {
            writeln!(out, "  pool {{ range {first} {last}; }}")?;
        }
        writeln!(out, "}}")?;
    }
    Ok(())
}

/// Every lease three times, the last time as it is now; of the second round some are deletions.
fn write_journal(
    order: &mut [u32],
    random: &mut Random,
    format: &str,
    v6: bool,
    out: &mut impl Write,
) -> io::Result<()> {
    if format == "memfile" {
        writeln!(out, "{}", if v6 { HEADER6 } else { HEADER4 })?;
    }
    for rounds_to_come in (0..ROUNDS).rev() {
        shuffle(order, random);
        for &n in &*order {
            let mut lease = Lease::new(n, v6);
            lease.cltt -= rounds_to_come * 1800;
            if rounds_to_come > 0 && lease.state == 2 {
                lease.state = 0;
            }
            if rounds_to_come == 1 && n % 50 == 0 {
                lease.lifetime = 0;
            }
            if format == "dhcpd" {
                dhcpd_lease(&lease, out)?;
            } else {
                memfile_row(&lease, v6, out)?;
            }
        }
    }
    Ok(())
}

fn shuffle(order: &mut [u32], random: &mut Random) {
    for last in (1..order.len()).rev() {
        let other = random.below(last as u64 + 1);
        order.swap(last, usize::try_from(other).unwrap_or(last));
    }
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [family, format, leases] = &arguments[..] else {
        return Err(io::Error::other(
            "usage: generate-leases 4|6 memfile|pgsql|mysql|dhcpd|kea|dhcpd.conf LEASES|FILE",
        ));
    };
    let v6 = family == "6";
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    match format.as_str() {
        "kea" => return kea_configuration(leases, &mut out).and_then(|()| out.flush()),
        "dhcpd.conf" => return dhcpd_configuration(&mut out).and_then(|()| out.flush()),
        _ => {}
    }
    let leases: u32 = leases.parse().map_err(io::Error::other)?;
    let mut random = Random(20_261_120);
    let mut order: Vec<u32> = (0..leases).collect();
    if format == "memfile" || format == "dhcpd" {
        write_journal(&mut order, &mut random, format, v6, &mut out)?;
    } else {
        shuffle(&mut order, &mut random);
        for n in order {
            sql_row(&Lease::new(n, v6), v6, format == "mysql", &mut out)?;
        }
    }
    out.flush()
}
