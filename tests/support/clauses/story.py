"""Stories for clauses: what was recorded and how it is asked, as values that can be changed in one place and compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, NamedTuple

from domain.checks import ALL_CHECKS
from domain.checks.base import Finding
from projections.findings import run_checks
from tests.support.given import tag_of
from tests.support.history import CASE, History, MemorySource, Stored, asked, at

WHEN = "the instant of the act itself"
"""A value that follows the day of its act, so that another day is one change."""
ENVELOPE = ("recorded", "precision", "imported")
BY = ("by_staff", "by_unit", "by_role")
FILE = "sha256:" + "0f" * 32


class IdOf(NamedTuple):
    """The id of the nth event of a name, known once the story is told."""

    name: str
    nth: int = 1


@dataclass(frozen=True)
class Act:
    """One act: every value that it states, by name; `twin` names the event that the same action records beside it."""

    name: str
    values: Mapping[str, Any]
    twin: tuple[str, str] | None = None

    def but(self, changes: Mapping[str, Any]) -> Act:
        """The same act with other values; None leaves one out."""
        changed = dict(self.values)
        for path, value in changes.items():
            _put(changed, path.split("__"), value)
        return replace(self, values=changed)

    def against(self, other: Act) -> Iterator[tuple[str, Any, Any]]:
        """Every value in which another act differs: its path, ours and its."""
        if self.name != other.name:
            yield "name", self.name, other.name
        yield from _differences(f"{self.name}/", self.values, other.values)


def _put(inside: dict[str, Any], path: list[str], value: Any) -> None:
    if len(path) > 1:
        inside[path[0]] = dict(inside[path[0]])
        _put(inside[path[0]], path[1:], value)
    elif value is None:
        inside.pop(path[0], None)
    else:
        inside[path[0]] = value


def _differences(path: str, ours: Mapping[str, Any], its: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for name in sorted(ours.keys() | its.keys()):
        mine, other = ours.get(name), its.get(name)
        if isinstance(mine, Mapping) and isinstance(other, Mapping):
            yield from _differences(f"{path}{name}/", mine, other)
        elif mine != other:
            yield path + name, mine, other


def act(name: str, day: str, /, *by: str, subject: str = CASE, twin: tuple[str, str] | None = None, **data: Any) -> Act:
    """An act on a day; `by` is staff, unit and role, the office's clerk unless told."""
    who = dict(zip(BY, by or ("S-001", "XF", "clerk"), strict=False))
    stated = {key: value for key, value in data.items() if value is not None}
    return Act(name, {"day": day, "subject": subject, **who, **stated}, twin)


@dataclass(frozen=True)
class Story:
    """Acts in the order of the ledger, what is declared around them, and the day of the question."""

    acts: tuple[Act, ...]
    day: str = "2025-12-31"
    units: bool = True
    calendars: bool = True
    key: bool = True
    sealed: bool = False
    lost: tuple[int, ...] = ()
    altered: tuple[int, ...] = ()
    notes: Mapping[str, Any] = field(default_factory=dict)

    def stored(self) -> list[Stored]:
        """The ledger that it makes, before anything was lost or altered."""
        history = History(units=self.units, calendars=self.calendars)
        ids: dict[str, list[str]] = {}
        for one in self.acts:
            _tell(history, one, ids)
        return history.stored()

    def findings(self, check: str) -> list[Finding]:
        """What one check says; a check that fails, fails the test."""
        events = self.stored()
        mine = len(events) - len(self.acts)
        leaves = _Leaves([sha256(b"\x00" + one.raw).digest() for one in events]) if self.sealed else None
        altered = {mine + number for number in self.altered}
        kept = [
            one._replace(raw=one.raw.replace(b"/500229/", b"/500228/")) if index in altered else one
            for index, one in enumerate(events)
            if index not in {mine + number for number in self.lost}
        ]
        only = tuple(one for one in ALL_CHECKS if one.id == check or self.notes.get("all_checks"))
        tagger = tag_of if self.key else _no_key
        run = run_checks(MemorySource(kept), asked(self.day), only, tagger=tagger, leaves=leaves)
        assert run.failures == []
        return [one for one in run.findings if one.check == check]


class _Leaves:
    def __init__(self, hashes: list[bytes]) -> None:
        self.hashes = hashes
        self.published_size = len(hashes)

    def leaf_hash(self, index: int) -> bytes | None:
        return self.hashes[index] if index < len(self.hashes) else None

    def last_event_id(self) -> str:
        return "sealed"


