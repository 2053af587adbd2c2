"""What the command line says, in Chinese and English, and which of the two it speaks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Lang = Literal["zh", "en"]

TEXTS: dict[str, tuple[str, str]] = {
    "actions": ("动作", "actions"),
    "bytes": ("字节", "bytes"),
    "events": ("事件", "events"),
    "rows": ("行", "rows"),
    # init, act
    "init_new": ("已建立账本 {source}：{data}", "ledger {source} created in {data}"),
    "init_there": (
        "账本 {source} 已在 {data}，未作改动",
        "ledger {source} was there already in {data}; nothing changed",
    ),
    "init_keys": (
        "密钥在 {keys}（仅本用户可读）；请与数据分开备份",
        "keys are in {keys} (readable by this user only); back them up apart from the data",
    ),
    "init_calendars": ("已登记日历：{years}", "calendars declared: {years}"),
    "init_next": (
        "下一步：caseledger act < 动作.json，或 caseledger import 文件",
        "next: caseledger act < action.json, or caseledger import FILE",
    ),
    # errors
    "unexpected": (
        "程序遇到意外错误（{error}，{place}），已停止；账本只含已答复的动作。请运行 caseledger doctor，并把下一行日志交给维护人员。",
        "the program met something unforeseen ({error}, {place}) and stopped; the ledger holds only what was "
        "answered. Run `caseledger doctor`, and pass the log line on to the maintainers.",
    ),
    "interrupted": ("已中断；已完成的部分保留。", "interrupted; what was finished is kept."),
    "next_no_ledger": ("下一步：caseledger --data {data} init", "next: caseledger --data {data} init"),
    "usage": ("用法有误：{problem}", "usage: {problem}"),
    "field": ("字段 {field}", "field {field}"),
    "subject": ("对象 {subject}", "subject {subject}"),
}


def say(lang: Lang, name: str, **values: object) -> str:
    """A text by name with its values filled in; KeyError where there is none."""
    zh, en = TEXTS[name]
    return (zh if lang == "zh" else en).format(**values)


def language(given: object, environ: Mapping[str, str]) -> Lang:
    """The language asked for on the command line, in `CASELEDGER_LANG`, or by the locale; English otherwise."""
    for wanted in (given, environ.get("CASELEDGER_LANG")):
        if wanted:
            return "zh" if str(wanted).lower().startswith("zh") else "en"
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environ.get(name):
            return "zh" if environ[name].lower().startswith("zh") else "en"
    return "en"
