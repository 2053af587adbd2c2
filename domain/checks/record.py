"""The check on the record itself: no gap, no repeat, no time running backwards, no byte that differs from its leaf."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, Protocol

from domain.asof import parse_instant
from domain.checks.base import Basis, Check, Clause, Finding, Text, Verdict
from domain.checks.context import Context
from domain.checks.facts import Facts
from domain.errors import LedgerError, Tampered
from domain.event import decode

NUMBERED = ("petition.case.received.", "petition.grant.applied.")


class LeafSource(Protocol):
    """The sealed log as this check needs it; leaf index = position − 1."""

    published_size: int

    def leaf_hash(self, index: int) -> bytes | None:
        """The RFC 6962 hash of a leaf, None where the log has no such leaf."""
        ...

    def last_event_id(self) -> str:
        """The id of the newest sealed event: the evidence where the ledger itself holds none any more."""
        ...


class Recorded(Protocol):
    """One recorded event as the ledger delivers it."""

    @property
    def position(self) -> int: ...
    @property
    def subject(self) -> str: ...
    @property
    def sequence(self) -> int: ...
    @property
    def type(self) -> str: ...
    @property
    def raw(self) -> bytes: ...


RECORDED_TIME = b'"recordedtime":"'
PLAIN_STAMP_LENGTH = len("2025-03-04T02:20:00.123456Z")


def recorded_time(raw: bytes) -> str:
    """The event's `recordedtime`, found in its bytes without decoding them: keys are sorted, so the last one is it."""
    place = raw.rfind(RECORDED_TIME)
    if place < 0:
        return str(decode(raw)["recordedtime"])
    start = place + len(RECORDED_TIME)
    return raw[start : raw.index(b'"', start)].decode()


def event_id(raw: bytes) -> str:
    """The event's id."""
    return str(decode(raw)["id"])


def is_earlier(one: str, other: str) -> bool:
    """Whether one stamp lies before another; texts are compared where both are written alike."""
    if len(one) == len(other) == PLAIN_STAMP_LENGTH and one[-1] == other[-1] == "Z":
        return one < other
    return parse_instant(one) < parse_instant(other)


@dataclass(slots=True)
class _Gap:
    """Numbers `first` to `last` that are missing before the event that follows them."""

    first: int
    last: int
    event_id: str
    subject: str
    position: int


@dataclass(slots=True)
class _Series:
    """The running numbers of one year's cases or grants; `gaps` in rising order."""

    last: int = 0
    gaps: list[_Gap] = field(default_factory=list)

    def fill(self, number: int) -> bool:
        """Take a number out of the gap that holds it; False where it lies in none."""
        place = bisect_right(self.gaps, number, key=lambda gap: gap.first) - 1
        if place < 0 or number > self.gaps[place].last:
            return False
        gap = self.gaps.pop(place)
        if number < gap.last:
            self.gaps.insert(place, replace(gap, first=number + 1))
        if number > gap.first:
            self.gaps.insert(place, replace(gap, last=number - 1))
        return True


class RecordIsWhole(Check):
    """XF-INT-001: sequences and numbers have no gap and no repeat, `recordedtime` never decreases.

    Reads the whole ledger once in ledger order; keeps one number per subject.
    """

    id = "XF-INT-001"
    title = Text("账本记录有缺号、重号或被改动", "The record has a gap, a repeat, or was altered")
    basis = (
        Basis(
            Text(
                "数据不得丢失、篡改（C-27；《审计法》第三十八条）",
                "records may not be lost or altered (C-27; Audit Law art.38)",
            ),
            None,
        ),
    )
    clauses = (
        Clause(
            "sequence",
            "critical",
            "certain",
            Text("同一对象的事件序号有缺或重复", "gap or repeat in `sequence` of a subject"),
        ),
        Clause(
            "numbers",
            "critical",
            "certain",
            Text("案件号或救助号有缺或重复", "gap or repeat in the numbers of a series"),
        ),
        Clause(
            "recordedtime",
            "critical",
            "certain",
            Text("记录时间倒退", "`recordedtime` decreasing in ledger order"),
        ),
        Clause(
            "leaf",
            "critical",
            "certain",
            Text("事件字节与封存的叶不符", "event bytes that do not hash to their leaf"),
        ),
        Clause(
            "short",
            "critical",
            "certain",
            Text("账本短于已公布的检查点", "ledger shorter than a published checkpoint"),
        ),
    )
    risk = Text("删改记录，掩盖违规", "records removed or rewritten to hide a breach")
    verify = Text(
        "与备份、封存日志和第三方副本逐条比对",
        "compare with backups, the sealed log and copies held by others",
    )
    remedy = Text(
        "停止使用该副本，从封存日志恢复并查明原因",
        "stop using this copy, restore from the sealed log, find the cause",
    )
    false_positives = Text("用截断或拼接的副本运行检查", "the check ran on a truncated or joined copy")
    blind_spots = Text(
        "没有封存日志时，整体一致的重写无法发现；末尾被截去的事件在没有检查点时无法发现",
        "without the sealed log a consistent rewriting of everything is not seen, nor a cut tail without a checkpoint",
    )
    kinds = ("ledger",)

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        """The ledger is read as a stream, not as the facts of one group: see `reader`."""
        yield from ()

    def reader(self, leaves: LeafSource | None = None, head: int | None = None) -> RecordReader:
        """One pass over the ledger; `head` is its last position where the pass may end before it."""
        return RecordReader(self, leaves, head)


