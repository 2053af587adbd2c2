"""Who handles a case: assignment, declared interests, recusal (art. 28–29)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from domain.base import Desk, Draft
from domain.case.case import Case, CaseAction, CaseFact
from domain.event import Event
from domain.fields import (
    Closed,
    Code,
    Flag,
    Known,
    Maybe,
    Text,
)


class _Assignment(Closed):
    handler: Known[Code]
    supervisor: Maybe[Code]


class HandlerAssigned(_Assignment, CaseFact):
    """确定承办人: a person was put in charge of the case."""

    type_name = "petition.case.handler_assigned.v1"


class AssignHandler(_Assignment, CaseAction):
    """确定承办人: put a staff member in charge."""

    facts = (HandlerAssigned,)
    action: Literal["assign_handler"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        return [Draft(desk.case(self.case), HandlerAssigned)]


class _Interest(Closed):
    staff: Code
    relation: Known[Text]


class InterestDeclared(_Interest, CaseFact):
    """申报利害关系: a staff member declared an interest in the matter."""

    type_name = "petition.case.interest_declared.v1"

    def apply(self, state: Case, event: Event) -> None:
        if self.staff not in state.interests:
            state.interests.append(self.staff)


class DeclareInterest(_Interest, CaseAction):
    """申报利害关系: declare an interest of a staff member (art. 28)."""

    facts = (InterestDeclared,)
    action: Literal["declare_interest"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        return [Draft(desk.case(self.case), InterestDeclared)]


class _RecusalRequest(Closed):
    staff: Code
    requested_by: Known[Literal["petitioner", "unit", "self"]]
    reason: Known[Text]


class RecusalRequested(_RecusalRequest, CaseFact):
    """申请回避: somebody asked for a staff member's recusal."""

    type_name = "petition.case.recusal_requested.v1"

    def apply(self, state: Case, event: Event) -> None:
        if self.staff not in state.interests:
            state.interests.append(self.staff)


class RequestRecusal(_RecusalRequest, CaseAction):
    """申请回避: ask for the recusal of a staff member (art. 28)."""

    facts = (RecusalRequested,)
    action: Literal["request_recusal"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        return [Draft(desk.case(self.case), RecusalRequested)]


class _RecusalDecision(Closed):
    staff: Code
    recused: Known[Flag]
    replacement: Maybe[Code]


class RecusalDecided(_RecusalDecision, CaseFact):
    """回避决定: the recusal was decided."""

    type_name = "petition.case.recusal_decided.v1"

    def apply(self, state: Case, event: Event) -> None:
        if self.recused and self.staff not in state.recused:
            state.recused.append(self.staff)
        if self.recused is False and self.staff in state.recused:
            state.recused.remove(self.staff)


class DecideRecusal(_RecusalDecision, CaseAction):
    """决定回避: decide whether a staff member is recused (art. 28)."""

    facts = (RecusalDecided,)
    action: Literal["decide_recusal"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        if self.staff not in case.interests:
            raise case.refuse(f"no interest of {self.staff} was declared and no recusal requested", "staff")
        return [Draft(case, RecusalDecided)]


ACTIONS = (
    AssignHandler,
    DeclareInterest,
    RequestRecusal,
    DecideRecusal,
)
