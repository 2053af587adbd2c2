"""Handling, opinions, reviews, supervision, measures and recusal of the year, judged from the file alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from domain.calendar import day_of

STOPS = ("issue_opinion", "mediate", "withdraw_petition", "merge_case")


def delivered(action: dict[str, Any]) -> date:
    return day_of(action["delivered_at"])


def extended_days(year: Any, ref: str) -> int:
    return sum(entry["days"] for entry in year.of(ref, "extend"))


def accepted_route_six(year: Any) -> list[str]:
    return [ref for ref in year.cases if year.route(ref) == ("claim", 6) and year.of(ref, "accept_case")]


def test_every_accepted_claim_is_decided_within_sixty_days_and_its_extension(year: Any) -> None:
    cases = accepted_route_six(year)
    assert len(cases) > 550
    for ref in cases:
        start = year.clock(ref)
        acts = [day_of(entry["at"]) for entry in year.of(ref, *STOPS) if day_of(entry["at"]) >= start]
        acts += [day_of(e["at"]) for e in year.of(ref, "close_case") if e["ground"] == "petitioner_died"]
        assert min(acts) <= year.rdue(start, 60 + extended_days(year, ref)), ref


def test_claims_never_accepted_were_refused_or_joined_to_another(year: Any) -> None:
    for ref in year.cases:
        if year.route(ref) == ("claim", 6) and not year.of(ref, "accept_case"):
            assert year.of(ref, "refuse_acceptance", "merge_case"), ref


def test_extensions_are_single_by_the_units_head_in_time_and_notified(year: Any) -> None:
    extensions = year.named("extend")
    assert len(extensions) == 30
    for extension in extensions:
        ref = extension["case"]
        due = year.rdue(year.clock(ref), 60)
        assert len(year.of(ref, "extend")) == 1
        assert 1 <= extension["days"] <= 30
        assert year.is_head(extension["approved_by"], year.competent(ref))
        assert day_of(extension["at"]) <= due
        accepted = year.of(ref, "accept_case")[0]["at"]
        facts = year.of(ref, "hear_facts", "investigate", "open_hearing")
        assert any(accepted < entry["at"] < extension["at"] for entry in facts)
        (told,) = [entry for entry in year.of(ref, "notify_petitioner") if entry["notice"] == "extension"]
        assert day_of(told["sent_at"]) <= due


def test_opinions_have_a_legal_basis_a_signature_of_the_head_and_facts_before_them(year: Any) -> None:
    for opinion in year.named("issue_opinion"):
        ref = opinion["case"]
        assert opinion["legal_basis"]
        assert year.is_head(opinion["signed_by"], opinion["by"]["unit"])
        facts = {entry["action"] for entry in year.of(ref, "hear_facts", "investigate") if entry["at"] < opinion["at"]}
        assert facts == {"hear_facts", "investigate"}


def test_opinions_are_delivered_or_posted_within_fifteen_days_with_proof(year: Any) -> None:
    for ref in year.cases:
        opinions, deliveries = year.of(ref, "issue_opinion"), year.of(ref, "deliver_opinion")
        assert len(opinions) == len(deliveries)
        for opinion, delivery in zip(opinions, deliveries, strict=True):
            assert opinion["at"] < delivery["at"]
            assert day_of(delivery["sent_at"]) <= year.rdue(day_of(opinion["at"]), 15)
            assert opinion["at"] < delivery["sent_at"] <= delivery["delivered_at"]
            assert delivery["proof"].startswith("hmac:")


def test_some_petitioners_refuse_delivery_and_public_notice_follows_two_failed_attempts(year: Any) -> None:
    deliveries = year.named("deliver_opinion")
    public = [entry for entry in deliveries if entry["delivery"] == "public_notice"]
    refused = [entry for entry in deliveries if not entry["signed"] and entry["delivery"] == "hand"]
    assert len(public) == 3
    assert all(entry["attempts"] >= 2 for entry in public)
    assert len(refused) == 12


def test_what_an_opinion_promised_is_done_by_its_day_with_proof(year: Any) -> None:
    supported = [entry for entry in year.named("issue_opinion") if entry["result"] == "supported"]
    assert len(supported) > 150
    for opinion in supported:
        (done,) = year.of(opinion["case"], "execute_opinion")
        assert done["done"] is True
        assert done["proof"]
        assert day_of(done["at"]).isoformat() <= opinion["promise_due_on"]
        assert done["by"]["unit"] == opinion["executing_unit"]


def test_every_case_is_closed_once_on_a_ground_that_has_its_record_and_filed(year: Any) -> None:
    for ref in year.cases:
        (closed,) = year.of(ref, "close_case")
        before = [entry for entry in year.cases[ref] if entry["at"] < closed["at"]]
        names = {entry["action"] for entry in before}
        notices = {entry.get("notice") for entry in before}
        records = {
            "opinion_delivered": "deliver_opinion" in names,
            "mediated": any(entry.get("both_consent") and entry.get("agreement") for entry in before),
            "handed_to_procedure": bool(notices & {"procedure"} and year.of(ref, "route")[-1]["procedure"]),
            "withdrawn": any(entry["action"] == "withdraw_petition" and entry["document"] for entry in before),
            "not_accepted": "refuse_acceptance" in names,
            "review_final": any(entry.get("stage") == "re_review" for entry in before),
            "merged": "merge_case" in names,
            "no_longer_accepted": "no_longer_accepted" in notices,
            "petitioner_died": True,
            "suggestion_answered": "dispose" in names,
            "answered_directly": "dispose" in names,
            "accusation_transferred": "receive_handoff" in names,
            "transferred_out": "refer_elsewhere" in notices,
        }
        assert records[closed["ground"]], (ref, closed["ground"])
        assert not [entry for entry in year.of(ref, "hand_over") if entry["at"] > closed["at"]]
        assert len(year.of(ref, "archive_case")) == (closed["ground"] != "petitioner_died")


def test_withdrawals_come_long_before_the_due_day_and_after_no_pressure(year: Any) -> None:
    withdrawals = year.named("withdraw_petition")
    assert len(withdrawals) == 26
    for entry in withdrawals:
        ref = entry["case"]
        assert day_of(entry["at"]) < year.rdue(year.clock(ref), 60) - timedelta(days=10)
        assert not year.of(ref, "take_measure")
        assert ref not in {actions[0]["case"] for actions in year.grants.values()}


def test_opinions_do_not_bunch_at_the_end_of_the_month(year: Any) -> None:
    months: dict[tuple[str, str], list[date]] = defaultdict(list)
    for opinion in year.named("issue_opinion"):
        day = day_of(opinion["at"])
        months[opinion["by"]["unit"], f"{day:%Y-%m}"].append(day)
    bunched: dict[str, list[str]] = defaultdict(list)
    for (unit, month), days in months.items():
        first = date.fromisoformat(f"{month}-01")
        last = [first + timedelta(days=n) for n in range(31)]
        open_days = [day for day in last if f"{day:%Y-%m}" == month and year.calendar.is_workday(day)]
        if len(days) >= 10 and 100 * sum(day in open_days[-2:] for day in days) >= 40 * len(days):
            bunched[unit].append(month)
    for found in bunched.values():
        numbers = [int(month[5:]) + 12 * int(month[:4]) for month in found]
        assert all(after - before > 2 for before, after in pairwise(numbers))


def test_reviews_are_asked_for_decided_and_delivered_in_time_by_the_level_above(year: Any) -> None:
    stages: Counter[tuple[str, str]] = Counter()
    past_thirty = 0
    for issued in year.named("issue_review"):
        ref, stage, body = issued["case"], issued["stage"], issued["body"]
        stages[stage, issued["outcome"]] += 1
        (asked,) = [entry for entry in year.of(ref, "request_review") if entry["stage"] == stage]
        earlier = year.of(ref, "deliver_opinion", "deliver_review")
        before = [delivered(entry) for entry in earlier if entry["at"] < asked["at"]][-1]
        assert before < day_of(asked["requested_at"]) <= year.rdue(before, 30)
        opened_later = [entry for entry in year.of(ref, "open_hearing") if entry["at"] > asked["at"]]
        hearings = opened_later if stage == "re_review" else []
        days = 0
        for opened in hearings:
            (ended,) = [e for e in year.of(ref, "close_hearing") if e["hearing"] == opened["hearing"]]
            days += (day_of(ended["at"]) - day_of(opened["at"])).days + 1
        assert day_of(issued["at"]) <= year.rdue(day_of(asked["received_at"]), 30 + days)
        past_thirty += day_of(issued["at"]) > year.rdue(day_of(asked["received_at"]), 30)
        assert body in year.above(year.competent(ref))
        assert any(entry["stage"] == stage for entry in year.of(ref, "deliver_review"))
    assert stages["review", "redo"] == 2
    assert past_thirty >= 1
    assert sum(count for (stage, _), count in stages.items() if stage == "re_review") == 7


def test_no_reviewer_took_part_in_what_is_reviewed(year: Any) -> None:
    for ref in year.cases:
        seen: set[str] = set()
        for entry in year.cases[ref]:
            if entry["action"] == "issue_review":
                assert not set(entry["members"]) & seen
                assert len(entry["members"]) >= 2
                seen |= set(entry["members"])
            elif entry["action"] in ("accept_case", "hear_facts", "investigate", "issue_opinion", "extend"):
                seen |= {entry["by"]["staff"], *entry.get("attendees", [])} | {entry.get("signed_by", "")}


def test_a_review_that_orders_to_decide_anew_is_followed_by_another_opinion(year: Any) -> None:
    redone = [entry["case"] for entry in year.named("issue_review") if entry["outcome"] == "redo"]
    for ref in redone:
        assert len({entry["document"] for entry in year.of(ref, "issue_opinion")}) == 2


def test_supervision_is_answered_by_an_act_of_the_unit_before_it_is_closed(year: Any) -> None:
    opened = year.named("supervise")
    assert len(opened) == 12
    for entry in opened:
        ref = entry["case"]
        (answer,) = year.of(ref, "answer_supervision")
        (closed,) = year.of(ref, "close_supervision")
        acts = [e for e in year.of(ref, "investigate") if entry["at"] < e["at"] < closed["at"]]
        assert {e["by"]["unit"] for e in acts} == {entry["to"]}
        assert entry["at"] < answer["at"] < closed["at"]
        assert day_of(answer["at"]).isoformat() <= entry["due_on"]


def test_all_advice_is_answered_within_sixty_days_with_a_reason_where_not_adopted(year: Any) -> None:
    advice = year.named("advise")
    assert {entry["kind"] for entry in advice} == {"improve_work", "improve_policy", "accountability"}
    for entry in advice:
        (answer,) = year.of(entry["case"], "answer_advice")
        assert answer["by"]["unit"] == entry["to"]
        assert day_of(answer["at"]) <= day_of(entry["at"]) + timedelta(days=60)
        assert answer["adopted"] or answer["reason"]


def test_measures_are_approved_by_another_heard_and_released_before_their_end(year: Any) -> None:
    for measure in year.named("take_measure"):
        ref = measure["case"]
        (released,) = year.of(ref, "release_measure")
        assert day_of(released["at"]).isoformat() < measure["until_on"]
        assert year.is_head(measure["approved_by"], measure["unit"])
        assert measure["approved_by"] != measure["by"]["staff"]
        assert measure.get("statement") or measure["statement_refused"]
        assert not year.cases[ref][0].get("about_units")


def test_whoever_was_recused_never_acts_again(year: Any) -> None:
    outcomes: Counter[bool] = Counter()
    for decided in year.named("decide_recusal"):
        ref, staff = decided["case"], decided["staff"]
        outcomes[decided["recused"]] += 1
        (raised,) = year.of(ref, "declare_interest", "request_recusal")
        assert day_of(decided["at"]) <= year.wdue(day_of(raised["at"]), 2)
        if not decided["recused"]:
            continue
        grants = [entry for acts in year.grants.values() if acts[0]["case"] == ref for entry in acts]
        later = [entry for entry in [*year.cases[ref], *grants] if entry["at"] > decided["at"]]
        for entry in later:
            people = {entry["by"]["staff"], entry.get("signed_by"), entry.get("handler"), entry.get("approved_by")}
            assert staff not in people | set(entry.get("attendees", [])) | set(entry.get("members", []))
        assert decided["replacement"] != staff
    assert outcomes == {True: 10, False: 2}


def test_nothing_is_rated_before_there_is_anything_to_rate_nor_by_the_office_itself(year: Any) -> None:
    rated = year.named("rate")
    assert len(rated) > 300
    for entry in rated:
        ref = entry["case"]
        before = [e for e in year.cases[ref] if e["at"] < entry["at"]]
        assert entry["entered_via"] != "office_terminal"
        if entry["side"] == "unit":
            arrived = [e for e in before if e["action"] in ("deliver_opinion", "mediate")]
            assert arrived
        else:
            told = [e for e in before if e["action"] == "notify_petitioner" and e["by"]["unit"] == "XF"]
            assert [e for e in told if e["delivered_at"] <= entry["at"]]


def test_hearings_are_held_and_closed(year: Any) -> None:
    opened = {entry["hearing"] for entry in year.named("open_hearing")}
    closed = {entry["hearing"] for entry in year.named("close_hearing")}
    assert opened == closed
    assert len(opened) >= 12


def test_some_cases_cross_the_year_end_and_the_next_spring_festival(year: Any) -> None:
    closed = {entry["case"]: day_of(entry["at"]) for entry in year.named("close_case")}
    assert sum(day >= date(2026, 1, 1) for day in closed.values()) > 50
    assert sum(day >= date(2026, 2, 24) for day in closed.values()) > 5


def test_somebody_works_on_make_up_working_days(year: Any) -> None:
    acted = {day_of(entry["at"]) for entry in year.named("register_petition", "hand_over", "issue_opinion")}
    assert {date(2025, 1, 26), date(2025, 2, 8), date(2025, 4, 27), date(2025, 10, 11)} <= acted
