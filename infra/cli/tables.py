"""Rows for people: which columns of a list are shown, how a value reads, and the table itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from domain.numerals import number, yuan
from infra.cli.invocation import Invocation
from infra.wording import TEXTS, Lang, days_late, days_left, state_word

CELL_CHARACTERS_MAX = 80
BETWEEN_COLUMNS = 3
EDGES = 2
SENTENCE_WIDTH_MIN = 24
SENTENCES = frozenset({"sentence", "told", "title", "by_status"})


class Shown(NamedTuple):
    """One column of a table: its row key, how its values read, whether they are numbers.

    A `spare` column is the first to be left out where the terminal is too narrow for all of them.
    """

    key: str
    reads: str = "text"
    is_number: bool = False
    spare: bool = False

    @property
    def may_wrap(self) -> bool:
        """Whether the values are sentences; numbers, days and codes are never broken."""
        return self.key in SENTENCES


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


def _coded(vocabulary: str) -> Callable[[Any, Lang], str]:
    """How a coded value of the contract reads."""

    def read(value: Any, lang: Lang) -> str:
        from projections.wording import value_word

        return value_word(vocabulary, value, lang)

    return read


VOCABULARIES = ("channel", "mode", "purpose", "closing", "opinion", "feedback")
READINGS: dict[str, Callable[[Any, Lang], str]] = {
    "text": _text,
    "day": _day,
    "minute": _minute,
    "yuan": lambda value, lang: yuan(value),
    "late": days_late,
    "left": days_left,
    "state": lambda value, lang: state_word(str(value), lang),
    **{vocabulary: _coded(vocabulary) for vocabulary in VOCABULARIES},
}


def cell(row: Mapping[str, Any], shown: Shown, lang: Lang) -> str:
    """One value as a person reads it; what is unknown stays empty."""
    value = row.get(shown.key)
    if value is None:
        return ""
    text = number(value) if shown.is_number and shown.reads == "text" else READINGS[shown.reads](value, lang)
    if shown.may_wrap or len(text) <= CELL_CHARACTERS_MAX:
        return text
    return text[: CELL_CHARACTERS_MAX - 1] + "…"


def heading(run: Invocation, key: str) -> str:
    """A column's name in the run's language; one without words of its own as it stands."""
    return run.say(f"col_{key}") if f"col_{key}" in TEXTS else key


def print_table(
    run: Invocation, columns: Sequence[Shown], rows: Iterable[Mapping[str, Any]], title: str | None = None
) -> int:
    """Print rows as a table with headings in the run's language; how many there were.

    Where the terminal is too narrow, whole columns are left out and named, rather than numbers broken.
    """
    cells = [[cell(row, shown, run.lang) for shown in columns] for row in rows]
    kept = fitting(run, columns, cells)
    print_cells(
        run,
        [heading(run, columns[place].key) for place in kept],
        [[line[place] for place in kept] for line in cells],
        numbers={at for at, place in enumerate(kept) if columns[place].is_number},
        sentences={at for at, place in enumerate(kept) if columns[place].may_wrap},
        title=title,
    )
    left_out = [heading(run, shown.key) for place, shown in enumerate(columns) if place not in kept]
    if left_out:
        run.tell("columns_left_out", names=("、" if run.lang == "zh" else ", ").join(left_out))
    return len(cells)


def fitting(run: Invocation, columns: Sequence[Shown], cells: Sequence[Sequence[str]]) -> list[int]:
    """The places of the columns that the terminal has room for: spare ones go first, from the right."""
    from rich.cells import cell_len

    widths = []
    for place, shown in enumerate(columns):
        widest = max([cell_len(heading(run, shown.key)), *(cell_len(line[place]) for line in cells)])
        widths.append(min(widest, SENTENCE_WIDTH_MIN) if shown.may_wrap else widest)
    kept = list(range(len(columns)))
    while len(kept) > 1 and sum(widths[at] + BETWEEN_COLUMNS for at in kept) + EDGES > run.out.width + BETWEEN_COLUMNS:
        spare = [at for at in kept if columns[at].spare]
        kept.remove(spare[-1] if spare else kept[-1])
    return kept


def print_cells(
    run: Invocation,
    headings: Sequence[str],
    lines: Iterable[Sequence[str]],
    *,
    numbers: Collection[int] = (),
    sentences: Collection[int] = (),
    title: str | None = None,
) -> None:
    """Print a table of texts; `numbers` and `sentences` name columns by their place."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    if title is not None:
        run.out.print(Text(title, style="bold"))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for place, name in enumerate(headings):
        justify: Literal["left", "right"] = "right" if place in numbers else "left"
        table.add_column(name, justify=justify, overflow="fold", no_wrap=place not in sentences)
    for line in lines:
        table.add_row(*line)
    run.out.print(table)


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
