"""What every group is judged against: registers, calendar, parameters in force, fund rules and the question itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from domain.asof import AsOf
from domain.calendar import Calendar
from domain.checks.base import Certainty, weaker
from domain.checks.facts import Act, act_of
from domain.corrections import corrected
from domain.event import importid_of

if TYPE_CHECKING:
    from domain.checks.base import Check

Tagger = Callable[[str, str], str | None]

UNIT_DECLARED = "petition.register.unit_declared.v1"
STAFF_DECLARED = "petition.register.staff_declared.v1"
CALENDAR_DECLARED = "petition.register.calendar_declared.v1"
PARAMETERS_SET = "petition.register.check_parameters_set.v1"
IMPORT_OPENED = "petition.register.import_opened.v1"
FUND_OPENED = "petition.fund.opened.v1"
CUTOVER_DECLARED = "petition.register.cutover_declared.v1"
EXTERNAL_LIST = "petition.register.external_list_declared.v1"
CHANNEL_LOG = "petition.register.channel_log_declared.v1"
CORRECTIONS = ("petition.register.record_corrected.v1", "petition.fund.record_corrected.v1")
CONTEXT_TYPES: frozenset[str] = frozenset(
    {
        UNIT_DECLARED,
        STAFF_DECLARED,
        CALENDAR_DECLARED,
        PARAMETERS_SET,
        IMPORT_OPENED,
        FUND_OPENED,
        CUTOVER_DECLARED,
        EXTERNAL_LIST,
        CHANNEL_LOG,
        *CORRECTIONS,
    }
)

REGISTERED = frozenset({IMPORT_OPENED, CUTOVER_DECLARED, EXTERNAL_LIST, CHANNEL_LOG})
"""Register events that a check reads as they are: `Context.declared`."""

OFFICE_KINDS = frozenset({"petition_office", "superior_petition_office", "national_bureau"})


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


@dataclass(frozen=True, slots=True)
class Unit:
    """One declaration of a unit."""

    code: str
    kind: str | None
    superiors: tuple[str, ...]
    from_on: date | None
    superiors_known: bool = False


@dataclass(frozen=True, slots=True)
class Staff:
    """One declaration of a staff member."""

    staff: str
    unit: str | None
    roles: frozenset[str]
    active_from_on: date | None
    active_until_on: date | None

    def is_active(self, day: date) -> bool:
        """Whether the declaration covers the day."""
        starts = self.active_from_on is None or self.active_from_on <= day
        return starts and (self.active_until_on is None or day <= self.active_until_on)


@dataclass(frozen=True, slots=True)
class Register:
    """Units and staff with all their declarations, asked for a day."""

    units: Mapping[str, tuple[Unit, ...]] = field(default_factory=dict)
    staff: Mapping[str, tuple[Staff, ...]] = field(default_factory=dict)
    _above: dict[tuple[str, date], frozenset[str]] = field(default_factory=dict, compare=False, repr=False)

    def unit(self, code: str | None, day: date) -> Unit | None:
        """The last declaration in force on the day; None where the unit is not declared for it."""
        for declared in reversed(self.units.get(code or "", ())):
            if declared.from_on is None or declared.from_on <= day:
                return declared
        return None

    def kind(self, code: str | None, day: date) -> str | None:
        """The kind of a unit on a day; None where it is not known."""
        for declared in reversed(self.units.get(code or "", ())):
            if declared.from_on is None or declared.from_on <= day:
                return declared.kind
        return None

    def above(self, code: str, day: date) -> frozenset[str]:
        """All units above one, along `superiors`."""
        if code not in self.units:
            return frozenset()
        known = self._above.get((code, day))
        if known is None:
            known = self._above[(code, day)] = self._walk_up(code, day)
        return known

    def _walk_up(self, code: str, day: date) -> frozenset[str]:
        found: set[str] = set()
        waiting = [code]
        while waiting:
            unit = self.unit(waiting.pop(), day)
            for superior in unit.superiors if unit else ():
                if superior not in found and superior != code:
                    found.add(superior)
                    waiting.append(superior)
        return frozenset(found)

    def on_one_line(self, one: str, other: str, day: date) -> bool:
        """Whether two units are the same or one is above the other."""
        return one == other or one in self.above(other, day) or other in self.above(one, day)

    def member(self, staff: str | None, day: date) -> Staff | None:
        """The last declaration of a staff member that covers the day."""
        for declared in reversed(self.staff.get(staff or "", ())):
            if declared.is_active(day):
                return declared
        return None


@dataclass(frozen=True, slots=True)
class Parameters:
    """The numbers in force per check, and which version of them: the ledger's or the caller's."""

    values: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)

    _found: dict[tuple[str, str], int] = field(default_factory=dict, compare=False, repr=False)

    def get(self, check: Check, name: str) -> int:
        """The value in force; KeyError where the check has no such parameter."""
        key = (check.id, name)
        found = self._found.get(key)
        if found is None:
            defaults = {parameter.name: parameter.default for parameter in check.parameters}
            found = self._found[key] = self.values.get(check.id, {}).get(name, defaults[name])
        return found

    def version(self, check: str) -> str:
        """`default`, the number of the declaration in the ledger, or `caller`."""
        return self.versions.get(check, "default")


@dataclass(frozen=True, slots=True)
class FundRules:
    """A fund's own rules, and the event that holds them."""

    rules: Mapping[str, Any]
    event_id: str

    def tier(self, amount_fen: int) -> Mapping[str, Any] | None:
        """The first tier that reaches the amount; None where no tier is that high or there is no table."""
        for tier in self.rules.get("tiers", ()):
            if "up_to_fen" not in tier or tier["up_to_fen"] >= amount_fen:
                return dict(tier)
        return None


