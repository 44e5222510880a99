"""The web edge: pages, maps and the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Make the web application; see `web.settings.Settings` for what `config` may hold.

    Without a config the settings come from the environment, so that a server which starts its
    workers by name (``web:create_app``) passes them on.

    Raises:
        TypeError: If `config` names a setting that does not exist.
    """
    from web.rooms import furnish  # the rooms import Flask extensions; importing `web` alone must stay cheap
    from web.settings import Settings

    return furnish(Settings(**config) if config is not None else Settings.from_environment())
