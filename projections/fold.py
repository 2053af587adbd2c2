"""What a projection is: a fold of one subject's events into a document, and the rows that document gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from typing import Any, Literal

from domain.asof import SHANGHAI, parse_instant
from domain.event import canonical

INTEGER_MAX = 2**63 - 1
"""The largest integer that a view's column holds."""

Document = dict[str, Any]
Slot = dict[str, Any]
Event = dict[str, Any]
Row = dict[str, Any]
Cells = tuple[Any, ...]
"""A row as its values alone, in the order of the columns."""
Kind = Literal["text", "integer", "boolean", "json"]
Handler = Callable[[Document, Event], None]
ManyHandler = Callable[[Document, Sequence[Event]], None]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a view's rows; `key` columns together name a row, `index` columns are searched by."""

    name: str
    kind: Kind = "text"
    key: bool = False
    index: bool = False


@dataclass(frozen=True)
class Projection:
    """A named, versioned fold. It is pure: no clock, no I/O, no other subject.

    `handlers` holds one function per event type taken; each changes the document it is given, for any event
    in any order, with any field missing or strange, and never raises. `rows` gives complete rows (every
    column). `subject_column` is the column that holds the subject. A view that `appends` only ever adds rows:
    they lie in `document["lines"]` until the engine has stored them and `forget_lines` took them out, so that
    a live document stays small however long the subject is. A view that `refolds` has subjects of few events:
    a rebuild stores their rows alone, and a document is folded again when its subject is next touched; behind an
    event of a type that it `ends_with` a subject hardly ever takes another one, so that a rebuild makes the rows of
    most subjects once. `cells` gives the same rows as `rows`, their values alone, in the order of the columns; where
    they are given, they are what is stored. `takes_many` does with several events of one subject what their handlers
    do one after the other, for a view that takes nearly every event and does little with it.
    """

    name: str
    version: int
    columns: tuple[Column, ...]
    handlers: Mapping[str, Handler]
    rows: Callable[[str, Document], list[Row]]
    subject_column: str
    appends: bool = False
    refolds: bool = False
    ends_with: frozenset[str] = frozenset()
    start: Callable[[], Document] = field(default=dict)
    cells: Callable[[str, Document], list[Cells]] | None = None
    takes_many: ManyHandler | None = None

    @cached_property
    def types(self) -> frozenset[str]:
        """The event types that this fold takes; all others may be skipped before they are decoded."""
        return frozenset(self.handlers)

    @cached_property
    def key(self) -> tuple[str, ...]:
        """Names of the columns that together name one row."""
        return tuple(column.name for column in self.columns if column.key)

    def evolve(self, document: Document, event: Event) -> Document:
        """Take one event. The document is given away by the caller and may be changed in place."""
        type_name = event.get("type")
        handler = self.handlers.get(type_name) if isinstance(type_name, str) else None
        if handler is not None:
            handler(document, event)
        return document

    def fold(self, events: Iterable[Event]) -> Document:
        """The document after these events of one subject, from the start."""
        document = self.start()
        for event in events:
            document = self.evolve(document, event)
        return document


def columns(
    text: str, *, key: str = "", index: str = "", integer: str = "", boolean: str = "", json: str = ""
) -> tuple[Column, ...]:
    """Columns from a line of names; `integer="a b"` and so on say which are not text."""
    names_of: tuple[tuple[Kind, str], ...] = (
        ("integer", integer),
        ("boolean", boolean),
        ("json", json),
    )
    kind_of: dict[str, Kind] = {name: kind for kind, names in names_of for name in names.split()}
    keys, indexed = key.split(), index.split()
    return tuple(Column(name, kind_of.get(name, "text"), name in keys, name in indexed) for name in text.split())


def shaped(of: Sequence[Column], row: Row) -> Row:
    """A row whose every value is of its column's kind, as a stored row is."""
    return {column.name: value_as(column.kind, row[column.name]) for column in of}


def value_as(kind: Kind, value: Any) -> Any:
    """A value as its kind: in a text column anything reads as text; another wrong kind reads as unknown."""
    if value is None or kind == "json":
        return value
    if kind == "text":
        return value if isinstance(value, str) else canonical(value).decode()
    if kind == "integer":
        return value if type(value) is int and abs(value) <= INTEGER_MAX else None
    return value if isinstance(value, bool) else None


def cells_of(names: Sequence[str], slot: Slot) -> Cells:
    """A row's values, as the slot knows them under each of these names; what it does not know is unknown."""
    return tuple(map(slot.get, names))


def blank(of: Sequence[Column]) -> Row:
    """A row of which nothing is known: to be copied in front of what is known, and given to `cells_in` with it."""
    return {column.name: None for column in of}


