#!/usr/bin/env python3
"""SpatiaLite: zones in a table in memory with its R*Tree, and fixes in a table that is filled for each question."""

import sqlite3

import asking
import cone

TABLES = """SELECT InitSpatialMetaData(1, 'NONE');
CREATE TEMP TABLE fixes (number INTEGER PRIMARY KEY, x REAL, y REAL);
CREATE TABLE zones (number INTEGER PRIMARY KEY);
CREATE TABLE flat (number INTEGER PRIMARY KEY);
SELECT AddGeometryColumn('zones', 'area', 0, 'POLYGON');
SELECT AddGeometryColumn('flat', 'area', 0, 'POLYGON');"""

# In this order: left to itself, SQLite goes through all zones. The last table is the spatial index.
ASKED = """SELECT fixes.number, {zones}.number FROM fixes
CROSS JOIN idx_{zones}_area AS box ON box.xmin <= x + :margin AND box.xmax >= x - :margin
                                  AND box.ymin <= y + :margin AND box.ymax >= y - :margin
CROSS JOIN {zones} ON {zones}.number = box.pkid
WHERE {condition}"""

# Distances on the ellipsoid are known to it only between points (PtDistWithin), or from the corner that is
# nearest in degrees (ST_Distance), so that it is asked about a map in metres.
CONTAINED = ASKED.format(zones="zones", condition="ST_Contains(area, MakePoint(x, y))")
NEAR = ASKED.format(zones="flat", condition="PtDistWithin(area, MakePoint(x, y), :margin)")


def connect():
    base = sqlite3.connect(":memory:")
    try:
        base.enable_load_extension(True)
        base.load_extension("mod_spatialite")
    except (AttributeError, sqlite3.OperationalError) as missing:
        asking.unavailable(f"SpatiaLite cannot be loaded: {missing}")
    return base


def fill(base, table, rings):
    texts = ("POLYGON((" + ", ".join(f"{x!r} {y!r}" for x, y in ring) + "))" for ring in rings)
    base.executemany(f"INSERT INTO {table} VALUES (?, GeomFromText(?))", enumerate(texts))
    base.execute(f"SELECT CreateSpatialIndex('{table}', 'area')")


def main():
    base = connect()
    task = asking.Task()
    base.executescript(TABLES)
    ground = cone.over(task.fixes)
    fill(base, "zones", task.rings)
    fill(base, "flat", ([ground.metres(*corner) for corner in ring] for ring in task.rings))

    def asked(question, margin):
        def ask(fixes):
            base.execute("DELETE FROM fixes")
            base.executemany("INSERT INTO fixes VALUES (?, ?, ?)", ((n, x, y) for n, (x, y) in enumerate(fixes)))
            return base.execute(question, {"margin": margin}).fetchall()

        return ask

    version, geos = base.execute("SELECT spatialite_version(), geos_version()").fetchone()
    asking.tell(
        f"SpatiaLite {version} (GEOS {geos.partition('-')[0]})",
        task.ask(asked(CONTAINED, 0.0), task.fixes),
        task.ask(asked(NEAR, task.near), [ground.metres(*fix) for fix in task.fixes]),
    )


if __name__ == "__main__":
    main()
