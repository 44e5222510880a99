"""What this process holds at present, for whatever answers a request: its newest atlas, its registry, its clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, cast

from flask import Flask, current_app

from locator.atlas import Atlas
from web.held import Held
from web.keeper import Keeper
from web.settings import Settings

if TYPE_CHECKING:
    from geodata.registry import Registry

_NAME = "atlas"


def keeper() -> Keeper:
    """Return what keeps this process's atlas, for a view that asks it several things."""
    return cast(Keeper, current_app.extensions[_NAME])


def held() -> Held:
    """Return this process's newest atlas with what was derived from it; take it once a request.

    Raises:
        NotReady: While there is none.
    """
    return keeper().held


def atlas() -> Atlas:
    """Return this process's newest atlas.

    Raises:
        NotReady: While there is none.
    """
    return keeper().held.atlas


def registry() -> Registry:
    """Return the registry this process reads.

    Raises:
        NotReady: While it is not open.
    """
    return keeper().registry


def now() -> datetime:
    """Return the present on Beijing's clock."""
    return keeper().now()


def age_s() -> float | None:
    """Return how old the certainty is that the atlas is the newest, in seconds; None before the first look."""
    return keeper().age_s()


def init_app(app: Flask, settings: Settings, each_look: Callable[[Keeper], object] = lambda _: None) -> Keeper:
    """Begin to keep an atlas for an app; `each_look` is called after every look at the registry."""
    kept = app.extensions[_NAME] = Keeper(settings, each_look)
    if settings.atlas is not None:
        each_look(kept)
    kept.start()
    return kept
