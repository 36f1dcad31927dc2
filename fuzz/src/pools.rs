//! Pools of any configuration, with leases at their ends.

use std::io;
use std::net::IpAddr;
use std::path::Path;

use kea_tools::config::Document;
use kea_tools::health::pools::{Limits, rows, state};
use kea_tools::lease::{Client, ClientId, Duid, HwAddr, Lease, LeaseState, LeaseType, Lifetime};
use kea_tools::usage::{Counter, Layout, Level, Pair, PoolKind, PoolSelector};

/// Whatever a configuration says, counts add up, nothing is free twice, and nothing is left of a pool without addresses.
pub fn pools(data: &[u8]) {
    let mut reader = |_: &Path| Err(io::ErrorKind::NotFound.into());
    let document = Document::parse(Path::new("0"), data.to_vec(), &mut reader);
    for config in document.configs().filter_map(Result::ok).filter(|config| config.family().is_some()) {
        let layout = Layout::new(&config);
        let mut counter = Counter::new(&layout, 1000).with_maps();
        for (index, pool) in layout.pools.iter().enumerate() {
            for address in [pool.range.first(), pool.range.last()] {
                counter.add(&lease(address, pool.kind, index));
            }
        }
        let usage = counter.finish();
        let mut sum = Pair::default();
        for pair in &usage.subnets {
            sum.addresses.add(&pair.addresses);
            sum.prefixes.add(&pair.prefixes);
        }
        assert_eq!(sum, usage.total);
        for counts in usage.pools.iter().chain([&sum.addresses, &sum.prefixes]) {
            let most = counts.free().saturating_add(counts.lapsed.into());
            assert!(counts.available() <= most && most <= counts.total, "{counts:?}");
            assert!(counts.effective_free_min() <= counts.effective_free(), "{counts:?}");
            assert!(counts.used_percent().is_none_or(|share| (0.0..=100.0).contains(&share)), "{counts:?}");
        }
        for level in [Level::Network, Level::Subnet, Level::Pool] {
            let all = rows(&layout, &usage, level, None, &Limits::default());
            assert!(state(&all).is_some() || all.is_empty() || level != Level::Network);
        }
        for subnet in &layout.subnets {
            let choice = PoolSelector::read(&subnet.prefix).expect("a prefix is understood");
            assert!(!choice.places(&layout).is_empty(), "{}", subnet.prefix);
        }
    }
}

fn lease(address: IpAddr, kind: PoolKind, index: usize) -> Lease<'static> {
    let client = match (address, kind) {
        (IpAddr::V4(address), _) => Client::V4 { address, client_id: ClientId(&[]) },
        (IpAddr::V6(address), kind) => Client::V6 {
            address,
            duid: Duid(&[0]),
            iaid: 1,
            lease_type: if kind == PoolKind::Addresses { LeaseType::Na } else { LeaseType::Pd },
            prefix_len: 128,
            preferred_lifetime: Lifetime::Seconds(10),
            hwtype: None,
            hwaddr_source: None,
        },
    };
    Lease {
        client,
        hwaddr: HwAddr(&[2, 0, 0, 0, 0, 1]),
        valid_lifetime: Lifetime::Seconds(100),
        cltt: if index % 3 == 0 { 10 } else { 990 },
        subnet_id: 1,
        pool_id: 0,
        fqdn_fwd: false,
        fqdn_rev: false,
        hostname: &[],
        state: LeaseState::from(u32::try_from(index % 5).unwrap_or(0)),
        user_context: &[],
    }
}
