"""Registers: units, staff, calendars, parameters, lists; a register entry may come after the act that needed it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from domain.base import Action, Aggregate, Desk, Draft, Fact
from domain.event import Event
from domain.fields import (
    NUMBERS_MAX,
    Closed,
    Code,
    Codes,
    Count,
    Day,
    DaysOff,
    Document,
    Flag,
    Known,
    Maybe,
    Roles,
    Text,
    Year,
)

UnitKind = Literal[
    "petition_office",
    "superior_petition_office",
    "national_bureau",
    "party_committee",
    "government",
    "joint_conference",
    "organisation_dept",
    "discipline",
    "politics_law",
    "police",
    "court",
    "procuratorate",
    "finance",
    "responsible",
    "township",
    "external",
    "other",
]


class Entry(Aggregate):
    """Decision state of a register subject: a unit's superiors, a staff member's roles and dates."""

    superiors: list[str] = []
    declared: str | None = None
    roles: list[str] = []
    active_from_on: str | None = None
    active_until_on: str | None = None


class RegisterFact(Fact):
    """The payload of a register event."""


class RegisterAction(Action):
    """An entry into a register; its subject follows from its own fields."""

    def subject(self) -> str:
        """The subject of the event: `unit:…`, `staff:…`, `calendar:…`, `check:…` or `ledger`."""
        return "ledger"

    def decide(self, desk: Desk) -> Sequence[Draft]:
        return [Draft(desk.register(self.subject()), self.facts[0])]


class _Unit(Closed):
    unit: Code
    name: Known[Text]
    kind: UnitKind
    superiors: Maybe[Codes]
    from_on: Maybe[Day]


class UnitDeclared(_Unit, RegisterFact):
    """机关、单位: a unit and the line it stands in."""

    type_name = "petition.register.unit_declared.v1"

    def apply(self, state: Entry, event: Event) -> None:
        state.declared = event.attributes.get("id")
        state.superiors = list(self.superiors or [])


class DeclareUnit(_Unit, RegisterAction):
    """登记机关、单位: declare a unit and the line it stands in."""

    facts = (UnitDeclared,)
    action: Literal["declare_unit"]

    def subject(self) -> str:
        return f"unit:{self.unit}"


class _Staff(Closed):
    staff: Code
    name: Known[Text]
    unit: Code
    roles: Known[Roles]
    active_from_on: Known[Day]
    active_until_on: Maybe[Day]


class StaffDeclared(_Staff, RegisterFact):
    """工作人员: an official, the unit and the roles; the name belongs to the record of the official's acts."""

    type_name = "petition.register.staff_declared.v1"

    def apply(self, state: Entry, event: Event) -> None:
        state.declared = event.attributes.get("id")
        state.roles = list(self.roles or [])
        state.active_from_on, state.active_until_on = self.active_from_on, self.active_until_on


class DeclareStaff(_Staff, RegisterAction):
    """登记工作人员: declare an official, the unit and the roles."""

    facts = (StaffDeclared,)
    action: Literal["declare_staff"]

    def subject(self) -> str:
        return f"staff:{self.staff}"


class _CalendarYear(Closed):
    year: Year
    holidays: Known[DaysOff]
    workdays: Known[DaysOff]
    notice: Known[Text]
    provisional: Known[Flag]


class CalendarDeclared(_CalendarYear, RegisterFact):
    """节假日安排: the working days of a year by State Council notice."""

    type_name = "petition.register.calendar_declared.v1"


class DeclareCalendar(_CalendarYear, RegisterAction):
    """登记节假日安排: declare the working days of a year."""

    facts = (CalendarDeclared,)
    action: Literal["declare_calendar"]

    def subject(self) -> str:
        return f"calendar:{self.year}"


CheckId = Annotated[str, Field(pattern=r"^XF-[A-Z]{3}-[0-9]{3}$")]
Parameter = Count | Flag | Text | Annotated[list[Count | Text], Field(max_length=200)]


class _Parameters(Closed):
    check: CheckId
    parameters: Annotated[dict[Text, Parameter], Field(max_length=200)]
    author: Known[Code]
    approved_by: Known[Code]
    reason: Known[Text]


