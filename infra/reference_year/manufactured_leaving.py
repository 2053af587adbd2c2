"""Ways 5, 8, 9, 10 and 13: out of the clock by another class, a merge, a split visit, a withdrawal."""

from __future__ import annotations

from datetime import timedelta

from domain.calendar import day_of
from domain.checks.base import Text
from infra.reference_year.manufactured_draft import (
    ENDED_FROM_MONTH,
    Action,
    CaseDraft,
    Plant,
    YearDraft,
    is_simple_claim,
    moment,
    name_ended_case,
)
from infra.reference_year.offices import OFFICE, TOWNSHIPS

CLOSURE_RATE = "figure:on_time_closure_rate"
HABITUAL_PEOPLE = (3, 4, 4)
"""People of each of three visits: under five each, eleven together."""
NEW_PURPOSES = ("consultation", "other", "suggestion", "consultation", "other", "suggestion")


def route_changed(year: YearDraft) -> None:
    """Way 5: a class or route that knows no sixty days, shortly before they end."""
    told = Text("到期前数日由申诉求决改为其他目的", "a claim becomes another purpose some days before its due day")
    for purpose in NEW_PURPOSES:
        (draft,) = year.take(1, _is_assigned_claim)
        _leave(year, draft, purpose)
        year.plant(5, "XF-CLS-002", "left_the_clock", draft.ref, told)
    handed = Text("所反映的单位就是承办单位", "the unit complained of is the one that the matter was handed to")
    for draft in year.take(3, _is_assigned_claim):
        draft.first("receive_petition")["about_units"] = [draft.unit]
        year.plant(5, "XF-CLS-005", "a_complained", draft.ref, handed)


def _is_assigned_claim(draft: CaseDraft) -> bool:
    return is_simple_claim(draft) and draft.first("hand_over")["mode"] == "assign"


def _leave(year: YearDraft, draft: CaseDraft, purpose: str) -> None:
    """No opinion: the claim is renamed, answered by word and closed."""
    at = year.shortly_before(draft.due)
    draft.drop_named("issue_opinion", "deliver_opinion", "execute_opinion", "rate")
    draft.drop([one for one in draft.all("feed_back", "close_case", "archive_case") if moment(one) < at])
    draft.drop_named("feed_back", "close_case", "archive_case")
    draft.add("route", at, OFFICE, "clerk", purpose=purpose, reason="经研究，诉求性质重新认定")
    answered = at + timedelta(minutes=30)
    draft.add("dispose", answered, draft.unit, "handler", kind="direct_answer", document=draft.document("answer"))
    handoff = draft.first("hand_over")["handoff"]
    fed = answered + timedelta(minutes=20)
    report = draft.document("report")
    draft.add("feed_back", fed, draft.unit, "handler", handoff=handoff, report=report, result="done")
    ground = "suggestion_answered" if purpose == "suggestion" else "answered_directly"
    draft.add("close_case", fed + timedelta(minutes=20), OFFICE, "clerk", ground=ground)


def left_the_denominator(year: YearDraft) -> None:
    """Way 8: what left the closure rate by ways 5 and 13, seen together from the rate's side."""
    leavers = sorted({one.subject for one in year.plants if one.check in ("XF-CLS-002", "XF-CLO-002")})
    told = Text(
        f"按期办结率的分母先后失去{len(leavers)}件",
        f"the on-time closure rate lost {len(leavers)} cases: {', '.join(leavers)}",
    )
    year.waiting.append(Plant(8, "XF-STA-002", "left_denominator", CLOSURE_RATE, told))


def folded(year: YearDraft) -> None:
    """Way 9: a matter disappears in a case that was closed long before."""
    told = Text("并入早已办结的案件", "merged into a case that was closed long before")
    for draft in year.take(5, _is_merged_late_enough, plain=False):
        name_ended_case(year, draft, "merge_case", "into")
        year.plant(9, "XF-FLD-001", "b_closed", draft.ref, told)


def _is_merged_late_enough(draft: CaseDraft) -> bool:
    return draft.has("merge_case") and moment(draft.actions[0]).month >= ENDED_FROM_MONTH


def split_visits(year: YearDraft, groups: int = 4) -> None:
    """Way 10: one visit of eleven people, received as three of four at most."""
    told = Text(
        "同日同类来访被拆成三件，每件不足五人，合计十一人",
        "one visit of eleven people received as three of fewer than five each",
    )
    by_day: dict[str, list[CaseDraft]] = {}
    for draft in year.cases.values():
        receipt = draft.first("receive_petition")
        open_visit = receipt["channel"] == "visit" and draft.receiver == OFFICE and not receipt["restricted"]
        if open_visit and not receipt["urgent"] and draft.ref not in year.entangled:
            by_day.setdefault(receipt["at"][:10], []).append(draft)
    days = sorted(day for day, drafts in by_day.items() if len(drafts) >= len(HABITUAL_PEOPLE))
    for day in year.rng.sample(days, groups):
        visits = sorted(by_day[day], key=lambda one: one.ref)[: len(HABITUAL_PEOPLE)]
        _as_one_visit(visits)
        year.used |= {one.ref for one in visits}
        year.plant(10, "XF-FLD-002", "split", visits[0].ref, told, cases=visits)


def _as_one_visit(visits: list[CaseDraft]) -> None:
    """The same class, unit complained of and registrar for each, and few people."""
    model = visits[0]
    registrar = model.first("receive_petition")["by"]
    township = sorted(TOWNSHIPS)[0]
    for draft, people in zip(visits, HABITUAL_PEOPLE, strict=True):
        receipt, register = draft.first("receive_petition"), draft.first("register_petition")
        receipt["people_count"] = people
        receipt.pop("representatives_count", None)
        receipt["about_units"] = [township]
        for action in (receipt, register):
            action["by"] = dict(registrar)
            draft.staffed(action)
        register["content_class"] = model.first("register_petition")["content_class"]