class RecordReader:
    """One pass of XF-INT-001 in ledger order: `take` every event, then `findings`."""

    def __init__(self, check: RecordIsWhole, leaves: LeafSource | None = None, head: int | None = None) -> None:
        self._check = check
        self._leaves = leaves
        self._head = head
        self._sequences: dict[str, int] = {}
        self._series: dict[str, _Series] = {}
        self._latest = ""
        self._last: Recorded | None = None
        self._earlier_id = ""
        self._earlier_position = 0
        self._held = 0
        self._found: list[Verdict] = []

    def state(self) -> dict[str, Any]:
        """What a later pass must know of this one, as plain JSON; the sequences are asked for apart."""
        series = {
            prefix: [one.last, [[gap.first, gap.last, gap.event_id, gap.subject, gap.position] for gap in one.gaps]]
            for prefix, one in self._series.items()
        }
        return {
            "latest": self._latest, "latest_id": self._latest_id(), "position": self._position, "held": self._held,
            "series": series,
        }  # fmt: skip

    @property
    def held(self) -> int:
        """The position up to which every event was held against its leaf."""
        return self._held

    @property
    def sequences(self) -> Mapping[str, int]:
        """The last sequence of every subject that this pass met."""
        return self._sequences

    def resume(self, state: Mapping[str, Any], sequences: Mapping[str, int]) -> None:
        """Go on where an earlier pass ended, with the last sequences of the subjects that come now."""
        self._latest, self._earlier_id = str(state["latest"]), str(state["latest_id"])
        self._earlier_position, self._held = int(state["position"]), int(state["held"])
        self._sequences = dict(sequences)
        for prefix, (last, gaps) in state["series"].items():
            self._series[prefix] = _Series(last, [_Gap(*gap) for gap in gaps])

    @property
    def _position(self) -> int:
        """The position of the last event that was taken, in this pass or the one before."""
        return self._earlier_position if self._last is None else self._last.position

    def _latest_id(self) -> str:
        return self._earlier_id if self._last is None else event_id(self._last.raw)

    def found(self, context: Context) -> list[Finding]:
        """What this pass found of single events; it stays found."""
        return [self._check.write(verdict, context) for verdict in self._found]

    def left(self, context: Context) -> list[Finding]:
        """What holds only until a later event fills it."""
        return [self._check.write(verdict, context) for verdict in (*self._gaps_left(), *self._shortness())]

    def take(self, event: Recorded) -> None:
        """Look at the next event in ledger order; `Tampered` with its position where its bytes are no event."""
        try:
            self._take(event)
        except (LedgerError, LookupError, TypeError, ValueError) as error:
            told = error.detail if isinstance(error, LedgerError) else f"{type(error).__name__}: {error}"
            place = f"position {event.position}, {event.subject}"
            raise Tampered("tampered", f"{place}: {told}; 第{event.position}条事件不可读") from None

    def _take(self, event: Recorded) -> None:
        subject, sequence = event.subject, event.sequence
        if sequence == self._sequences.get(subject, 0) + 1:
            self._sequences[subject] = sequence
        else:
            self._take_sequence(event)
        if sequence == 1 and event.type.startswith(NUMBERED):
            self._take_number(event)
        stamp = recorded_time(event.raw)
        if self._latest and is_earlier(stamp, self._latest):
            self._ran_back(event, stamp)
        else:
            self._latest = stamp
        if self._leaves is not None:
            self._take_place(event, self._position)
            self._take_leaf(event, self._leaves)
        self._last = event

    def take_late_leaf(self, event: Recorded) -> None:
        """Hold an event of an earlier pass against its leaf, which was not sealed then."""
        if self._leaves is not None:
            self._take_leaf(event, self._leaves)

    def take_of_subject(self, event: Recorded) -> None:
        """Look at the next event of one subject, where the ledger as a whole is not asked for."""
        self._take_sequence(event)
        if self._leaves is not None:
            self._take_leaf(event, self._leaves)

    def findings(self, context: Context, subjects: frozenset[str] | None = None) -> list[Finding]:
        """Everything found, of all subjects or of some."""
        found = [*self._found, *self._gaps_left(), *self._shortness()]
        written = [self._check.write(verdict, context) for verdict in found]
        return [one for one in written if subjects is None or one.subject in subjects]

    def _take_sequence(self, event: Recorded) -> None:
        last = self._sequences.get(event.subject, 0)
        if event.sequence != last + 1:
            kind = Text("缺号", "a gap") if event.sequence > last + 1 else Text("重号或倒序", "a repeat or step back")
            self._found.append(
                Verdict(
                    reason="sequence",
                    subject=event.subject,
                    item=str(event.sequence),
                    event_ids=(event_id(event.raw),),
                    facts={"expected": last + 1, "found": event.sequence, "position": event.position},
                    sentence=Text(
                        f"记录显示：{event.subject} 的事件序号应为{last + 1}，实为{event.sequence}（{kind.zh}）。",
                        f"The record shows: {event.subject} should go on with sequence {last + 1} and has {event.sequence} "
                        f"({kind.en}).",
                    ),
                )
            )
        self._sequences[event.subject] = max(last, event.sequence)

    def _take_number(self, event: Recorded) -> None:
        prefix, _, digits = event.subject.rpartition("-")
        if not digits.isdigit():
            return
        series = self._series.setdefault(prefix, _Series())
        number = int(digits)
        if number <= series.last:
            filled = series.fill(number)
            what = Text("号码倒序", "came out of order") if filled else Text("重号", "was given twice")
            self._found.append(self._number(event, what))
        elif number > series.last + 1:
            series.gaps.append(_Gap(series.last + 1, number - 1, event_id(event.raw), event.subject, event.position))
        series.last = max(series.last, number)

    def _number(self, event: Recorded, what: Text) -> Verdict:
        subject = event.subject
        return Verdict(
            reason="numbers",
            subject=subject,
            item=subject,
            event_ids=(event_id(event.raw),),
            facts={"number": subject, "position": event.position},
            sentence=Text(f"记录显示：编号 {subject} {what.zh}。", f"The record shows: number {subject} {what.en}."),
        )

    def _gaps_left(self) -> Iterator[Verdict]:
        for prefix in sorted(self._series):
            for gap in self._series[prefix].gaps:
                yield self._gap(prefix, gap)

    def _gap(self, prefix: str, gap: _Gap) -> Verdict:
        width = len(gap.subject.rpartition("-")[2])
        first, last = f"{prefix}-{gap.first:0{width}d}", f"{prefix}-{gap.last:0{width}d}"
        count = gap.last - gap.first + 1
        return Verdict(
            reason="numbers",
            subject="ledger",
            item=first,
            event_ids=(gap.event_id,),
            related=(gap.subject,),
            facts={"missing_from": first, "missing_to": last, "missing_count": count, "position": gap.position},
            sentence=Text(
                f"记录显示：编号 {first} 至 {last} 缺{count}个，其后为 {gap.subject}。",
                f"The record shows: {count} number(s) missing from {first} to {last}; {gap.subject} follows.",
            ),
        )

    def _ran_back(self, event: Recorded, stamp: str) -> None:
        self._found.append(
            Verdict(
                reason="recordedtime",
                subject="ledger",
                item=str(event.position),
                event_ids=(self._latest_id(), event_id(event.raw)),
                related=(event.subject,),
                facts={"before": self._latest, "after": stamp, "position": event.position},
                sentence=Text(
                    f"记录显示：第{event.position}条的记录时间 {stamp} 早于此前的 {self._latest}。",
                    f"The record shows: event {event.position} was recorded at {stamp}, earlier than "
                    f"{self._latest} before it.",
                ),
            )
        )

    def _take_place(self, event: Recorded, before: int) -> None:
        """Sealed events have no gap in their places, so a place without an event had one."""
        if event.position <= before + 1:
            return
        self._found.append(
            Verdict(
                reason="leaf",
                subject="ledger",
                item=str(before + 1),
                event_ids=(event_id(event.raw),),
                facts={"missing_from": before + 1, "missing_to": event.position - 1},
                sentence=Text(
                    f"记录显示：第{before + 1}条至第{event.position - 1}条已不在账本中。",
                    f"The record shows: the ledger no longer holds its events {before + 1} to {event.position - 1}.",
                ),
            )
        )

    def _take_leaf(self, event: Recorded, leaves: LeafSource) -> None:
        sealed = leaves.leaf_hash(event.position - 1)
        if sealed is None:
            return
        self._held = event.position
        if sealed == sha256(b"\x00" + event.raw).digest():
            return
        self._found.append(
            Verdict(
                reason="leaf",
                subject=event.subject,
                item=str(event.position),
                event_ids=(event_id(event.raw),),
                facts={"position": event.position, "leaf": sealed.hex()},
                sentence=Text(
                    f"记录显示：第{event.position}条事件的字节与封存的叶不符。",
                    f"The record shows: the bytes of event {event.position} do not hash to their leaf.",
                ),
            )
        )

    def _shortness(self) -> Iterator[Verdict]:
        size = self._head if self._head is not None else self._position
        if self._leaves is None or size >= self._leaves.published_size:
            return
        published = self._leaves.published_size
        yield Verdict(
            reason="short",
            subject="ledger",
            item=str(published),
            event_ids=(self._latest_id() if self._position else self._leaves.last_event_id(),),
            facts={"size": size, "published_size": published},
            sentence=Text(
                f"记录显示：账本共{size}条，少于已公布的{published}条。",
                f"The record shows: the ledger holds {size} events, fewer than the {published} published.",
            ),
        )
