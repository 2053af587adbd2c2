"""One pass over the record itself, event by event in ledger order: what XF-INT-001 finds, and where a later pass goes on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, Protocol

from domain.asof import parse_instant
from domain.checks.base import Check, Finding, Text, Verdict
from domain.checks.context import Context
from domain.checks.running_numbers import Gap, Series
from domain.errors import LedgerError, Tampered
from domain.event import decode

NUMBERED = ("petition.case.received.", "petition.grant.applied.")
Recorded = tuple[int, str, int, str, bytes]
"""One recorded event as a plain row: position, subject, sequence, type, bytes."""


class LeafSource(Protocol):
    """The sealed log as this check needs it; leaf index = position − 1."""

    published_size: int

    def leaf_hash(self, index: int) -> bytes | None:
        """The RFC 6962 hash of a leaf, None where the log has no such leaf."""
        ...

    def last_event_id(self) -> str:
        """The id of the newest sealed event: the evidence where the ledger itself holds none any more."""
        ...


RECORDED_TIME = b'"recordedtime":"'
PLAIN_STAMP_LENGTH = len("2025-03-04T02:20:00.123456Z")
UTC_MARK = b"Z"


def recorded_time(raw: bytes) -> str:
    """The event's `recordedtime`, found in its bytes without decoding them: keys are sorted, so the last one is it."""
    return _stamp(raw).decode()


def _stamp(raw: bytes) -> bytes:
    place = raw.rfind(RECORDED_TIME)
    if place < 0:
        return str(decode(raw)["recordedtime"]).encode()
    start = place + len(RECORDED_TIME)
    return raw[start : raw.index(b'"', start)]


def event_id(raw: bytes) -> str:
    """The event's id."""
    return str(decode(raw)["id"])


def _is_earlier(one: bytes, other: bytes) -> bool:
    """Whether one stamp lies before another; texts are compared where both are written alike."""
    if len(one) == len(other) == PLAIN_STAMP_LENGTH and one[-1:] == other[-1:] == UTC_MARK:
        return one < other
    return parse_instant(one.decode()) < parse_instant(other.decode())


