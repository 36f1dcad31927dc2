//! One page without anything from elsewhere: a bar for each row, the reasons, and a map of each pool. No script runs.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::number::{counted, free, percent, reserved, seen, short};
use super::{All, Pools, UsageTableOptions, table};
use crate::health::State;
use crate::health::pools::Row;
use crate::output::html::escaped;
use crate::time::{TimeFormatter, TimeStyle};
use crate::usage::{Cell, LayoutPlace, Pool, PoolMap, ResourceKind};

/// Cells of a map in a line, and how large each is.
const COLUMNS: usize = 32;
const SIZE: usize = 14;

const STYLE: &str = ":root{color-scheme:light dark;--ink:#222;--paper:#fff;--line:#bbb;--used:#3b6ea5;--bad:#b00020;--warn:#b36b00;\
--ok:#2e7d32}@media(prefers-color-scheme:dark){:root{--ink:#ddd;--paper:#161616;--line:#555;--used:#6fa3dd;--bad:#ff6b7a;\
--warn:#ffb74d;--ok:#7bc67f}}body{font:15px/1.45 system-ui,sans-serif;max-width:960px;margin:1.5em auto;padding:0 1em;\
color:var(--ink);background:var(--paper)}h1{font-size:1.3em}h2{font-size:1.1em;margin-top:1.6em}\
article{border-top:1px solid var(--line);padding:.5em 0;break-inside:avoid}article.part{margin-left:1.5em}\
h3{font-size:1em;margin:.2em 0}.CRITICAL{color:var(--bad)}.WARNING,.UNKNOWN{color:var(--warn)}.OK{color:var(--ok)}\
dl{display:flex;flex-wrap:wrap;gap:.2em 1.2em;margin:.3em 0}dl div{display:flex;gap:.4em}dt{opacity:.75}\
dd{margin:0;font-variant-numeric:tabular-nums}svg{max-width:100%;height:auto;display:block;margin:.3em 0}\
.bar{width:100%;height:12px}.frame{fill:none;stroke:var(--line)}.used{fill:var(--used)}.bad{fill:var(--bad)}\
.cross{stroke:var(--bad);stroke-width:2}.held{fill:none;stroke:var(--warn);stroke-width:2}.over{fill:var(--line)}\
ul{margin:.3em 0;padding-left:1.2em}small{opacity:.8}@media print{body{max-width:none}}";

