"""The check against the outside: numbers that another system lists, and what the door, the telephone and the web counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from domain.checks.base import REGULATION_FROM, Basis, Clause, Finding, Group, Text, Verdict, cannot_tell
from domain.checks.context import Context
from domain.checks.facts import Act, Facts
from domain.checks.groups import Contribution, Gathered, GatheringCheck, gathering

LIST = "register.external_list_declared"
LOG = "register.channel_log_declared"
SPAN = ("system", "from_on", "until_on")


class NothingIsMissingOutside(GatheringCheck):
    """XF-REC-001: the numbers of another system and this ledger agree, and no channel received more than was recorded.

    A list counts once its last day has passed, a log once its day has come. A case belongs to the list of its
    system that covers its day of receipt; lists in parts count together, and only a whole list shows what it lacks.
    """

    id = "XF-REC-001"
    title = Text("与外部清单、渠道日志不符", "The ledger differs from an outside list or a channel's log")
    basis = (
        Basis(
            Text("《信访工作条例》第二十一条、第四十四条第一项", "Regulation art.21 and 44(1) (C-01)"), REGULATION_FROM
        ),
    )
    clauses = (
        Clause(
            "absent_here",
            "high",
            "probable",
            Text(
                "外部清单中的编号在本账中没有案件（清单仅为文件的无法判断）",
                "a number in a declared outside list absent here (numbers given only as a document: cannot_tell)",
            ),
        ),
        Clause(
            "absent_there",
            "high",
            "probable",
            Text(
                "本账案件的外部编号不在外部清单中",
                "a case's outside number absent from the list that covers its receipt",
            ),
        ),
        Clause(
            "channel_log",
            "high",
            "probable",
            Text(
                "渠道日志的件数多于收件与申明的非信访之和",
                "a channel's log exceeds receipts and declared non-petitions",
            ),
        ),
    )
    risk = Text("系统外办理，选择性录入", "petitions handled outside the record, or recorded selectively")
    verify = Text("逐号核对外部系统与渠道原始日志", "number by number, the other system and the channel's own log")
    remedy = Text("补录缺失的信访事项", "record the petitions that are missing")
    false_positives = Text(
        "编号录入有误；一件对应多个编号", "a number entered wrongly; one petition with several numbers"
    )
    blind_spots = Text("任何外部系统都没有的信访事项", "petitions that no outside system holds")
    kinds = ("list", "channel-day")
    reads = ("case",)
    triggers = frozenset({"case.received"})

    def standing(self, context: Context) -> Iterable[Group]:
        """Every system with a list and every day of a channel with a log."""
        named: frozenset[Group] | None = context.notes.get(f"{self.id} groups")
        if named is None:
            lists = {
                gathering("list", str(act.get("system"))) for act in context.declared(LIST) if "system" in act.data
            }
            days = {gathering("channel-day", *day) for day in _logs_by_day(context)}
            named = context.notes[f"{self.id} groups"] = frozenset(lists | days)
        return named

    def contributions(self, facts: Facts, context: Context, found: Sequence[Finding]) -> Iterator[Contribution]:
        received = facts.one("case.received")
        if received is None:
            return
        if context.declared(LIST):
            for system, number in (received.get("external_numbers") or {}).items():
                group = gathering("list", system)
                yield Contribution(group, facts.subject, (received.id,), received.day, {"number": str(number)})
        channel, logs = received.get("channel"), _logs_by_day(context)
        if logs and (channel, received.day.isoformat()) in logs:
            group = gathering("channel-day", channel, received.day.isoformat())
            yield Contribution(group, facts.subject, (received.id,), received.day, {"unit": received.unit})

    def verdicts(self, facts: Gathered, context: Context) -> Iterator[Verdict]:
        if facts.group.kind == "list":
            for parts in _lists(facts.parts[0], context):
                yield from self._compare(facts, parts)
        else:
            yield from self._logs(facts, context)

    def _compare(self, facts: Gathered, parts: list[Act]) -> Iterator[Verdict]:
        system, from_on, until_on = (str(parts[0].get(name)) for name in SPAN)
        evidence = tuple(act.id for act in parts)
        if any(not isinstance(act.get("numbers"), list) for act in parts):
            missing = Text("外部清单的编号", "the numbers of the outside list")
            told = cannot_tell("absent_here", missing, evidence, item=f"{system}/{from_on}/{until_on}")
            yield replace(told, subject="ledger")
            return
        listed = {str(number): act for act in parts for number in act.get("numbers")}
        here = {str(one.get("number")) for one in facts.members}
        for number in sorted(listed.keys() - here):
            yield self._absent_here(system, number, listed[number])
        whole = len(parts) >= int(parts[0].get("parts", 1))
        covered = [one for one in facts.members if from_on <= one.day.isoformat() <= until_on]
        for one in covered:
            if one.get("number") not in listed and whole:
                yield self._absent_there(system, one, evidence)
            elif one.get("number") not in listed:
                missing = Text("外部清单的其余部分", "the other parts of the outside list")
                told = cannot_tell("absent_there", missing, (*one.event_ids, *evidence), item=system)
                yield replace(told, subject=one.subject)

    def _absent_here(self, system: str, number: str, declared: Act) -> Verdict:
        return Verdict(
            reason="absent_here",
            subject="ledger",
            item=number,
            event_ids=(declared.id,),
            facts={
                "system": system,
                "number": number,
                "from_on": declared.get("from_on"),
                "until_on": declared.get("until_on"),
            },
            sentence=Text(
                f"记录显示：{system} 系统清单中的编号 {number} 在本账中没有案件。",
                f"The record shows: number {number} in the list of {system} has no case in this ledger.",
            ),
        )

    def _absent_there(self, system: str, one: Contribution, evidence: tuple[str, ...]) -> Verdict:
        return Verdict(
            reason="absent_there",
            subject=one.subject,
            item=system,
            event_ids=(*one.event_ids, *evidence),
            facts={"system": system, "number": one.get("number"), "received_on": one.day},
            sentence=Text(
                f"记录显示：{one.day}收件，编号 {one.get('number')} 不在 {system} 系统的清单中。",
                f"The record shows: received on {one.day}; number {one.get('number')} is not in the list of {system}.",
            ),
        )

    def _logs(self, facts: Gathered, context: Context) -> Iterator[Verdict]:
        channel, on = facts.parts
        logs = _logs_by_day(context).get((channel, on), [])
        if not logs or context.today < date.fromisoformat(on):
            return
        receipts = Counter(one.get("unit") for one in facts.members)
        last_of = {act.get("unit"): act for act in logs}
        for unit, log in last_of.items():
            item = f"{channel}/{on}" if len(last_of) == 1 else f"{channel}/{on}/{unit}"
            yield from self._log(log, item, receipts[unit], [one for one in facts.members if one.get("unit") == unit])

    def _log(self, log: Act, item: str, receipts: int, members: list[Contribution]) -> Iterator[Verdict]:
        count, other = log.get("count"), log.get("not_petitions")
        evidence = (log.id, *(event_id for one in members for event_id in one.event_ids))
        if count is None or (other is None and count > receipts):
            missing = Text("日志件数或非信访件数", "the count of the log, or of what was no petition")
            yield replace(cannot_tell("channel_log", missing, evidence, item=item), subject="ledger")
        elif other is not None and count > receipts + other:
            yield Verdict(
                reason="channel_log",
                subject="ledger",
                item=item,
                event_ids=evidence,
                facts={
                    "unit": log.get("unit"),
                    "on": log.get("on"),
                    "count": count,
                    "receipts": receipts,
                    "not_petitions": other,
                },
                sentence=Text(
                    f"记录显示：{item} 日志{count}件，收件{receipts}件，申明非信访{other}件，少{count - receipts - other}件。",
                    f"The record shows: the log of {item} counts {count}; {receipts} were received and {other} declared no "
                    f"petitions, {count - receipts - other} are missing.",
                ),
            )


def _logs_by_day(context: Context) -> dict[tuple[str, str], list[Act]]:
    """The channel logs by channel and day, in ledger order."""
    known: dict[tuple[str, str], list[Act]] | None = context.notes.get(LOG)
    if known is None:
        known = context.notes[LOG] = {}
        for act in context.declared(LOG):
            if "channel" in act.data and "on" in act.data:
                known.setdefault((str(act.data["channel"]), str(act.data["on"])), []).append(act)
    return known


def _lists(system: str, context: Context) -> Iterator[list[Act]]:
    """The lists of a system whose last day has passed, each with its parts; a part declared again replaces itself."""
    by_span: dict[tuple[object, ...], dict[int, Act]] = {}
    for act in context.declared(LIST):
        if act.get("system") == system and "from_on" in act.data and "until_on" in act.data:
            by_span.setdefault(tuple(act.get(name) for name in SPAN), {})[int(act.get("part", 1))] = act
    for parts in by_span.values():
        first = next(iter(parts.values()))
        if context.today >= date.fromisoformat(str(first.get("until_on"))):
            yield list(parts.values())
