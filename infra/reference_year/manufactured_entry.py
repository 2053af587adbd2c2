"""Ways 3 and 4: acts entered after the fact as if in time, and clock facts corrected until they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta

from domain.calendar import day_of
from domain.checks.base import Text
from infra.reference_year.manufactured_draft import (
    Action,
    ByProduct,
    CaseDraft,
    Correction,
    YearDraft,
    is_simple_claim,
    moment,
)

OFFICE_DAYS = 15
UNIT_DAYS = 15
NEVER_ACCEPTED_DAYS = 75
REVIEW_DAYS = 30
OBJECTION_WORKDAYS = 5
OUTSIDE_WORKDAYS = 10
LATE_WORKDAYS = 4
"""More than the two working days in which an act is to be entered."""
SLOW_ACTS = ("hear_facts", "investigate", "assign_handler", "execute_opinion", "archive_case")
"""Acts that stop no clock: entering them late hides nothing but shows the habit."""
SCARCE_ACTS = ("object_to_handoff", "issue_review")
"""Acts of few cases a year, taken wherever they are: another day of entry entangles nobody."""
SLOW_MONTHS = (("2025-04", 5), ("2025-07", 4), ("2025-10", 3))

Chosen = tuple[CaseDraft, Action, date]


def entered_late(year: YearDraft) -> None:
    """Way 3: dated in time, entered when the time was over; and whole months of late entries."""
    for fits, name, due, zh, en in _late_entries(year):
        (draft,) = year.take(1, fits, plain=name not in SCARCE_ACTS)
        action = _act(draft, name)
        _enter(year, action, year.workday(due(draft), 2))
        told = Text(f"{zh}记为期限内，期限过后才录入", f"{en} dated in time, entered after its period was over")
        year.plant(3, "XF-ACC-009", "entered_late", draft.ref, told)
    _slow_months(year)


def _act(draft: CaseDraft, name: str) -> Action:
    return draft.notices(draft.unit)[0] if name == "notify_petitioner" else draft.first(name)


def _enter(year: YearDraft, action: Action, day: date) -> None:
    action["entered_at"] = year.on(day).isoformat()


Entry = tuple[Callable[[CaseDraft], bool], str, Callable[[CaseDraft], date], str, str]


def _late_entries(year: YearDraft) -> list[Entry]:
    def office(draft: CaseDraft) -> date:
        return year.limit(draft.receipt_day, OFFICE_DAYS)

    def unit(draft: CaseDraft) -> date:
        return year.limit(draft.unit_receipt_day, UNIT_DAYS)

    def never_accepted(draft: CaseDraft) -> date:
        return year.limit(draft.unit_receipt_day, NEVER_ACCEPTED_DAYS)

    def notice(draft: CaseDraft) -> date:
        return year.workday(unit(draft), OUTSIDE_WORKDAYS)

    def feedback(draft: CaseDraft) -> date:
        return date.fromisoformat(draft.first("hand_over")["due_on"])

    def objection(draft: CaseDraft) -> date:
        return year.workday(draft.unit_receipt_day, OBJECTION_WORKDAYS)

    def review(draft: CaseDraft) -> date:
        return year.limit(day_of(draft.first("request_review")["received_at"]), REVIEW_DAYS)

    return [
        (is_simple_claim, "register_petition", office, "登记", "the registration"),
        (is_simple_claim, "hand_over", office, "首次转送", "the first handoff"),
        (is_simple_claim, "notify_petitioner", notice, "承办单位首次告知", "the unit's first notice"),
        (is_simple_claim, "accept_case", never_accepted, "受理", "the acceptance"),
        (is_simple_claim, "issue_opinion", lambda one: one.due, "处理意见", "the opinion"),
        (is_simple_claim, "issue_opinion", lambda one: one.due, "处理意见", "the opinion"),
        (_is_assigned, "feed_back", feedback, "办结反馈", "the feedback"),
        (_was_objected, "object_to_handoff", objection, "异议", "the objection"),
        (_was_reviewed, "issue_review", review, "复查意见", "the review"),
    ]


def _is_assigned(draft: CaseDraft) -> bool:
    return is_simple_claim(draft) and draft.first("hand_over")["mode"] == "assign"


def _was_objected(draft: CaseDraft) -> bool:
    return any(not one["upheld"] for one in draft.all("decide_objection"))


def _was_reviewed(draft: CaseDraft) -> bool:
    return [one["outcome"] for one in draft.all("issue_review")] in (["upheld"], ["changed"])


def _slow_months(year: YearDraft) -> None:
    """Three officials who entered a month's acts at its end, or later."""
    told = Text("一个月内多项行为逾期录入", "several acts of a month entered days too late")
    for month, wanted in SLOW_MONTHS:
        staff = _busiest(year, month, wanted)
        acts = [
            (draft, action)
            for ref, draft in sorted(year.cases.items())
            if ref not in year.used and year.is_plain(draft)
            for action in draft.all(*SLOW_ACTS)
            if _is_theirs(action, staff, month)
        ]
        chosen = acts[:wanted]
        for draft, action in chosen:
            year.used.add(draft.ref)
            _enter(year, action, year.workday(day_of(action["at"]), LATE_WORKDAYS))
        year.slow_staff.add(staff)
        year.plant(3, "XF-ACC-004", "entered_late", f"staff:{staff}", told, cases=[draft for draft, _ in chosen])


