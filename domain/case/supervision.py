"""Supervision, the three kinds of advice, and official measures (art. 40, 47)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from domain.base import Desk, Draft
from domain.case.case import Case, CaseAction, CaseFact
from domain.errors import NotFound
from domain.event import Event
from domain.fields import Closed, Code, Day, Document, Flag, Known, Maybe, Ref, Text


class _Supervision(Closed):
    supervision: Ref
    ground: Literal["RULE_BREACH", "SHIRKING", "PERFUNCTORY", "DELAY", "FALSIFICATION", "REFUSED_EXECUTION", "OTHER"]
    method: Known[Text]
    to: Code
    due_on: Maybe[Day]


class SupervisionOpened(_Supervision, CaseFact):
    """督办: a supervision of a unit was opened."""

    type_name = "petition.case.supervision_opened.v1"

    def apply(self, state: Case, event: Event) -> None:
        state.supervisions[self.supervision] = True


class Supervise(_Supervision, CaseAction):
    """督办: open a supervision of a unit (art. 40)."""

    facts = (SupervisionOpened,)
    claims = "supervision"
    action: Literal["supervise"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        desk.claim("supervision", self.supervision)
        return [Draft(case, SupervisionOpened)]


def _require_open(case: Case, supervision: str) -> None:
    if not case.supervisions.get(supervision):
        raise case.refuse(f"supervision {supervision} is not open", "supervision")


class _SupervisionAnswer(Closed):
    supervision: Ref
    report: Known[Document]


class SupervisionAnswered(_SupervisionAnswer, CaseFact):
    """督办反馈: the supervised unit answered."""

    type_name = "petition.case.supervision_answered.v1"


class AnswerSupervision(_SupervisionAnswer, CaseAction):
    """督办反馈: answer a supervision."""

    facts = (SupervisionAnswered,)
    action: Literal["answer_supervision"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        _require_open(case, self.supervision)
        return [Draft(case, SupervisionAnswered)]


class _SupervisionClosing(Closed):
    supervision: Ref
    outcome: Known[Literal["done", "not_done", "dropped"]]


class SupervisionClosed(_SupervisionClosing, CaseFact):
    """督办办结: the supervision ended."""

    type_name = "petition.case.supervision_closed.v1"

    def apply(self, state: Case, event: Event) -> None:
        state.supervisions[self.supervision] = False


class CloseSupervision(_SupervisionClosing, CaseAction):
    """督办办结: end a supervision."""

    facts = (SupervisionClosed,)
    action: Literal["close_supervision"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        _require_open(case, self.supervision)
        return [Draft(case, SupervisionClosed)]


class _Advice(Closed):
    advice: Ref
    kind: Literal["improve_work", "improve_policy", "accountability"]
    to: Code
    document: Known[Document]


class AdviceIssued(_Advice, CaseFact):
    """三项建议: advice was given to a unit."""

    type_name = "petition.case.advice_issued.v1"

    def apply(self, state: Case, event: Event) -> None:
        state.advice[self.advice] = False


class Advise(_Advice, CaseAction):
    """改进工作、完善政策、追究责任的建议: give one of the three kinds of advice (art. 40)."""

    facts = (AdviceIssued,)
    claims = "advice"
    action: Literal["advise"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        desk.claim("advice", self.advice)
        return [Draft(case, AdviceIssued)]


class _AdviceAnswer(Closed):
    advice: Ref
    adopted: Known[Flag]
    reason: Maybe[Text]
    document: Known[Document]


class AdviceAnswered(_AdviceAnswer, CaseFact):
    """书面反馈采纳情况: the unit said whether it adopted the advice."""

    type_name = "petition.case.advice_answered.v1"

    def apply(self, state: Case, event: Event) -> None:
        state.advice[self.advice] = True


class AnswerAdvice(_AdviceAnswer, CaseAction):
    """书面反馈采纳情况: answer an advice in writing (art. 40)."""

    facts = (AdviceAnswered,)
    action: Literal["answer_advice"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        if self.advice not in case.advice:
            raise NotFound("unknown_subject", f"no advice {self.advice} in this case", field="advice", subject=case.id)
        if case.advice[self.advice]:
            raise case.refuse(f"advice {self.advice} is answered", "advice")
        return [Draft(case, AdviceAnswered)]


class _Measure(Closed):
    measure: Ref
    kind: Literal["dissuasion", "criticism", "education", "admonition", "police_penalty", "care_plan"]
    unit: Code
    legal_basis: Maybe[Text]
    conduct: Maybe[Document]
    approved_by: Maybe[Code]
    until_on: Maybe[Day]
    statement: Maybe[Document]
    statement_refused: Maybe[Flag]


class MeasureTaken(_Measure, CaseFact):
    """采取措施: what officials did, on whose authority; never a mark on a person."""

    type_name = "petition.case.measure_taken.v1"

    def apply(self, state: Case, event: Event) -> None:
        state.measures[self.measure] = True


class TakeMeasure(_Measure, CaseAction):
    """劝阻、批评、教育、训诫等: record what officials did, on whose authority (art. 47)."""

    facts = (MeasureTaken,)
    claims = "measure"
    action: Literal["take_measure"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        desk.claim("measure", self.measure)
        return [Draft(case, MeasureTaken)]


class _MeasureRelease(Closed):
    measure: Ref
    reason: Known[Text]


class MeasureReleased(_MeasureRelease, CaseFact):
    """解除措施: the measure ended."""

    type_name = "petition.case.measure_released.v1"

    def apply(self, state: Case, event: Event) -> None:
        state.measures[self.measure] = False


class ReleaseMeasure(_MeasureRelease, CaseAction):
    """解除措施: end a measure."""

    facts = (MeasureReleased,)
    action: Literal["release_measure"]

    def decide(self, desk: Desk) -> Sequence[Draft]:
        case = desk.case(self.case)
        if not case.measures.get(self.measure):
            raise case.refuse(f"measure {self.measure} is not in force", "measure")
        return [Draft(case, MeasureReleased)]


ACTIONS = (
    Supervise,
    AnswerSupervision,
    CloseSupervision,
    Advise,
    AnswerAdvice,
    TakeMeasure,
    ReleaseMeasure,
)
