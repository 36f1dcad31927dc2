//! What a monitor reads: each line and every measured value, by a parser that is as strict as the guidelines of monitoring
//! plugins.

use crate::pools::harness::{Files, family, json_of, recording, row, run_line};

/// A measured value: its label, value, unit, and the two ranges and two bounds.
#[derive(Debug, PartialEq)]
struct Measured {
    label: String,
    value: Option<f64>,
    unit: String,
    ranges: [Option<(f64, f64, bool)>; 2],
    bounds: [Option<f64>; 2],
}

/// `[@][start:]end`: from, to, and whether the inside alerts.
fn range(text: &str) -> (f64, f64, bool) {
    let (text, is_inside) = text.strip_prefix('@').map_or((text, false), |rest| (rest, true));
    let (from, to) = text.split_once(':').unwrap_or(("0", text));
    let from = if from == "~" { f64::NEG_INFINITY } else { from.parse().unwrap() };
    let to = if to.is_empty() { f64::INFINITY } else { to.parse().unwrap() };
    assert!(from <= to, "{text}");
    (from, to, is_inside)
}

/// The values after the bar.
fn values(data: &str) -> Vec<Measured> {
    let (mut rest, mut values) = (data, Vec::<Measured>::new());
    while !rest.is_empty() {
        let (label, after) = label(rest);
        let (item, after) = after.split_once(' ').unwrap_or((after, ""));
        let mut parts = item.split(';');
        let number = parts.next().unwrap();
        let digits = number.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-'))).unwrap_or(number.len());
        let (value, unit) = number.split_at(digits);
        let value = if number == "U" { None } else { Some(value.parse().unwrap()) };
        assert!(number == "U" || ["", "s", "ms", "us", "%", "B", "KB", "MB", "TB", "c"].contains(&unit), "{item}");
        let mut next = || parts.next().filter(|part| !part.is_empty());
        let ranges = [next(), next()].map(|part| part.map(range));
        let bounds = [next(), next()].map(|part| part.map(|part| part.parse().unwrap()));
        assert_eq!(parts.next(), None, "{item}");
        assert!(values.iter().all(|other| other.label != label), "{label} occurs twice");
        values.push(Measured { label, value, unit: unit.to_owned(), ranges, bounds });
        rest = after.trim_start_matches(' ');
    }
    values
}

/// A label, in which a quote is doubled, and what follows its equals sign.
fn label(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('\'') else {
        let (label, rest) = text.split_once('=').unwrap();
        assert!(!label.contains([' ', '\'']), "{text}");
        return (label.to_owned(), rest);
    };
    let mut end = 0;
    while !quoted[end..].starts_with("'=") {
        end += if quoted[end..].starts_with("''") { 2 } else { quoted[end..].chars().next().unwrap().len_utf8() };
    }
    let label = quoted[..end].replace("''", "'");
    assert!(!label.contains('='), "{label}");
    (label, &quoted[end + 2..])
}

/// Reads the whole result: the state, the text, and the values.
fn read(output: &str) -> (String, String, Vec<Measured>) {
    assert!(output.len() <= 4096 && output.ends_with('\n'), "{} bytes", output.len());
    assert!(output.chars().all(|c| c == '\n' || !c.is_control()), "{output:?}");
    let first = output.lines().next().unwrap();
    let (text, data) = first.split_once('|').unwrap_or((first, ""));
    // Only the first line has values here.
    assert!(output.lines().skip(1).all(|line| !line.contains('|')), "{output}");
    let (service, rest) = text.split_once(' ').unwrap();
    let (state, text) = rest.split_once(" - ").unwrap();
    assert_eq!(service, "POOLS");
    (state.to_owned(), text.trim_end().to_owned(), values(data.trim()))
}

fn campus(release: &str, digit: char) -> String {
    let folder = recording(&format!("{release}/campus"));
    let now = json_of(&folder.join("truth.json"))[format!("dhcp{digit}")]["now"].clone();
    let folder = folder.display();
    format!("-{digit} --at @{now} -c {folder}/kea-dhcp{digit}.conf {folder}/kea-leases{digit}.csv")
}