def cells_in(empty: Row, row: Row) -> Cells:
    """The values of a row that began as a copy of this blank one; what was put behind its columns is left out."""
    return tuple(row.values())[: len(empty)]


def named(names: Sequence[str], rows: Iterable[Cells]) -> list[Row]:
    """Rows with the names of their columns."""
    return [dict(zip(names, cells, strict=True)) for cells in rows]


def new_lines(document: Document) -> list[Any]:
    """The lines of an appending view that are not stored yet, as its fold put them there."""
    lines: list[Any] = document.get("lines", [])
    return lines


def forget_lines(document: Document) -> None:
    """Take out of an appending view's document the lines that have been stored."""
    document.pop("lines", None)


# -- reading an event without ever failing --


def payload(event: Event) -> dict[str, Any]:
    """The event's `data`, or nothing where it is no object."""
    data = event.get("data")
    return data if isinstance(data, dict) else {}


def name_of(value: object) -> str:
    """A reference as a key of a document; `?` where the event holds none."""
    if isinstance(value, str):
        return value
    return "?" if value is None else repr(value)


def whole(value: object) -> int:
    """An amount or count as an integer; what is not an integer counts as 0."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def listed(value: object) -> list[Any]:
    """A list as it stands; anything else is an empty one."""
    return value if isinstance(value, list) else []


def slot_in(document: Document, family: str, name: str) -> Slot:
    """The slot of that name in a family of slots (offers, payments …), made when it is not there."""
    slots: dict[str, Slot] = document.setdefault(family, {})
    return slots.setdefault(name, {})


def entry_in(holder: Slot, family: str) -> Slot:
    """A new slot at the end of a list of slots."""
    entry: Slot = {}
    holder.setdefault(family, []).append(entry)
    return entry


# -- days --

_SHANGHAI_SHOWN = "+08:00"
_SHANGHAI_MODERN = "1992"
"""The year since which Shanghai has never changed its clocks."""


@lru_cache(maxsize=65_536)
def day_of_text(instant: str) -> date | None:
    """The day in Asia/Shanghai of an RFC 3339 instant, or None where the text is no instant."""
    try:
        moment = parse_instant(instant)
        if instant[19:] == _SHANGHAI_SHOWN and instant >= _SHANGHAI_MODERN:
            return moment.date()
        return moment.astimezone(SHANGHAI).date()
    except (ValueError, OverflowError):
        return None


def day(value: object) -> date | None:
    """The day of an instant or of a `YYYY-MM-DD`; None where it is neither."""
    if not isinstance(value, str):
        return None
    if len(value) == 10:
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return day_of_text(value)


def days_between(earlier: object, later: object) -> int | None:
    """Calendar days from one day or instant to another; None where either is unknown."""
    first, last = day(earlier), day(later)
    return None if first is None or last is None else (last - first).days


def entry_lag_days(event: Event) -> int | None:
    """Calendar days from the act to its entry: `enteredtime`, else `recordedtime` of live work.

    None where it cannot be told: an imported event whose sending system gave no time of entry. Working days
    need a calendar, which is another subject, so the reader of the row counts those.
    """
    entered = event.get("enteredtime")
    if entered is None:
        if event.get("importid") is not None:
            return None
        entered = event.get("recordedtime")
    happened = event.get("time")
    if isinstance(happened, str) and isinstance(entered, str):
        is_shown = happened[19:] == _SHANGHAI_SHOWN == entered[19:] and happened >= _SHANGHAI_MODERN
        if is_shown and happened[:11] == entered[:11]:
            return 0  # as nearly every act: both texts show their day, and it is the same
        first, last = _day_shown(happened), _day_shown(entered)
        if first is not None and last is not None:
            return _days_from(first, last)
    return days_between(happened, entered)


@lru_cache(maxsize=4_096)
def _days_from(first: str, last: str) -> int | None:
    return days_between(first, last)


def _day_shown(instant: str) -> str | None:
    """The day in Shanghai where the text itself shows it: at +08:00, or before 16:00 UTC; it is found without
    arithmetic."""
    is_modern = instant[10:11] == "T" and instant[4:5] == "-" and instant >= _SHANGHAI_MODERN
    if is_modern and (instant[19:] == _SHANGHAI_SHOWN or (instant[-1:] == "Z" and instant[11:13] < "16")):
        return instant[:10]
    return None


# -- slots that an event type fills, and their correction --


@dataclass(frozen=True, slots=True)
class Facts:
    """Which fields of a payload go to which columns of a slot, and where the act's time and actor go."""

    pairs: tuple[tuple[str, str], ...]
    at: str | None
    stamps: tuple[tuple[str, str], ...]

    def column_of(self, name: str) -> str | None:
        """The column that a payload field (or `time`) fills, if this view shows it."""
        if name == "time":
            return self.at
        return next((column for source, column in self.pairs if source == name), None)