@dataclass(frozen=True, slots=True)
class Context:
    """One version of everything around the groups; `today` is the day of the question."""

    as_of: AsOf
    today: date
    calendar: Calendar = field(default_factory=Calendar)
    register: Register = field(default_factory=Register)
    parameters: Parameters = field(default_factory=Parameters)
    fund_rules: Mapping[str, FundRules] = field(default_factory=dict)
    fund_kinds: Mapping[str, str] = field(default_factory=dict)
    import_kinds: Mapping[str, str] = field(default_factory=dict)
    tag: Tagger | None = None
    registered: Mapping[str, tuple[Act, ...]] = field(default_factory=dict)
    matters: Mapping[str, str] = field(default_factory=dict)
    limits: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)
    """What was counted before and depends on the context alone, by its question: cases of one day share it."""
    notes: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """What a check derived from the registers once, by the name that it chose."""

    def matter(self, case: str) -> str:
        """The first number of the matter of a case; its own where nothing is joined to it."""
        return self.matters.get(case, case)

    def declared(self, name: str) -> tuple[Act, ...]:
        """The register's acts of one name (`register.cutover_declared`), corrected, in ledger order."""
        return self.registered.get(name, ())

    def certainty(self, declared: Certainty, *days: date) -> Certainty:
        """The declared certainty, at most `probable` where a counted year has no calendar of its own."""
        if any(self.calendar.is_provisional(day) for day in days):
            return weaker(declared, "probable")
        return declared

    def may_be_unknown(self, event: Mapping[str, Any]) -> bool:
        """Whether a field that is absent here is unknown rather than not there: imported history only."""
        imported = event.get("importid")
        return imported is not None and self.import_kinds.get(imported, "history") != "live"


