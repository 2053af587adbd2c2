"""Ways 1, 2, 6 and 7: registered late, worked first, a clock that never starts, a refusal that escapes it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from domain.calendar import day_of
from domain.checks.base import Text
from infra.reference_year.manufactured_draft import (
    ENDED_FROM_MONTH,
    CaseDraft,
    YearDraft,
    is_simple_claim,
    moment,
    name_ended_case,
)
from infra.reference_year.offices import OFFICE

WORK = ("hear_facts", "investigate", "open_hearing", "mediate", "issue_opinion", "dispose", "close_case")
OFFICE_DAYS = 15
OFFICE_WORKDAYS = 13  # more than the fifteen days hold, their rolling included


def _first_work(draft: CaseDraft) -> datetime:
    return min(moment(action) for action in draft.all(*WORK))


def _register_on(draft: CaseDraft, at: datetime) -> None:
    """Registration and route at a later instant; everything else stays where it was."""
    draft.move(draft.first("register_petition"), at)
    draft.move(draft.first("route"), at + timedelta(minutes=12))


def late_registration(year: YearDraft) -> None:
    """Way 1: registered when the matter is safe, or never; the clock of the register starts late."""
    for days in (4, 5, 7):
        (draft,) = year.take(1, _may_register(year, days, within_the_office_limit=True))
        _register_on(draft, year.on(year.workday(draft.receipt_day, days)))
        told = Text(f"收件后第{days}个工作日才登记", f"registered on the {days}th working day after receipt")
        year.plant(1, "XF-ACC-003", "a_usual", draft.ref, told)
    for _ in range(3):
        (draft,) = year.take(1, _may_register(year, OFFICE_WORKDAYS))
        late = year.workday(year.limit(draft.receipt_day, OFFICE_DAYS), 1)
        _register_on(draft, year.on(late))
        told = Text("收件15日后才登记", "registered after the fifteen days of the receipt")
        year.plant(1, "XF-ACC-003", "b_office", draft.ref, told)
    _never_registered(year)


def _may_register(
    year: YearDraft, workdays: int, *, within_the_office_limit: bool = False
) -> Callable[[CaseDraft], bool]:
    """A claim of which nothing but handing over and accepting lies before the late registration."""

    def fits(draft: CaseDraft) -> bool:
        if not is_simple_claim(draft):
            return False
        day = year.workday(draft.receipt_day, workdays)
        in_time = not within_the_office_limit or day <= year.limit(draft.receipt_day, OFFICE_DAYS)
        return in_time and _first_work(draft).date() > day

    return fits


def _never_registered(year: YearDraft) -> None:
    told = Text("已转送，始终未登记", "passed on and never registered")
    for draft in year.take(3, _is_passed_suggestion):
        draft.drop_named("register_petition", "route", "dispose", "close_case", "rate", "archive_case", "advise")
        year.plant(1, "XF-ACC-006", "b_office", draft.ref, told)
    desk = Text("单位自收来访，告知后始终未登记", "a visit at the unit's own desk, told and never registered")
    (draft,) = year.take(1, _is_desk_claim)
    notice = draft.notices(draft.receiver)[0]
    notice["notice"] = "receipt"
    draft.drop([action for action in draft.actions if action not in (draft.first("receive_petition"), notice)])
    year.plant(1, "XF-ACC-006", "a_usual", draft.ref, desk)


def _is_passed_suggestion(draft: CaseDraft) -> bool:
    return draft.has("hand_over") and draft.first("route")["purpose"] == "suggestion" and draft.has("notify_petitioner")


def _is_desk_claim(draft: CaseDraft) -> bool:
    return draft.receiver != OFFICE and not draft.has("extend", "request_review", "open_hearing", "advise")


def worked_first(year: YearDraft) -> None:
    """Way 2: the work is done before the register knows of it."""
    told = Text("系统日志早于记录的收到日", "the web log is days earlier than the day of receipt that was recorded")
    for draft in year.take(4, lambda one: _is_online_with_room(one, year)):
        day = draft.receipt_day
        receipt, register = draft.first("receive_petition"), draft.first("register_petition")
        later = year.on(year.workday(day, 2)).replace(hour=9)
        draft.move(receipt, later)
        if moment(register) < later:
            draft.move(register, later + timedelta(minutes=35))
        if moment(draft.first("route")) < moment(register):
            draft.move(draft.first("route"), moment(register) + timedelta(minutes=10))
        year.plant(2, "XF-ACC-007", "a_receipt", draft.ref, told)
    looked = Text("登记前已调查核实", "investigated before it was registered")
    for draft in year.take(3, lambda one: _is_desk_claim(one) and _registered_next_day(one)):
        at = moment(draft.first("receive_petition")) + timedelta(minutes=30)
        record = draft.document("first look", personal=True)
        unit, handler = draft.receiver, year.offices.serving(draft.receiver, "handler", at.date())[0].staff
        draft.add("investigate", at, unit, "handler", method="现场核查", attendees=[handler], record=record)
        year.plant(2, "XF-ACC-007", "b_worked", draft.ref, looked)


def _is_online_with_room(draft: CaseDraft, year: YearDraft) -> bool:
    """An online petition whose first act after the route lies after the third working day."""
    receipt = draft.first("receive_petition")
    if receipt["channel"] != "online" or draft.receiver != OFFICE:
        return False
    following, later = moment(draft.actions[3]).date(), year.workday(draft.receipt_day, 2)
    return following > later and later.year == draft.receipt_day.year and draft.actions[2]["action"] == "route"


def _registered_next_day(draft: CaseDraft) -> bool:
    return moment(draft.first("register_petition")).date() > moment(draft.first("receive_petition")).date()


def clock_never_started(year: YearDraft) -> None:
    """Way 6: without a class, or without an acceptance, no period can be held against anybody."""
    unrouted = Text("申诉求决未记录办理途径", "a claim without its route")
    for draft in year.take(2, is_simple_claim):
        del draft.first("route")["route"]
        year.plant(6, "XF-CLS-006", "unclassified", draft.ref, unrouted)
    unsorted = Text("登记后从未分类", "registered and never classified")
    for draft in year.take(2, lambda one: one.first("route")["purpose"] == "consultation"):
        draft.drop_named("route")
        year.plant(6, "XF-CLS-006", "unclassified", draft.ref, unsorted)
    late = Text("登记20余日后才补分类", "classified more than twenty days after registration")
    for draft in year.take(2, is_simple_claim):
        registered = day_of(draft.first("register_petition")["at"])
        draft.move(draft.first("route"), year.on(year.workday(year.limit(registered, 20), 2)))
        year.plant(6, "XF-CLS-006", "unclassified", draft.ref, late)
    _never_accepted(year)


def _never_accepted(year: YearDraft) -> None:
    told = Text("承办单位告知收到，从未受理", "the unit told of the receipt and never accepted")
    for draft in year.take(3, lambda one: is_simple_claim(one) and one.first("hand_over")["mode"] == "assign"):
        draft.notices(draft.unit)[0]["notice"] = "receipt"
        draft.drop([one for one in draft.all("rate") if one["side"] == "unit"])
        draft.drop_named("accept_case", "issue_opinion", "deliver_opinion", "execute_opinion")
        draft.last("feed_back")["result"] = "partly"
        draft.last("close_case")["ground"] = "answered_directly"
        year.plant(6, "XF-DDL-001", "never_accepted", draft.ref, told)


def refused_to_escape(year: YearDraft) -> None:
    """Way 7: what is refused is in no rate."""
    ended = Text(
        "以同一事项正在办理为由不予受理，所指案件早已办结",
        "refused as in process; the case named was closed long before",
    )
    for draft in year.take(3, _refused_for("same_matter_in_process"), plain=False):
        name_ended_case(year, draft, "register_petition", "repeat_of")
        year.plant(7, "XF-ACC-010", "same_matter", draft.ref, ended)
    told = Text("以已复核为由不予受理，所指事项并无复核", "refused as re-reviewed; the matter named had no re-review")
    for draft in year.take(1, _refused_for("re_reviewed"), plain=False):
        name_ended_case(year, draft, "register_petition", "repeat_of")
        year.plant(7, "XF-ACC-010", "re_reviewed", draft.ref, told)
    untold = Text(
        "以其他程序为由不予受理，未告知信访人", "refused for another procedure, and the petitioner was not told"
    )
    for draft in year.take(3, _refused_for("other_procedure")):
        draft.drop_named("notify_petitioner", "rate")
        at = moment(draft.first("refuse_acceptance")) + timedelta(minutes=5)
        draft.add("dispose", at, OFFICE, "clerk", kind="guided", document=draft.document("guided"))
        year.plant(7, "XF-ACC-010", "other_procedure", draft.ref, untold)
    _refused_then_accepted(year)
    _objected_then_accepted(year)


def _refused_for(ground: str) -> Callable[[CaseDraft], bool]:
    def fits(draft: CaseDraft) -> bool:
        names_another = ground != "other_procedure"
        late_enough = moment(draft.first("receive_petition")).month >= ENDED_FROM_MONTH or not names_another
        return late_enough and any(one["ground"] == ground for one in draft.all("refuse_acceptance"))

    return fits


def _refused_then_accepted(year: YearDraft) -> None:
    told = Text(
        "承办单位先不予受理，后又受理，其间无受理机关决定",
        "refused by the unit and later accepted by it, nobody deciding between",
    )
    for draft in year.take(3, _has_time_to_refuse):
        at = moment(draft.first("receive_handoff")) + timedelta(minutes=50)
        paper = draft.document("refusal")
        draft.add("refuse_acceptance", at, draft.unit, "handler", ground="not_competent", document=paper)
        year.plant(7, "XF-ACC-005", "refused", draft.ref, told)


def _objected_then_accepted(year: YearDraft) -> None:
    told = Text(
        "异议被采纳后由同一单位受理，其间无受理机关决定",
        "the unit's objection was upheld, and the same unit accepted, nobody deciding between",
    )
    for draft in year.take(2, lambda one: _keeps_it_despite_objection(year, one), plain=False):
        decided = draft.first("decide_objection")
        decided |= {"upheld": True, "materials_returned": True, "reason": "异议成立"}
        year.plant(7, "XF-ACC-005", "objected", draft.ref, told)


def _keeps_it_despite_objection(year: YearDraft, draft: CaseDraft) -> bool:
    """Whether the unit accepts so soon after the decision that the matter never lay with nobody."""
    decided = draft.all("decide_objection")
    if [one["upheld"] for one in decided] != [False] or not draft.has("accept_case"):
        return False
    return draft.accepted_on <= year.workday(moment(decided[0]).date(), 5)


def _has_time_to_refuse(draft: CaseDraft) -> bool:
    if not is_simple_claim(draft):
        return False
    return draft.accepted_on > day_of(draft.first("receive_handoff")["at"])
