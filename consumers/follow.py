"""Where events come from and how they are pulled: one source protocol for store, topic and sealed log."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple, Protocol

import msgspec

from domain.errors import LedgerError, PoisonEvent, Tampered
from domain.upcasts import UPCASTS, upcast

BATCH_EVENTS_MAX = 1_000
"""Events that are decoded and kept at once."""


class SourceEvent(NamedTuple):
    """One recorded event as a source delivers it: the bytes, and what is known without decoding them."""

    position: int
    subject: str
    sequence: int
    type: str
    raw: bytes


class Source(Protocol):
    """A place that delivers recorded events in ledger order; store, topic and sealed log give the same bytes."""

    def head(self) -> int:
        """The newest position, 0 of an empty ledger."""

    def read(
        self, *, after: int = 0, until: int | None = None, types: Collection[str] | None = None
    ) -> Iterator[SourceEvent]:
        """Events with `after` < position ≤ `until`, streamed; of these types only, where given."""

    def read_subject(self, subject: str, until: int | None = None) -> Iterator[SourceEvent]:
        """One subject's events with position ≤ `until`, in ledger order."""


class StoppedAtEvent(PoisonEvent):
    """A view stops in front of an event that it cannot take, keeps its position, and says where."""

    def __init__(self, projection: str, event: SourceEvent, field: str | None, why: str) -> None:
        self.projection = projection
        self.position = event.position
        self.type = event.type
        self.why = why
        detail = f"{projection}, position {event.position}, {event.subject}, {event.type}"
        detail += f", {field}: {why}" if field else f": {why}"
        super().__init__("poison_event", detail, field=field, subject=event.subject)


UNTAKEABLE = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)
"""What a fold may raise over an event that its author did not foresee."""
UNREADABLE = (LedgerError, *UNTAKEABLE)
"""What `decoded` may raise over bytes that are no event."""
_plain = msgspec.json.Decoder(dict[str, Any]).decode


def decoded(event: SourceEvent) -> dict[str, Any]:
    """The event as a plain dict in its newest shape, with the ledger's `position` beside its own attributes.

    Raises LedgerError, or one of `UNTAKEABLE`, where the bytes are no event of the type they are stored under.
    """
    return all_decoded((event,))[0]


def all_decoded(events: Iterable[SourceEvent]) -> list[dict[str, Any]]:
    """The same of several events. Raises over the first that is none."""
    contents = []
    for position, _, _, kind, raw in events:
        try:
            content = _plain(raw)
        except msgspec.DecodeError as error:
            raise Tampered("tampered", f"the event's bytes are not JSON: {error}") from None
        if content["type"] != kind:
            raise Tampered("tampered", f"stored as {kind}, its bytes say {content['type']}")
        if kind in UPCASTS:
            content = upcast(content)
        content["position"] = position
        contents.append(content)
    return contents


def field_of(error: Exception) -> str | None:
    """The field that a failure speaks of, as far as it tells."""
    if isinstance(error, LedgerError):
        return error.field
    if isinstance(error, KeyError) and error.args:
        return f"data.{error.args[0]}"
    if isinstance(error, msgspec.ValidationError):
        _, _, path = str(error).partition("at `$.")
        return path.rstrip("`") or None
    return None


def stored_names(types: Collection[str]) -> frozenset[str]:
    """The type names under which events of these types may be stored: their own and earlier versions'."""
    kinds = {name.rpartition(".v")[0] for name in types}
    earlier = {name for name in UPCASTS if name.rpartition(".v")[0] in kinds}
    return frozenset(types) | earlier


def batches(events: Iterable[SourceEvent], size: int = BATCH_EVENTS_MAX) -> Iterator[list[SourceEvent]]:
    """The events in lists of at most `size`, in the order in which they come."""
    stream = iter(events)
    while batch := list(islice(stream, size)):
        yield batch


def follow(step: Callable[[], object], waits: Callable[[], bool]) -> None:
    """Pull: take what is there, then wait to be called again, until `waits` says that it is over.

    A push (a notification, a topic) may only end a wait early; it never replaces the pull.
    """
    step()
    while waits():
        step()
