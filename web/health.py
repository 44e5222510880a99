"""Is this process alive, and does it know anything yet?"""

from __future__ import annotations

from flask import Blueprint, Response

from web import current, replies

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return replies.personal({"ok": True})


@bp.get("/readyz")
def ready() -> Response:
    """The process has an atlas; which one, and how fresh. 503 until then."""
    atlas = current.atlas()
    return replies.personal({"ready": True, "version": atlas.version, "sites": len(atlas.sites),
                             "as_of": atlas.as_of.isoformat(), "age_s": current.age_s(), "demo": atlas.has_demo})
