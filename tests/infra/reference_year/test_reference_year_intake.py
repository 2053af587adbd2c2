"""Intake, notices, routes, handoffs and secrecy of the year, judged by a reader that knows only the file."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

from domain.calendar import day_of

NOTICES_OF_RECEIPT = {
    "receipt",
    "acceptance",
    "non_acceptance",
    "transferred_to",
    "refer_elsewhere",
    "no_longer_accepted",
}
OFFICE_KINDS = {"petition_office", "superior_petition_office", "national_bureau"}
CLOCK_STOPPERS = {
    "register_petition",
    "hand_over",
    "accept_case",
    "issue_opinion",
    "feed_back",
    "object_to_handoff",
    "issue_review",
}


def sent(action: dict[str, Any]) -> date:
    return day_of(action["sent_at"])


def stopped(year: Any, ref: str) -> bool:
    closed = [entry["ground"] for entry in year.of(ref, "close_case")]
    kinds = [entry["kind"] for entry in year.of(ref, "dispose")]
    return bool(
        year.of(ref, "withdraw_petition", "merge_case") or "petitioner_died" in closed or "no_longer_accepted" in kinds
    )


def test_every_petition_is_registered_within_three_working_days(year: Any) -> None:
    for ref in year.cases:
        (registered,) = year.of(ref, "register_petition")
        assert day_of(registered["at"]) <= year.wdue(year.receipt_day(ref), 3), ref


def test_no_receipt_is_claimed_later_than_its_evidence_and_none_lacks_evidence(year: Any) -> None:
    for receipt in year.named("receive_petition"):
        evidence = receipt["receipt_evidence"]
        assert receipt["at"] == receipt["received_at"]
        if evidence["kind"] != "postmark":
            assert evidence["at"] == receipt["received_at"]
        assert datetime.fromisoformat(evidence["at"]) <= datetime.fromisoformat(receipt["received_at"])


def test_letters_lay_in_the_post_over_the_spring_festival(year: Any) -> None:
    late = [
        receipt
        for receipt in year.named("receive_petition")
        if receipt["receipt_evidence"]["kind"] == "postmark"
        and receipt["receipt_evidence"]["at"][:10] == "2025-01-24"
        and receipt["received_at"][:7] == "2025-02"
    ]
    assert len(late) >= 1


def test_petitions_reach_the_web_on_holidays_and_are_registered_after_them(year: Any) -> None:
    quiet = [
        receipt
        for receipt in year.named("receive_petition")
        if not year.calendar.is_workday(day_of(receipt["received_at"]))
    ]
    assert len(quiet) >= 20
    assert {receipt["channel"] for receipt in quiet} == {"online"}


def test_the_office_disposes_of_every_petition_within_fifteen_days(year: Any) -> None:
    names = ("hand_over", "accept_case", "report_urgent", "dispose", "refuse_acceptance")
    for ref, actions in year.cases.items():
        if year.kind(actions[0]["by"]["unit"]) != "petition_office":
            continue
        limit = year.rdue(year.receipt_day(ref), 15)
        acts = [day_of(entry["at"]) for entry in year.of(ref, *names, "merge_case", "withdraw_petition")]
        assert acts, ref
        assert min(acts) <= limit, ref


def _owing(year: Any, ref: str) -> list[tuple[str, date]]:
    """(unit, day of receipt) of every unit that owes the petitioner a notice of its own or of its line."""
    actions = year.cases[ref]
    unit = actions[0]["by"]["unit"]
    owing = [] if year.kind(unit) in OFFICE_KINDS else [(unit, year.receipt_day(ref))]
    upheld = {entry["handoff"] for entry in year.of(ref, "decide_objection") if entry["upheld"]}
    for entry in year.of(ref, "receive_handoff"):
        kind = year.kind(entry["by"]["unit"])
        if kind not in OFFICE_KINDS | {"discipline", "politics_law"} and entry["handoff"] not in upheld:
            owing.append((entry["by"]["unit"], day_of(entry["arrived_at"])))
    return owing


def test_every_receiving_unit_tells_the_petitioner_within_fifteen_days(year: Any) -> None:
    judged = 0
    for ref, actions in year.cases.items():
        exempted = {entry["by"]["unit"] for entry in year.of(ref, "exempt_notice")}
        if actions[0]["anonymous"]:
            continue
        notices = [
            (entry["by"]["unit"], sent(entry))
            for entry in year.of(ref, "notify_petitioner")
            if entry["notice"] in NOTICES_OF_RECEIPT
        ]
        for unit, received_on in _owing(year, ref):
            limit = year.rdue(received_on, 15)
            line = [day for other, day in notices if year.on_one_line([unit, other]) and day <= limit]
            assert line or unit in exempted, (ref, unit)
            judged += 1
    assert judged > 600


def test_of_a_joint_handoff_each_unit_tells_the_petitioner_itself(year: Any) -> None:
    joint = [offer for offer in year.named("hand_over") if offer.get("joint")]
    assert len(joint) == 18
    for offer in joint:
        for unit in offer["to"]:
            (got,) = [e for e in year.of(offer["case"], "receive_handoff") if e["by"]["unit"] == unit]
            own = [sent(e) for e in year.of(offer["case"], "notify_petitioner") if e["by"]["unit"] == unit]
            assert min(own) <= year.rdue(day_of(got["arrived_at"]), 15)


def test_what_stops_a_clock_is_entered_on_its_own_day(year: Any) -> None:
    for action in year.named(*CLOCK_STOPPERS):
        assert day_of(action["entered_at"]) == day_of(action["at"]), action


def test_nothing_is_worked_on_before_it_is_registered(year: Any) -> None:
    for ref in year.cases:
        registered = year.of(ref, "register_petition")[0]["at"]
        worked = year.of(ref, "hand_over", "accept_case", "investigate", "open_hearing", "issue_opinion", "mediate")
        assert all(entry["at"] > registered for entry in worked)


def test_every_petition_has_a_purpose_and_every_claim_a_route_in_fifteen_days(year: Any) -> None:
    for ref in year.cases:
        first = year.of(ref, "route")[0]
        registered = day_of(year.of(ref, "register_petition")[0]["at"])
        assert day_of(first["at"]) <= year.rdue(registered, 15)
        assert ("route" in first) == (first["purpose"] == "claim")


def test_routes_one_to_four_name_their_procedure_and_the_petitioner_is_told(year: Any) -> None:
    judged = 0
    for ref in year.cases:
        for routed in year.of(ref, "route"):
            if routed.get("route") not in (1, 2, 3, 4):
                continue
            assert routed["procedure"]
            day = day_of(routed["at"])
            told = [
                sent(entry)
                for entry in year.of(ref, "notify_petitioner")
                if entry["notice"] in ("procedure", "refer_elsewhere") and sent(entry) >= day
            ]
            assert min(told) <= year.rdue(day, 15), ref
            judged += 1
    assert judged > 90


def test_route_five_is_answered_within_two_months(year: Any) -> None:
    cases = [ref for ref in year.cases if year.route(ref) == ("claim", 5)]
    assert len(cases) == 36
    for ref in cases:
        answered = [entry for entry in year.of(ref, "dispose") if entry["kind"] == "direct_answer"]
        assert day_of(answered[0]["at"]) <= day_of(year.of(ref, "route")[0]["at"]) + timedelta(days=58)


def test_suggestions_are_answered_within_sixty_days(year: Any) -> None:
    cases = [ref for ref in year.cases if year.route(ref)[0] == "suggestion"]
    assert len(cases) == 84
    for ref in cases:
        assert day_of(year.of(ref, "dispose")[0]["at"]) <= year.receipt_day(ref) + timedelta(days=60)


def test_accusations_are_restricted_and_reach_only_who_may_have_them(year: Any) -> None:
    cases = [ref for ref in year.cases if year.route(ref)[0] == "accusation"]
    assert len(cases) == 62
    for ref in cases:
        receipt = year.cases[ref][0]
        assert receipt["restricted"] is True
        offers = year.of(ref, "hand_over")
        kinds = {year.kind(unit) for offer in offers for unit in offer["to"]}
        accused = set(receipt.get("about_units", []))
        assert not any(accused & ({unit} | year.above(unit)) for offer in offers for unit in offer["to"])
        if receipt["accusation_of"] != "other_illegality":
            assert kinds <= {"discipline", "organisation_dept"}
        assert not year.of(ref, "issue_opinion")


def test_no_other_petition_is_restricted_and_none_goes_to_the_unit_complained_of(year: Any) -> None:
    for ref, actions in year.cases.items():
        if year.route(ref)[0] == "accusation":
            continue
        assert actions[0]["restricted"] is False
        about = set(actions[0].get("about_units", []))
        offered = {unit for offer in year.of(ref, "hand_over") for unit in offer["to"]}
        assert not any(about & ({unit} | year.above(unit)) for unit in offered)


def test_anonymous_petitions_have_no_petitioner_and_get_no_notice(year: Any) -> None:
    anonymous = [ref for ref, actions in year.cases.items() if actions[0]["anonymous"]]
    assert len(anonymous) == 34
    for ref in anonymous:
        assert "petitioner_ref" not in year.cases[ref][0]
        assert not year.of(ref, "notify_petitioner", "deliver_opinion", "rate")


def test_nobody_exempted_for_lack_of_an_address_is_reached_later(year: Any) -> None:
    exempted = [entry["case"] for entry in year.named("exempt_notice") if entry["ground"] == "address_unclear"]
    assert len(exempted) == 6
    assert not [ref for ref in exempted if year.of(ref, "deliver_opinion", "notify_petitioner")]


def test_every_handoff_is_received_within_five_working_days(year: Any) -> None:
    for offer in year.named("hand_over"):
        for unit in offer["to"]:
            got = [
                entry
                for entry in year.of(offer["case"], "receive_handoff")
                if entry["handoff"] == offer["handoff"] and entry["by"]["unit"] == unit
            ]
            assert len(got) == 1
            assert day_of(got[0]["at"]) <= year.wdue(day_of(offer["at"]), 5)
            assert got[0]["materials_complete"] is True


def test_feedback_comes_from_every_addressee_by_the_due_day(year: Any) -> None:
    for offer in year.named("hand_over"):
        ref, handoff = offer["case"], offer["handoff"]
        assert ("due_on" in offer) == offer["feedback_required"]
        upheld = [e for e in year.of(ref, "decide_objection") if e["handoff"] == handoff and e["upheld"]]
        if upheld or not offer["feedback_required"]:
            continue
        due = offer["due_on"]
        for change in year.of(ref, "change_handoff_due"):
            assert day_of(change["at"]).isoformat() <= due
            due = change["due_on"] if change["handoff"] == handoff else due
        for unit in offer["to"]:
            reports = [
                day_of(entry["at"]).isoformat()
                for entry in year.of(ref, "feed_back")
                if entry["handoff"] == handoff and entry["by"]["unit"] == unit
            ]
            assert reports, (ref, unit)
            assert max(reports) <= offer["due_on"] if year.of(ref, "return_for_rework") else max(reports) <= due


def test_objections_are_in_time_reasoned_decided_and_followed_by_materials_and_a_new_handoff(year: Any) -> None:
    outcomes: Counter[bool] = Counter()
    for objection in year.named("object_to_handoff"):
        ref = objection["case"]
        (got,) = [e for e in year.of(ref, "receive_handoff") if e["handoff"] == objection["handoff"]]
        (decided,) = year.of(ref, "decide_objection")
        assert objection["reasons"].startswith("sha256:")
        assert day_of(objection["at"]) <= year.wdue(day_of(got["arrived_at"]), 5)
        assert day_of(decided["at"]) <= year.wdue(day_of(objection["at"]), 10)
        outcomes[decided["upheld"]] += 1
        if decided["upheld"]:
            limit = year.wdue(day_of(decided["at"]), 5)
            later = [e for e in year.of(ref, "hand_over") if e["at"] > decided["at"]]
            assert day_of(later[0]["at"]) <= limit
            (returned,) = year.of(ref, "return_materials")
            assert day_of(returned["at"]) <= year.wdue(day_of(decided["at"]), 10)
            assert year.competent(ref) != objection["by"]["unit"]
    assert outcomes == {True: 18, False: 6}


def test_no_matter_goes_in_a_circle_or_through_three_holders_off_one_line(year: Any) -> None:
    for ref in year.cases:
        steps = [frozenset(offer["to"]) for offer in year.of(ref, "hand_over")]
        assert len(set(steps)) == len(steps)
        assert len(steps) < 3


def test_no_unit_handles_what_it_never_received(year: Any) -> None:
    handling = (
        "accept_case",
        "hear_facts",
        "investigate",
        "open_hearing",
        "close_hearing",
        "extend",
        "mediate",
        "issue_opinion",
        "deliver_opinion",
        "execute_opinion",
    )
    for ref, actions in year.cases.items():
        holders = {actions[0]["by"]["unit"]} | {e["by"]["unit"] for e in year.of(ref, "receive_handoff")}
        assert {entry["by"]["unit"] for entry in year.of(ref, *handling)} <= holders, ref


def test_township_lines_pass_down_and_report_upwards(year: Any) -> None:
    lines = [offer for offer in year.named("hand_over") if year.kind(offer["by"]["unit"]) == "township"]
    assert len(lines) == 40
    for offer in lines:
        assert offer["by"]["unit"] in year.above(offer["to"][0])
        reports = [entry["by"]["unit"] for entry in year.of(offer["case"], "feed_back")]
        assert reports == [offer["to"][0], offer["by"]["unit"]]


def test_urgent_matters_are_reported_within_a_day_to_the_county_and_the_superior_office(year: Any) -> None:
    urgent = [receipt for receipt in year.named("receive_petition") if receipt["urgent"]]
    assert len(urgent) == 9
    for receipt in urgent:
        (report,) = year.of(receipt["case"], "report_urgent")
        delay = datetime.fromisoformat(report["at"]) - datetime.fromisoformat(report["learnt_at"])
        assert timedelta(0) <= delay <= timedelta(hours=24)
        kinds = {year.kind(unit) for unit in report["to"]}
        assert {"party_committee", "government", "superior_petition_office"} <= kinds


def test_visits_are_neither_split_nor_over_represented(year: Any) -> None:
    desks: Counter[tuple[object, ...]] = Counter()
    for ref, actions in year.cases.items():
        receipt = actions[0]
        registered = year.of(ref, "register_petition")[0]
        assert receipt.get("representatives_count", 0) <= 5
        if receipt["channel"] == "visit" and receipt["people_count"] < 5:
            about = tuple(receipt.get("about_units", []))
            desk = (year.receipt_day(ref), registered["content_class"], about, registered["by"]["staff"])
            desks[desk] += 1
    assert max(desks.values()) < 3


def test_refusals_have_their_ground_in_the_ledger_and_a_notice(year: Any) -> None:
    grounds: Counter[str] = Counter()
    for refusal in year.named("refuse_acceptance"):
        ref, day = refusal["case"], day_of(refusal["at"])
        grounds[refusal["ground"]] += 1
        told = [sent(e) for e in year.of(ref, "notify_petitioner") if e["at"] > refusal["at"]]
        assert min(told) <= year.rdue(day, 15)
        base = year.of(ref, "register_petition")[0].get("repeat_of")
        if refusal["ground"] == "other_procedure":
            assert refusal["procedure"]
        if refusal["ground"] == "same_matter_in_process":
            closed = year.of(base, "close_case")[0]
            assert year.of(base, "accept_case")[0]["at"] < refusal["at"] < closed["at"]
        if refusal["ground"] == "re_reviewed":
            assert year.of(base, "issue_review")[-1]["stage"] == "re_review"
            assert year.of(base, "deliver_review")[-1]["at"] < refusal["at"]
    assert grounds == {"other_procedure": 8, "not_competent": 8, "same_matter_in_process": 8, "re_reviewed": 2}


def test_no_matter_comes_back_within_thirty_days_of_a_closing_without_an_opinion(year: Any) -> None:
    for registered in year.named("register_petition"):
        if "repeat_of" not in registered:
            continue
        base = registered["repeat_of"]
        closed = year.of(base, "close_case")[0]
        gap = year.receipt_day(registered["case"]) - day_of(closed["at"])
        assert gap < timedelta(0) or gap > timedelta(days=30)


def test_merged_petitions_share_class_region_and_unit_with_an_open_case_and_are_attested(year: Any) -> None:
    merges = year.named("merge_case")
    assert len(merges) == 14
    for merge in merges:
        own, other = merge["case"], merge["into"]
        assert merge["attestation"].startswith("sha256:")
        assert year.cases[own][0]["region"] == year.cases[other][0]["region"]
        assert year.cases[own][0].get("about_units") == year.cases[other][0].get("about_units")
        classes = {year.of(ref, "register_petition")[0]["content_class"] for ref in (own, other)}
        assert len(classes) == 1
        assert merge["at"] < year.of(other, "close_case")[0]["at"]
        assert stopped(year, own)
