"""What a map draws of its visible box: the request read, the core asked, as a visitor finds the doors."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from locator import clusters, doors, mercator, typed
from locator.clusters import ClustersQuestion
from locator.hours import minute_of
from locator.mercator import Box
from web import params, values
from web.fields import Fields
from web.held import Held
from web.pairs import Pairs

_ANYWHERE = Box(0.0, 0.0, 0.0, 0.0)


def answer(held: Held, pairs: Pairs, now: datetime) -> dict[str, Any]:
    """Return the public shape of what stands in a box, each site in the state that the finder's list tells.

    Raises:
        Refused: With everything that is wrong with the request, if anything is.
    """
    asked = question(held, pairs)
    states = doors.states(held.atlas.hours, minute_of(asked.at or now), held.atlas.staff_time)
    found = clusters.clusters(asked, held.atlas, now, trust=held.trust(now), states=states)
    return {**found.as_dict(), "version": held.atlas.version}


def question(held: Held, pairs: Pairs) -> ClustersQuestion:
    """Return the question of a request.

    Raises:
        Refused: With everything that is wrong, if anything is.
    """
    fields = Fields(pairs, params.CLUSTERS, lenient=False)
    box, zoom = fields.one("bbox", values.bbox), fields.one("zoom", values.count)
    given: dict[str, Any] = {"at": fields.one("at", typed.moment), "datum": fields.one("datum", values.text),
                             "without": tuple(fields.many("without", values.text))}
    given = {name: value for name, value in given.items() if value is not None}
    if zoom is not None:
        fields.check(partial(mercator.check_room, _ANYWHERE if box is None else Box(*box), zoom))
    for name, value in given.items():  # one by one: a question refuses its first fault only
        fields.check(partial(ClustersQuestion, _ANYWHERE, 0, **{name: value}))
    filters = held.reader.filters(fields)
    fields.refuse()
    assert box is not None  # required, or refused
    assert zoom is not None
    return ClustersQuestion(Box(*box), zoom, filters, **given)
