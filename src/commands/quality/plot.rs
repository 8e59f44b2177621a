//! A plot of the figures, as SVG.

use anyhow::anyhow;
use plotters::coord::Shift;
use plotters::prelude::*;

use super::course::{Course, Setting};
use super::report::Report;
use super::rule::RuleName;
use super::tally::CellResult;

/// Pixels.
const SIZE: (u32, u32) = (1_100, 460);

/// Left of it: false breaches; right: delays. Pixels.
const SPLIT: u32 = 560;

const FONT: (&str, u32) = ("sans-serif", 13);

/// The false breaches shown, per device-day.
const RATES: (f64, f64) = (0.001, 1_000.0);

type Panel<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Both panels, of the first cadence measured.
pub(super) fn svg(report: &Report) -> anyhow::Result<String> {
    let mut text = String::new();
    let cadence_s = report.cadences_s.first().copied().unwrap_or_default();
    let cells: Vec<&CellResult> = report
        .cells
        .iter()
        .filter(|cell| cell.cadence_s == cadence_s)
        .collect();
    {
        let root = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
        root.fill(&WHITE).map_err(failed)?;
        let (left, right) = root.split_horizontally(SPLIT);
        false_breaches(&left, &cells, cadence_s).map_err(failed)?;
        delays(&right, &cells, cadence_s).map_err(failed)?;
        root.present().map_err(failed)?;
    }
    Ok(text)
}

fn failed(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("cannot draw the plot: {error}")
}

const fn colour(rule: RuleName) -> RGBColor {
    match rule {
        RuleName::Tagwatch => RGBColor(0, 90, 180),
        RuleName::Naive => RGBColor(200, 30, 30),
        RuleName::Consecutive2 => RGBColor(230, 130, 0),
        RuleName::Consecutive3 => RGBColor(190, 160, 0),
        RuleName::Consecutive5 => RGBColor(90, 150, 40),
        RuleName::DwellBuffer => RGBColor(120, 60, 150),
    }
}

/// Distance from the edge and the upper bound of a rule's false breaches, of people at rest indoors.
fn bounds(cells: &[&CellResult], rule: RuleName) -> Vec<(f64, f64)> {
    let of = |cell: &&CellResult| match cell.course {
        Course::Outside {
            setting: Setting::AtRestIndoors,
            distance_m,
        } => Some((distance_m, cell.rule(rule)?.per_trial_upper)),
        Course::Outside { .. } | Course::Stay { .. } | Course::Through { .. } => None,
    };
    cells.iter().filter_map(of).collect()
}

fn false_breaches(
    panel: &Panel<'_>,
    cells: &[&CellResult],
    cadence_s: u32,
) -> Result<(), Box<dyn std::error::Error>> {
    let caption = format!("False breaches at rest indoors, one fix each {cadence_s} s");
    let mut chart = ChartBuilder::on(panel)
        .caption(caption, FONT)
        .margin(12)
        .x_label_area_size(36)
        .y_label_area_size(64)
        .build_cartesian_2d(0.0..105.0, (RATES.0..RATES.1).log_scale())?;
    chart
        .configure_mesh()
        .x_desc("metres from the edge")
        .x_label_formatter(&|metres| format!("{metres:.0}"))
        .y_desc("per device-day, 95 % upper bound")
        .y_label_formatter(&|rate| format!("{rate}"))
        .draw()?;
    for rule in RuleName::ALL {
        let points = bounds(cells, rule);
        let colour = colour(rule);
        let marks = points
            .iter()
            .map(|point| Circle::new(*point, 3, colour.filled()));
        chart.draw_series(marks)?;
        chart
            .draw_series(LineSeries::new(points.clone(), colour.stroke_width(2)))?
            .label(rule.title())
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], colour.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .background_style(WHITE)
        .border_style(BLACK)
        .draw()?;
    Ok(())
}

/// A stay whose delays are shown.
struct Bar {
    rule: RuleName,
    place: f64,
    half_s: Option<f64>,
    most_s: Option<f64>,
}

/// Half and 95 % of the stays of ten minutes indoors, 50 m deep.
fn bars(cells: &[&CellResult]) -> Vec<Bar> {
    let wanted = |cell: &&&CellResult| match cell.course {
        Course::Stay {
            depth_m,
            minutes,
            indoors,
        } => indoors && depth_m > 49.0 && minutes > 9.0 && minutes < 11.0,
        Course::Outside { .. } | Course::Through { .. } => false,
    };
    let found = cells.iter().find(wanted);
    let rules = RuleName::ALL.into_iter().zip(1_u32..);
    let bar = |(rule, place): (RuleName, u32)| {
        let result = found?.rule(rule)?;
        Some(Bar {
            rule,
            place: f64::from(place),
            half_s: result.delay_p50_s,
            most_s: result.delay_p95_s,
        })
    };
    rules.filter_map(bar).collect()
}

fn delays(
    panel: &Panel<'_>,
    cells: &[&CellResult],
    cadence_s: u32,
) -> Result<(), Box<dyn std::error::Error>> {
    let caption = "From coming in to the breach, ten minutes indoors, 50 m deep: half, 95 %";
    let all = bars(cells);
    let longest_s = all
        .iter()
        .filter_map(|bar| bar.most_s)
        .fold(5.0 * f64::from(cadence_s), f64::max);
    let mut chart = ChartBuilder::on(panel)
        .caption(caption, FONT)
        .margin(12)
        .x_label_area_size(36)
        .y_label_area_size(90)
        .build_cartesian_2d(0.0..longest_s * 1.1, 0.4..6.6)?;
    let name = |place: &f64| {
        let near = |bar: &&Bar| (bar.place - place).abs() < 0.01;
        let found = all.iter().find(near);
        found.map_or_else(String::new, |bar| bar.rule.title().to_owned())
    };
    chart
        .configure_mesh()
        .disable_y_mesh()
        .x_desc("seconds")
        .x_label_formatter(&|seconds| format!("{seconds:.0}"))
        .y_labels(8)
        .y_label_formatter(&name)
        .draw()?;
    for bar in &all {
        let colour = colour(bar.rule);
        let reach = |seconds: Option<f64>, high: f64, opacity: f64| {
            let end = seconds.unwrap_or(longest_s * 1.1);
            let corners = [(0.0, bar.place - high), (end, bar.place + high)];
            Rectangle::new(corners, colour.mix(opacity).filled())
        };
        chart.draw_series([reach(bar.most_s, 0.18, 0.35), reach(bar.half_s, 0.30, 0.85)])?;
    }
    Ok(())
}
