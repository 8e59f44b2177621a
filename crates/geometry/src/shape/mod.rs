//! Shapes and how they are measured: circles on the ellipsoid, polygons in a flat frame.

mod boundary;
mod circle;
mod corners;
mod deepest;
mod edge;
mod edge_tree;
mod extent;
mod inscribed;

#[cfg(test)]
pub(crate) use boundary::FromPoint;
pub(crate) use boundary::{Boundary, ray_east};
pub(crate) use circle::Circle;
pub(crate) use corners::Corners;
pub use deepest::DEEPEST_TOLERANCE_M;
pub(crate) use deepest::deepest_along;
pub(crate) use edge::{Edge, RingId};
#[cfg(test)]
pub(crate) use edge_tree::EdgeTree;
pub(crate) use edge_tree::Nearness;
pub(crate) use extent::Extent;
pub(crate) use inscribed::{INSCRIBED_TOLERANCE, inner_radius};