def withdrawn(year: YearDraft) -> None:
    """Way 13: the petitioner withdraws when the period is about to end, or right after an official measure or money."""
    last = Text("到期前数日撤回", "withdrawn some days before the due day")
    for draft in year.take(3, _is_withdrawn):
        paper = draft.first("withdraw_petition")
        wanted = year.shortly_before(draft.due).date()
        draft.move_all([paper, *draft.after(moment(paper))], (wanted - moment(paper).date()).days)
        year.plant(13, "XF-CLO-002", "a_before_due", draft.ref, last)
    pressed = Text("教育后数日撤回", "withdrawn some days after an official measure in the case")
    for draft in year.take(2, lambda one: _is_withdrawn(one) and _has_room(one)):
        _measure(year, draft)
        year.plant(13, "XF-CLO-002", "b_after_act", draft.ref, pressed)
    paid = Text("救助金支付后数日撤回", "withdrawn some days after relief was paid in the case")
    for draft in year.take(2, lambda one: _may_be_paid_off(year, one), plain=False):
        _paid_off(year, draft)
        year.plant(13, "XF-CLO-002", "b_after_act", draft.ref, paid)


def _is_withdrawn(draft: CaseDraft) -> bool:
    return draft.has("withdraw_petition") and draft.has("accept_case")


def _has_room(draft: CaseDraft) -> bool:
    """A working day or more between taking up and withdrawing."""
    before = [one for one in draft.actions if moment(one) < moment(draft.first("withdraw_petition"))]
    return moment(draft.first("withdraw_petition")) - moment(before[-1]) > timedelta(hours=20)


def _measure(year: YearDraft, draft: CaseDraft) -> None:
    at = moment(draft.first("withdraw_petition")) - timedelta(hours=18)
    ref = f"{draft.ref}-m1"
    draft.add(
        "take_measure",
        at,
        OFFICE,
        "handler",
        measure=ref,
        kind="education",
        unit=OFFICE,
        legal_basis="《信访工作条例》第四十七条",
        conduct=draft.document("conduct", personal=True),
        approved_by=year.head(OFFICE, at.date()),
        until_on=(at.date() + timedelta(days=30)).isoformat(),
        statement=draft.document("statement", personal=True),
        statement_refused=False,
    )
    draft.add(
        "release_measure", at + timedelta(minutes=90), OFFICE, "handler", measure=ref, reason="教育目的已达到，提前解除"
    )


def _grant(year: YearDraft, draft: CaseDraft) -> list[Action]:
    return year.grants[year.relieved[draft.ref]]


def _named(actions: list[Action], name: str) -> Action | None:
    return next((one for one in actions if one["action"] == name), None)


def _weeks_earlier(year: YearDraft, draft: CaseDraft) -> int:
    """By how many whole weeks the grant comes earlier so that it is applied for once the facts stand."""
    applied = moment(_grant(year, draft)[0])
    return (applied - moment(draft.first("investigate"))).days // 7


def _may_be_paid_off(year: YearDraft, draft: CaseDraft) -> bool:
    """A claim with an ordinary grant that can be paid while the sixty days run."""
    if (
        draft.ref not in year.relieved
        or not _is_assigned_claim(draft)
        or draft.has("take_measure", "decide_recusal", "supervise")
    ):
        return False
    grant = _grant(year, draft)
    names = {one["action"] for one in grant}
    paid = _named(grant, "pay_grant")
    if paid is None or names & {"order_recovery", "return_payment", "excuse_receipt"}:
        return False
    if any("instalment_of" in one for one in grant) or f"{grant[0]['grant']}-2" in year.grants:
        return False
    weeks = _weeks_earlier(year, draft)
    day = moment(paid).date() - timedelta(weeks=weeks)
    return weeks >= 1 and day + timedelta(days=14) < draft.due and moment(grant[0]).month > 2


def _paid_off(year: YearDraft, draft: CaseDraft) -> None:
    """The grant some weeks earlier; the petition withdrawn four working days after the money."""
    weeks = _weeks_earlier(year, draft)
    grant = _grant(year, draft)
    for action in grant:
        _earlier(action, weeks)
    paid = _named(grant, "pay_grant")
    if paid is None:
        raise LookupError(f"{draft.ref} was not paid")
    at = year.on(year.workday(moment(paid).date(), 4))
    draft.drop_named("issue_opinion", "deliver_opinion", "execute_opinion", "rate")
    draft.drop_named("feed_back", "close_case", "archive_case")
    paper = draft.document("withdrawal", personal=True)
    draft.add("withdraw_petition", at, OFFICE, "registrar", document=paper, via="letter")
    handoff = draft.first("hand_over")["handoff"]
    fed = at + timedelta(minutes=30)
    report = draft.document("report")
    draft.add("feed_back", fed, draft.unit, "handler", handoff=handoff, report=report, result="partly")
    draft.add("close_case", fed + timedelta(minutes=30), OFFICE, "clerk", ground="withdrawn")


def _earlier(action: Action, weeks: int) -> None:
    """An act of a grant with all its days, whole weeks earlier."""
    back = timedelta(weeks=weeks)
    for name in ("at", "entered_at"):
        action[name] = (moment({"at": action[name]}) - back).isoformat()
    for name in ("from_on", "until_on"):
        if name in action:
            action[name] = (day_of(f"{action[name]}T00:00:00+08:00") - back).isoformat()
    if "meeting" in action:
        held = day_of(f"{action['meeting']['held_on']}T00:00:00+08:00") - back
        action["meeting"] = {**action["meeting"], "held_on": held.isoformat()}
