//! Plots, as SVG.

use plotters::prelude::*;

/// Pixels.
const SIZE: (u32, u32) = (860, 280);

const FONT: (&str, u32) = ("sans-serif", 13);

/// Told apart by people who see few colours (Okabe and Ito), in the order taken.
pub(super) const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(110, 110, 110),
];

/// The least that a logarithmic scale shows.
const LEAST: f64 = 0.1;

/// A plot of lines.
pub(super) struct Plot<'a> {
    pub(super) x: &'a str,
    pub(super) y: &'a str,
    /// Whether the scale of y is logarithmic.
    pub(super) is_log: bool,
    pub(super) lines: Vec<Line>,
}

/// One of its lines.
pub(super) struct Line {
    pub(super) name: String,
    pub(super) points: Vec<(f64, f64)>,
}

/// Why there is no plot.
pub(super) type Failed = Box<dyn std::error::Error>;

impl Plot<'_> {
    /// The plot, or nothing where there is nothing to be seen.
    pub(super) fn svg(&self) -> Option<String> {
        let all = || self.lines.iter().flat_map(|line| &line.points);
        let right = all().map(|(x, _)| *x).fold(0.0, f64::max);
        let top = all().map(|(_, y)| *y).fold(0.0, f64::max);
        if right <= 0.0 || top <= 0.0 {
            return None;
        }
        let mut text = String::new();
        self.draw(&mut text, right, top).ok()?;
        Some(text)
    }

    fn draw(&self, text: &mut String, right: f64, top: f64) -> Result<(), Failed> {
        let root = SVGBackend::with_string(text, SIZE).into_drawing_area();
        let mut builder = ChartBuilder::on(&root);
        builder
            .margin(10)
            .x_label_area_size(36)
            .y_label_area_size(70);
        if self.is_log {
            let range = (LEAST..top.max(LEAST * 10.0) * 2.0).log_scale();
            self.lines_in(builder.build_cartesian_2d(0.0..right, range)?, LEAST)?;
        } else {
            self.lines_in(
                builder.build_cartesian_2d(0.0..right, 0.0..top * 1.15)?,
                0.0,
            )?;
        }
        root.present()?;
        Ok(())
    }

    fn lines_in<'b, Y>(
        &self,
        mut chart: ChartContext<
            'b,
            SVGBackend<'b>,
            Cartesian2d<plotters::coord::types::RangedCoordf64, Y>,
        >,
        least: f64,
    ) -> Result<(), Failed>
    where
        Y: Ranged<ValueType = f64> + plotters::coord::ranged1d::ValueFormatter<f64>,
    {
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .x_desc(self.x)
            .x_label_formatter(&|x| format!("{x:.0}"))
            .y_desc(self.y)
            .y_label_formatter(&|y| {
                if *y < 10.0 {
                    format!("{y:.1}")
                } else {
                    format!("{y:.0}")
                }
            })
            .draw()?;
        for (line, colour) in self.lines.iter().zip(COLOURS.iter().cycle()) {
            let points = line.points.iter().map(|(x, y)| (*x, y.max(least)));
            chart
                .draw_series(LineSeries::new(points, colour.stroke_width(2)))?
                .label(line.name.clone())
                .legend(move |(x, y)| {
                    PathElement::new([(x, y), (x + 16, y)], colour.stroke_width(2))
                });
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperLeft)
            .label_font(FONT)
            .background_style(WHITE.mix(0.8))
            .draw()?;
        Ok(())
    }
}
