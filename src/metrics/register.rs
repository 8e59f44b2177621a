//! Making a metric and registering it, in one step. Every name gets the prefix `tagwatch_`.

use prometheus::{
    Counter, Error, Gauge, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, Registry,
};

pub(super) fn counters(
    registry: &Registry,
    name: &str,
    help: &str,
    labels: &[&str],
) -> Result<IntCounterVec, Error> {
    let counters = IntCounterVec::new(opts(name, help), labels)?;
    registry.register(Box::new(counters.clone()))?;
    Ok(counters)
}

pub(super) fn counter(registry: &Registry, name: &str, help: &str) -> Result<IntCounter, Error> {
    let counter = IntCounter::with_opts(opts(name, help))?;
    registry.register(Box::new(counter.clone()))?;
    Ok(counter)
}

pub(super) fn decimal_counter(
    registry: &Registry,
    name: &str,
    help: &str,
) -> Result<Counter, Error> {
    let counter = Counter::with_opts(opts(name, help))?;
    registry.register(Box::new(counter.clone()))?;
    Ok(counter)
}

pub(super) fn decimal_gauge(registry: &Registry, name: &str, help: &str) -> Result<Gauge, Error> {
    let gauge = Gauge::with_opts(opts(name, help))?;
    registry.register(Box::new(gauge.clone()))?;
    Ok(gauge)
}

pub(super) fn gauge(registry: &Registry, name: &str, help: &str) -> Result<IntGauge, Error> {
    let gauge = IntGauge::with_opts(opts(name, help))?;
    registry.register(Box::new(gauge.clone()))?;
    Ok(gauge)
}

pub(super) fn histogram(
    registry: &Registry,
    name: &str,
    help: &str,
    buckets: &[f64],
) -> Result<Histogram, Error> {
    let opts = HistogramOpts::new(name, help)
        .namespace("tagwatch")
        .buckets(buckets.to_vec());
    let histogram = Histogram::with_opts(opts)?;
    registry.register(Box::new(histogram.clone()))?;
    Ok(histogram)
}

pub(super) fn gauges(
    registry: &Registry,
    name: &str,
    help: &str,
    label: &str,
) -> Result<IntGaugeVec, Error> {
    let gauges = IntGaugeVec::new(opts(name, help), &[label])?;
    registry.register(Box::new(gauges.clone()))?;
    Ok(gauges)
}

pub(super) fn build_info(registry: &Registry) -> Result<(), Error> {
    let opts = opts("build_info", "The running version; always 1.")
        .const_label("version", env!("CARGO_PKG_VERSION"));
    let gauge = Gauge::with_opts(opts)?;
    gauge.set(1.0);
    registry.register(Box::new(gauge))
}

fn opts(name: &str, help: &str) -> Opts {
    Opts::new(name, help).namespace("tagwatch")
}