#[test]
fn every_value_is_read_back_with_its_limits() {
    for (release, digit) in ["2.2.0", "2.6.3", "3.0.4"].into_iter().flat_map(|it| [(it, '4'), (it, '6')]) {
        let line = campus(release, digit);
        let ran = run_line(&format!("{line} -f nagios --warning 50 --critical ~:85 --critical-free 3"));
        let (state, text, values) = read(&ran.stdout);
        assert_eq!((ran.status, state.as_str(), ran.stderr.as_str()), (2, "CRITICAL", ""), "{text}");
        let document = family(&run_line(&format!("{line} -f json")));
        let counts = |label: &str| {
            let (name, kind) =
                label.split_once(" prefixes").map_or((label, "addresses"), |(name, _)| (name, "prefixes"));
            let part = |list: &str, key: &str| {
                document[list].as_array().unwrap().iter().find(|part| part[key] == name).map(|part| part[kind].clone())
            };
            let total =
                label.strip_prefix("total ").map(|kind| document["total"][kind.trim_end_matches(digit)].clone());
            total.or_else(|| part("shared-networks", "name")).or_else(|| part("subnets", "subnet")).unwrap()
        };
        assert!(values.len() >= 8 && values.len() % 2 == 0, "{values:?}");
        for pair in values.chunks(2) {
            let [used, free] = pair else { unreachable!() };
            let counts = counts(&used.label);
            assert_eq!((used.value, used.unit.as_str()), (counts["used-percent"].as_f64(), "%"), "{used:?}");
            let limits = [Some((0.0, 50.0, false)), Some((f64::NEG_INFINITY, 85.0, false))];
            assert_eq!((used.ranges, used.bounds), (limits, [Some(0.0), Some(100.0)]), "{used:?}");
            assert_eq!(free.label, format!("{} free", used.label));
            // Of a row it is what the clients that are judged can get.
            let known = |own: &str, all: &str| counts.get(own).unwrap_or(&counts[all]).as_f64();
            let left = known("clients-free", "effective-free");
            assert_eq!((free.value, free.unit.as_str()), (left, ""), "{free:?}");
            let least = (!used.label.starts_with("total ")).then_some((3.0, f64::INFINITY, false));
            assert_eq!(
                (free.ranges, free.bounds),
                ([None, least], [Some(0.0), known("clients-total", "total")]),
                "{free:?}"
            );
        }
    }
}

