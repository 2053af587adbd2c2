"""Rows for people: which columns of a list are shown, how a value reads, and the table itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from infra.cli.invocation import Invocation
from infra.wording import TEXTS, Lang, days_late, days_left, state_word, yuan

CELL_CHARACTERS_MAX = 80


class Shown(NamedTuple):
    """One column of a table: its row key, how its values read, and whether they are numbers."""

    key: str
    reads: str = "text"
    is_number: bool = False


def _text(value: Any, lang: Lang) -> str:
    if isinstance(value, bool):
        return {"zh": ("否", "是"), "en": ("no", "yes")}[lang][value]
    if isinstance(value, list):
        return "、".join(map(str, value)) if lang == "zh" else ", ".join(map(str, value))
    return " ".join(str(value).split())


def _day(value: Any, lang: Lang) -> str:
    """The day in Asia/Shanghai, as every count of days takes it; what is no instant as it stands."""
    from projections.fold import day

    found = day(value)
    return str(value)[:10] if found is None else found.isoformat()


def _minute(value: Any, lang: Lang) -> str:
    """Day and minute in Asia/Shanghai; of a day alone the day."""
    from domain.asof import SHANGHAI, parse_instant

    text = str(value)
    if len(text) <= 10:
        return text
    try:
        return parse_instant(text).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError):
        return text


def _channel(value: Any, lang: Lang) -> str:
    from projections.wording import value_word

    return value_word("channel", value, lang)


def _mode(value: Any, lang: Lang) -> str:
    from projections.wording import value_word

    return value_word("mode", value, lang)


READINGS: dict[str, Callable[[Any, Lang], str]] = {
    "text": _text,
    "day": _day,
    "minute": _minute,
    "yuan": lambda value, lang: yuan(value),
    "late": days_late,
    "left": days_left,
    "state": lambda value, lang: state_word(str(value), lang),
    "channel": _channel,
    "mode": _mode,
}


def cell(row: Mapping[str, Any], shown: Shown, lang: Lang) -> str:
    """One value as a person reads it; what is unknown stays empty."""
    value = row.get(shown.key)
    if value is None:
        return ""
    text = READINGS[shown.reads](value, lang)
    return text if len(text) <= CELL_CHARACTERS_MAX else text[: CELL_CHARACTERS_MAX - 1] + "…"


def heading(run: Invocation, key: str) -> str:
    """A column's name in the run's language; one without words of its own as it stands."""
    return run.say(f"col_{key}") if f"col_{key}" in TEXTS else key


def print_table(
    run: Invocation, columns: Sequence[Shown], rows: Iterable[Mapping[str, Any]], title: str | None = None
) -> int:
    """Print rows as a table with headings in the run's language; how many there were."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    if title is not None:
        run.out.print(Text(title, style="bold"))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for shown in columns:
        table.add_column(heading(run, shown.key), justify="right" if shown.is_number else "left", overflow="fold")
    count = 0
    for row in rows:
        table.add_row(*(cell(row, shown, run.lang) for shown in columns))
        count += 1
    run.out.print(table)
    return count


def print_facts(run: Invocation, facts: Iterable[tuple[str, str]]) -> None:
    """Print names and values line by line; empty values are left out."""
    from rich import box
    from rich.table import Table

    table = Table(show_header=False, box=box.SIMPLE, pad_edge=False)
    table.add_column()
    table.add_column(overflow="fold")
    for name, value in facts:
        if value:
            table.add_row(name, value)
    run.out.print(table)
