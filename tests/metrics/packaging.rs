//! Alerts and dashboard where one exporter has several servers.

use std::fs;
use std::path::Path;

use serde_json::Value;

fn packaged(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/prometheus").join(name)).unwrap()
}

#[test]
fn each_alert_names_the_server() {
    let alerts = packaged("kea-alerts.yml");
    // The exporter that is gone has all of them.
    let of_servers = alerts.split("- alert: ").skip(1).filter(|alert| !alert.starts_with("KeaMetricsGone"));
    for alert in of_servers {
        let summary = alert.split_once("summary:").unwrap().1.split("description:").next().unwrap();
        assert!(summary.contains("{{ or $labels.server $labels.instance }}"), "{alert}");
    }
}

#[test]
fn each_panel_is_of_the_chosen_servers_and_names_them() {
    let dashboard: Value = serde_json::from_str(&packaged("kea-dashboard.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap().iter();
    for target in panels.flat_map(|panel| panel["targets"].as_array().into_iter().flatten()) {
        let (query, legend) = (target["expr"].as_str().unwrap(), target["legendFormat"].as_str().unwrap());
        let of_kea = query.matches("kea_").count() > 0;
        let chosen = query.matches("instance=~\"$instance\",server=~\"$server\"").count();
        assert!(!of_kea || chosen == query.matches("instance=~").count() && chosen > 0, "{query}");
        assert!(legend.contains("{{server}}") || target["format"] == "table", "{query}: {legend}");
    }
}
