"""The audit log: sign-ins, changes of accounts, exports, refusals. Names of accounts and codes, never a position.

Every entry is written to the registry and to the logger `nuanxin.audit`, of which a server makes one JSON
line, for syslog to take. Entries are only ever added; `prune` takes out old ones.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from geodata.registry.database import Database
from geodata.registry.rows import instant, stamp
from locator.errors import BadValue
from locator.words import Words

LEAST_KEPT = timedelta(days=180)
"""What the law asks for; nothing younger is ever pruned."""
ACTIONS: Mapping[str, Words] = {code: Words(zh, en) for code, zh, en in (
    ("sign_in", "登录", "sign-in"), ("sign_out", "退出", "sign-out"), ("lock", "锁定", "lock"), ("password", "设置密码", "password chosen"),
    ("second_factor", "第二步验证", "second step"), ("session_end", "结束会话", "sessions ended"),
    ("account_add", "建立账号", "account made"), ("account_disable", "停用账号", "account stopped"),
    ("account_enable", "恢复账号", "account let in again"), ("account_reset", "重设账号", "account reset"),
    ("account_hand_over", "移交账号", "account handed over"), ("token_add", "生成令牌", "token made"),
    ("token_revoke", "撤销令牌", "token revoked"), ("export", "导出", "export"), ("import", "导入", "import"), ("edit", "改动站点", "site changed"),
    ("redact", "隐去个人信息", "personal data redacted"), ("report", "代为反馈", "report filed"), ("report_confirm", "确认反馈", "report confirmed"),
    ("report_reject", "不采纳反馈", "report rejected"),
    ("report_photo_delete", "删除反馈照片", "photo of a report deleted"), ("refuse", "拒绝", "refusal"), ("prune", "清理日志", "log pruned"))}
"""What an entry can be about."""
DONE, REFUSED = "done", "refused"
_LONGEST = 200
_log = logging.getLogger("nuanxin.audit")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log."""

    id: int
    at: datetime
    who: str
    """An account's name, ``command line``, or empty for a stranger."""
    action: str
    object: str
    """What it was done to: an account's name, a route's name, a site's id."""
    area: str | None
    outcome: str
    """done, refused, or a word more."""


class Audit:
    """The audit log of one registry."""

    def __init__(self, database: Database) -> None:
        """Keep it in a registry's database."""
        self._database = database

    def record(self, *, at: datetime, who: str, action: str, object: str = "", area: str | None = None,  # noqa: A002
               outcome: str = DONE) -> None:
        """Add an entry.

        Raises:
            ValueError: If the action is not one of `ACTIONS`.
            Unavailable: If it cannot be written; the line in the log has been, then.
        """
        from sqlalchemy import insert

        from geodata.registry import schema

        if action not in ACTIONS:
            raise ValueError(f"action must be one of {', '.join(ACTIONS)}, got {action!r}")
        entry = {"at": stamp(at), "who": _plain(who), "action": action, "object": _plain(object), "area": area, "outcome": _plain(outcome)}
        _log.info("audit", extra=entry)
        with self._database.writing(alone=False) as connection:
            connection.execute(insert(schema.audit).values(**entry))

    def entries(self, *, who: str = "", action: str = "", since: datetime | None = None, until: datetime | None = None,
                areas: Collection[str] | None = None, before: int | None = None, limit: int | None = None) -> list[Entry]:
        """Return entries, the newest first.

        Args:
            who: Of this account only.
            action: Of this sort only.
            since: Not before this instant.
            until: Before this instant.
            areas: In one of these areas; None: anywhere, and nowhere in particular.
            before: Older than the entry with this id: the next page.
            limit: At most so many.
        """
        conditions: list[tuple[str, Any]] = [
            *([("who = ?", who)] if who else ()), *([("action = ?", action)] if action else ()),
            *([("at >= ?", stamp(since))] if since else ()), *([("at < ?", stamp(until))] if until else ()),
            *([("id < ?", before)] if before is not None else ())]
        if areas is not None:
            marks = ", ".join("?" * len(areas)) or "NULL"
            conditions.append((f"area IN ({marks})", tuple(areas)))
        where = " AND ".join(condition for condition, _ in conditions) or "1 = 1"
        sql = f"SELECT id, at, who, action, object, area, outcome FROM audit WHERE {where} ORDER BY id DESC"  # noqa: S608
        with self._database.reading() as reading:
            rows = reading.rows(sql + (f" LIMIT {int(limit)}" if limit is not None else ""), *_flat(conditions))
            return [Entry(number, instant(at), *rest) for number, at, *rest in rows]

    def prune(self, *, keep: timedelta, at: datetime, who: str) -> int:
        """Take out entries older than `keep`; return how many. That it was done is itself an entry.

        Raises:
            BadValue: If less than `LEAST_KEPT` would be kept.
        """
        from sqlalchemy import delete

        from geodata.registry import schema

        if keep < LEAST_KEPT:
            raise BadValue("keep", keep.days, zh=f"审计日志至少保留 {LEAST_KEPT.days} 天", en=f"the log is kept for {LEAST_KEPT.days} days at least")
        with self._database.writing(alone=False) as connection:
            gone = connection.execute(delete(schema.audit).where(schema.audit.c.at < stamp(at - keep))).rowcount
        self.record(at=at, who=who, action="prune", object=f"{gone} entries older than {keep.days} days")
        return gone


def _flat(conditions: Iterable[tuple[str, Any]]) -> Iterator[Any]:
    for _, value in conditions:
        if isinstance(value, tuple):
            yield from value
        else:
            yield value


def as_plain(entry: Entry) -> dict[str, Any]:
    """Return an entry as plain values, for a table or a file."""
    return {**asdict(entry), "at": entry.at.isoformat(timespec="seconds")}


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)[:_LONGEST]
