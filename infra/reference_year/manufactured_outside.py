"""Ways 15 and 16: handled by others or beside the system, and rated by those who are to be rated."""

from __future__ import annotations

from datetime import timedelta

from domain.checks.base import Text
from infra.reference_year.manufactured_draft import Action, CaseDraft, YearDraft, is_simple_claim, moment
from infra.reference_year.offices import OFFICE, TOWNSHIPS

FOREIGN_NUMBERS = ("GX2025-09001", "GX2025-09002", "GX2025-09003")
"""Numbers of the superior system that never came into this ledger."""
UNLOGGED_CALLS = 3
BY_OFFICIALS = "office_terminal"
RATED_QUARTERS = {"2025-Q2": ("2025-04", "2025-05", "2025-06"), "2025-Q4": ("2025-10", "2025-11", "2025-12")}
STRANGE_ACTS = ("investigate", "investigate", "hear_facts", "deliver_opinion", "hear_facts")


def handled_outside(year: YearDraft) -> None:
    """Way 15: somebody acts who was never asked; petitions that other lists know of and this ledger does not."""
    told = Text("从未承接的单位办理了事项", "a unit that was never handed the case acted on it")
    for name in STRANGE_ACTS:
        (draft,) = year.take(1, is_simple_claim)
        action, unit = draft.first(name), year.rng.choice(sorted(TOWNSHIPS))
        handler = year.offices.serving(unit, "handler", moment(action).date())[0].staff
        action["by"] = {"staff": handler, "unit": unit, "role": "handler"}
        if name == "deliver_opinion":
            action["delivery"] = "hand"
        if "attendees" in action:
            action["attendees"] = [handler]
        year.plant(15, "XF-HND-007", "never_received", draft.ref, told)
    _unlisted(year)
    _calls(year)


def _unlisted(year: YearDraft) -> None:
    """The superior system's list holds numbers that this ledger lacks, and lacks two that it holds."""
    (listed,) = [one for one in year.rest if one["action"] == "declare_external_list"]
    listed["numbers"] = sorted([*listed["numbers"], *FOREIGN_NUMBERS])
    absent = Text("上级系统的编号在本账中没有对应案件", "a number of the superior system has no case here")
    for number in FOREIGN_NUMBERS:
        year.plant(15, "XF-REC-001", "absent_here", "ledger", absent, item=number)
    unknown = Text(
        "本案的上级编号不在上级系统的清单中", "the case's superior number is not in the superior system's list"
    )
    for draft in year.take(2, lambda one: "external_numbers" in one.first("receive_petition")):
        number = draft.first("receive_petition")["external_numbers"]["national"]
        listed["numbers"] = [one for one in listed["numbers"] if one != number]
        year.plant(15, "XF-REC-001", "absent_there", draft.ref, unknown)
    listed["count"] = len(listed["numbers"])


def _calls(year: YearDraft) -> None:
    """The call desk's log counts calls that were neither received nor declared to be none."""
    told = Text(
        "当日来电日志多于收件与非信访来电之和", "the call log of the day exceeds receipts and declared non-petitions"
    )
    logs = sorted((one for one in year.rest if one["action"] == "declare_channel_log"), key=lambda one: str(one["on"]))
    for log in year.rng.sample(logs, UNLOGGED_CALLS):
        log["count"] += 2
        year.plant(15, "XF-REC-001", "channel_log", "ledger", told, item=f"{log['channel']}/{log['on']}")


def rated_on_behalf(year: YearDraft) -> None:
    """Way 16: grades before there is anything to grade, and grades typed in at the office's own desk."""
    early = Text("评价早于处理意见送达", "the unit was rated before its opinion was delivered")
    for draft in year.take(3, lambda one: is_simple_claim(one) and bool(_ratings_of(one, "unit"))):
        (rating,) = _ratings_of(draft, "unit")
        draft.move(rating, year.on(moment(draft.first("issue_opinion")).date() - timedelta(days=1)))
        year.plant(16, "XF-EVL-002", "unit", f"unit:{draft.unit}", early, item=f"{draft.ref}/1", cases=[draft])
    untold = Text("评价早于信访部门的告知", "the office was rated before it had told the petitioner anything")
    for draft in year.take(2, lambda one: is_simple_claim(one) and bool(_ratings_of(one, "office"))):
        (rating,) = _ratings_of(draft, "office")
        draft.move(rating, moment(draft.first("route")) + timedelta(minutes=15))
        year.plant(16, "XF-EVL-002", "office", f"unit:{OFFICE}", untold, item=f"{draft.ref}/1", cases=[draft])
    _typed_in(year)


def _ratings_of(draft: CaseDraft, side: str) -> list[Action]:
    return [one for one in draft.all("rate") if one["side"] == side]


def _typed_in(year: YearDraft) -> None:
    """Three of five grades of a quarter for the office come from its own terminal."""
    told = Text(
        "一个季度过半评价由单位终端代录", "over half of a quarter's grades were typed in at the office's terminal"
    )
    rated = [(draft, one) for draft in year.cases.values() for one in _ratings_of(draft, "office")]
    rated.sort(key=lambda pair: moment(pair[1]))
    for quarter, months in RATED_QUARTERS.items():
        theirs = [pair for pair in rated if pair[1]["by"]["unit"] == OFFICE and pair[1]["at"][:7] in months]
        typed = theirs[: len(theirs) * 3 // 5]
        for _, rating in typed:
            rating["entered_via"] = BY_OFFICIALS
        drafts = [draft for draft, _ in typed]
        year.plant(16, "XF-EVL-001", "terminal", f"unit:{OFFICE}", told, item=quarter, cases=drafts)