#[test]
fn names_that_are_chosen_badly_break_nothing() {
    let files = Files::new();
    let subnet = |id: u32, name: &str| {
        format!(
            r#"{{"id": {id}, "subnet": "192.0.{id}.0/24", "pools": [{{"pool": "192.0.{id}.1 - 192.0.{id}.2"}}], "user-context": {{"subnet-name": "{name}"}}}}"#
        )
    };
    let network = r#""shared-networks": [{"name": "it's = 1 | 'x'", "subnet4": [{"id": 9, "subnet": "192.0.9.0/24", "pools": [{"pool": "192.0.9.0/30"}]}]}]"#;
    let subnets = [subnet(2, "a | b"), subnet(3, "c\\nd\\u001b[2J"), subnet(4, "'e'=5;6")].join(",");
    let server = files.server(
        &format!(r#"{network}, "subnet4": [{subnets}]"#),
        &[row("192.0.2.1", 2, 10, 0), row("192.0.2.2", 2, 10, 0)],
    );
    let (state, text, values) = read(&run_line(&format!("{server} -f nagios")).stdout);
    assert_eq!(state, "CRITICAL");
    assert!(text.starts_with("subnet 192.0.2.0/24 \"a / b\": 0 of 2 free for new clients"), "{text}");
    assert!(values.iter().any(|value| value.label == "it's _ 1 / 'x'"), "{values:?}");
}

#[test]
fn many_rows_leave_whole_items_and_a_count() {
    let files = Files::new();
    let subnet = |id: u32| {
        let name = "n".repeat(60);
        format!(
            r#"{{"id": {id}, "subnet": "10.{}.{}.0/24", "pools": [{{"pool": "10.{}.{}.7 - 10.{}.{}.7"}}], "user-context": {{"subnet-name": "{name}"}}}}"#,
            id / 250,
            id % 250,
            id / 250,
            id % 250,
            id / 250,
            id % 250
        )
    };
    let subnets: Vec<String> = (1..=400).map(subnet).collect();
    let rows: Vec<String> =
        (1..=400_u32).map(|id| row(&format!("10.{}.{}.7", id / 250, id % 250), id, 10, 0)).collect();
    let server = files.server(&format!(r#""subnet4": [{}]"#, subnets.join(",")), &rows);
    let (_, text, values) = read(&run_line(&format!("{server} -f nagios")).stdout);
    assert!(text.contains(" more are not OK"), "{text}");
    assert!(values.len() >= 2 && values[0].label == "total addresses4", "{values:?}");
    let named: Vec<String> = (1..=400).map(|id: u32| id.to_string()).collect();
    let (_, text, named) = read(&run_line(&format!("{server} -f nagios {}", named.join(" "))).stdout);
    assert!(text.contains(" more are not OK") && named.len() >= values.len(), "{text}");
}

#[test]
fn what_is_full_comes_before_what_is_nearly_full() {
    let files = Files::new();
    let network = r#""shared-networks": [{"name": "n", "subnet4": [{"id": 1, "subnet": "192.0.1.0/24", "pools": [{"pool": "192.0.1.1 - 192.0.1.11"}]}, {"id": 2, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.1 - 192.0.2.2"}]}]}]"#;
    let rows = (1..=10).map(|last| format!("192.0.1.{last}")).chain(["192.0.2.1".into(), "192.0.2.2".into()]);
    let subnet = |address: &str| address.split('.').nth(2).unwrap().parse().unwrap();
    let rows: Vec<String> = rows.map(|address| row(&address, subnet(&address), 10, 0)).collect();
    let server = files.server(network, &rows);
    let (_, text, values) = read(&run_line(&format!("{server} -f nagios --by subnet")).stdout);
    assert!(text.starts_with("subnet 192.0.2.0/24: 0 of 2 free"), "{text}");
    assert_eq!(values[2].label, "192.0.2.0/24");
}

#[test]
fn networks_of_one_name_in_both_families_are_two() {
    let files = Files::new();
    let network = |digit: u8, subnet: &str, pool: &str| {
        format!(
            r#""shared-networks": [{{"name": "campus", "subnet{digit}": [{{"id": 1, "subnet": "{subnet}", "pools": [{{"pool": "{pool}"}}]}}]}}]"#
        )
    };
    files.server(&network(4, "192.0.2.0/24", "192.0.2.0/28"), &[]);
    let header = "address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,hostname,hwaddr,state,user_context,hwtype,hwaddr_source,pool_id\n";
    let leases = files.write("kea-leases6.csv", header);
    let network = network(6, "2001:db8::/64", "2001:db8::10/124");
    let database = format!(r#""lease-database": {{"type": "memfile", "name": "{leases}"}}"#);
    files.write("kea-dhcp6.conf", format!(r#"{{"Dhcp6": {{{database}, {network}}}}}"#));
    let ran = run_line(&format!("-c {} -f nagios", files.path(".")));
    let (state, _, values) = read(&ran.stdout);
    let labels: Vec<&str> =
        values.iter().map(|value| value.label.as_str()).filter(|it| it.starts_with("campus")).collect();
    let expected = ["campus addresses4", "campus addresses4 free", "campus addresses6", "campus addresses6 free"];
    assert_eq!((state.as_str(), labels.as_slice()), ("OK", expected.as_slice()), "{ran:?}");
}

#[test]
fn names_without_end_leave_room_for_the_rest() {
    let files = Files::new();
    let name = "\u{fc}\u{2603}".repeat(3000);
    let classes: Vec<String> = (0..400).map(|number| format!("\"class-{number}-{}\"", "c".repeat(40))).collect();
    let pools = format!(
        r#"{{"pool": "192.0.2.1 - 192.0.2.1"}}, {{"pool": "192.0.2.9 - 192.0.2.20", "client-classes": [{}]}}"#,
        classes.join(",")
    );
    let subnet = format!(
        r#""subnet4": [{{"id": 1, "subnet": "192.0.2.0/24", "user-context": {{"comment": "{name}"}}, "pools": [{pools}]}}]"#
    );
    let server = files.server(&subnet, &[row("192.0.2.1", 1, 10, 0)]);
    for choice in ["", "1"] {
        let (state, text, values) = read(&run_line(&format!("{server} -f nagios {choice}")).stdout);
        assert_eq!((state.as_str(), values.len()), ("CRITICAL", 4), "{text}");
        assert!(
            text.contains(": 0 of 1 free for new clients of no class, the 12 that are free are only for"),
            "{text}"
        );
    }
}
