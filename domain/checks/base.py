"""What every check carries and what every finding says: an indicator for a reviewer, never a verdict."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from domain.checks.context import Context
    from domain.checks.facts import Act

Result = Literal["hit", "no_hit", "cannot_tell"]
Severity = Literal["critical", "high", "medium", "low"]
Certainty = Literal["certain", "probable", "suspect"]
Audience = Literal["office", "superior", "discipline"]
Stage = Literal["shadow", "trial", "in_force", "retired"]
GroupKind = Literal[
    "case",
    "grant",
    "fund",
    "ledger",
    "file",
    "matter",
    "staff",
    "staff-month",
    "unit",
    "unit-month",
    "unit-quarter",
    "unit-year",
    "beneficiary",
    "account",
    "document",
    "visits",
    "import",
    "list",
    "channel-day",
]
"""What is judged at once: a subject (the first four), subjects joined to a `file` or `matter`, or a gathering."""

SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low")
CERTAINTIES: tuple[Certainty, ...] = ("certain", "probable", "suspect")
REGULATION_FROM = date(2022, 5, 1)
LEDGER = "ledger"
"""The subject of a finding about the record as a whole."""


class Text(NamedTuple):
    """The same sentence twice: for the office in Chinese, for everybody else in English."""

    zh: str
    en: str


class Group(NamedTuple):
    """What a check judges at once; of a subject and of joined subjects the id is a number, else parts joined by `|`."""

    kind: GroupKind
    id: str


@dataclass(frozen=True, slots=True)
class Basis:
    """One article or rule, and the first day on which it applies; None = as long as the fund's own rules stand."""

    article: Text
    from_on: date | None


@dataclass(frozen=True, slots=True)
class Clause:
    """One reason for which a check may speak.

    `clock` marks clauses that compare days: when the facts of such a clause were corrected it is
    computed both ways.
    """

    reason: str
    severity: Severity
    certainty: Certainty
    says: Text
    clock: bool = False


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that is not law: `<clause>_<what>`, its default and where the default comes from."""

    name: str
    default: int
    source: Text


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check says about one item of a group, before it is written out as a finding."""

    reason: str
    sentence: Text
    event_ids: tuple[str, ...]
    item: str = ""
    result: Result = "hit"
    certainty: Certainty | None = None
    open: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)
    related: tuple[str, ...] = ()
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the output: which act needs looking at, why, on what evidence."""

    check: str
    version: int
    subject: str
    related: tuple[str, ...]
    result: Result
    severity: Severity
    certainty: Certainty
    reason: str
    item: str
    fingerprint: str
    facts: Mapping[str, Any]
    open: bool
    event_ids: tuple[str, ...]
    sentence: Text
    audience: Audience
    stage: Stage

    @property
    def order(self) -> tuple[str, str, str, str]:
        """The stable order of an output: check, subject, reason, item."""
        return (self.check, self.subject, self.reason, self.item)

    def is_about(self, subjects: Collection[str]) -> bool:
        """Whether it is about one of these subjects, or names one in its facts."""
        return is_about(self.subject, self.related, subjects)

    def to_json(self) -> dict[str, Any]:
        """The finding as one JSON object; keys as in the specification, days as `YYYY-MM-DD`."""
        return {
            "check": self.check,
            "version": self.version,
            "subject": self.subject,
            "related": list(self.related),
            "result": self.result,
            "severity": self.severity,
            "certainty": self.certainty,
            "reason": self.reason,
            "item": self.item,
            "fingerprint": self.fingerprint,
            "facts": {name: plain(value) for name, value in sorted(self.facts.items())},
            "open": self.open,
            "event_ids": list(self.event_ids),
            "sentence": {"zh": self.sentence.zh, "en": self.sentence.en},
            "audience": self.audience,
            "stage": self.stage,
        }


def is_about(subject: str, related: Iterable[str], subjects: Collection[str]) -> bool:
    """Whether a finding is about one of some subjects or names one; the ledger's own are told of the ledger alone."""
    return subject in subjects or (subject != LEDGER and any(one in subjects for one in related))


def plain(value: Any) -> Any:
    """A fact as JSON holds it: a day becomes `YYYY-MM-DD`, a set a sorted list."""
    if isinstance(value, date):
        return value.isoformat()[:10]
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(plain(inner) for inner in value)
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return value


def fingerprint(check: str, subject: str, reason: str, item: str) -> str:
    """The name under which one finding is recognised again, whatever its facts say next time."""
    return "|".join(part.replace("%", "%25").replace("|", "%7C") for part in (check, subject, reason, item))


