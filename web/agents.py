"""What a browser says of itself: which phone it is on, and whether it is WeChat's. Unknown is nobody's."""

from __future__ import annotations


def in_wechat(agent: str) -> bool:
    """Return whether a page is shown inside WeChat, which follows no app's scheme and has settings of its own."""
    return "MicroMessenger" in agent


def phone(agent: str) -> str:
    """Return whose phone it is, and so whose schemes are followed: android, ios, or neither."""
    if "Android" in agent or "OpenHarmony" in agent:
        return "android"
    return "ios" if any(name in agent for name in ("iPhone", "iPad", "iPod")) else ""


def browser(agent: str) -> str:
    """Return whose settings decide whether a page is told a position: wechat, android, ios, or nobody's that is known."""
    return "wechat" if in_wechat(agent) else phone(agent)
