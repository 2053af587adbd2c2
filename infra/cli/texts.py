"""Help texts in two languages: written side by side, and chosen when the program starts."""

from __future__ import annotations

import re
from typing import Any

from infra.wording import Lang

BETWEEN = "\x1f"

_HEADINGS = (
    ("Usage:", "用法："),
    ("Options:", "选项："),
    ("Arguments:", "参数："),
    ("Commands:", "命令："),
    ("Show this message and exit.", "显示本说明后退出。"),
    ("[required]", "[必填]"),
)


def both(zh: str, en: str) -> str:
    """One help text in Chinese and English."""
    return f"{zh}{BETWEEN}{en}"


def chosen(text: str | None, lang: Lang) -> str | None:
    """The half of a help text that the language asks for."""
    if text is None or BETWEEN not in text:
        return text
    zh, en = text.split(BETWEEN)
    return zh if lang == "zh" else en


def localise(command: Any, lang: Lang) -> None:
    """Choose the language of a command, its parameters and everything below it."""
    for name in ("help", "short_help", "epilog"):
        setattr(command, name, chosen(getattr(command, name, None), lang))
    for param in command.params:
        if getattr(param, "help", None) is not None:
            param.help = chosen(param.help, lang)
    if lang == "zh":
        _translate_headings(command)
    for inner in getattr(command, "commands", {}).values():
        localise(inner, lang)


def _translate_headings(command: Any) -> None:
    original = command.get_help

    def get_help(ctx: Any) -> str:
        text: str = original(ctx)
        for en, zh in _HEADINGS:
            text = re.sub(rf"(?m){re.escape(en)}", zh, text)
        return text

    command.get_help = get_help