class Judged(Protocol):
    """What `judge` needs of the facts of a group, whatever its kind."""

    @property
    def subject(self) -> str: ...
    @property
    def unknown(self) -> Sequence[Act]: ...
    @property
    def first(self) -> Judged | None: ...
    def received(self, subject: str) -> Act | None: ...


class Check(ABC):
    """A pure function from the recorded facts of one group to verdicts, with everything a reviewer asks of it."""

    id: ClassVar[str]
    version: ClassVar[int] = 1
    title: ClassVar[Text]
    basis: ClassVar[tuple[Basis, ...]]
    clauses: ClassVar[tuple[Clause, ...]]
    parameters: ClassVar[tuple[Parameter, ...]] = ()
    audience: ClassVar[Audience] = "office"
    risk: ClassVar[Text]
    verify: ClassVar[Text]
    remedy: ClassVar[Text]
    false_positives: ClassVar[Text]
    blind_spots: ClassVar[Text]
    stage: ClassVar[Stage] = "in_force"
    kinds: ClassVar[tuple[GroupKind, ...]]
    triggers: ClassVar[frozenset[str]] = frozenset()
    """Acts (`case.accepted`) without any of which the check has nothing to say; none named = it always looks."""
    triggers_alone: ClassVar[frozenset[str]] = frozenset()
    """The same for a `file` or `matter` that is one case without anything joined to it; none named = `triggers`."""
    speaks_of_others: ClassVar[bool] = False
    """Whether it speaks of what other checks count, so that their parameters change its findings."""

    def keys(self, event: Mapping[str, Any]) -> tuple[Group, ...]:
        """The groups that are to be judged again when this event was recorded."""
        group = group_of(event["subject"])
        return (group,) if group is not None and group.kind in self.kinds else ()

    @abstractmethod
    def verdicts(self, facts: Any, context: Context) -> Iterator[Verdict]:
        """Judge one group; says nothing where the records show nothing."""

    def judge(self, facts: Judged, context: Context) -> list[Finding]:
        """The findings about one group, clocks with corrected facts computed both ways."""
        if facts.unknown:
            return [self._finding(self._unknown_events(facts), facts, context)]
        verdicts = self._read(facts, context)
        if not verdicts and facts.first is None:
            return []
        if facts.first is not None:
            verdicts = self._both_ways(verdicts, self._read(facts.first, context))
        return self.written(verdicts, facts, context)

    def written(self, verdicts: Iterable[Verdict], facts: Judged, context: Context) -> list[Finding]:
        """The findings that the verdicts on one group make, in their order."""
        verdicts = _told_apart(self._if_applicable(one, facts) for one in verdicts)
        return sorted((self._finding(one, facts, context) for one in verdicts), key=lambda found: found.order)

    def _read(self, facts: Judged, context: Context) -> list[Verdict]:
        """The verdicts of one reading of the facts."""
        return list(self.verdicts(facts, context))

    def clause(self, reason: str) -> Clause:
        """The clause with this reason; `unknown_event` stands for none of them."""
        for clause in self.clauses:
            if clause.reason == reason:
                return clause
        raise KeyError(f"{self.id} has no clause {reason!r}")

    @property
    def severity(self) -> Severity:
        """The gravest severity of its clauses."""
        return min((clause.severity for clause in self.clauses), key=SEVERITIES.index)

    def _both_ways(self, corrected: list[Verdict], first: list[Verdict]) -> list[Verdict]:
        """Where only one of the two readings of a clock is late, the finding stays as `suspect`."""
        late_corrected = {_about(one) for one in corrected if one.result == "hit"}
        late_first = {_about(one) for one in first if one.result == "hit"}
        out = []
        for one in corrected:
            key = _about(one)
            only_now = one.result == "hit" and self.clause(one.reason).clock and key not in late_first
            out.append(_suspect(one, "corrected") if only_now else one)
        for one in first:
            key = _about(one)
            if one.result == "hit" and self.clause(one.reason).clock and key not in late_corrected:
                out = [kept for kept in out if _about(kept) != key]
                out.append(_suspect(one, "first"))
        return out

    def _if_applicable(self, verdict: Verdict, facts: Judged) -> Verdict:
        """A case received before its articles came into force cannot be judged by them."""
        received = facts.received(verdict.subject or facts.subject)
        applies_from = min((basis.from_on for basis in self.basis if basis.from_on), default=None)
        if verdict.result != "hit" or received is None or applies_from is None or received.day >= applies_from:
            return verdict
        missing = Text(
            f"{applies_from}（施行日）之后的收件",
            f"a receipt on or after {applies_from}, when the article came into force",
        )
        told = cannot_tell(verdict.reason, missing, verdict.event_ids, item=verdict.item)
        return replace(told, subject=verdict.subject)

    def _unknown_events(self, facts: Judged) -> Verdict:
        names = sorted({act.type for act in facts.unknown})
        return Verdict(
            reason=self.clauses[0].reason,
            item="unknown_event",
            result="cannot_tell",
            event_ids=tuple(act.id for act in facts.unknown),
            facts={"missing": "a reading of " + ", ".join(names), "types": names},
            sentence=Text(
                f"无法判断：记录中有本检查不认识的事件类型 {'、'.join(names)}。",
                f"Cannot tell: the record holds event types that this check does not know: {', '.join(names)}.",
            ),
        )

    def _finding(self, verdict: Verdict, facts: Judged, context: Context) -> Finding:
        return self.write(verdict if verdict.subject else replace(verdict, subject=facts.subject), context)

    def write(self, verdict: Verdict, context: Context) -> Finding:
        """A verdict that names its subject, written out; ValueError where it has no evidence."""
        subject = verdict.subject or ""
        if not verdict.event_ids or not subject:
            raise ValueError(f"{self.id} speaks without evidence about {subject!r}")
        clause = self.clause(verdict.reason)
        certainty: Certainty = verdict.certainty or clause.certainty
        if verdict.result == "cannot_tell":
            certainty = "suspect"
        noted = dict(verdict.facts)
        if self.parameters:
            noted["parameters"] = context.parameters.version(self.id)
        return Finding(
            check=self.id,
            version=self.version,
            subject=subject,
            related=tuple(sorted(set(verdict.related) - {subject})),
            result=verdict.result,
            severity=clause.severity,
            certainty=certainty,
            reason=verdict.reason,
            item=verdict.item,
            fingerprint=fingerprint(self.id, subject, verdict.reason, verdict.item),
            facts=noted,
            open=verdict.open,
            event_ids=tuple(dict.fromkeys(verdict.event_ids)),
            sentence=verdict.sentence,
            audience=self.audience,
            stage=self.stage,
        )


