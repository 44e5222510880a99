"""What a server starts its workers by: ``web.wsgi:app``, called once a worker."""

from __future__ import annotations

from flask import Flask

from web import create_app


def app() -> Flask:
    """Return the application that the environment describes."""
    return create_app()
