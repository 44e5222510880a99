"""Which way a site lies, how far it is and how long that takes, as one says it: no more of it than the position can bear."""

from __future__ import annotations

from math import ceil, floor, isnan

from locator import travel
from locator.words import Words
from web import spoken
from web.caller import Caller, Seen
from web.phrases import FARTHEST_MIN
from web.vagueness import Reach

_SURE, _ROUGHLY = 0.25, 0.5
"""A direction is told where the error is at most this share of the distance: it may be 14° off, or 30°."""
_WINDS = (Words("北", "north"), Words("东北", "north-east"), Words("东", "east"), Words("东南", "south-east"),
          Words("南", "south"), Words("西南", "south-west"), Words("西", "west"), Words("西北", "north-west"))


def way(seen: Seen, caller: Caller) -> list[Words]:
    """Return direction with distance, and minutes; as ranges where the position is vague, nothing where it is rough."""
    if caller.rough:
        return []
    metres, range_m = seen.near.distance_m, caller.reach(seen.near)
    least, most = range_m
    wind = _wind(seen, range_m)
    if not range_m.ranged:
        far = (Words("就在您所在的位置", "right where you are") if metres < 10
               else spoken.join(wind, spoken.about(spoken.distance(metres))))
        minutes = spoken.duration(travel.minutes(metres, by=caller.by))
        took = spoken.about(minutes)
    elif not least:
        far = Words(f"在您附近，{spoken.distance(most, ceil).zh}以内", f"near you, within {spoken.distance(most, ceil).en}")
        took = _at_most(spoken.duration(travel.minutes(most, by=caller.by)))
    else:
        far = spoken.join(wind, spoken.between(spoken.distance(least, floor), spoken.distance(most, ceil)))
        took = spoken.between(spoken.minutes(travel.minutes(least, by=caller.by), floor), spoken.minutes(travel.minutes(most, by=caller.by), ceil))
    if travel.minutes(most, by=caller.by) > FARTHEST_MIN:
        return [far]
    return [far, spoken.join(Words("步行", "on foot ") if caller.by == "walk" else Words("骑电动车", "by e-bike "), took)]


def _wind(seen: Seen, range_m: Reach) -> Words:
    azimuth, metres = seen.azimuth_deg, seen.near.distance_m
    error_m = range_m.far_m - metres
    if isnan(azimuth) or error_m > _ROUGHLY * metres:
        return Words("离您的位置", "from where you are ")
    wind = _WINDS[int((azimuth + 22.5) // 45) % 8]
    if error_m > _SURE * metres:
        return Words(f"从您的位置大致向{wind.zh}", f"from where you are, roughly {wind.en}, ")
    return Words(f"从您的位置向{wind.zh}", f"from where you are, {wind.en}, ")


def _at_most(words: Words) -> Words:
    return Words(f"最多约 {words.zh}", f"at most about {words.en}")
