"""The web edge: pages, maps and the API."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from flask import Flask

FIRST_ATLAS_S = 30.0
"""How long a worker waits for its first atlas before it answers anyway, and says what is wrong."""


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Make the web application; see `web.settings.Settings` for what `config` may hold.

    Without a config the settings come from the environment, so that a server which starts its
    workers by name (``web:create_app``) passes them on.

    Raises:
        TypeError: If `config` names a setting that does not exist.
    """
    # a worker asks one question at a time: see `locator.index`
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from web import logs
    from web.rooms import furnish  # the rooms import Flask extensions; importing `web` alone must stay cheap
    from web.settings import Settings

    if config is not None:
        return furnish(Settings(**config))
    settings = Settings.from_environment()
    logs.to_standard_error(settings.log_level)
    app = furnish(settings)
    # a worker that already answers but knows no site yet would greet its first visitors with "starting up"
    app.extensions["atlas"].wait(FIRST_ATLAS_S)
    return app
