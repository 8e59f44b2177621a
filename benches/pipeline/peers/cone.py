"""A map in metres for peers that know no distances on the ellipsoid.

Lambert's conformal cone that touches WGS84 on the county's middle parallel (Snyder, Map Projections: A Working
Manual, 1987, pages 107 to 109). It stretches alike in all directions, by half the square of how far north or south
of that parallel a place lies, in radians: distances are off by under 0.002 % at 36 km. On an equirectangular map
those from east to west would be off by 0.7 %.
"""

from math import cos, pi, radians, sin, sqrt, tan

EQUATORIAL_RADIUS_M = 6_378_137.0
ECCENTRICITY = sqrt(0.006_694_379_990_141)


class Cone:
    def __init__(self, lon, lat):
        self.lon = lon
        self.narrowing = sin(radians(lat))
        width = cos(radians(lat)) / sqrt(1 - (ECCENTRICITY * self.narrowing) ** 2)
        self.scale = EQUATORIAL_RADIUS_M * width / (self.narrowing * _to_pole(lat) ** self.narrowing)
        self.middle = self._from_tip(lat)

    def metres(self, lon, lat):
        """East and north of the middle."""
        turn, far = self.narrowing * radians(lon - self.lon), self._from_tip(lat)
        return far * sin(turn), self.middle - far * cos(turn)

    def _from_tip(self, lat):
        return self.scale * _to_pole(lat) ** self.narrowing


def _to_pole(lat):
    """The exponential of how far the pole is on a Mercator map, negated."""
    sine = ECCENTRICITY * sin(radians(lat))
    return tan(pi / 4 - radians(lat) / 2) * ((1 + sine) / (1 - sine)) ** (ECCENTRICITY / 2)


def over(fixes):
    """The cone around the middle of all fixes."""
    lons, lats = zip(*fixes)
    return Cone((min(lons) + max(lons)) / 2, (min(lats) + max(lats)) / 2)