def _is_theirs(action: Action, staff: str, month: str) -> bool:
    return bool(action["by"]["staff"] == staff and action["at"].startswith(month))


def _busiest(year: YearDraft, month: str, wanted: int) -> str:
    """Who has most of these acts in the month, of those nothing was planted at; LookupError where nobody has enough."""
    counts: Counter[str] = Counter()
    for ref, draft in year.cases.items():
        if ref not in year.used and year.is_plain(draft):
            theirs = {one["by"]["staff"] for one in draft.all(*SLOW_ACTS) if one["at"].startswith(month)}
            counts.update(theirs - year.slow_staff)
    staff, count = min(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    if count < wanted:
        raise LookupError(f"{wanted} acts of one official in {month} wanted, {count} found")
    return staff


def corrected_clocks(year: YearDraft) -> None:
    """Way 4: the late fact stays in the ledger; a correction says that it was another day."""
    _opinion_moved_back(year)
    _acceptance_moved_on(year)
    _registration_moved_back(year)
    _notice_moved_back(year)
    _feedback_moved_back(year)
    _arrival_moved_on(year)


AFTERWARDS = ByProduct(
    "XF-ACC-009",
    "entered_late",
    Text(
        "更正后的日期在期限内，录入仍在期限之后",
        "by the corrected day the act is in time, and it was entered after its period",
    ),
)


def _correct(
    year: YearDraft,
    draft: CaseDraft,
    action: Action,
    field: str,
    now: datetime,
    told: Text,
    *,
    alone: bool = False,
    also: tuple[ByProduct, ...] = (),
) -> None:
    """Plan the correction; `alone` = whoever corrects also approves it."""
    was = action["at"] if field == "/time" else action[field.removeprefix("/")]
    unit = action["by"]["unit"]
    at = min(year.on(year.workday(moment(draft.actions[-1]).date(), 3)), year.cutover - timedelta(hours=2))
    staff = year.offices.serving(unit, "clerk", at.date())[0].staff
    approver = staff if alone else year.head(unit, at.date())
    year.corrections.append(
        Correction(draft.ref, action["action_id"], field, was, now.isoformat(), at, staff, unit, approver)
    )
    year.plant(4, "XF-DDL-005", "a_made_timely", draft.ref, told, also=also)
    if alone:
        himself = Text("更正人自己批准了更正", "whoever corrected the record also approved the correction")
        year.plant(4, "XF-DDL-005", "b_own_approval", draft.ref, himself)


def _opinion_moved_back(year: YearDraft) -> None:
    told = Text("超期作出的处理意见，日期被更正为期限之内", "an opinion issued late, its day corrected to one in time")
    for alone in (False, True):
        (draft,) = year.take(1, _may_decide_late)
        opinion = draft.first("issue_opinion")
        weeks = (draft.due - moment(opinion).date()).days // 7 + 1
        draft.move_all([opinion, *draft.after(moment(opinion))], 7 * weeks)
        now = year.on(draft.due - timedelta(days=3))
        _correct(year, draft, opinion, "/time", now, told, alone=alone, also=(AFTERWARDS,))


def _may_decide_late(draft: CaseDraft) -> bool:
    """An unsupported claim whose assignment leaves room for a late opinion and its feedback."""
    if not _is_assigned(draft) or draft.first("issue_opinion")["result"] == "supported":
        return False
    steps = moment(draft.last("feed_back")) - moment(draft.first("issue_opinion"))
    return draft.due + timedelta(days=8) + steps < date.fromisoformat(draft.first("hand_over")["due_on"])


def _acceptance_moved_on(year: YearDraft) -> None:
    told = Text(
        "受理日被向后更正，超期的处理意见变为按期",
        "the acceptance corrected to a later day, so that a late opinion is in time",
    )
    (draft,) = year.take(1, _may_decide_late)
    accepted, opinion = draft.first("accept_case"), draft.first("issue_opinion")
    weeks = (draft.due - moment(opinion).date()).days // 7 + 1
    draft.move_all([opinion, *draft.after(moment(opinion))], 7 * weeks)
    now = year.on(year.workday(moment(accepted).date(), 10))
    _correct(year, draft, accepted, "/time", now, told)


def _registration_moved_back(year: YearDraft) -> None:
    told = Text("逾期登记的日期被更正为收件当日", "a late registration corrected to the day of the receipt")

    def fits(draft: CaseDraft) -> bool:
        return is_simple_claim(draft) and moment(draft.first("hear_facts")).date() > year.workday(draft.receipt_day, 8)

    for alone in (False, True):
        (draft,) = year.take(1, fits)
        register = draft.first("register_petition")
        late = year.on(year.workday(draft.receipt_day, 7))
        draft.move(register, late)
        draft.move(draft.first("route"), late + timedelta(minutes=9))
        now = moment(draft.first("receive_petition")) + timedelta(minutes=20)
        _correct(year, draft, register, "/time", now, told, alone=alone)


def _decided_late_enough(draft: CaseDraft) -> bool:
    """Whether a notice after its period still lies before the opinion."""
    return is_simple_claim(draft) and (moment(draft.first("issue_opinion")).date() - draft.unit_receipt_day).days > 30


def _notice_moved_back(year: YearDraft) -> None:
    told = Text(
        "逾期寄出的告知书，寄出时间被更正为期限之内", "a notice sent late, its sending corrected to a day in time"
    )
    (draft,) = year.take(1, _decided_late_enough)
    notice = draft.notices(draft.unit)[0]
    due = year.limit(draft.unit_receipt_day, UNIT_DAYS)
    draft.move(notice, year.on(year.workday(due, 2)))
    now = moment(draft.first("accept_case")) + timedelta(minutes=40)
    _correct(year, draft, notice, "/sent_at", now, told)


def _feedback_moved_back(year: YearDraft) -> None:
    told = Text("逾期反馈的日期被更正为指定日之前", "a late feedback corrected to a day before the one set")
    (draft,) = year.take(1, _is_assigned)
    feedback, due = draft.first("feed_back"), date.fromisoformat(draft.first("hand_over")["due_on"])
    before = moment(feedback)
    late = year.on(year.workday(due, 3))
    draft.move(feedback, late)
    _correct(year, draft, feedback, "/time", before, told, also=(AFTERWARDS,))


def _arrival_moved_on(year: YearDraft) -> None:
    told = Text(
        "收到交办的时间被向后更正，逾期的告知变为按期",
        "the arrival of a handoff corrected to a later day, so that a late notice is in time",
    )

    (draft,) = year.take(1, _decided_late_enough)
    notice = draft.notices(draft.unit)[0]
    sent = year.workday(year.limit(draft.unit_receipt_day, UNIT_DAYS), 1)
    draft.move(notice, year.on(sent))
    arrived = draft.first("receive_handoff")
    later = moment(arrived).date()
    while year.limit(later, UNIT_DAYS) < sent:
        later = year.workday(later, 1)
    _correct(year, draft, arrived, "/arrived_at", year.on(later), told)
