//! The servers' configurations: the same network and the same options for all, in each one's own words.

use std::fs;
use std::path::Path;
use std::process::Command;

use kea_tools::lease::Family;
use serde_json::json;

use super::lan::Station;
use super::{Pace, ServerKind};

/// What the first address of the IPv4 pool ends in; a pool has 20.
pub(super) fn first_of_pool(kind: ServerKind) -> u8 {
    80 + 20 * kind.host()
}

/// The server, ready to be started in its namespace, with everything it writes in `dir`.
pub(super) fn command(kind: ServerKind, family: Family, pace: Pace, station: &Station, dir: &Path) -> Command {
    let program = match (kind, family) {
        (ServerKind::Kea, Family::V4) => "kea-dhcp4",
        (ServerKind::Kea, Family::V6) => "kea-dhcp6",
        (ServerKind::Dhcpd, _) => "dhcpd",
        (ServerKind::Dnsmasq, _) => "dnsmasq",
        (ServerKind::Udhcpd, _) => "udhcpd",
    };
    let mut command = station.namespace.command(&format!("/usr/sbin/{program}"));
    let conf = dir.join("conf");
    match kind {
        ServerKind::Kea => {
            let text = if family == Family::V4 { kea4(dir) } else { kea6(dir) };
            fs::write(&conf, text).unwrap();
            command.arg("-c").arg(&conf).env("KEA_PIDFILE_DIR", dir).env("KEA_LOCKFILE_DIR", dir);
            command.env("KEA_LOG_FILE_DIR", dir).env("KEA_DHCP_DATA_DIR", dir);
        }
        ServerKind::Dhcpd => {
            fs::write(dir.join("leases"), "").unwrap();
            fs::write(&conf, if family == Family::V4 { dhcpd4(pace) } else { dhcpd6() }).unwrap();
            command.arg(format!("-{}", family.digit())).args(["-f", "-d", "-cf"]).arg(&conf);
            command.arg("-lf").arg(dir.join("leases")).arg("-pf").arg(dir.join("pid")).arg("eth0");
        }
        ServerKind::Dnsmasq => dnsmasq(&mut command, family, pace, dir),
        ServerKind::Udhcpd => {
            fs::write(&conf, udhcpd(dir)).unwrap();
            // How long it waits for somebody who has the address, in milliseconds.
            command.args(["-f", "-a", if pace == Pace::Slow { "2000" } else { "1" }]).arg(&conf);
        }
    }
    command
}

fn kea4(dir: &Path) -> String {
    let first = first_of_pool(ServerKind::Kea);
    let option = |name: &str, data: &str| json!({ "name": name, "data": data });
    let subnet = json!({
        "id": 1,
        "subnet": "192.0.2.0/24",
        "pools": [{ "pool": format!("192.0.2.{first} - 192.0.2.{}", first + 19) }],
        "reservations": [{ "hw-address": "02:00:5e:00:53:77", "ip-address": "192.0.2.201" }],
        "option-data": [
            option("routers", "192.0.2.254"),
            option("domain-name-servers", "192.0.2.53, 192.0.2.54"),
            option("domain-name", "example.test"),
            option("domain-search", "example.test, lab.example.test"),
            option("ntp-servers", "192.0.2.123, 192.0.2.124"),
            option("tftp-server-name", "tftp.example.test"),
            option("boot-file-name", "pxe.0"),
            { "code": 121, "csv-format": false, "data": "18C63364C00002FE" },
        ],
    });
    let beyond = json!({
        "id": 2,
        "subnet": "198.51.100.0/24",
        "relay": { "ip-addresses": ["198.51.100.1"] },
        "pools": [{ "pool": "198.51.100.50 - 198.51.100.60" }],
    });
    kea("Dhcp4", dir, &json!({ "authoritative": true, "subnet4": [subnet, beyond] }))
}

fn kea6(dir: &Path) -> String {
    let option = |name: &str, data: &str| json!({ "name": name, "data": data });
    let subnet = json!({
        "id": 1,
        "subnet": "2001:db8::/64",
        "interface": "eth0",
        "rapid-commit": true,
        "pools": [{ "pool": "2001:db8::1:100 - 2001:db8::1:1ff" }],
        "pd-pools": [{ "prefix": "2001:db8:100::", "prefix-len": 40, "delegated-len": 56 }],
        "option-data": [
            option("dns-servers", "2001:db8::53"),
            option("domain-search", "example.test"),
            option("sntp-servers", "2001:db8::123"),
        ],
    });
    let identity = json!({ "type": "LL", "htype": 1, "identifier": "02005E005301", "persist": false });
    kea(
        "Dhcp6",
        dir,
        &json!({ "server-id": identity, "preferred-lifetime": 1800, "subnet6": [subnet], "data-directory": dir }),
    )
}