class CheckParametersSet(_Parameters, RegisterFact):
    """检查参数: a check's parameters were set; every finding names the version it was computed with."""

    type_name = "petition.register.check_parameters_set.v1"


class SetCheckParameters(_Parameters, RegisterAction):
    """设定检查参数: set the parameters of a check."""

    facts = (CheckParametersSet,)
    action: Literal["set_check_parameters"]

    def subject(self) -> str:
        return f"check:{self.check}"


class _Cutover(Closed):
    on: Day


class CutoverDeclared(_Cutover, RegisterFact):
    """上线日: the day from which live work begins."""

    type_name = "petition.register.cutover_declared.v1"


class DeclareCutover(_Cutover, RegisterAction):
    """确定上线日: fix the day from which live work begins."""

    facts = (CutoverDeclared,)
    action: Literal["declare_cutover"]


class _ExternalList(Closed):
    system: Text
    from_on: Known[Day]
    until_on: Known[Day]
    count: Known[Count]
    numbers: Known[Annotated[list[Text], Field(max_length=NUMBERS_MAX)] | Document]
    part: Maybe[Count]
    parts: Maybe[Count]


class ExternalListDeclared(_ExternalList, RegisterFact):
    """外部系统编号清单: the numbers that another system holds for a period."""

    type_name = "petition.register.external_list_declared.v1"


class DeclareExternalList(_ExternalList, RegisterAction):
    """登记外部系统编号清单: declare the numbers that another system holds."""

    facts = (ExternalListDeclared,)
    action: Literal["declare_external_list"]


class _ChannelLog(Closed):
    channel: Known[Text]
    unit: Code
    on: Known[Day]
    count: Known[Count]
    not_petitions: Known[Count]


class ChannelLogDeclared(_ChannelLog, RegisterFact):
    """渠道日志: how many items a channel's own log counts on a day."""

    type_name = "petition.register.channel_log_declared.v1"


class DeclareChannelLog(_ChannelLog, RegisterAction):
    """登记渠道日志: declare how many items a channel's own log counts."""

    facts = (ChannelLogDeclared,)
    action: Literal["declare_channel_log"]


class _Import(Closed):
    file: Document
    bytes: Count
    kind: Literal["history", "live"]
    operator: Text
    recorder_staff: Maybe[Code]
    approved_by: Maybe[Code]
    reason: Maybe[Text]


class ImportOpened(_Import, RegisterFact):
    """导入开始: whose file, who recorded it, on whose approval."""

    type_name = "petition.register.import_opened.v1"


class OpenImport(_Import, RegisterAction):
    """导入开始: recorded by `import` itself; `act` and action files may not send it."""

    system_only: ClassVar[bool] = True
    facts = (ImportOpened,)
    action: Literal["open_import"]


class _KeyRotation(Closed):
    old: Text
    new: Text
    from_size: Count


class KeyRotated(_KeyRotation, RegisterFact):
    """日志密钥轮换: the log's signing key was changed; both are verifier keys, and from that size the new one signs."""

    type_name = "petition.ledger.key_rotated.v1"


class RotateLogKey(_KeyRotation, RegisterAction):
    """日志密钥轮换: recorded by `rotate-key` itself; the old key signs the event that names the new one."""

    system_only: ClassVar[bool] = True
    facts = (KeyRotated,)
    action: Literal["rotate_log_key"]


def state_class(subject: str) -> type[Aggregate]:
    """The state class of a subject by its form."""
    from domain.case.case import Case
    from domain.fund import Fund
    from domain.grant import Grant

    if subject.startswith("XF"):
        return Case
    if subject.startswith("JZ"):
        return Grant
    if subject.startswith("fund:"):
        return Fund
    return Entry


ACTIONS = (
    DeclareUnit,
    DeclareStaff,
    DeclareCalendar,
    SetCheckParameters,
    DeclareCutover,
    DeclareExternalList,
    DeclareChannelLog,
)
SYSTEM_ACTIONS = (OpenImport, RotateLogKey)