/// Writes the page.
pub(super) fn write(all: &All<'_>, look: UsageTableOptions, out: &mut dyn Write) -> io::Result<()> {
    let mut moment = Vec::new();
    TimeFormatter::new(TimeStyle::Local, look.zone).write(all.at, &mut moment);
    let title = format!("Pools of Kea, {}", String::from_utf8_lossy(&moment));
    writeln!(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>")?;
    writeln!(out, "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">")?;
    writeln!(
        out,
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    )?;
    writeln!(
        out,
        "<style>{STYLE}</style></head><body><h1>{title}: <span class=\"{0}\">{0}</span></h1>",
        all.state().word()
    )?;
    writeln!(out, "<p>{LEGEND}</p>")?;
    for pools in &all.families {
        writeln!(out, "<h2>{}</h2><p><small>{}</small></p>", pools.family, escaped(&table::origin(pools, all.at)))?;
        for row in &pools.rows {
            article(pools, row, out)?;
        }
        if pools.usage.orphans > 0 {
            writeln!(out, "<p>{} leases of subnets that are not configured</p>", pools.usage.orphans)?;
        }
    }
    if !all.notes.is_empty() || !all.failures.is_empty() {
        let lines: String = all
            .failures
            .iter()
            .chain(all.notes)
            .fold(String::new(), |lines, line| lines + "<li>" + &escaped(line) + "</li>");
        writeln!(out, "<h2>Notes</h2><ul>{lines}</ul>")?;
    }
    writeln!(out, "</body></html>")
}

const LEGEND: &str = "In maps a cell is an address or a group of them, filled as far as it is leased; a cross is declined, a \
thick frame reserved, a small square expired or released.";

fn article(pools: &Pools<'_>, row: &Row, out: &mut dyn Write) -> io::Result<()> {
    let class = if row.depth > 0 { " class=\"part\"" } else { "" };
    let state = row.state.map_or(String::new(), |state| format!("<span class=\"{0}\">{0}</span> ", state.word()));
    writeln!(out, "<article{class}><h3>{state}{}</h3>", escaped(table::label(pools.layout, row).trim()))?;
    writeln!(out, "{}", bar(row))?;
    let counts = &row.counts;
    let numbers = [
        ("used", percent(&row.offer)),
        ("free", free(&row.offer)),
        ("active", counted(counts, counts.active)),
        ("declined", counted(counts, counts.declined)),
        ("expired", seen(counts, counts.expired)),
        ("reserved", reserved(counts)),
        ("total", counts.total.to_string()),
    ];
    let items = numbers
        .iter()
        .fold(String::new(), |items, (name, number)| items + &format!("<div><dt>{name}</dt><dd>{number}</dd></div>"));
    writeln!(out, "<dl>{items}</dl>")?;
    if let Some(text) = table::clients(row) {
        writeln!(out, "<p>{}</p>", escaped(&text))?;
    }
    if let Some(forecast) = row.forecast.filter(|_| row.state.is_some()) {
        writeln!(out, "<p>{forecast}</p>")?;
    }
    if row.state.is_some_and(|state| state != State::Ok) {
        let causes = row.causes.iter().fold(String::new(), |items, cause| {
            items + &format!("<li>{}<br><small>{}</small></li>", escaped(&cause.evidence), escaped(&cause.remedy))
        });
        writeln!(out, "<ul>{causes}</ul>")?;
    }
    if row.state.is_some() || row.depth > 0 {
        maps(pools, row, out)?;
    }
    writeln!(out, "</article>")
}

fn bar(row: &Row) -> String {
    let share = row.offer.used_percent().unwrap_or(0.0);
    let class = if row.state == Some(State::Critical) { "bad" } else { "used" };
    format!(
        "<svg class=\"bar\" viewBox=\"0 0 1000 12\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{share:.1} % used\">\
         <rect class=\"frame\" x=\"0\" y=\"0\" width=\"1000\" height=\"12\"/><rect class=\"{class}\" x=\"0\" y=\"0\" width=\"{:.0}\" height=\"12\"/></svg>",
        share * 10.0
    )
}

/// The maps of the pools that are a row, or that no row below it has.
fn maps(pools: &Pools<'_>, row: &Row, out: &mut dyn Write) -> io::Result<()> {
    use crate::usage::Level;
    let has_rows_below = match row.place.level {
        Level::Network => true,
        Level::Subnet => pools.rows.iter().any(|other| other.place.level == Level::Pool),
        Level::Pool => false,
    };
    if has_rows_below {
        return Ok(());
    }
    for pool in pools.layout.pools_of(row.place, row.kind) {
        let Some(map) = pools.usage.maps.get(&pool) else { continue };
        let text = escaped(pools.layout.name(LayoutPlace::pool(pool)));
        let drawn = svg(map, &text, &pools.layout.pools[pool]);
        writeln!(out, "<p><small>{text}{}</small></p>{drawn}", group(map, row.kind))?;
    }
    Ok(())
}

fn group(map: &PoolMap, kind: ResourceKind) -> String {
    if map.group == 1 { String::new() } else { format!(", {} {} a cell", short(map.group), kind.plural()) }
}

fn svg(map: &PoolMap, text: &str, pool: &Pool) -> String {
    let columns = map.len().clamp(1, COLUMNS);
    let lines = map.len().div_ceil(COLUMNS);
    let (width, height) = (columns * SIZE, lines * SIZE);
    let mut svg = format!(
        "<svg viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"map of {text}\">"
    );
    for (index, cell) in map.cells().enumerate() {
        let title = title(&cell, pool, index as u128 * map.group, map.group);
        square(&cell, map.group, index % COLUMNS * SIZE, index / COLUMNS * SIZE, &title, &mut svg);
    }
    svg + "</svg>"
}

fn square(cell: &Cell, group: u128, x: usize, y: usize, title: &str, svg: &mut String) {
    let (x, y, size) = (x + 1, y + 1, SIZE - 2);
    // Writing to a String cannot fail.
    let _ = write!(svg, "<g><rect class=\"frame\" x=\"{x}\" y=\"{y}\" width=\"{size}\" height=\"{size}\"/>");
    let filled = usize::try_from(u128::from(cell.active) * size as u128 / group)
        .unwrap_or(size)
        .clamp(usize::from(cell.active > 0), size);
    if filled > 0 {
        let _ = write!(
            svg,
            "<rect class=\"used\" x=\"{x}\" y=\"{}\" width=\"{size}\" height=\"{filled}\"/>",
            y + size - filled
        );
    }
    if cell.over > 0 && cell.active == 0 {
        let _ = write!(svg, "<rect class=\"over\" x=\"{}\" y=\"{}\" width=\"4\" height=\"4\"/>", x + 4, y + 4);
    }
    if cell.reserved > 0 {
        let _ = write!(
            svg,
            "<rect class=\"held\" x=\"{}\" y=\"{}\" width=\"{2}\" height=\"{2}\"/>",
            x + 1,
            y + 1,
            size - 2
        );
    }
    if cell.declined > 0 {
        let (right, bottom) = (x + size, y + size);
        let _ = write!(svg, "<path class=\"cross\" d=\"M{x} {y}L{right} {bottom}M{right} {y}L{x} {bottom}\"/>");
    }
    let _ = write!(svg, "<title>{title}</title></g>");
}

/// Which addresses or prefixes a cell is of, and what they are, in words.
fn title(cell: &Cell, pool: &Pool, first: u128, group: u128) -> String {
    let parts = [
        (cell.active, "leased"),
        (cell.declined, "declined"),
        (cell.over, "expired or released"),
        (cell.reserved, "reserved"),
    ];
    let last = first.saturating_add(group - 1).min(pool.size().saturating_sub(1));
    let parts = parts.iter().filter(|(n, _)| *n > 0);
    let parts: Vec<String> =
        parts.map(|(n, what)| if group == 1 { (*what).to_owned() } else { format!("{n} {what}") }).collect();
    let parts = if parts.is_empty() { "free".to_owned() } else { parts.join(", ") };
    let names = [first, last].map(|unit| pool.unit_name(unit));
    let [begin, end] = names;
    if first == last {
        format!("{begin}: {parts}")
    } else {
        format!("{begin} to {end}, {}: {parts}", short(last - first + 1))
    }
}
