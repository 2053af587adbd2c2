"""The end of a case: closing, reopening, rating, archiving (办结、重新办理、评价、归档)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from domain.base import Desk, Draft
from domain.case.case import Case, CaseAction, CaseFact
from domain.event import Event
from domain.fields import Closed, Code, Known, Text


class _Closing(Closed):
    ground: Literal[
        "opinion_delivered",
        "mediated",
        "handed_to_procedure",
        "withdrawn",
        "not_accepted",
        "review_final",
        "merged",
        "no_longer_accepted",
        "petitioner_died",
        "suggestion_answered",
        "accusation_transferred",
        "answered_directly",
        "transferred_out",
    ]


class CaseClosed(_Closing, CaseFact):
    """办结: the case was closed."""

    type_name = "petition.case.closed.v1"

    def apply(self, state: Case, event: Event) -> None:
        state.closed = True


class CloseCase(_Closing, CaseAction):
    """办结: close the case on a stated ground."""

    facts = (CaseClosed,)
    action: Literal["close_case"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        case.require_registered()
        if case.closed:
            raise case.refuse("closed already", code="case_closed")
        return [Draft(case, CaseClosed)]


class _Reopening(Closed):
    reason: Known[Text]
    approved_by: Known[Code]


class CaseReopened(_Reopening, CaseFact):
    """重新办理: the case was opened again."""

    type_name = "petition.case.reopened.v1"

    def apply(self, state: Case, event: Event) -> None:
        state.closed = False
        state.withdrawn = False
        state.accepted_by = []


class ReopenCase(_Reopening, CaseAction):
    """重新办理: open a closed case again."""

    facts = (CaseReopened,)
    action: Literal["reopen_case"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        if not case.closed:
            raise case.refuse("the case is not closed")
        return [Draft(case, CaseReopened)]


class _Rating(Closed):
    side: Known[Literal["office", "unit"]]
    grade: Known[Literal["satisfied", "basically", "dissatisfied"]]
    entered_via: Known[Literal["petitioner_online", "sms", "phone", "hall_kiosk", "office_terminal"]]


class Rated(_Rating, CaseFact):
    """满意度评价: the petitioner rated the office or the unit."""

    type_name = "petition.case.rated.v1"


class Rate(_Rating, CaseAction):
    """满意度评价: record the petitioner's rating (国信发〔2022〕11号)."""

    facts = (Rated,)
    action: Literal["rate"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        return [Draft(desk.case(self.case), Rated)]


class _Archiving(Closed):
    archive_no: Known[Text]


class CaseArchived(_Archiving, CaseFact):
    """归档: the case was archived."""

    type_name = "petition.case.archived.v1"


class ArchiveCase(_Archiving, CaseAction):
    """归档: archive a closed case."""

    facts = (CaseArchived,)
    action: Literal["archive_case"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        if not case.closed:
            raise case.refuse("the case is not closed")
        return [Draft(case, CaseArchived)]


ACTIONS = (CloseCase, ReopenCase, Rate, ArchiveCase)
