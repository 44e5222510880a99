"""What the counts of a map's box look like in the published contract."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from web.contract import State


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Cell(_Model):
    """Two sites or more in one cell of the map; coordinates in the answer's datum."""

    lon: float = Field(description="the mean of its sites")
    lat: float
    count: int
    states: dict[State, int] = Field(description="for a visitor: time for staff only is closed, and an open site that others "
                                                 "reported locked, moved or gone is unknown")
    bbox: tuple[float, float, float, float] = Field(description="west, south, east, north of its sites")


class CellSite(_Model):
    """The only site of a cell."""

    id: str
    name: str
    kind: str
    lon: float
    lat: float
    state: State = Field(description="as in `states` of a cell")


class ClustersAnswer(_Model):
    """What a map draws of a box; `total` is the sum of all counts and single sites."""

    query: dict[str, Any]
    as_of: str
    datum: str
    version: int
    total: int
    cells: list[Cell]
    sites: list[CellSite]


MODELS = (ClustersAnswer,)