def context_of(
    events: Iterable[tuple[int, dict[str, Any]]],
    as_of: AsOf,
    today: date,
    *,
    tag: Tagger | None = None,
    overrides: Mapping[str, Mapping[str, int]] | None = None,
    checks: Iterable[Check] = (),
    matters: Mapping[str, str] | None = None,
) -> Context:
    """Build the context from the ledger's register and fund events, in ledger order, and the caller's numbers.

    ValueError where the caller sets a parameter that no check has.
    """
    admitted = [pair for pair in events if as_of.admits(pair[1], pair[0])]
    by_type: dict[str, list[dict[str, Any]]] = {name: [] for name in CONTEXT_TYPES}
    registered: dict[str, tuple[Act, ...]] = {}
    for (position, _), event in zip(admitted, corrected(event for _, event in admitted), strict=True):
        if event["type"] in by_type:
            by_type[event["type"]].append(event)
        if event["type"] in REGISTERED:
            act = act_of(position, event)
            registered[act.name] = (*registered.get(act.name, ()), act)
    return Context(
        as_of=as_of,
        today=today,
        calendar=Calendar.from_events(by_type[CALENDAR_DECLARED]),
        register=_register(by_type[UNIT_DECLARED], by_type[STAFF_DECLARED]),
        parameters=_parameters(by_type[PARAMETERS_SET], overrides or {}, tuple(checks)),
        fund_rules={
            event["subject"]: FundRules(event["data"]["rules"], event["id"])
            for event in by_type[FUND_OPENED]
            if "rules" in event["data"]
        },
        fund_kinds={
            event["subject"]: str(event["data"]["kind"]) for event in by_type[FUND_OPENED] if "kind" in event["data"]
        },
        import_kinds=_import_kinds(event["data"] for event in by_type[IMPORT_OPENED]),
        tag=tag,
        registered=registered,
        matters={} if matters is None else matters,
    )


def _import_kinds(openings: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The kind of each import by its `importid`; a file opened as both is history, for its events do not say which."""
    kinds: dict[str, str] = {}
    for opening in openings:
        if "file" in opening:
            importid = importid_of(opening["file"])
            kind = opening.get("kind", "history")
            kinds[importid] = kind if kinds.get(importid, kind) == kind else "history"
    return kinds


def _register(unit_events: list[dict[str, Any]], staff_events: list[dict[str, Any]]) -> Register:
    units: dict[str, tuple[Unit, ...]] = {}
    for event in unit_events:
        data = event["data"]
        code = str(data.get("unit") or event["subject"].removeprefix("unit:"))
        declared = Unit(
            code,
            data.get("kind"),
            tuple(data.get("superiors", ())),
            _day(data.get("from_on")),
            "superiors" in data,
        )
        units[code] = (*units.get(code, ()), declared)
    staff: dict[str, tuple[Staff, ...]] = {}
    for event in staff_events:
        data = event["data"]
        name = str(data.get("staff") or event["subject"].removeprefix("staff:"))
        member = Staff(
            name,
            data.get("unit"),
            frozenset(data.get("roles", ())),
            _day(data.get("active_from_on")),
            _day(data.get("active_until_on")),
        )
        staff[name] = (*staff.get(name, ()), member)
    return Register(units, staff)


def _parameters(
    events: list[dict[str, Any]], overrides: Mapping[str, Mapping[str, int]], checks: tuple[Check, ...]
) -> Parameters:
    values: dict[str, dict[str, int]] = {}
    versions: dict[str, str] = {}
    for event in events:
        check = str(event["data"].get("check") or event["subject"].removeprefix("check:"))
        numbers = {name: value for name, value in event["data"].get("parameters", {}).items() if type(value) is int}
        values[check] = {**values.get(check, {}), **numbers}
        versions[check] = str(event["sequence"])
    known = {check.id: {parameter.name for parameter in check.parameters} for check in checks}
    for check, wanted in overrides.items():
        for name, value in wanted.items():
            if name not in known.get(check, set()):
                raise ValueError(f"no check has the parameter {check}.{name}")
            values.setdefault(check, {})[name] = value
        versions[check] = "caller"
    return Parameters(values, versions)
