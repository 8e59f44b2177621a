#!/usr/bin/env python3
"""GEOS, by way of Shapely 2: a tree of all zones, and vectorised questions about many fixes at once."""

import asking

try:
    import numpy
    import shapely

    if shapely.__version__ < "2":
        asking.unavailable(f"Shapely {shapely.__version__} is older than 2")
except ImportError as missing:
    asking.unavailable(missing)
import cone


def main():
    task = asking.Task()
    # Of three ways (a prepared fix within a zone, intersecting it, and this) the quickest: the zones are prepared.
    zones = numpy.array([shapely.Polygon(ring) for ring in task.rings])
    tree = shapely.STRtree(zones)
    shapely.prepare(zones)

    def contained(fixes):
        points = shapely.points(fixes)
        fix, zone = tree.query(points)
        inside = shapely.contains(zones[zone], points[fix])
        return numpy.column_stack((fix[inside], zone[inside]))

    ground = cone.over(task.fixes)
    flat = shapely.STRtree([shapely.Polygon([ground.metres(*corner) for corner in ring]) for ring in task.rings])

    def near(fixes):
        return flat.query(shapely.points(fixes), predicate="dwithin", distance=task.near).T

    asking.tell(
        f"GEOS {shapely.geos_version_string} (Shapely {shapely.__version__})",
        task.ask(contained, numpy.array(task.fixes)),
        task.ask(near, numpy.array([ground.metres(*fix) for fix in task.fixes])),
    )


if __name__ == "__main__":
    main()
