"""What tests draw from: one function a kind of thing, appended to by every room."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import strategies as st

from geodata import vocabulary
from locator.sites import Site, Slot

# --- site records -----------------------------------------------------------------------------------

_ANY_TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1, max_size=12)
_WORDS = st.sampled_from(["王府井驿站", "东单北大街甲3号", "Warm station", "<b>什刹海</b>", "=1+1", "骑手'之\"家", "👷驿站"])
_TEXT = _WORDS | _ANY_TEXT
_HOURS = st.sampled_from(["24/7", "Mo-Fr 09:00-17:00", "Mo-Su 08:00-12:00,14:00-20:00", "22:00-06:00", "Tu off"])
_MONTH_DAY = st.sampled_from(["01-01", "03-15", "06-15", "11-01", "12-31"])


def _code(section: str) -> st.SearchStrategy[str]:
    return st.deferred(lambda: st.sampled_from(sorted(vocabulary.load().terms(section))))


def _optional() -> dict[str, st.SearchStrategy[object]]:
    degrees = st.floats(-180, 180, allow_nan=False)
    upright = st.floats(-90, 90, allow_nan=False)
    days = st.dates(date(2000, 1, 1), date(2040, 12, 31))
    return {
        "station_code": _TEXT, "aliases": st.lists(_TEXT, max_size=3).map(tuple), "subtype": _code("subtype"),
        "host": _code("host"), "host_brand": _TEXT, "parent_id": _TEXT, "source": _TEXT, "source_id": _TEXT,
        "lon": degrees, "lat": upright, "source_datum": _code("datum"), "source_lon": degrees, "source_lat": upright,
        "entrance_lon": degrees, "entrance_lat": upright, "accuracy_m": st.floats(0, 1e5), "address": _TEXT,
        "district_code": st.sampled_from(["110101", "110105"]), "street_code": st.sampled_from(["110101001"]),
        "floor": _TEXT, "directions": _TEXT, "opening_hours": _HOURS, "season_from": _MONTH_DAY,
        "season_to": _MONTH_DAY, "slots": st.lists(st.builds(Slot, _HOURS, _code("mode")), max_size=2).map(tuple),
        "eligibility": _code("eligibility"), "gender": _code("gender"), "fee": _code("fee"),
        "capacity": st.integers(0, 500), "area_m2": st.floats(0, 1e4),
        "facilities": st.dictionaries(_code("facility"), st.sampled_from(["yes", "no", "limited"]), max_size=5),
        "phone": _TEXT, "photos": st.lists(_TEXT, max_size=2).map(tuple), "visibility": _code("visibility"),
        "entry_note": _TEXT, "hours_text": _TEXT, "workday_rule": _code("workday_rule"),
        "basis": st.dictionaries(st.sampled_from(["hours", "facilities"]), _code("basis")), "manager": _TEXT,
        "manager_phone": _TEXT, "status": _code("status"), "verified_on": days, "verified_by": _TEXT,
        "verified_how": _code("verified_how"), "next_check_on": days, "award": _TEXT, "demo": st.booleans(),
        "version": st.integers(0, 2**31), "updated_by": _TEXT, "reason": _TEXT,
        "updated_at": days.map(lambda day: datetime(day.year, day.month, day.day, 9, 30, tzinfo=UTC)),
    }


_OPTIONAL = _optional()


@st.composite
def site(draw: st.DrawFn, site_id: st.SearchStrategy[str] = _TEXT, *, most: int = 6) -> Site:
    """Return a whole valid record: any field may be absent, any text may be strange.

    At most `most` optional fields are stated, so that drawing stays quick.
    """
    stated = draw(st.lists(st.sampled_from(sorted(_OPTIONAL)), max_size=most, unique=True))
    return Site(id=draw(site_id), name=draw(_TEXT), kind=draw(_code("kind")),
                **{name: draw(_OPTIONAL[name]) for name in stated})


def site_lists(*, most: int = 5) -> st.SearchStrategy[list[Site]]:
    """Return lists of whole records with different ids."""
    return st.lists(site(), max_size=most, unique_by=lambda s: s.id)


# --- where things are ---------------------------------------------------------------------------------


def lonlat() -> st.SearchStrategy[tuple[float, float]]:
    """Return a point anywhere on the Earth; the poles, the antimeridian and Beijing often."""
    anywhere = st.tuples(st.floats(-180, 180), st.floats(-90, 90))
    special = st.sampled_from([(0.0, 90.0), (0.0, -90.0), (180.0, 0.0), (-180.0, 40.0), (116.391, 39.907), (0.0, 0.0)])
    return anywhere | special | in_beijing()


def in_beijing() -> st.SearchStrategy[tuple[float, float]]:
    """Return a point in Beijing's box, to the ten-thousandth of a degree, so that points often coincide."""
    steps = st.integers(0, 40)
    return st.tuples(steps.map(lambda i: round(115.4 + i * 0.05, 4)), steps.map(lambda i: round(39.4 + i * 0.04, 4)))


def lonlats(*, min_size: int = 0, max_size: int = 40) -> st.SearchStrategy[list[tuple[float, float]]]:
    """Return points all over, or all in one city, with coordinates that repeat."""
    return (st.lists(lonlat(), min_size=min_size, max_size=max_size)
            | st.lists(in_beijing(), min_size=min_size, max_size=max_size))


# --- opening hours ----------------------------------------------------------------------------------

_WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


@st.composite
def hours_rules(draw: st.DrawFn, *, holidays: bool = True, overnight: bool = True) -> tuple[str, list[tuple[object, ...]]]:
    """Draw an hours expression, as text and as the rules `oracles.hours_state` walks through."""
    texts: list[str] = []
    rules: list[tuple[object, ...]] = []
    for i in range(draw(st.integers(1, 4))):
        operator = draw(st.sampled_from([";", ";", ";", ",", "||"])) if i else ";"
        # a comma before bare times would go on with the list of times, so such a rule names its days
        members = draw((st.nothing() if operator == "," else st.none()) | st.lists(
            st.tuples(st.integers(0, 6), st.integers(0, 6)) | (st.just("PH") if holidays else st.nothing()),
            min_size=1, max_size=3, unique=True))
        days: set[object] | None = None
        named: list[str] = []
        if members is not None:
            days = set()
            for member in members:
                if member == "PH":
                    days.add("PH")
                    named.append("PH")
                else:
                    first, last = member
                    days.update((first + j) % 7 for j in range((last - first) % 7 + 1))
                    named.append(f"{_WEEKDAYS[first]}-{_WEEKDAYS[last]}" if first != last else _WEEKDAYS[first])
        state = draw(st.sampled_from([2, 2, 2, 1, 0]))
        spans = []
        for _ in range(draw(st.integers(0 if state == 1 and days else 1, 2))):
            start = draw(st.integers(0, 1439))
            end = draw(st.integers(start + 1, start + 1440 if overnight else 1440))
            end = min(end, 2880)
            spans.append((start, end))
        times = ",".join(f"{a // 60:02d}:{a % 60:02d}-{b // 60:02d}:{b % 60:02d}" for a, b in spans)
        word = {2: "", 1: "off", 0: "unknown"}[state]
        texts.append(({";": "; ", ",": ", ", "||": " || "}[operator] if i else "")
                     + " ".join(filter(None, (",".join(named), times, word))))
        rules.append((operator, days, tuple(spans), state))
    return "".join(texts), rules
