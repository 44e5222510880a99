"""The one cookie of the internal pages: signed, for this browser's session, never set or read on a public page."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin

from geodata.key_file import key_of
from web.settings import Settings

COOKIE = "nuanxin_session"
KEY_FILE = "secret.key"


def installation_key(home: Path) -> str:
    """Return the key that all workers of an installation sign with; made once, for its owner's eyes only.

    Raises:
        Unavailable: If it can be neither read nor made.
    """
    return key_of(home / KEY_FILE).decode("ascii")


class QuietSessions(SecureCookieSessionInterface):
    """Flask's signed cookie, untouched by requests that neither bring nor need one."""

    def __init__(self, settings: Settings) -> None:
        """Sign with the settings' key, or with the installation's own, read when first needed."""
        self._settings = settings
        self._https = (settings.public_url or "").startswith("https:")

    def key(self, app: Flask) -> str:
        """Return the key, and let Flask know it."""
        if not app.config["SECRET_KEY"]:
            app.config["SECRET_KEY"] = self._settings.secret_key or installation_key(self._settings.home)
        return str(app.config["SECRET_KEY"])

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Read the cookie if there is one."""
        if COOKIE not in request.environ.get("HTTP_COOKIE", ""):
            return self.session_class()
        self.key(app)
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the cookie if a view used it."""
        if session.accessed or session.modified:
            self.key(app)
            super().save_session(app, session, response)

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002 - Flask's own signature
        """Return whether browsers may send it over https alone: wherever this is https."""
        return self._https or request.is_secure
