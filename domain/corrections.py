"""Corrections of the record: which value a reader takes now, and which value stood there first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from domain.asof import AsOf, parse_instant

SUFFIX = ".record_corrected.v1"
KEPT = "corrections"
"""Key beside the CloudEvent's own, only in memory: JSON Pointer -> {first?, event_ids}."""


def is_correction(event: Mapping[str, Any]) -> bool:
    """Whether the event corrects another event of its subject."""
    return str(event["type"]).endswith(SUFFIX)


def _tokens(pointer: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def _step(holder: Any, token: str) -> Any:
    """The value under one token of a pointer; LookupError when there is none."""
    if isinstance(holder, list):
        return holder[_index(holder, token)]
    if isinstance(holder, dict):
        return holder[token]
    raise LookupError(token)


def _index(holder: list[Any], token: str) -> int:
    if not token.isascii() or not token.isdigit() or int(token) >= len(holder):
        raise LookupError(token)
    return int(token)


def _replaced(holder: Any, tokens: list[str], value: Any) -> Any:
    """A copy of `holder` with `value` under the pointer (None takes it away); LookupError if there is none."""
    token, rest = tokens[0], tokens[1:]
    if isinstance(holder, list):
        copy_list = list(holder)
        copy_list[_index(holder, token)] = _replaced(_step(holder, token), rest, value) if rest else value
        return copy_list
    if not isinstance(holder, dict):
        raise LookupError(token)
    copy = dict(holder)
    if rest:
        copy[token] = _replaced(_step(holder, token), rest, value)
    elif value is None:
        copy.pop(token, None)
    else:
        copy[token] = value
    return copy


def _value_at(event: Mapping[str, Any], pointer: str) -> Any:
    """The value that the event holds under a pointer, None when there is none."""
    if pointer == "/time":
        return event.get("time")
    value: Any = event["data"]
    try:
        for token in _tokens(pointer):
            value = _step(value, token)
    except LookupError:
        return None
    return value


def _with_value(event: Mapping[str, Any], pointer: str, value: Any) -> dict[str, Any] | None:
    """The event with another value under a pointer; None when the pointer leads nowhere."""
    if pointer == "/time":
        return {**event, "time": value} if isinstance(value, str) else None
    tokens = _tokens(pointer)
    if not tokens:
        return None
    try:
        return {**event, "data": _replaced(event["data"], tokens, value)}
    except LookupError:
        return None


def moves(event: Mapping[str, Any]) -> bool:
    """Whether the event corrects the time of another one, and so its place among them."""
    return is_correction(event) and isinstance(event["data"], Mapping) and event["data"].get("field") == "/time"


def taken(events: Iterable[tuple[int, dict[str, Any]]], as_of: AsOf) -> list[tuple[int, dict[str, Any]]]:
    """Which of one subject's events (in ledger order, with positions) a question takes, in the order of its clock.

    The events are given back as they were recorded. On the happened clock a corrected time decides place and
    admission, as for checks and figures; a correction that gives no instant decides nothing.
    """
    within = [pair for pair in events if as_of.size is None or pair[0] <= as_of.size]
    times = {} if as_of.clock == "known" else corrected_times(event for _, event in within)
    places = (
        (position, {**event, "time": times.get(event.get("id"), event["time"]), KEPT: event} if times else event)
        for position, event in within
    )
    admitted = as_of.ordered((position, place) for position, place in places if as_of.admits(place, position))
    return [(position, place[KEPT]) if times else (position, place) for position, place in admitted]


def corrected_times(events: Iterable[Mapping[str, Any]]) -> dict[Any, str]:
    """The last corrected time of every event that has one, by the event's id."""
    times: dict[Any, str] = {}
    for event in events:
        if moves(event):
            try:
                parse_instant(event["data"]["now"])
                times[event["data"]["event_id"]] = event["data"]["now"]
            except (LookupError, TypeError, ValueError):
                continue
    return times


def _applied(event: dict[str, Any], corrections: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """One event with its corrections applied in ledger order, the first values kept beside it."""
    for correction in corrections:
        pointer = str(correction["data"].get("field", ""))
        first = _value_at(event, pointer)
        changed = _with_value(event, pointer, correction["data"].get("now"))
        if changed is None:
            continue
        kept = dict(event.get(KEPT, {}))
        known = kept.get(pointer, {"event_ids": ()} if first is None else {"first": first, "event_ids": ()})
        kept[pointer] = {**known, "event_ids": (*known["event_ids"], correction["id"])}
        event = {**changed, KEPT: kept}
    return event


def _by_target(events: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Corrections by the id of the event they correct, in the subject's order, corrected themselves first."""
    corrections = sorted(filter(is_correction, events), key=lambda event: int(event.get("sequence", 0)))
    by_target: dict[str, list[dict[str, Any]]] = {}
    for correction in reversed(corrections):  # a later one is final before an earlier one is read
        final = _applied(correction, by_target.get(correction["id"], ()))
        by_target.setdefault(str(final["data"].get("event_id", "")), []).insert(0, final)
    return by_target


def as_first_recorded(events: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The events with every value that stood there before any correction."""
    return [_first_of(event) for event in events]


def _first_of(event: Mapping[str, Any]) -> dict[str, Any]:
    if KEPT not in event:
        return event if isinstance(event, dict) else dict(event)
    first = dict(event)
    for pointer, kept in reversed(list(first.pop(KEPT, {}).items())):
        first = _with_value(first, pointer, kept.get("first")) or first
    return first


def corrected(events: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The events in the order given, each with the value that counts now.

    A corrected event carries `corrections` (pointer -> `first`, absent where nothing stood, and `event_ids`),
    so that `as_first_recorded` gives the other reading. A pointer that leads nowhere changes nothing. Events
    that no correction names are passed on as they are; nothing given is changed.
    """
    given = as_first_recorded(events)
    by_target = _by_target(given)
    if not by_target:
        return given
    return [_applied(event, by_target.get(str(event.get("id", "")), ())) for event in given]


def was_corrected(event: Mapping[str, Any], *pointers: str) -> bool:
    """Whether one of these values was corrected; without pointers, any value."""
    kept = event.get(KEPT, {})
    return any(pointer in kept for pointer in pointers) if pointers else bool(kept)
