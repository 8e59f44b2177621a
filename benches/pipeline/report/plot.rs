//! Plots, as SVG.

use std::collections::BTreeMap;

use anyhow::anyhow;
use plotters::coord::Shift;
use plotters::prelude::*;

use super::super::drain::Drained;
use super::super::growth::{Growing, Grown};
use super::EngineGrown;

/// Pixels.
const SIZE: (u32, u32) = (1_100, 420);
const SPLIT: u32 = 550;

const FONT: (&str, u32) = ("sans-serif", 13);

const COLOURS: [RGBColor; 5] = [
    RGBColor(0, 90, 180),
    RGBColor(200, 30, 30),
    RGBColor(90, 150, 40),
    RGBColor(120, 60, 150),
    RGBColor(120, 120, 120),
];

type Panel<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Points by the name of their line.
type Lines = BTreeMap<String, Vec<(f64, f64)>>;

/// What the axes say.
struct Axes {
    caption: &'static str,
    x: &'static str,
    y: &'static str,
}

/// Readings a second by wearers, and by partitions.
pub(super) fn pipeline(drained: &[Drained]) -> anyhow::Result<String> {
    let mut by_wearers = Lines::new();
    let mut by_partitions = Lines::new();
    for found in drained.iter().filter(|found| found.batch == 1) {
        let store = found.store.clone();
        if found.partitions == 1 {
            let at = (f64::from(found.wearers), found.per_s);
            by_wearers.entry(store.clone()).or_default().push(at);
        }
        if found.wearers == 5_000 {
            let at = (f64::from(found.partitions), found.per_s);
            by_partitions.entry(store).or_default().push(at);
        }
    }
    let wearers = Axes {
        caption: "A backlog drained, one partition, single fixes",
        x: "wearers",
        y: "readings/s",
    };
    let partitions = Axes {
        caption: "A backlog drained, 5,000 wearers, single fixes",
        x: "partitions",
        y: "readings/s",
    };
    draw(|left, right| {
        panel(left, &wearers, &by_wearers)?;
        panel(right, &partitions, &by_partitions)
    })
}

/// Nanoseconds of a fix in the engine, by what grows.
pub(super) fn engine(grown: &[EngineGrown]) -> anyhow::Result<String> {
    let (mut wearers, mut others) = (Lines::new(), Lines::new());
    for EngineGrown { what, size, ns, .. } in grown {
        let lines = if what.starts_with("wearers") {
            &mut wearers
        } else {
            &mut others
        };
        let line = lines.entry(what.clone()).or_default();
        line.push((f64::from(*size), *ns));
    }
    let more = Axes {
        caption: "A fix in the engine, as wearers grow",
        x: "wearers",
        y: "nanoseconds",
    };
    let zones = Axes {
        caption: "A fix in the engine, 1,000 wearers, as zones grow",
        x: "zones, or corners",
        y: "nanoseconds",
    };
    draw(|left, right| {
        panel(left, &more, &wearers)?;
        panel(right, &zones, &others)
    })
}

/// Readings and alerts a second that the stores keep, by days of history and open alerts.
pub(super) fn stores(grown: &[Grown]) -> anyhow::Result<String> {
    let (mut history, mut alerts) = (Lines::new(), Lines::new());
    for found in grown {
        let lines = match found.what {
            Growing::History => &mut history,
            Growing::OpenAlerts => &mut alerts,
        };
        let line = lines.entry(found.store.clone()).or_default();
        line.push((found.size, found.per_s));
    }
    let days = Axes {
        caption: "Readings kept, 500 wearers, a fix a minute",
        x: "days of history",
        y: "readings/s",
    };
    let open = Axes {
        caption: "Alerts opened, each told to two",
        x: "alerts that are open",
        y: "alerts/s",
    };
    draw(|left, right| {
        panel(left, &days, &history)?;
        panel(right, &open, &alerts)
    })
}

type Drawn = Result<(), Box<dyn std::error::Error>>;

fn draw(panels: impl FnOnce(&Panel<'_>, &Panel<'_>) -> Drawn) -> anyhow::Result<String> {
    let mut text = String::new();
    {
        let failed = |error: &dyn std::fmt::Display| anyhow!("cannot draw the plot: {error}");
        let root = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
        root.fill(&WHITE).map_err(|error| failed(&error))?;
        let (left, right) = root.split_horizontally(SPLIT);
        panels(&left, &right).map_err(|error| failed(&error))?;
        root.present().map_err(|error| failed(&error))?;
    }
    Ok(text)
}

fn panel(panel: &Panel<'_>, axes: &Axes, lines: &Lines) -> Drawn {
    let points = || lines.values().flatten();
    let right = points().map(|(x, _)| *x).fold(1.0, f64::max) * 1.2;
    let left = points().map(|(x, _)| *x).fold(right, f64::min) / 1.2;
    let top = points().map(|(_, y)| *y).fold(1.0, f64::max) * 1.3;
    let mut chart = ChartBuilder::on(panel)
        .caption(axes.caption, FONT)
        .margin(12)
        .x_label_area_size(36)
        .y_label_area_size(70)
        .build_cartesian_2d((left..right).log_scale(), 0.0..top)?;
    chart
        .configure_mesh()
        .x_desc(axes.x)
        .x_label_formatter(&|x| format!("{x}"))
        .y_desc(axes.y)
        .y_label_formatter(&|y| format!("{y:.0}"))
        .draw()?;
    for ((name, points), colour) in lines.iter().zip(COLOURS) {
        let marks = points.iter().map(|at| Circle::new(*at, 3, colour.filled()));
        chart.draw_series(marks)?;
        chart
            .draw_series(LineSeries::new(points.clone(), colour.stroke_width(2)))?
            .label(name)
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
