//! The addresses of a pool, a character for each or for each group of them, and its leases by their age.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::frame_options::bold;
use super::scene::Scene;
use crate::health::State;
use crate::output::usage::number::short;
use crate::output::usage::table::fold;
use crate::usage::{AGES, Cell, Evidence, PoolMap, ResourceKind};

/// What the characters of a map mean.
const LEGEND: &str = "# leased, + in part, x declined, o expired or released, r reserved and not leased, . free";

/// How wide a bar of ages is at the most.
const BAR: u32 = 30;

/// The map of a pool, which is called `name`.
pub(super) fn lines(scene: &Scene<'_>, name: &str, map: &PoolMap, kind: ResourceKind) -> Vec<Line<'static>> {
    let group = if map.group == 1 { String::new() } else { format!(", {} {} each", short(map.group), kind.plural()) };
    let mut lines = vec![Line::default(), Line::from(Span::styled(format!("{}{group}", name.trim()), bold()))];
    let cells: Vec<Cell> = map.cells().collect();
    for row in cells.chunks(columns(scene)) {
        let spans = row.iter().map(|cell| {
            let (mark, style) = mark(scene, cell, map.group);
            Span::styled(mark, style)
        });
        lines.push(Line::from(spans.collect::<Vec<_>>()));
    }
    lines
}

/// What the characters of maps mean, in lines.
pub(super) fn legend(scene: &Scene<'_>) -> Vec<Line<'static>> {
    let lines = fold(LEGEND, usize::from(scene.look.width), "");
    lines.into_iter().map(|line| Line::from(Span::styled(line, scene.look.faint()))).collect()
}

/// A power of two, so that addresses below each other differ by a round number.
fn columns(scene: &Scene<'_>) -> usize {
    match scene.look.width {
        ..32 => 16,
        32..64 => 32,
        _ => 64,
    }
}

fn mark(scene: &Scene<'_>, cell: &Cell, group: u128) -> (&'static str, Style) {
    match () {
        () if cell.declined > 0 => ("x", scene.look.of_state(State::Warning)),
        () if u128::from(cell.active) >= group => ("#", scene.look.plot()),
        () if cell.active > 0 => ("+", scene.look.plot()),
        () if cell.reserved > 0 => ("r", Style::new()),
        () if cell.over > 0 => ("o", scene.look.faint()),
        () => (".", scene.look.faint()),
    }
}

/// Active leases by the time since they were given or renewed.
pub(super) fn ages(scene: &Scene<'_>, evidence: &Evidence) -> Vec<Line<'static>> {
    let most = evidence.aged.iter().copied().max().unwrap_or(0);
    if most == 0 {
        return Vec::new();
    }
    let mut lines = vec![Line::default(), Line::from(Span::styled("leases by the time since they were given", bold()))];
    let names = AGES.iter().map(|(_, name)| format!("up to {name}")).chain(["older".to_owned()]);
    for (name, count) in names.zip(evidence.aged).filter(|(_, count)| *count > 0) {
        let length = (u64::from(count) * u64::from(BAR)).div_ceil(most.into());
        let bar = "#".repeat(usize::try_from(length).unwrap_or(0));
        lines
            .push(Line::from(vec![Span::raw(format!("{name:<17} {count:>7} ")), Span::styled(bar, scene.look.plot())]));
    }
    lines
}