class RecordReader:
    """One pass of XF-INT-001 in ledger order: `take` every event, then `findings`."""

    def __init__(self, check: Check, leaves: LeafSource | None = None, head: int | None = None) -> None:
        self._check = check
        self._leaves = leaves
        self._head = head
        self._sequences: dict[str, int] = {}
        self._series: dict[str, Series] = {}
        self._latest = b""
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
            "latest": self._latest.decode(), "latest_id": self._latest_id(), "position": self._position, "held": self._held,
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
        self._latest, self._earlier_id = str(state["latest"]).encode(), str(state["latest_id"])
        self._earlier_position, self._held = int(state["position"]), int(state["held"])
        self._sequences = dict(sequences)
        for prefix, (last, gaps) in state["series"].items():
            self._series[prefix] = Series(last, [Gap(*gap) for gap in gaps])

    @property
    def _position(self) -> int:
        """The position of the last event that was taken, in this pass or the one before."""
        return self._earlier_position if self._last is None else self._last[0]

    def _latest_id(self) -> str:
        return self._earlier_id if self._last is None else event_id(self._last[4])

    def found(self, context: Context) -> list[Finding]:
        """What this pass found of single events; it stays found."""
        return [self._check.write(verdict, context) for verdict in self._found]

    def left(self, context: Context) -> list[Finding]:
        """What holds only until a later event fills it."""
        return [self._check.write(verdict, context) for verdict in (*self._gaps_left(), *self._shortness())]

    def take(self, event: Recorded) -> None:
        """Look at the next event in ledger order; `Tampered` with its position where its bytes are no event."""
        position, subject, sequence, kind, raw = event
        try:
            if sequence == self._sequences.get(subject, 0) + 1:
                self._sequences[subject] = sequence
            else:
                self._take_sequence(event)
            if sequence == 1 and kind.startswith(NUMBERED):
                self._take_number(event)
            start = raw.rfind(RECORDED_TIME) + len(RECORDED_TIME)
            stamp, latest = raw[start : start + PLAIN_STAMP_LENGTH], self._latest
            if not (stamp[-1:] == UTC_MARK == latest[-1:] and len(latest) == PLAIN_STAMP_LENGTH and stamp >= latest):
                stamp = _stamp(raw)
                if latest and _is_earlier(stamp, latest):
                    self._ran_back(event, stamp.decode())
                    stamp = latest
            self._latest = stamp
            if self._leaves is not None:
                self._take_place(event, self._position)
                self._take_leaf(event, self._leaves)
            self._last = event
        except (LedgerError, LookupError, TypeError, ValueError) as error:
            told = error.detail if isinstance(error, LedgerError) else f"{type(error).__name__}: {error}"
            raise Tampered("tampered", f"position {position}, {subject}: {told}; 第{position}条事件不可读") from None

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
        position, subject, sequence, _, raw = event
        last = self._sequences.get(subject, 0)
        if sequence != last + 1:
            kind = Text("缺号", "a gap") if sequence > last + 1 else Text("重号或倒序", "a repeat or step back")
            self._found.append(
                Verdict(
                    reason="sequence",
                    subject=subject,
                    item=str(sequence),
                    event_ids=(event_id(raw),),
                    facts={"expected": last + 1, "found": sequence, "position": position},
                    sentence=Text(
                        f"记录显示：{subject} 的事件序号应为{last + 1}，实为{sequence}（{kind.zh}）。",
                        f"The record shows: {subject} should go on with sequence {last + 1} and has {sequence} "
                        f"({kind.en}).",
                    ),
                )
            )
        self._sequences[subject] = max(last, sequence)

    def _take_number(self, event: Recorded) -> None:
        position, subject, _, _, raw = event
        prefix, _, digits = subject.rpartition("-")
        if not digits.isdigit():
            return
        series = self._series.setdefault(prefix, Series())
        number = int(digits)
        if number <= series.last:
            filled = series.fill(number)
            what = Text("号码倒序", "came out of order") if filled else Text("重号", "was given twice")
            self._found.append(self._number(event, what))
        elif number > series.last + 1:
            series.gaps.append(Gap(series.last + 1, number - 1, event_id(raw), subject, position))
        series.last = max(series.last, number)

    def _number(self, event: Recorded, what: Text) -> Verdict:
        position, subject, _, _, raw = event
        return Verdict(
            reason="numbers",
            subject=subject,
            item=subject,
            event_ids=(event_id(raw),),
            facts={"number": subject, "position": position},
            sentence=Text(f"记录显示：编号 {subject} {what.zh}。", f"The record shows: number {subject} {what.en}."),
        )

    def _gaps_left(self) -> Iterator[Verdict]:
        for prefix in sorted(self._series):
            for gap in self._series[prefix].gaps:
                yield self._gap(prefix, gap)

    def _gap(self, prefix: str, gap: Gap) -> Verdict:
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
        position, subject, _, _, raw = event
        before = self._latest.decode()
        self._found.append(
            Verdict(
                reason="recordedtime",
                subject="ledger",
                item=str(position),
                event_ids=(self._latest_id(), event_id(raw)),
                related=(subject,),
                facts={"before": before, "after": stamp, "position": position},
                sentence=Text(
                    f"记录显示：第{position}条的记录时间 {stamp} 早于此前的 {before}。",
                    f"The record shows: event {position} was recorded at {stamp}, earlier than {before} before it.",
                ),
            )
        )

    def _take_place(self, event: Recorded, before: int) -> None:
        """Sealed events have no gap in their places, so a place without an event had one."""
        position, _, _, _, raw = event
        if position <= before + 1:
            return
        self._found.append(
            Verdict(
                reason="leaf",
                subject="ledger",
                item=str(before + 1),
                event_ids=(event_id(raw),),
                facts={"missing_from": before + 1, "missing_to": position - 1},
                sentence=Text(
                    f"记录显示：第{before + 1}条至第{position - 1}条已不在账本中。",
                    f"The record shows: the ledger no longer holds its events {before + 1} to {position - 1}.",
                ),
            )
        )

    def _take_leaf(self, event: Recorded, leaves: LeafSource) -> None:
        position, subject, _, _, raw = event
        sealed = leaves.leaf_hash(position - 1)
        if sealed is None:
            return
        self._held = position
        if sealed == sha256(b"\x00" + raw).digest():
            return
        self._found.append(
            Verdict(
                reason="leaf",
                subject=subject,
                item=str(position),
                event_ids=(event_id(raw),),
                facts={"position": position, "leaf": sealed.hex()},
                sentence=Text(
                    f"记录显示：第{position}条事件的字节与封存的叶不符。",
                    f"The record shows: the bytes of event {position} do not hash to their leaf.",
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