def _no_key(field: str, value: str) -> str | None:
    return None


def _tell(history: History, one: Act, ids: dict[str, list[str]]) -> None:
    values = dict(one.values)
    day, subject = str(values.pop("day")), str(values.pop("subject"))
    staff, unit, role = (values.pop(name, None) for name in BY)
    by = (staff, unit, role)
    envelope = {name: values.pop(name) for name in ENVELOPE if name in values}
    data = {name: _told(value, day, ids) for name, value in values.items()}
    if one.twin is not None:
        moved = {"grant": subject, "payment": data["payment"], "amount_fen": data["amount_fen"]}
        history.add(one.twin[0], day, subject=one.twin[1], by=by, outside_commitment_fen=0, **moved)
    told = history.add(one.name, day, subject=subject, by=by, **envelope, **data)  # type: ignore[arg-type]
    ids.setdefault(one.name, []).append(told)


def _told(value: Any, day: str, ids: dict[str, list[str]]) -> Any:
    if value is WHEN:
        return at(day)
    if isinstance(value, IdOf):
        return ids[value.name][value.nth - 1]
    return dict(value) if isinstance(value, Mapping) else value


Edit = Callable[[Story], Story]


def told(*acts: Act, on: str = "2025-12-31", **how: Any) -> Story:
    """A story, and the day on which it is asked."""
    return Story(acts, on, **how)


def both(*edits: Edit) -> Edit:
    """Several changes, one after the other."""

    def edit(story: Story) -> Story:
        for one in edits:
            story = one(story)
        return story

    return edit


def asked_on(day: str) -> Edit:
    """The same ledger asked on another day."""
    return lambda story: replace(story, day=day)


def how(**changes: Any) -> Edit:
    """Another question or surroundings: `units`, `calendars`, `key`, `sealed`, `lost`, `altered`."""
    return lambda story: replace(story, **changes)


def plus(*acts: Act) -> Edit:
    """Acts recorded after all others."""
    return lambda story: replace(story, acts=(*story.acts, *acts))


def without(name: str, nth: int = 1) -> Edit:
    """One act that was never recorded."""

    def edit(story: Story) -> Story:
        place = _find(story, name, nth)
        return replace(story, acts=(*story.acts[:place], *story.acts[place + 1 :]))

    return edit


def but(name: str, nth: int = 1, /, **changes: Any) -> Edit:
    """Other values in one act; None leaves a value out, `a__b` is the value `b` inside `a`."""

    def edit(story: Story) -> Story:
        place = _find(story, name, nth)
        changed = story.acts[place].but(changes)
        return replace(story, acts=(*story.acts[:place], changed, *story.acts[place + 1 :]))

    return edit


def untold(name: str, *fields: str, nth: int = 1) -> Edit:
    """One act that comes from imported history, which does not hold these values."""
    return but(name, nth, imported=FILE, **dict.fromkeys(fields))


before_the_law = but("case.received", day="2022-04-30")
"""Receipt on the last day before the Regulation came into force: none of its articles can be applied."""


def _find(story: Story, name: str, nth: int) -> int:
    return [index for index, one in enumerate(story.acts) if one.name == name][nth - 1]


def places(one: Story, other: Story) -> list[tuple[str, Any, Any]]:
    """Every place in which two stories differ: an act more or less, or one value of one act or of the question."""
    found: list[tuple[str, Any, Any]] = []
    for name in ("day", "units", "calendars", "key", "sealed", "lost", "altered"):
        if getattr(one, name) != getattr(other, name):
            found.append((f"asked/{name}", getattr(one, name), getattr(other, name)))
    ours, theirs = list(one.acts), list(other.acts)
    while ours and theirs and ours[0] == theirs[0]:
        ours.pop(0), theirs.pop(0)
    while ours and theirs and ours[-1] == theirs[-1]:
        ours.pop(), theirs.pop()
    if len(ours) != len(theirs):
        found += [("act", None, act.name) for act in theirs] + [("act", act.name, None) for act in ours]
        return found
    for mine, its in zip(ours, theirs, strict=True):
        found += mine.against(its)
    return found


class Fixture(NamedTuple):
    """One clause: a story that it finds, and what is changed for the near miss, the look-alike and the unknown."""

    check: str
    reason: str
    hit: Story
    near_miss: Edit
    look_alike: Edit
    cannot_tell: Edit | None = None

    @property
    def clause(self) -> tuple[str, str]:
        """The clause's own name."""
        return self.check, self.reason