def _told_apart(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Verdicts on items of the same name (a ref recorded twice) get a number, so that no two share a fingerprint."""
    seen: dict[tuple[str, str, str], int] = {}
    out = []
    for one in verdicts:
        number = seen[_about(one)] = seen.get(_about(one), 0) + 1
        out.append(one if number == 1 else replace(one, item=f"{one.item}#{number}"))
    return out


def _about(verdict: Verdict) -> tuple[str, str, str]:
    """What a verdict is about within its group: the subject that it names, the reason and the item."""
    return verdict.subject or "", verdict.reason, verdict.item


def _suspect(verdict: Verdict, late_by: str) -> Verdict:
    facts = {**verdict.facts, "late_only_by": f"{late_by} value"}
    sentence = Text(
        verdict.sentence.zh
        + "（相关事实曾被更正，仅按"
        + ("原值" if late_by == "first" else "更正值")
        + "计算才成立。）",
        verdict.sentence.en + f" (A fact behind it was corrected; this holds only by the {late_by} value.)",
    )
    return replace(verdict, certainty="suspect", facts=facts, sentence=sentence)


def group_of(subject: str) -> Group | None:
    """The group of a subject's own events; None for registers and other subjects that no check judges."""
    if subject.startswith("XF"):
        return Group("case", subject)
    if subject.startswith("JZ"):
        return Group("grant", subject)
    if subject.startswith("fund:"):
        return Group("fund", subject)
    return None


def cannot_tell(
    reason: str,
    missing: Text,
    event_ids: Iterable[str],
    *,
    item: str = "",
    facts: Mapping[str, Any] | None = None,
) -> Verdict:
    """The answer where a fact is missing: it names the fact and is never counted as clean."""
    return Verdict(
        reason=reason,
        item=item,
        result="cannot_tell",
        event_ids=tuple(event_ids),
        facts={**(facts or {}), "missing": missing.en},
        sentence=Text(f"无法判断：缺少{missing.zh}。", f"Cannot tell: {missing.en} is not recorded."),
    )


def weaker(one: Certainty, other: Certainty) -> Certainty:
    """The weaker of two certainties."""
    return max(one, other, key=CERTAINTIES.index)
