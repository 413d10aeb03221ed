//! Puts the rows of many runs, read from standard input, into a markdown table: a column for each subject.

use std::collections::BTreeMap;
use std::io::{self, BufRead};

/// What stands for the figures of one subject in one row.
#[derive(Default)]
struct Cell {
    unit: String,
    pieces: bool,
    /// The figures of each round.
    rounds: Vec<Vec<f64>>,
    text: String,
}

#[derive(Default)]
struct Table {
    subjects: Vec<String>,
    rows: Vec<(String, String)>,
    cells: BTreeMap<(usize, usize), Cell>,
}

fn main() -> io::Result<()> {
    let mut table = Table::default();
    for line in io::stdin().lock().lines() {
        table.add(&line?);
    }
    table.print();
    Ok(())
}

impl Table {
    fn add(&mut self, line: &str) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [case, n, who, unit, kind, figures] = fields[..] else { return };
        let row = position(&mut self.rows, (case.to_owned(), n.to_owned()));
        let subject = position(&mut self.subjects, who.to_owned());
        let cell = self.cells.entry((row, subject)).or_default();
        if kind == "Fixed" {
            cell.text = figures.to_owned();
            return;
        }
        cell.unit = unit.to_owned();
        cell.pieces = kind == "Pieces";
        cell.rounds.push(figures.split(' ').filter_map(|figure| figure.parse().ok()).collect());
    }

    fn print(&self) {
        println!("| case | N | {} |", self.subjects.join(" | "));
        println!("|---|---:|{}", "---:|".repeat(self.subjects.len()));
        for (row, (case, n)) in self.rows.iter().enumerate() {
            let cells: Vec<String> = (0..self.subjects.len())
                .map(|subject| self.cells.get(&(row, subject)).map_or_else(|| "none".to_owned(), Cell::show))
                .collect();
            let unit = (0..self.subjects.len()).find_map(|subject| self.cells.get(&(row, subject))?.base_unit());
            let unit = unit.map_or_else(String::new, |unit| format!(", {unit}"));
            let n = if n == "0" { "" } else { n };
            println!("| {case}{unit} | {n} | {} |", cells.join(" | "));
        }
    }
}

/// Where a value is in a list, to whose end it is added if it is new.
fn position<T: PartialEq>(list: &mut Vec<T>, value: T) -> usize {
    list.iter().position(|other| *other == value).unwrap_or_else(|| {
        list.push(value);
        list.len() - 1
    })
}

impl Cell {
    fn base_unit(&self) -> Option<&str> {
        Some(self.unit.trim_end_matches('*')).filter(|unit| !unit.is_empty())
    }

    /// The best figure, and the median in parentheses.
    fn show(&self) -> String {
        if self.rounds.is_empty() {
            return self.text.clone();
        }
        let (best, median) = if self.pieces { self.of_pieces() } else { self.of_repeats() };
        let mark = if self.unit.ends_with('*') { "\\*" } else { "" };
        match show(best) == show(median) {
            true => format!("{}{mark}", show(best)),
            false => format!("{}{mark} ({})", show(best), show(median)),
        }
    }

    fn of_repeats(&self) -> (f64, f64) {
        let mut figures: Vec<f64> = self.rounds.iter().flatten().copied().collect();
        figures.sort_by(f64::total_cmp);
        let more_is_better = self.unit.contains("/s");
        let best = if more_is_better { figures.last() } else { figures.first() };
        (best.copied().unwrap_or(f64::NAN), figures[figures.len() / 2])
    }

    /// The mean of the best of each piece, and the median of the means of the rounds.
    fn of_pieces(&self) -> (f64, f64) {
        let count = self.rounds.iter().map(Vec::len).min().unwrap_or_default();
        let best = |piece: usize| self.rounds.iter().map(|round| round[piece]).fold(f64::INFINITY, f64::min);
        let mut means: Vec<f64> = self.rounds.iter().map(|round| mean(round.iter().copied())).collect();
        means.sort_by(f64::total_cmp);
        (mean((0..count).map(best)), means[means.len() / 2])
    }
}

fn mean(figures: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = figures.len() as f64;
    figures.sum::<f64>() / count
}

/// Three digits, where there are any behind the point.
fn show(figure: f64) -> String {
    match figure {
        ..1.0 => format!("{figure:.3}"),
        ..10.0 => format!("{figure:.2}"),
        ..100.0 => format!("{figure:.1}"),
        _ => format!("{figure:.0}"),
    }
}
