"""Ways 11, 12 and 14: closed on paper, answered with nothing, sent back so that the clock begins again."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from domain.checks.base import Text
from infra.reference_year.manufactured_draft import ByProduct, CaseDraft, YearDraft, is_simple_claim, moment
from infra.reference_year.offices import OFFICE

SENT_BACK_DAYS = 21
PAPER_GROUNDS = ("mediated", "review_final", "withdrawn", "not_accepted")
"""Grounds of closing that stand for an act of their own, put on claims that ended with an opinion."""
UNSENT = ByProduct(
    "XF-OPN-004",
    "a_not_sent",
    Text("没有送达记录，也就没有按期送达", "what was never delivered was not delivered in time either"),
)


def closed_on_paper(year: YearDraft) -> None:
    """Way 11: closed without what the ground of closing stands for."""
    early = Text("处理意见尚未送达即办结", "closed before the opinion was delivered")
    for draft in year.take(3, _delivered_later):
        draft.move(draft.last("close_case"), moment(draft.first("issue_opinion")) + timedelta(minutes=25))
        year.plant(11, "XF-OPN-001", "c_not_delivered", draft.ref, early)
    never = Text(
        "以送达处理意见办结，始终没有送达记录", "closed as opinion_delivered, and no delivery was ever recorded"
    )
    for draft in year.take(2, is_simple_claim):
        draft.drop_named("deliver_opinion")
        draft.drop([one for one in draft.all("rate") if one["side"] == "unit"])
        year.plant(11, "XF-OPN-001", "c_not_delivered", draft.ref, never, also=(UNSENT,))
    bare = Text("办结方式没有对应的记录", "the ground of closing has no record of its own")
    for ground in PAPER_GROUNDS:
        (draft,) = year.take(1, is_simple_claim)
        draft.last("close_case")["ground"] = ground
        year.plant(11, "XF-CLO-001", ground, draft.ref, bare)
    untold = Text(
        "以导入法定程序办结，从未告知信访人", "closed as handed to a procedure, and the petitioner was never told of it"
    )
    for draft in year.take(2, lambda one: one.last("close_case")["ground"] == "handed_to_procedure"):
        draft.drop(draft.notices(OFFICE))
        draft.drop_named("rate")
        year.plant(11, "XF-CLO-001", "handed_to_procedure", draft.ref, untold)
    alone = Text("以调解办结，双方并未同意", "closed as mediated without the consent of both")
    (draft,) = year.take(1, lambda one: one.has("mediate"))
    draft.first("mediate")["both_consent"] = False
    year.plant(11, "XF-CLO-001", "mediated", draft.ref, alone)
    _reopened(year)


def _delivered_later(draft: CaseDraft) -> bool:
    if not is_simple_claim(draft):
        return False
    return moment(draft.first("deliver_opinion")).date() > moment(draft.first("issue_opinion")).date()


def _reopened(year: YearDraft) -> None:
    told = Text("以撤回办结，三十日内又重新办理", "closed as withdrawn and reopened within thirty days")
    for draft in year.take(2, lambda one: one.last("close_case")["ground"] == "withdrawn"):
        closed = draft.last("close_case")
        at = year.on(year.workday(moment(closed).date(), 6))
        head = year.head(OFFICE, at.date())
        draft.add("reopen_case", at, OFFICE, "head", reason="信访人表示撤回并非本意", approved_by=head)
        draft.drop_named("archive_case")
        draft.add("close_case", at + timedelta(days=7), OFFICE, "clerk", ground="withdrawn")
        year.plant(11, "XF-DDL-008", "reopened", draft.ref, told)
    again = Text(
        "以撤回办结，三十日内同一事项又来信访", "closed as withdrawn, and the same matter came again within thirty days"
    )
    base, follower = _followed(year)
    follower.first("register_petition")["repeat_of"] = base.ref
    year.plant(11, "XF-DDL-008", "came_again", base.ref, again, cases=[follower])


def _followed(year: YearDraft) -> tuple[CaseDraft, CaseDraft]:
    """A withdrawn case, and a claim of the same class that came in one to four weeks after its closing."""
    for ref in sorted(set(year.cases) - year.used):
        base = year.cases[ref]
        if not year.is_plain(base) or base.last("close_case")["ground"] != "withdrawn":
            continue
        closed = moment(base.last("close_case"))

        def follows(one: CaseDraft, closed: datetime = closed) -> bool:
            waited = moment(one.first("receive_petition")) - closed
            return is_simple_claim(one) and timedelta(days=5) < waited < timedelta(days=26)

        try:
            (follower,) = year.take(1, follows)
        except LookupError:
            continue
        year.used.add(ref)
        return base, follower
    raise LookupError("no claim followed a withdrawn one")


def empty_answers(year: YearDraft) -> None:
    """Way 12: support that nobody carries out, and one opinion for many matters."""
    promised = Text("承诺的日期已过，未见执行", "the promised day passed and nothing was done")
    supervise = ByProduct(
        "XF-SUP-001",
        "not_supervised",
        Text("逾期未执行，也未督办", "overdue, and nobody supervised it"),
    )
    for draft in year.take(6, _is_supported):
        draft.drop_named("execute_opinion")
        year.plant(12, "XF-OPN-002", "a_promise", draft.ref, promised, also=(supervise,))
    same = Text("三件不相关事项使用同一份处理意见书", "one opinion document for three unrelated matters")
    for _ in range(2):
        drafts = sorted(year.take(3, _decided_within_the_year), key=lambda one: one.ref)
        for draft in drafts:
            draft.first("issue_opinion")["document"] = drafts[0].first("issue_opinion")["document"]
        for draft in drafts:
            year.plant(12, "XF-OPN-003", "same_document", draft.ref, same, cases=drafts)


def _decided_within_the_year(draft: CaseDraft) -> bool:
    if not is_simple_claim(draft):
        return False
    return moment(draft.first("issue_opinion")).year == moment(draft.first("receive_petition")).year


def _is_supported(draft: CaseDraft) -> bool:
    return is_simple_claim(draft) and draft.first("issue_opinion")["result"] == "supported"


def returned_to_reset(year: YearDraft) -> None:
    """Way 14: a return for rework sets the clock back."""
    twice = Text("同一交办第二次退回重办", "returned for rework a second time")
    for _ in range(2):
        draft = _reworked(year)
        _return(year, draft, "third report", 3)
        year.plant(14, "XF-HND-008", "a_second", draft.ref, twice)
    reset = Text("退回后重设反馈期限", "the due day was set anew after a return")
    for _ in range(2):
        draft = _reworked(year)
        at = moment(draft.first("return_for_rework")) + timedelta(minutes=30)
        offer = draft.first("hand_over")
        later = (date.fromisoformat(offer["due_on"]) + timedelta(days=30)).isoformat()
        fields = {"handoff": offer["handoff"], "unit": draft.unit, "due_on": later, "reason": "退回后重新起算"}
        draft.add("change_handoff_due", at, OFFICE, "clerk", **fields)
        year.plant(14, "XF-HND-008", "b_reset", draft.ref, reset)
    accepted = Text("退回后再次受理", "accepted again after a return")
    draft = _reworked(year)
    at = moment(draft.first("return_for_rework")) + timedelta(minutes=50)
    draft.add("accept_case", at, draft.unit, "handler", handler=draft.first("accept_case")["handler"])
    year.plant(14, "XF-HND-008", "b_reset", draft.ref, accepted)
    beyond = Text("退回重办拖过最初的反馈期限", "the rework ran past the first due day")
    draft = _reworked(year)
    due = date.fromisoformat(draft.first("hand_over")["due_on"])
    draft.move(draft.last("feed_back"), year.on(year.workday(due, 4)))
    year.plant(14, "XF-HND-008", "c_past_due", draft.ref, beyond)


def _reworked(year: YearDraft) -> CaseDraft:
    """A claim that was sent back once, honestly so: reported again within days, everything after it later."""

    def fits(draft: CaseDraft) -> bool:
        assigned = is_simple_claim(draft) and draft.first("hand_over")["mode"] == "assign"
        return assigned and draft.first("issue_opinion")["result"] != "supported"

    (draft,) = year.take(1, fits)
    draft.move_all(draft.after(moment(draft.last("feed_back"))), SENT_BACK_DAYS)
    _return(year, draft, "second report", 3)
    return draft


def _return(year: YearDraft, draft: CaseDraft, name: str, workdays: int) -> None:
    """Sent back after the last report, and reported once more some working days later."""
    handoff = draft.first("hand_over")["handoff"]
    at = moment(draft.last("feed_back")) + timedelta(minutes=40)
    fields = {"handoff": handoff, "unit": draft.unit, "reason": "报告不完整，请补正"}
    draft.add("return_for_rework", at, OFFICE, "clerk", **fields)
    again = year.on(year.workday(at.date(), workdays))
    fed = {"handoff": handoff, "report": draft.document(name), "result": "done"}
    draft.add("feed_back", again, draft.unit, "handler", **fed)
