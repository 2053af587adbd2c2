"""Why a check speaks about a subject or not, step by step: what it looked for, asked, counted, and concluded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from domain.asof import AsOf
from domain.checks.base import Check, Finding, Group, Text, group_of
from domain.checks.clock import Limit, State
from domain.checks.context import Context, Parameters, Register, Tagger, context_of
from domain.checks.facts import Act, Facts, facts_from
from domain.checks.groups import GatheringCheck, Joined, joined
from domain.checks.record import RecordIsWhole
from projections.findings import Overrides, case_of, run_checks
from projections.ledger_source import LedgerSource, read_subjects, size_of, today_of
from projections.survey import Survey, survey

STATES: Mapping[State, Text] = {
    "timely": Text("按期", "in time"),
    "late": Text("超期", "late"),
    "missing": Text("期满未办", "missing, and the limit has passed"),
    "running": Text("期限未满", "not done, the limit still runs"),
}
COUNTS = {
    "days": Text("日", "days"),
    "workdays": Text("个工作日", "working days"),
    "fixed_day": Text("日", "days"),
    "months": Text("个月", "months"),
}
RESULTS = {
    "hit": Text("命中", "hit"),
    "cannot_tell": Text("无法判断", "cannot tell"),
}


@dataclass(slots=True)
class Explanation:
    """The steps in the order in which the check took them, and what it found at the end."""

    check: Check
    subject: str
    steps: list[Text] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    _told: set[Text] = field(default_factory=set)

    @property
    def result(self) -> str:
        """`hit`, `cannot_tell` or `no_hit`."""
        results = {one.result for one in self.findings}
        return "hit" if "hit" in results else "cannot_tell" if results else "no_hit"

    def step(self, zh: str, en: str) -> None:
        """Add a step; the same look twice is told once."""
        text = Text(zh, en)
        if text not in self._told:
            self._told.add(text)
            self.steps.append(text)

    def to_json(self) -> dict[str, Any]:
        """The explanation as one JSON object."""
        return {
            "check": self.check.id,
            "subject": self.subject,
            "result": self.result,
            "steps": [{"zh": one.zh, "en": one.en} for one in self.steps],
            "findings": [one.to_json() for one in self.findings],
        }


def explain(
    source: LedgerSource,
    check: Check,
    subject: str,
    as_of: AsOf | None = None,
    tagger: Tagger | None = None,
    parameters: Overrides | None = None,
) -> Explanation:
    """Judge one subject with one check and tell every step; the findings are those of a full run."""
    as_of = as_of or AsOf()
    size = size_of(source, as_of)
    as_of = replace(as_of, size=size)
    today = today_of(source, as_of, size) or date.min
    told = Explanation(check, subject)
    found = survey(source, as_of, size, None)
    context = context_of(
        found.context_events, as_of, today,
        tag=tagger, overrides=parameters, checks=(check,), matters=found.matters.roots(),
    )  # fmt: skip
    _tell_the_check(told, context)
    traced = _traced(context, told)
    for facts, group in _groups(source, check, subject, found, traced, told):
        told.step(f"判断对象：{group.kind} {group.id}", f"judged: {group.kind} {group.id}")
        _tell_the_triggers(told, facts)
        for _ in check.judge(facts, traced):
            continue
    run = run_checks(source, as_of, (check,), None, tagger, parameters)
    told.findings = [one for one in run.findings if one.is_about((subject,))]
    for failure in run.failures:
        if failure.group.id == subject:
            told.step(f"检查出错：{failure.error}", f"the check failed: {failure.error}")
    _tell_the_clauses(told)
    return told


def _tell_the_check(told: Explanation, context: Context) -> None:
    check = told.check
    told.step(f"{check.id} {check.title.zh}", f"{check.id} {check.title.en}")
    for basis in check.basis:
        since = (
            Text("依资金自身规则", "by the fund's own rules")
            if basis.from_on is None
            else Text(f"自{basis.from_on}起适用", f"applies from {basis.from_on}")
        )
        told.step(f"依据：{basis.article.zh}，{since.zh}", f"basis: {basis.article.en}, {since.en}")
    told.step(f"截至{context.today}判断", f"asked for {context.today}")
    for parameter in check.parameters:
        value, version = context.parameters.get(check, parameter.name), context.parameters.version(check.id)
        told.step(
            f"参数 {check.id}.{parameter.name} = {value}（版本 {version}，默认 {parameter.default}）",
            f"parameter {check.id}.{parameter.name} = {value} (version {version}, default {parameter.default})",
        )


def _tell_the_triggers(told: Explanation, facts: Facts | Joined) -> None:
    parts = facts.parts if isinstance(facts, Joined) else [facts]
    names = frozenset[str]().union(*(one.names for one in parts))
    if told.check.triggers and told.check.triggers.isdisjoint(names):
        wanted = " / ".join(sorted(told.check.triggers))
        told.step(f"没有 {wanted} 的记录，无从判断，不命中", f"none of {wanted} is recorded: nothing to judge")


def _tell_the_clauses(told: Explanation) -> None:
    for clause in told.check.clauses:
        theirs = [one for one in told.findings if one.reason == clause.reason]
        for one in theirs:
            word = RESULTS[one.result]
            told.step(
                f"情形 {clause.reason}（{clause.says.zh}）：{word.zh}。{one.sentence.zh}",
                f"clause {clause.reason} ({clause.says.en}): {word.en}. {one.sentence.en}",
            )
        if not theirs:
            told.step(
                f"情形 {clause.reason}（{clause.says.zh}）：未命中",
                f"clause {clause.reason} ({clause.says.en}): no hit",
            )


def _groups(
    source: LedgerSource, check: Check, subject: str, found: Survey, context: Context, told: Explanation
) -> Iterator[tuple[Any, Group]]:
    """The groups of a check in which the subject has a part, with facts that tell what is looked for in them."""
    if isinstance(check, RecordIsWhole):
        told.step("逐条核对全部事件的序号、编号、记录时间和字节", "reads every event: sequence, number, time and bytes")
        return
    matters = found.matters
    root = matters.root(matters.case_of.get(subject, subject))
    together = next((one for one in matters.grouped(found.subjects) if subject in one), [])
    if not together and not isinstance(check, GatheringCheck):
        told.step(f"账本中没有 {subject} 的事件", f"the ledger holds no events of {subject}")
        return
    parts = _parts(source, together, context, told)
    own = parts.get(subject)
    if isinstance(check, GatheringCheck):
        if own is not None and own.group.kind in check.reads:
            yield from _given(check, own, context, told)
        return
    if own is not None and own.group.kind in check.kinds:
        yield own, own.group
    case = subject if subject.startswith("XF") else matters.case_of.get(subject)
    if "file" in check.kinds and case is not None:
        of_the_case = [facts for facts in parts.values() if case_of(facts) == case]
        group = Group("file", case)
        yield joined(group, of_the_case), group
    if "matter" in check.kinds and parts:
        group = Group("matter", root)
        yield joined(group, [facts for facts in parts.values() if case_of(facts) is not None]), group


def _given(check: GatheringCheck, facts: Facts, context: Context, told: Explanation) -> Iterator[tuple[Any, Group]]:
    given = list(check.contributions(facts, context, ()))
    for one in given:
        told.step(
            f"计入 {one.group.kind} {one.group.id}：{one.day} {dict(one.facts)}",
            f"counts in {one.group.kind} {one.group.id}: {one.day} {dict(one.facts)}",
        )
    if not given:
        told.step("没有可计入任何组的事实", "gives nothing to any group")
    yield from ()


def _parts(
    source: LedgerSource, together: Sequence[str], context: Context, told: Explanation
) -> dict[str, _TracedFacts]:
    found = {}
    for one, stored in read_subjects(source, together, context.as_of.size or 0).items():
        group = group_of(one)
        facts = facts_from(group, stored, context.as_of) if group is not None else None
        if facts is not None:
            found[one] = _TracedFacts.of(facts, told)
            for act in facts.unknown:
                told.step(f"不认识的事件类型 {act.type}", f"an event type that no check knows: {act.type}")
            if facts.first is not None:
                told.step(
                    f"{one} 的事实曾被更正，按原值和更正值各算一遍", f"facts of {one} were corrected; both are counted"
                )
    return found


def _traced(context: Context, told: Explanation) -> Context:
    register = _TracedRegister(context.register.units, context.register.staff, told=told)
    parameters = Parameters(context.parameters.values, context.parameters.versions)
    return replace(context, register=register, parameters=parameters, limits=_TracedLimits(told))


class _TracedFacts(Facts):
    """Facts that tell which acts are looked for."""

    __slots__ = ("_explanation",)
    _explanation: Explanation

    @classmethod
    def of(cls, facts: Facts, told: Explanation) -> _TracedFacts:
        first = None if facts.first is None else cls.of(facts.first, told)
        traced = cls(facts.group, facts.acts, first)
        traced._explanation = told
        return traced

    def all(self, *names: str) -> list[Act]:
        found = super().all(*names)
        self._tell(names, found)
        return found

    def one(self, name: str) -> Act | None:
        found = super().one(name)
        self._tell((name,), [found] if found is not None else [])
        return found

    def last(self, name: str) -> Act | None:
        found = super().last(name)
        self._tell((name,), [found] if found is not None else [])
        return found

    def _tell(self, names: Sequence[str], found: Sequence[Act]) -> None:
        wanted = " / ".join(names)
        days = ", ".join(f"{act.day}{f' {act.unit}' if act.unit else ''}" for act in found)
        self._explanation.step(
            f"{self.subject}：查找 {wanted}：{days or '无记录'}",
            f"{self.subject}: looks for {wanted}: {days or 'none recorded'}",
        )


@dataclass(frozen=True, slots=True)
class _TracedRegister(Register):
    """A register that tells what is asked of it."""

    told: Explanation = field(kw_only=True, compare=False, repr=False)

    def kind(self, code: str | None, day: date) -> str | None:
        found = Register.kind(self, code, day)
        self.told.step(
            f"单位 {code or '（未知）'} 在{day}的类别：{found or '未登记'}",
            f"the kind of unit {code or '(unknown)'} on {day}: {found or 'not declared'}",
        )
        return found


@dataclass(frozen=True, slots=True)
class _TracedLimit(Limit):
    """A limit that tells where an act stands to it."""

    told: Explanation = field(kw_only=True, compare=False, repr=False)

    def state(self, acted: date | None, today: date) -> State:
        found = Limit.state(self, acted, today)
        word, counts = STATES[found], COUNTS[self.counts]
        zh = en = ""
        if self.due != self.due_before_rolling:
            zh = f"（{self.due_before_rolling}为休息日，顺延）"
            en = f" (rolled from {self.due_before_rolling})"
        self.told.step(
            f"自{self.start}起{self.count}{counts.zh}，期限{self.due}{zh}；实际{acted or '未办'}：{word.zh}",
            f"{self.count} {counts.en} from {self.start} end on {self.due}{en}; done {acted or 'not yet'}: {word.en}",
        )
        return found


class _TracedLimits(dict[Any, Any]):
    """Counted limits, each of which tells where an act stands to it."""

    def __init__(self, told: Explanation) -> None:
        super().__init__()
        self._told = told

    def __setitem__(self, key: Any, limit: Any) -> None:
        if not isinstance(limit, Limit):
            super().__setitem__(key, limit)
            return
        days = (limit.start, limit.count, limit.counts, limit.due_before_rolling, limit.due)
        super().__setitem__(key, _TracedLimit(*days, told=self._told))