fn kea(name: &str, dir: &Path, more: &serde_json::Value) -> String {
    // Kea hears what comes for one address of its own by DHCPv6 only where it is told to.
    let interfaces = if name == "Dhcp4" { vec!["eth0"] } else { vec!["eth0", "eth0/2001:db8::1"] };
    let mut server = json!({
        "interfaces-config": { "interfaces": interfaces },
        "lease-database": { "type": "memfile", "name": dir.join("leases"), "lfc-interval": 0 },
        "valid-lifetime": 3600,
        "loggers": [{ "name": "*", "output_options": [{ "output": "stdout" }], "severity": "INFO" }],
    });
    server.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ name: server }).to_string()
}

fn dhcpd4(pace: Pace) -> String {
    let first = first_of_pool(ServerKind::Dhcpd);
    let (last, check) = (first + 19, pace == Pace::Slow);
    format!(
        "authoritative; ping-check {check}; default-lease-time 3600; max-lease-time 3600;
        option routes code 121 = array of unsigned integer 8;
        option domain-name-servers 192.0.2.53, 192.0.2.54;
        option domain-name \"example.test\";
        option domain-search \"example.test\", \"lab.example.test\";
        option ntp-servers 192.0.2.123, 192.0.2.124;
        option routers 192.0.2.254;
        option routes 24, 198, 51, 100, 192, 0, 2, 254;
        option tftp-server-name \"tftp.example.test\";
        option bootfile-name \"pxe.0\";
        subnet 192.0.2.0 netmask 255.255.255.0 {{ range 192.0.2.{first} 192.0.2.{last}; }}
        host reserved {{ hardware ethernet 02:00:5e:00:53:77; fixed-address 192.0.2.202; }}\n"
    )
}

fn dhcpd6() -> String {
    "authoritative; default-lease-time 3600; preferred-lifetime 1800; server-duid LL;
    option dhcp6.name-servers 2001:db8::53;
    option dhcp6.domain-search \"example.test\";
    option dhcp6.sntp-servers 2001:db8::123;
    option dhcp6.rapid-commit;
    subnet6 2001:db8::/64 {
        range6 2001:db8::2:100 2001:db8::2:1ff;
        prefix6 2001:db8:200:: 2001:db8:2ff:ff00:: /56;
    }\n"
    .to_owned()
}

fn dnsmasq(command: &mut Command, family: Family, pace: Pace, dir: &Path) {
    command.args(["--keep-in-foreground", "--conf-file=/dev/null", "--port=0", "--user=root", "--group=root"]);
    command.args([
        "--no-resolv",
        "--no-hosts",
        "--interface=eth0",
        "--dhcp-authoritative",
        "--log-dhcp",
        "--log-facility=-",
    ]);
    command.arg(format!("--dhcp-leasefile={}", dir.join("leases").display()));
    command.arg(format!("--pid-file={}", dir.join("pid").display()));
    if pace == Pace::Quick {
        command.arg("--no-ping");
    }
    if family == Family::V6 {
        command.args(["--dhcp-range=2001:db8::3:100,2001:db8::3:1ff,64,3600", "--dhcp-rapid-commit"]);
        command.args([
            "--dhcp-option=option6:dns-server,[2001:db8::53]",
            "--dhcp-option=option6:domain-search,example.test",
        ]);
        command.arg("--dhcp-option=option6:sntp-server,[2001:db8::123]");
        return;
    }
    let first = first_of_pool(ServerKind::Dnsmasq);
    command.arg("--dhcp-rapid-commit");
    command.arg(format!("--dhcp-range=192.0.2.{first},192.0.2.{},255.255.255.0,3600", first + 19));
    command.args(["--dhcp-host=02:00:5e:00:53:77,192.0.2.203", "--dhcp-option=option:router,192.0.2.254"]);
    command.args(["--dhcp-option=option:dns-server,192.0.2.53,192.0.2.54", "--domain=example.test"]);
    command.args(["--dhcp-option=option:domain-search,example.test,lab.example.test"]);
    command.args(["--dhcp-option=option:ntp-server,192.0.2.123,192.0.2.124"]);
    command.args(["--dhcp-option=121,198.51.100.0/24,192.0.2.254"]);
    command.args(["--dhcp-option=66,tftp.example.test", "--dhcp-option=67,pxe.0"]);
}

fn udhcpd(dir: &Path) -> String {
    let first = first_of_pool(ServerKind::Udhcpd);
    let (last, dir) = (first + 19, dir.display());
    format!(
        "start 192.0.2.{first}\nend 192.0.2.{last}\ninterface eth0\nmax_leases 20\nauto_time 0\n\
        offer_time 60\nmin_lease 60\nlease_file {dir}/leases\npidfile {dir}/pid\n\
        option subnet 255.255.255.0\nopt router 192.0.2.254\nopt dns 192.0.2.53 192.0.2.54\n\
        option domain example.test\noption search example.test lab.example.test\noption lease 3600\n\
        option ntpsrv 192.0.2.123 192.0.2.124\noption staticroutes 198.51.100.0/24 192.0.2.254\n\
        option tftp tftp.example.test\noption bootfile pxe.0\n\
        static_lease 02:00:5e:00:53:77 192.0.2.204\n"
    )
}
