//! Counts side by side, as SVG.

use plotters::prelude::*;

use super::plot::{COLOURS, Failed};

/// Pixels: of a plot's width, of what is above and below its bars, and of what each kind takes.
const WIDTH: u32 = 860;
const FRAME: u32 = 60;
const KIND: u32 = 84;

const FONT: (&str, u32) = ("sans-serif", 13);

/// Where the first bar of a kind begins under its name, and how thick each is, in kinds.
const NAME: f64 = 0.28;
const BAR: f64 = 0.16;

/// Counts of several things, of each kind.
pub(super) struct Bars<'a> {
    /// What is counted of each kind.
    pub(super) names: [&'a str; 4],
    pub(super) kinds: Vec<(&'a str, [u64; 4])>,
}

impl Bars<'_> {
    /// The plot, or nothing where there is nothing to be seen.
    pub(super) fn svg(&self) -> Option<String> {
        let all = self.kinds.iter().flat_map(|(_, counts)| counts);
        let most = all.copied().max().filter(|most| *most > 0)?;
        let mut text = String::new();
        self.draw(&mut text, crate::float(most)).ok()?;
        Some(text)
    }

    fn draw(&self, text: &mut String, most: f64) -> Result<(), Failed> {
        let kinds = u32::try_from(self.kinds.len())?;
        let size = (WIDTH, FRAME + KIND * kinds);
        let root = SVGBackend::with_string(text, size).into_drawing_area();
        // Downwards, and with room for the figures beside the longest bar and for the legend.
        let (right, bottom) = (most * 1.25, f64::from(kinds));
        let mut chart = ChartBuilder::on(&root)
            .margin(10)
            .x_label_area_size(36)
            .build_cartesian_2d(0.0..right, bottom..0.0)?;
        chart
            .configure_mesh()
            .disable_y_mesh()
            .disable_y_axis()
            .light_line_style(TRANSPARENT)
            .x_label_formatter(&|count| format!("{count:.0}"))
            .x_desc("alerts")
            .draw()?;
        let offsets = [0.0, 1.0, 2.0, 3.0].map(|place| NAME + place * BAR);
        for (((number, name), colour), offset) in (0..).zip(self.names).zip(COLOURS).zip(offsets) {
            let bars = self.bars(number, offset);
            chart
                .draw_series(bars.iter().map(|(count, top)| {
                    let corners = [(0.0, *top), (*count, top + BAR * 0.85)];
                    Rectangle::new(corners, colour.filled())
                }))?
                .label(name)
                .legend(move |(x, y)| {
                    Rectangle::new([(x, y - 5), (x + 12, y + 5)], colour.filled())
                });
            chart.draw_series(bars.iter().map(|(count, top)| {
                let said = format!(" {count:.0}");
                Text::new(said, (*count, *top), FONT)
            }))?;
        }
        let kinds = (0..).zip(&self.kinds);
        chart.draw_series(kinds.map(|(row, (kind, _)): (u32, _)| {
            Text::new((*kind).to_owned(), (0.0, f64::from(row) + 0.08), FONT)
        }))?;
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperRight)
            .label_font(FONT)
            .background_style(WHITE.mix(0.8))
            .draw()?;
        root.present()?;
        Ok(())
    }

    /// Of each kind the count with this number, and where its bar begins.
    fn bars(&self, number: usize, offset: f64) -> Vec<(f64, f64)> {
        let rows = (0_u32..).zip(&self.kinds);
        rows.filter_map(|(row, (_, counts))| {
            let count = crate::float(*counts.get(number)?);
            Some((count, f64::from(row) + offset))
        })
        .collect()
    }
}
