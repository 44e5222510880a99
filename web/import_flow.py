"""What every step of an import shares: whose it is, its jobs, and which page comes next."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

from flask import Response, current_app, g, redirect, url_for

from geodata import previews, private
from geodata.jobs import DONE, REFUSED, Job, Jobs
from geodata.previews import Preview
from geodata.tables import MOST_FILE_BYTES
from geodata.uploads import Upload, Uploads, not_there
from locator.errors import BadFile, Conflict
from locator.permissions import Permission
from web import auth, current, sent_files
from web.replies import PRIVATE

P = ParamSpec("P")
R = TypeVar("R")

MOST_REQUEST_BYTES = MOST_FILE_BYTES + sent_files.BESIDE
"""A file and what goes along with it."""
WAIT_S = 4.0
"""How long a form waits for its work before it shows how far that is."""
LOOK, READ, COMMIT, UNDO, AT_ONCE = "look", "read", "commit", "undo", "at once"
STEPS = ("upload", "mapping", "evidence", "preview", "commit")


def _too_large() -> BadFile:
    return BadFile("file", None, zh=f"文件超过 {MOST_FILE_BYTES >> 20} MB；请分成几个文件",
                   en=f"the file has more than {MOST_FILE_BYTES >> 20} MB: split it")


def takes_files(view: Callable[P, R]) -> Callable[P, R | Response]:
    """Let a view be sent a file; see `sent_files`."""
    return sent_files.at_most(MOST_REQUEST_BYTES, _too_large)(view)


# --- whose it is --------------------------------------------------------------------------------------


def uploads() -> Uploads:
    """Return this installation's uploads; those that are too old are deleted."""
    kept = Uploads(current_app.extensions["settings"].home)
    if "uploads_pruned" not in g:
        g.uploads_pruned = True
        kept.prune(current.now())
        jobs().prune(current.now())
        for upload in kept.all():
            job = job_of(upload) if upload.purpose == AT_ONCE else None
            if job is not None and not job.alive:  # stopped or killed before it could tidy up after itself
                kept.delete(upload.id)
    return kept


def jobs() -> Jobs:
    """Return this installation's jobs."""
    settings = current_app.extensions["settings"]
    return Jobs(settings.home, settings.database)


def person() -> auth.Person:
    """Return who asks; for views that `auth.required` guards."""
    return cast(auth.Person, auth.user())


def grant() -> dict[str, Any]:
    """Return what whoever asks may do, and where, as plain values for a job."""
    return dataclasses.asdict(person().grant)


def is_above(area: str) -> bool:
    """Return whether whoever asks imports for an area that lies above another."""
    asks, tree = person().grant, current.atlas().areas
    return asks.area != area and asks.may(Permission.IMPORT, area, tree)


def mine(upload_id: str, *, to_look: bool = False) -> Upload:
    """Return an upload of whoever asks; `to_look`: or of somebody below them, whose area theirs holds.

    Raises:
        NotThere: If there is none, or it is somebody else's: they are told the same.
    """
    upload = uploads().named(upload_id)
    if upload.owner == person().name or (to_look and is_above(upload.area)):
        return upload
    raise not_there(upload_id)


def is_mine(upload: Upload) -> bool:
    """Return whether an upload is of whoever asks."""
    return upload.owner == person().name


# --- its work -----------------------------------------------------------------------------------------


def begin(upload: Upload, purpose: str, **arguments: Any) -> Job:
    """Start a piece of work on an upload; reading that is under way is stopped, writing is not interrupted.

    Raises:
        Conflict: If the registry is being written for it just now.
    """
    kept = uploads()
    with private.locked(kept.place(upload.id) / "begin.lock"):
        upload = kept.named(upload.id)
        running = jobs().find(upload.job) if upload.job else None
        if running is not None and running.alive:
            if upload.purpose in (COMMIT, UNDO):
                raise Conflict("import", upload.id, zh="正在写入登记库，请等它完成", en="the registry is being written; wait until that is done")
            jobs().cancel(running.id)
        job = jobs().start(f"geodata.importing:{purpose}", {"upload": upload.id, **arguments}, owner=upload.owner, area=upload.area,
                           at=current.now())
        kept.change(upload.id, job=job.id, purpose=purpose)
    return job


def read_again(upload: Upload) -> Job:
    """Start reading an upload into its preview."""
    return begin(upload, READ, grant=grant())


def then(upload: Upload, job: Job) -> Response:
    """Answer a form whose work has begun: with the next page if it is done in a moment, else with how far it is."""
    jobs().wait(job.id, WAIT_S)
    return go(next_page(uploads().find(upload.id) or upload))


def job_of(upload: Upload) -> Job | None:
    """Return the last piece of work on an upload."""
    return jobs().find(upload.job) if upload.job else None


def preview_of(upload: Upload) -> Preview | None:
    """Return the preview of an upload; None before it was read."""
    return Preview.open(uploads().place(upload.id))


def is_current(upload: Upload, preview: Preview) -> bool:
    """Return whether a preview shows what an upload is now, and what its owner may do now."""
    return bool(preview.about("revision") == upload.revision and (not is_mine(upload) or preview.about("grant") == grant()))


# --- where to go --------------------------------------------------------------------------------------


def next_page(upload: Upload) -> str:
    """Return the address of the page at which an upload is."""
    job = job_of(upload)
    if job is not None and job.state != DONE and not (upload.purpose == UNDO and job.state == REFUSED):
        return url_for("imports.progress", upload_id=upload.id)
    if not upload.is_open:
        return url_for("imports.result", upload_id=upload.id)
    if upload.purpose in ("", LOOK):
        return url_for("imports.mapping", upload_id=upload.id)
    preview = preview_of(upload)
    if preview is None:
        return url_for("imports.mapping", upload_id=upload.id)
    with preview:
        undecided = preview.about("undecided")
        first = preview.about("evidence") is not None and upload.datum is None and not (upload.decisions or upload.corrections)
    step = "evidence" if undecided or (first and upload.purpose == READ) else "preview"
    return url_for(f"imports.{step}", upload_id=upload.id)


def go(address: str) -> Response:
    """Answer a form: go there, with a GET."""
    answer = cast(Response, redirect(address, 303))
    answer.headers.update(PRIVATE)
    return answer


def reached(upload: Upload, preview: Preview | None) -> dict[str, str]:
    """Return the addresses of the steps that somebody may go to, by step."""
    found = {"mapping": url_for("imports.mapping", upload_id=upload.id)}
    if preview is not None:
        if preview.about("evidence") is not None:
            found["evidence"] = url_for("imports.evidence", upload_id=upload.id)
        if not preview.about("undecided"):
            found["preview"] = url_for("imports.preview", upload_id=upload.id)
            if ready(preview):
                found["commit"] = url_for("imports.commit", upload_id=upload.id)
    return found


def ready(preview: Preview) -> bool:
    """Return whether a preview may be committed: no error is left."""
    return not preview.counts()[previews.ERROR] and not any(f["level"] == previews.ERROR for f in preview.about("faults"))