def facts(
    same: str = "",
    at: str | None = None,
    by: str | None = None,
    unit: str | None = None,
    role: str | None = None,
    **renamed: str,
) -> Facts:
    """`same`: fields that keep their name; `renamed`: column = payload field."""
    pairs = [(name, name) for name in same.split()] + [(source, column) for column, source in renamed.items()]
    attributes = {"time": at, "actorid": by, "actorunit": unit, "actorrole": role}
    stamps = tuple((attribute, column) for attribute, column in attributes.items() if column)
    return Facts(tuple(pairs), at, stamps)


_NOTHING: dict[str, Any] = {}


def fill(document: Document, slot: Slot, event: Event, shown: Facts) -> None:
    """Write what an event says into a slot, remember which event said it, and apply waiting corrections.

    A field that the event does not hold becomes unknown: the slot shows the newest event of its type, whole.
    """
    told = event.get
    data = told("data")
    said = data.get if isinstance(data, dict) else _NOTHING.get
    for source, column in shown.pairs:
        slot[column] = said(source)
    for attribute, column in shown.stamps:
        slot[column] = told(attribute)
    kind, identity = told("type"), told("id")
    if not (isinstance(kind, str) and isinstance(identity, str)):
        kind, identity = name_of(kind), name_of(identity)
    sources = slot.get("from")
    if sources is None:
        slot["from"] = {kind: identity}
    else:
        sources[kind] = identity
    waiting = document.get("corrections")
    if waiting:
        if slot.get("corrected"):
            _forget_replaced(slot, shown)
        for correction in waiting.get(identity, ()):
            _apply(slot, shown, correction)


def _forget_replaced(slot: Slot, shown: Facts) -> None:
    """A correction of an earlier event says nothing about the newer one that now fills the column."""
    for column in [*(column for _, column in shown.pairs), shown.at]:
        slot["corrected"].pop(column, None)


def correct(document: Document, event: Event, slots: Iterable[Slot], tables: Mapping[str, Facts]) -> None:
    """Take a `record_corrected`: the slots filled by that event show the new value and keep the first one.

    Corrections stay in the document, so that one read before the event it corrects still takes effect.
    """
    data = payload(event)
    correction = {
        "field": name_of(data.get("field")),
        "was": data.get("was"),
        "now": data.get("now"),
        "reason": data.get("reason"),
        "approved_by": data.get("approved_by"),
        "corrected_at": event.get("time"),
        "corrected_by": event.get("actorid"),
    }
    identity = name_of(data.get("event_id"))
    document.setdefault("corrections", {}).setdefault(identity, []).append(correction)
    for slot in slots:
        for type_name, source in slot.get("from", {}).items():
            if source == identity and type_name in tables:
                _apply(slot, tables[type_name], correction)


def _apply(slot: Slot, shown: Facts, correction: Mapping[str, Any]) -> None:
    """Set the corrected value in a slot; `corrected` keeps the first value beside it."""
    head, *rest = _pointer(correction["field"])
    column = shown.column_of(head)
    if column is None:
        return
    first = slot.get(column)
    slot[column] = _replaced(first, rest, correction["now"])
    note = slot.setdefault("corrected", {}).setdefault(column, {"first": first})
    note.update(
        now=slot[column],
        reason=correction["reason"],
        approved_by=correction["approved_by"],
        corrected_at=correction["corrected_at"],
        corrected_by=correction["corrected_by"],
    )


def _pointer(text: str) -> list[str]:
    """The steps of a JSON Pointer; at least one."""
    return [step.replace("~1", "/").replace("~0", "~") for step in text.removeprefix("/").split("/")]


def _replaced(value: Any, steps: Sequence[str], now: Any) -> Any:
    """A copy of a value with one place inside it replaced; a place that is not there changes nothing."""
    if not steps:
        return now
    head, *rest = steps
    if isinstance(value, dict):
        return {**value, head: _replaced(value.get(head), rest, now)}
    if isinstance(value, list) and head.isdecimal() and len(head) < 6 and int(head) < len(value):
        place = int(head)
        return [*value[:place], _replaced(value[place], rest, now), *value[place + 1 :]]
    return value


def corrections_of(document: Document) -> int:
    """How many corrections the subject has taken."""
    taken = document.get("corrections")
    return sum(map(len, taken.values())) if taken else 0


def walk(*families: Iterable[Slot]) -> Iterator[Slot]:
    """All slots of several families, one after the other."""
    for family in families:
        yield from family
