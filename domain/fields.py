"""The types that fields of actions and events are made of."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

SAFE_INTEGER = 2**53 - 1
TEXT_CHARACTERS_MAX = 500
LIST_ITEMS_MAX = 200
NUMBERS_MAX = 3_000

REF_PATTERN = r"^ref:[A-Za-z0-9._:/-]{1,120}$"
CASE_NUMBER_PATTERN = r"XF[0-9]{6}-[0-9]{4}-[0-9]{6}"
GRANT_NUMBER_PATTERN = r"JZ[0-9]{6}-[0-9]{4}-[0-9]{4,}"
CODE_PATTERN = r"^[A-Za-z0-9._:/-]{1,64}$"
TAG_PATTERN = r"^hmac:[0-9a-f]{64}$"


class LiveField:
    """Marks a field that live work must state and imported history may not know."""


T = TypeVar("T")
Known = Annotated[T | None, LiveField(), Field(default=None)]
Maybe = Annotated[T | None, Field(default=None)]


def _is_day(value: str) -> str:
    if value[8:] > "28" or value < "0001":  # the pattern admits no other days that there are not
        date.fromisoformat(value)
    return value


def _is_instant(value: str) -> str:
    if value[8:10] > "28" or value < "0001":  # the pattern admits no other instants that there are not
        datetime.fromisoformat(value)
    return value


def _pattern(pattern: str) -> Any:
    return StringConstraints(pattern=pattern, strict=True)


Ref = Annotated[str, _pattern(REF_PATTERN)]
CaseName = Annotated[str, _pattern(rf"^(ref:[A-Za-z0-9._:/-]{{1,120}}|{CASE_NUMBER_PATTERN})$")]
GrantName = Annotated[str, _pattern(rf"^(ref:[A-Za-z0-9._:/-]{{1,120}}|{GRANT_NUMBER_PATTERN})$")]
FundName = Annotated[str, _pattern(r"^(fund:)?ref:[A-Za-z0-9._:/-]{1,120}$")]
CaseNumber = Annotated[str, _pattern(rf"^{CASE_NUMBER_PATTERN}$")]
GrantNumber = Annotated[str, _pattern(rf"^{GRANT_NUMBER_PATTERN}$")]
FundNumber = Annotated[str, _pattern(r"^fund:ref:[A-Za-z0-9._:/-]{1,120}$")]
Code = Annotated[str, _pattern(CODE_PATTERN)]
PersonRef = Annotated[str, _pattern(r"^[A-Za-z0-9._:/-]{1,128}$")]
Document = Annotated[str, _pattern(r"^(sha256|hmac):[0-9a-f]{64}$")]
Tag = Annotated[str, _pattern(TAG_PATTERN)]
EventId = Annotated[str, _pattern(r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")]
ActionId = Annotated[str, _pattern(r"^[^\x00-\x1f\x7f]{1,128}$")]
Text = Annotated[str, StringConstraints(max_length=TEXT_CHARACTERS_MAX, strict=True)]
Region = Annotated[str, _pattern(r"^[0-9]{6}$")]
Year = Annotated[int, Field(strict=True, ge=1900, le=2200)]
Count = Annotated[int, Field(strict=True, ge=0, le=SAFE_INTEGER)]
Fen = Annotated[int, Field(strict=True, ge=-SAFE_INTEGER, le=SAFE_INTEGER)]
PositiveFen = Annotated[int, Field(strict=True, ge=0, le=SAFE_INTEGER)]
Days = Annotated[int, Field(strict=True, ge=-SAFE_INTEGER, le=SAFE_INTEGER)]
Flag = Annotated[bool, Field(strict=True)]
Day = Annotated[
    str,
    _pattern(r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"),
    AfterValidator(_is_day),
]
Instant = Annotated[
    str,
    _pattern(
        r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
        r"(\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
    ),
    AfterValidator(_is_instant),
]
FORMS: dict[Any, str] = {
    Instant: "an instant with seconds and offset, such as 2025-03-04T10:20:00+08:00",
    Day: "a day, such as 2025-03-04",
    Document: "sha256: or hmac: and 64 hexadecimal digits",
    Tag: "hmac: and 64 hexadecimal digits",
    Ref: "ref: and 1 to 120 of A-Z a-z 0-9 . _ : / -, such as ref:A17",
    CaseName: "a case number such as XF500229-2025-000001, or a name such as ref:A17",
    GrantName: "a grant number such as JZ500229-2025-0001, or a name such as ref:G3",
    FundName: "the name of a fund, such as ref:F2025",
    Code: "1 to 64 of A-Z a-z 0-9 . _ : / -, such as S-012",
    PersonRef: "1 to 128 of A-Z a-z 0-9 . _ : / -, fresh for every case",
    EventId: "the id of an event as `show --json` gives it",
    ActionId: "1 to 128 characters, no control character",
    Region: "six digits of GB/T 2260, such as 500229",
}
"""What a text of each form looks like, for whoever has to write it."""


def form_of(pattern: str) -> str | None:
    """The words for the form that a pattern describes; None where it is not one of the forms above."""
    return _FORM_OF_PATTERN.get(pattern)


_FORM_OF_PATTERN = {
    constraint.pattern: words
    for form, words in FORMS.items()
    for constraint in form.__metadata__
    if isinstance(constraint, StringConstraints)
}

Codes = Annotated[list[Code], Field(max_length=LIST_ITEMS_MAX)]
SomeCodes = Annotated[list[Code], Field(min_length=1, max_length=LIST_ITEMS_MAX)]
Documents = Annotated[list[Document], Field(max_length=LIST_ITEMS_MAX)]
Texts = Annotated[list[Text], Field(max_length=LIST_ITEMS_MAX)]
DaysOff = Annotated[list[Day], Field(max_length=LIST_ITEMS_MAX)]
Role = Literal[
    "registrar",
    "clerk",
    "handler",
    "head",
    "examiner",
    "approver",
    "treasurer",
    "cashier",
    "bookkeeper",
    "reviewer",
    "inspector",
]
Roles = Annotated[list[Role], Field(max_length=LIST_ITEMS_MAX)]
Delivery = Literal["hand", "post", "public_notice", "online", "sms", "entrusted"]


class Closed(BaseModel):
    """A closed, frozen, strict model: unknown fields and converted types are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class Meeting(Closed):
    """A collective decision: who sat in it and who dissented (《信访工作责任制实施办法》第十一条)."""

    held_on: Day
    attendees: Codes
    dissent: Codes
