"""The year as a file: deterministic, sorted, complete, in the numbers of the published report."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from domain.calendar import day_of
from domain.language import ACTIONS
from infra.reference_year.generator import KEEPER, generate, write
from infra.reference_year.parameters import CHANNELS, SAMPLES, Share, read_parameters
from infra.reference_year.plan import deal

OUTSIDE_FACTS = {"notify_petitioner", "deliver_opinion", "deliver_review", "confirm_receipt", "reconcile_bank"}
SUBJECT_KEYS = ("case", "grant", "fund")
POINTERS = ("repeat_of", "linked_to", "into", "instalment_of", "case", "fund", "grant")
LOCAL_REFS = ("handoff", "payment", "measure", "supervision", "advice", "hearing")
CREATES = {
    "hand_over": "handoff",
    "pay_grant": "payment",
    "take_measure": "measure",
    "supervise": "supervision",
    "advise": "advice",
    "open_hearing": "hearing",
}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_gives_others(tmp_path: Path) -> None:
    first, second, other = tmp_path / "a.jsonl", tmp_path / "b.jsonl", tmp_path / "c.jsonl"
    count = write(first, 2025)
    write(second, 2025)
    write(other, 7)
    assert first.read_bytes() == second.read_bytes()
    assert first.read_bytes() != other.read_bytes()
    assert len(first.read_text(encoding="utf-8").splitlines()) == count


def test_the_file_is_sorted_by_the_instant_of_the_act_and_has_a_year_of_a_county(year: Any) -> None:
    instants = [datetime.fromisoformat(action["at"]) for action in year.actions]
    assert instants == sorted(instants)
    assert 12_000 <= len(year.actions) <= 20_000


def test_action_ids_are_unique_and_lines_are_short(year: Any) -> None:
    ids = [action["action_id"] for action in year.actions]
    assert len(set(ids)) == len(ids)
    assert max(len(json.dumps(action, ensure_ascii=False).encode()) for action in year.actions) < 65_535


def test_every_action_is_valid_by_the_contract(year: Any) -> None:
    for action in year.actions:
        ACTIONS[action["action"]].model_validate(action)


def test_no_action_uses_an_override_or_needs_an_event_id(year: Any) -> None:
    assert not [action for action in year.actions if "override" in action or "event_id" in action]


def test_receipts_have_the_volumes_of_the_table_by_month_and_channel(year: Any) -> None:
    with (SAMPLES / "volumes.csv").open(encoding="utf-8", newline="") as table:
        wanted = {(row["month"], name): int(row[name]) for row in csv.DictReader(table) for name in CHANNELS}
    received = Counter((entry["received_at"][:7], entry["channel"]) for entry in year.named("receive_petition"))
    assert received == wanted
    assert received.total() == 1_058


def test_five_three_way_assignments_each_close_their_loop(year: Any) -> None:
    offers = [entry for entry in year.named("hand_over") if entry["mode"] == "tri_party"]
    assert len(offers) == 5
    for offer in offers:
        kinds = {year.kind(unit) for unit in offer["to"]}
        assert kinds == {"politics_law", "police", "petition_office"}
        for name in ("receive_handoff", "feed_back"):
            acts = [entry for entry in year.of(offer["case"], name) if entry["handoff"] == offer["handoff"]]
            assert {entry["by"]["unit"] for entry in acts} == set(offer["to"])
            assert all(day_of(entry["at"]).isoformat() <= offer["due_on"] for entry in acts)


def test_twenty_odd_education_and_admonition_measures_stand_on_law_and_conduct(year: Any) -> None:
    measures = [entry for entry in year.named("take_measure") if entry["kind"] in ("education", "admonition")]
    assert 20 < len(measures) < 30
    assert all(entry["legal_basis"] and entry["conduct"] for entry in measures)


def test_about_forty_grants_of_one_fund(year: Any) -> None:
    applied = year.named("apply_for_grant")
    assert 38 <= len(applied) <= 43
    assert {entry["fund"] for entry in applied} == {"ref:F2025"}


def test_every_action_is_entered_in_time_and_after_it_happened(year: Any) -> None:
    for action in year.actions:
        entered, at = datetime.fromisoformat(action["entered_at"]), datetime.fromisoformat(action["at"])
        arrived = datetime.fromisoformat(action.get("delivered_at") or action["at"])
        limit = 10 if action["action"] in OUTSIDE_FACTS else 2
        assert entered >= max(at, arrived), action
        assert day_of(entered) <= year.wdue(day_of(at), limit), action


def test_officials_act_on_working_days_in_office_hours(year: Any) -> None:
    by_hand = [
        action
        for action in year.actions
        if any(key in action for key in SUBJECT_KEYS)
        and action.get("at_precision") != "day"
        and not (action["action"] == "receive_petition" and action["channel"] == "online")
    ]
    for action in by_hand:
        at = datetime.fromisoformat(action["at"])
        assert year.calendar.is_workday(at.date()), action
        assert 9 <= at.hour < 18, action


def test_every_reference_is_created_before_it_is_used(year: Any) -> None:
    known: set[str] = set()
    for action in year.actions:
        if action["action"] in ("receive_petition", "apply_for_grant", "open_fund"):
            known.add(action[{"r": "case", "a": "grant", "o": "fund"}[action["action"][0]]])
        used = {action[key] for key in POINTERS if str(action.get(key, "")).startswith("ref:")}
        created = CREATES.get(action["action"])
        for key in LOCAL_REFS:
            if key in action and key != created:
                used.add(action[key])
        if created is not None:
            assert action[created] not in known, action
            known.add(action[created])
        assert used <= known, action


def test_every_actor_is_declared_active_and_holds_the_role(year: Any) -> None:
    named = ("handler", "supervisor", "signed_by", "approved_by", "replacement", "staff")
    for action in year.actions:
        if action["action"] == "declare_staff":
            continue
        day, by = day_of(action["at"]).isoformat(), action["by"]
        official = year.staff[by["staff"]]
        assert official["unit"] == by["unit"], action
        assert by["role"] in official["roles"], action
        people = [by["staff"], *(action[key] for key in named if key in action)]
        people += [*action.get("attendees", []), *action.get("members", [])]
        people += action.get("meeting", {}).get("attendees", [])
        for staff in people:
            assert year.staff[staff]["active_from_on"] <= day <= year.staff[staff].get("active_until_on", day), action


def test_every_unit_named_anywhere_is_declared(year: Any) -> None:
    for action in year.actions:
        units = {action["by"]["unit"], *action.get("about_units", [])}
        units |= set(action["to"]) if isinstance(action.get("to"), list) else {action.get("to", "XF")}
        units |= {action[key] for key in ("body", "decided_by", "executing_unit", "applicant_unit") if key in action}
        assert units <= set(year.units), action


def test_pseudonyms_are_fresh_for_every_case_and_documents_are_never_used_twice(year: Any) -> None:
    people = [entry["petitioner_ref"] for entry in year.named("receive_petition") if "petitioner_ref" in entry]
    assert len(set(people)) == len(people)
    owners: dict[str, str] = {}
    for entry in year.named("apply_for_grant", "pay_grant"):
        case = year.grants[entry["grant"]][0]["case"]
        for key in ("beneficiary_ref", "payee_ref"):
            if key in entry:
                assert owners.setdefault(entry[key], case) == case
    papers = Counter(entry["document"] for entry in year.actions if "document" in entry)
    assert max(papers.values()) == 1


def test_names_of_officials_are_plainly_invented(year: Any) -> None:
    names = [entry["name"] for entry in year.staff.values()]
    assert len(set(names)) == len(names)
    assert all(name.startswith("职员") and name[-2:].isdigit() for name in names)


def test_the_cutover_is_declared_last_for_a_day_after_every_act(year: Any) -> None:
    last = year.actions[-1]
    assert last["action"] == "declare_cutover"
    assert max(day_of(action["at"]) for action in year.actions).isoformat() < last["on"]
    assert "active_until_on" not in year.staff[KEEPER]


def test_the_outside_lists_agree_with_the_ledger(year: Any) -> None:
    receipts = year.named("receive_petition")
    numbers = [entry["external_numbers"]["national"] for entry in receipts if "external_numbers" in entry]
    (listed,) = year.named("declare_external_list")
    assert sorted(numbers) == listed["numbers"]
    assert listed["count"] == len(numbers)
    calls = Counter(entry["received_at"][:10] for entry in receipts if entry["channel"] == "call")
    logs = {entry["on"]: entry["count"] - entry["not_petitions"] for entry in year.named("declare_channel_log")}
    assert logs == calls


def test_a_share_that_cannot_be_drawn_is_refused_by_name() -> None:
    parameters = read_parameters()
    greedy = Share("suggestion", 10_000, CHANNELS, (1, 12))
    wanted = type(parameters)(parameters.volumes, parameters.remainder, (greedy,), ())
    with pytest.raises(ValueError, match="suggestion: 10000 items wanted, 0 to draw from"):
        deal(wanted, [], None)  # type: ignore[arg-type]


def test_the_year_is_also_complete_for_other_seeds() -> None:
    for seed in (1, 99):
        received = [action for action in generate(seed) if action["action"] == "receive_petition"]
        assert len(received) == 1_058


def test_the_documents_count_what_the_file_holds(year: Any) -> None:
    text = (SAMPLES.parents[1] / "docs" / "reference-year.md").read_text(encoding="utf-8")
    offers, decisions = year.named("hand_over"), year.named("decide_objection")
    grants = [entry for entry in year.named("apply_for_grant") if "instalment_of" not in entry]
    stages = Counter(entry["stage"] for entry in year.named("issue_review"))
    lines = sum(year.kind(offer["by"]["unit"]) == "township" for offer in offers)
    for claim in (
        f"{len(year.units)} units",
        f"joint ({sum(bool(offer.get('joint')) for offer in offers)})",
        f"township lines ({lines})",
        f"upheld ({sum(entry['upheld'] for entry in decisions)})",
        f"rejected ({sum(not entry['upheld'] for entry in decisions)})",
        f"rework ({len(year.named('return_for_rework'))})",
        f"extensions ({len(year.named('extend'))})",
        f"mediation ({len(year.named('mediate'))})",
        f"withdrawals ({len(year.named('withdraw_petition'))})",
        f"{stages['review']} reviews, {stages['re_review']} of them",
        f"measures ({len(year.named('take_measure'))} and",
        f"{len(grants)} grants and one instalment",
        f"{sum(entry['restricted'] for entry in year.named('receive_petition'))} petitions are restricted",
    ):
        assert claim in text, claim
