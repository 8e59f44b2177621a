"""How a peer in Python is asked: from files, so many fixes at a time, in rounds of which the first does not count.

    PEER.py ZONES.geojson FIXES.json --rounds 3 --at-once 1000 --near 100

FIXES.json is a list of [longitude, latitude]. Prints the peer's name and, of each question, the seconds that each
round took and the pairs of fix and zone, by number. Where a peer cannot be had, it says why in a line and ends
with EX_UNAVAILABLE (sysexits.h).
"""

import argparse
import json
import os
import sys
import time


class Task:
    def __init__(self):
        parser = argparse.ArgumentParser()
        parser.add_argument("zones")
        parser.add_argument("fixes")
        parser.add_argument("--rounds", type=int, default=3)
        parser.add_argument("--at-once", type=int, default=1_000)
        parser.add_argument("--near", type=float, default=100.0, help="metres")
        given = parser.parse_args()
        self.rounds, self.at_once, self.near = given.rounds, given.at_once, given.near
        with open(given.zones, encoding="utf-8") as file:
            features = json.load(file)["features"]
        # Polygons without holes.
        self.rings = [feature["geometry"]["coordinates"][0] for feature in features]
        with open(given.fixes, encoding="utf-8") as file:
            self.fixes = json.load(file)

    def ask(self, ask, fixes):
        """Asks about all fixes, `ask` taking some and answering with pairs: of a fix's place in them, and a zone."""
        chunks = [fixes[start : start + self.at_once] for start in range(0, len(fixes), self.at_once)]
        seconds = []
        for _ in range(self.rounds + 1):
            begun = time.perf_counter()
            answers = [ask(chunk) for chunk in chunks]
            seconds.append(time.perf_counter() - begun)
        pairs = [
            (number * self.at_once + int(fix), int(zone))
            for number, answer in enumerate(answers)
            for fix, zone in answer
        ]
        return {"seconds": seconds[1:], "pairs": pairs}


def unavailable(why):
    print(why, file=sys.stderr)
    sys.exit(os.EX_UNAVAILABLE)


def tell(name, contained, near):
    print(json.dumps({"name": name, "contained": contained, "near": near}))
