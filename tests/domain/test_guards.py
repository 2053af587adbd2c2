"""Guards: each fires live, passes with a head's override, is refused with a bad one, and is recorded in history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from tests.support.examples import APPROVER, CASHIER, CLERK, EXAMINER, HANDLER, RULES, TAG
from tests.support.given import Outcome, World, given, ready_for, step

HEAD = "S-009"
RECEIVED = step("receive_petition")
OTHER = step("receive_petition", case="ref:A2")
FUND = step("open_fund")


def applied(ref: str = "ref:G1", **changes: Any) -> tuple[str, dict[str, Any]]:
    return step("apply_for_grant", **({"grant": ref, "instalment_of": ...} | changes))


def with_head(world: World) -> World:
    return world.given(step("declare_staff", staff=HEAD))


def override(*guards: str, **changes: Any) -> dict[str, Any]:
    return {"guards": list(guards), "reason": "ordered by the joint conference", "approved_by": HEAD} | changes


class Scene(NamedTuple):
    """One way in which a guard fires."""

    guard: str
    field: str
    world: Callable[[], World]
    verb: str
    changes: dict[str, Any]


def _granted(*steps: Any, fund: Any = FUND) -> Callable[[], World]:
    return lambda: given(RECEIVED, OTHER, fund, *steps)


def _accused(*steps: Any, **changes: Any) -> Callable[[], World]:
    accusation = {"accusation_of": "supervised_official", "about_units": ["JSW"]} | changes
    return lambda: given(
        step("declare_unit", unit="JSW-1", superiors=["JSW"]),
        step("declare_unit", unit="JSW-1-1", superiors=["JSW-1"]),
        step("receive_petition", **accusation),
        *steps,
    )


EXAMINED = step("examine_grant")
APPROVED = step("approve_grant")
PAID = step("pay_grant")
RECUSED = [step("declare_interest", staff="S-001"), step("decide_recusal", staff="S-001")]
SOFT = step("open_fund", rules=RULES | {"cap_hard": False})
BY_MATTER = step("open_fund", rules=RULES | {"cap_basis": "matter"})
BY_PERSON = step("open_fund", rules=RULES | {"cap_basis": "beneficiary"})
SECOND_PERSON = {"beneficiary_ref": "b-92", "beneficiary_tag": ...}

SCENES = [
    Scene("duties", "by.staff", _granted(applied()), "examine_grant", {"by": CLERK}),
    Scene("duties", "by.staff", _granted(applied()), "approve_grant", {"by": CLERK}),
    Scene("duties", "by.staff", _granted(applied(), APPROVED), "pay_grant", {"by": CLERK}),
    Scene("duties", "by.staff", _granted(applied(), EXAMINED), "approve_grant", {"by": EXAMINER}),
    Scene("duties", "by.staff", _granted(applied(), EXAMINED, APPROVED), "pay_grant", {"by": EXAMINER}),
    Scene("duties", "by.staff", _granted(applied(), APPROVED), "examine_grant", {"by": APPROVER}),
    Scene("duties", "by.staff", _granted(applied(), APPROVED), "pay_grant", {"by": APPROVER}),
    Scene("duties", "by.staff", _granted(applied(), APPROVED, PAID), "examine_grant", {"by": CASHIER}),
    Scene("approval", "grant", _granted(applied()), "appropriate_grant", {}),
    Scene("approval", "grant", _granted(applied()), "pay_grant", {}),
    Scene("approval", "grant", _granted(applied(), step("reject_grant")), "pay_grant", {}),
    Scene("approval", "amount_fen", _granted(applied(), APPROVED), "appropriate_grant", {"amount_fen": 2_500_01}),
    Scene("approval", "amount_fen", _granted(applied(), APPROVED), "pay_grant", {"amount_fen": 2_500_01}),
    Scene(
        "approval", "amount_fen", _granted(applied(), APPROVED, PAID), "pay_grant",
        {"amount_fen": 1, "payment": "ref:p2"},
    ),
    Scene(
        "funds", "amount_fen", _granted(applied(), fund=step("open_fund", opening_balance_fen=2_499_99)),
        "approve_grant", {},
    ),
    Scene(
        "funds", "amount_fen",
        _granted(applied(), APPROVED, step("budget_fund", amount_fen=-97_500_01)),
        "pay_grant", {},
    ),
    Scene("cap", "amount_fen", _granted(applied()), "approve_grant", {"amount_fen": 10_000_01}),
    Scene(
        "cap", "amount_fen",
        _granted(applied(), applied("ref:G2", **SECOND_PERSON), step("approve_grant", amount_fen=9_000_00)),
        "approve_grant", {"grant": "ref:G2", "amount_fen": 1_000_01},
    ),
    Scene(
        "cap", "amount_fen",
        _granted(
            step("register_petition", case="ref:A2", repeat_of="ref:A1"), applied(),
            applied("ref:G2", case="ref:A2", **SECOND_PERSON),
            step("approve_grant", amount_fen=9_000_00), fund=BY_MATTER,
        ),
        "approve_grant", {"grant": "ref:G2", "amount_fen": 1_000_01},
    ),
    Scene(
        "cap", "amount_fen",
        _granted(
            applied(), applied("ref:G2", case="ref:A2"), step("approve_grant", amount_fen=9_000_00), fund=BY_PERSON
        ),
        "approve_grant", {"grant": "ref:G2", "amount_fen": 1_000_01},
    ),
    Scene("once", "grant", _granted(applied(), applied("ref:G2"), APPROVED), "approve_grant", {"grant": "ref:G2"}),
    Scene(
        "once", "grant",
        _granted(
            step("merge_case", case="ref:A2", into="ref:A1"), applied(),
            applied("ref:G2", case="ref:A2", beneficiary_ref="b-other"), APPROVED,
        ),
        "approve_grant", {"grant": "ref:G2"},
    ),
    Scene("leak", "to", _accused(), "hand_over", {"to": ["JSW"]}),
    Scene("leak", "to", _accused(), "hand_over", {"to": ["MZJ", "JSW-1"], "cc": ...}),
    Scene("leak", "to", _accused(), "hand_over", {"to": ["JSW-1-1"]}),
    Scene("leak", "cc", _accused(), "hand_over", {"cc": ["GOV", "JSW"]}),
    Scene("leak", "to", _accused(restricted=True), "hand_over", {"to": ["JSW"]}),
    Scene("leak", "to", _accused(restricted=True), "hand_over", {"to": ["JSW-1-1"]}),
    Scene(
        "leak", "to",
        _accused(
            step("register_petition", repeat_of=...), step("route", purpose="accusation", route=...),
            accusation_of=...,
        ),
        "hand_over", {"to": ["JSW"]},
    ),
    Scene("recused", "by.staff", lambda: given(RECEIVED, *RECUSED), "rate", {}),
    Scene("recused", "by.staff", lambda: given(RECEIVED, *RECUSED), "hand_over", {}),
    Scene("recused", "by.staff", lambda: given(RECEIVED, *RECUSED), "request_recusal", {}),
    Scene("recused", "by.staff", lambda: given(RECEIVED, *RECUSED), "correct_record", {}),
    Scene("recused", "by.staff", _granted(*RECUSED), "apply_for_grant", {"instalment_of": ...}),
    Scene(
        "recused", "by.staff", _granted(applied(), *RECUSED), "publish_grant_notice", {},
    ),
    Scene("recused", "by.staff", _granted(applied(), APPROVED, *RECUSED), "release_commitment", {}),
]  # fmt: skip
IDS = [f"{scene.guard}-{scene.verb}-{number}" for number, scene in enumerate(SCENES)]


def run(scene: Scene, world: World, **how: Any) -> Outcome:
    return world.when(scene.verb, **(scene.changes | how))


@pytest.mark.parametrize("scene", SCENES, ids=IDS)
def test_a_guard_stops_live_work(scene: Scene) -> None:
    run(scene, scene.world()).then_refused(f"guard_{scene.guard}", scene.field)


@pytest.mark.parametrize("scene", SCENES, ids=IDS)
def test_a_guard_is_passed_with_the_override_of_a_head_and_the_override_stands_in_every_event(scene: Scene) -> None:
    given_override = override(scene.guard, "duties")
    outcome = run(scene, with_head(scene.world()), override=given_override)
    assert outcome.answer.error is None, outcome.answer.to_json()
    assert [event["data"]["override"] for event in outcome.events] == [given_override] * len(outcome.events)


@pytest.mark.parametrize("scene", SCENES, ids=IDS)
def test_an_override_of_another_guard_passes_nothing(scene: Scene) -> None:
    other = "leak" if scene.guard != "leak" else "funds"
    outcome = run(scene, with_head(scene.world()), override=override(other))
    outcome.then_refused(f"guard_{scene.guard}", scene.field)


@pytest.mark.parametrize("scene", SCENES, ids=IDS)
def test_history_is_recorded_as_it_was(scene: Scene) -> None:
    outcome = run(scene, scene.world(), history=True)
    assert outcome.answer.error is None, outcome.answer.to_json()
    assert all("override" not in event["data"] for event in outcome.events)


@pytest.mark.parametrize("scene", SCENES, ids=IDS)
def test_a_live_import_is_guarded_like_live_work(scene: Scene) -> None:
    run(scene, scene.world(), imported=True).then_refused(f"guard_{scene.guard}", scene.field)


@pytest.mark.parametrize(
    ("declared", "approved_by"),
    [
        ({"staff": HEAD}, "S-unknown"),
        ({"staff": "S-001"}, "S-001"),
        ({"staff": HEAD, "roles": ["approver", "clerk"]}, HEAD),
        ({"staff": HEAD, "active_from_on": "2025-03-05"}, HEAD),
        ({"staff": HEAD, "active_until_on": "2025-03-03"}, HEAD),
    ],
    ids=["undeclared", "the actor", "not head", "not yet active", "no longer active"],
)
def test_an_override_is_approved_by_another_active_head(declared: dict[str, Any], approved_by: str) -> None:
    scene = next(one for one in SCENES if one.guard == "leak")
    world = scene.world().given(step("declare_staff", **declared))
    outcome = run(scene, world, override=override("leak", approved_by=approved_by))
    outcome.then_refused("override_not_approved", "override.approved_by")


@pytest.mark.parametrize("day", [{"active_from_on": "2025-03-04"}, {"active_until_on": "2025-03-04"}])
def test_a_head_approves_on_the_first_and_last_active_day(day: dict[str, Any]) -> None:
    scene = next(one for one in SCENES if one.guard == "leak")
    world = scene.world().given(step("declare_staff", staff=HEAD, **day))
    assert run(scene, world, override=override("leak")).answer.accepted


def test_an_override_where_nothing_fires_still_needs_a_head_and_is_recorded() -> None:
    given(RECEIVED).when("rate", override=override("leak")).then_refused("override_not_approved")
    with_head(given(RECEIVED)).when("rate", override=override("leak")).then_recorded(
        "case.rated", override=override("leak")
    )


def test_history_keeps_an_override_that_nobody_could_approve() -> None:
    given(RECEIVED).when("rate", history=True, override=override("leak", approved_by="S-gone")).then_recorded(
        "case.rated", override=override("leak", approved_by="S-gone")
    )


@pytest.mark.parametrize(
    ("value", "code", "field"),
    [
        ({"guards": []}, "bad_value", "override.guards"),
        ({"guards": ["gravity"]}, "bad_value", "override.guards.0"),
        ({"reason": ...}, "missing_field", "override.reason"),
        ({"approved_by": ...}, "missing_field", "override.approved_by"),
        ({"more": 1}, "unknown_field", "override.more"),
    ],
)
def test_an_override_is_closed_and_complete(value: dict[str, Any], code: str, field: str) -> None:
    sent = {name: part for name, part in (override("leak") | value).items() if part is not ...}
    given(RECEIVED).when("rate", override=sent).then_refused(code, field)


# near misses: one fen, one person, one relation short of the guard


def test_the_same_person_may_pay_twice() -> None:
    world = _granted(applied(), APPROVED, step("pay_grant", amount_fen=1_000_00))()
    world.when("pay_grant", amount_fen=1_500_00, payment="ref:p2").then_recorded("grant.paid", "fund.paid")


def test_what_came_back_may_be_paid_again() -> None:
    world = _granted(applied(), APPROVED, PAID, step("return_payment", amount_fen=500_00))()
    world.when("pay_grant", amount_fen=500_01, payment="ref:p2").then_refused("guard_approval", "amount_fen")
    world.when("pay_grant", amount_fen=500_00, payment="ref:p2").then_recorded("grant.paid", "fund.paid")


def test_the_last_fen_of_the_fund_may_be_approved_and_paid() -> None:
    world = _granted(applied(), fund=step("open_fund", opening_balance_fen=2_500_00))()
    world.when("approve_grant").then_recorded("grant.approved", "fund.committed")
    world.when("pay_grant").then_recorded("grant.paid", "fund.paid")


def test_of_two_approvals_that_together_break_the_fund_the_second_is_stopped() -> None:
    world = _granted(
        applied(), applied("ref:G2", case="ref:A2"), fund=step("open_fund", opening_balance_fen=4_999_99)
    )()
    world.given(APPROVED).when("approve_grant", grant="ref:G2").then_refused("guard_funds", "amount_fen")
    world.given(step("release_commitment", amount_fen=1))
    world.when("approve_grant", grant="ref:G2", amount_fen=2_500_00).then_recorded("grant.approved", "fund.committed")


def test_a_payment_outside_its_commitment_is_measured_against_what_is_available() -> None:
    world = _granted(
        applied(), applied("ref:G2", case="ref:A2"), fund=step("open_fund", opening_balance_fen=5_000_00)
    )()
    world.given(APPROVED, step("approve_grant", grant="ref:G2"), step("release_commitment"))
    world.given(step("budget_fund", amount_fen=-1))
    world.when("pay_grant").then_refused("guard_funds", "amount_fen")
    world.given(step("budget_fund", amount_fen=1)).when("pay_grant").then_recorded("grant.paid", "fund.paid")


@pytest.mark.parametrize(
    ("fund", "changes"),
    [
        (FUND, {"amount_fen": 10_000_00}),
        (FUND, {"amount_fen": 10_000_01, "exceptional": True}),
        (SOFT, {"amount_fen": 10_000_01}),
    ],
    ids=["at the cap", "exceptional", "no hard cap"],
)
def test_at_the_cap_or_exceptional_or_without_a_hard_cap_nothing_fires(fund: Any, changes: dict[str, Any]) -> None:
    world = _granted(applied(), fund=fund)()
    world.when("approve_grant", **changes).then_recorded("grant.approved", "fund.committed")
    world.when("pay_grant", amount_fen=changes["amount_fen"]).then_recorded("grant.paid", "fund.paid")


def test_the_cap_counts_a_grant_paid_beyond_its_approval() -> None:
    world = _granted(applied(), step("approve_grant", amount_fen=10_000_00))()
    world.when("pay_grant", amount_fen=10_000_01, history=True).then_recorded("grant.paid", "fund.paid")
    with_head(world).when("pay_grant", amount_fen=1, payment="ref:p3", override=override("approval")).then_refused(
        "guard_cap", "amount_fen"
    )


def test_another_case_or_another_person_does_not_count_to_the_cap_of_a_case() -> None:
    world = _granted(applied(), applied("ref:G2", case="ref:A2"), step("approve_grant", amount_fen=10_000_00))()
    world.when("approve_grant", grant="ref:G2", amount_fen=10_000_00).then_recorded("grant.approved", "fund.committed")


@pytest.mark.parametrize(
    ("second", "steps"),
    [
        ({"instalment_of": "ref:G1"}, [APPROVED]),
        ({"beneficiary_ref": "b-92", "beneficiary_tag": ...}, [APPROVED]),
        ({"case": "ref:A2"}, [APPROVED]),
        ({}, [APPROVED, PAID, step("return_payment", amount_fen=2_500_00)]),
        ({}, [step("reject_grant")]),
        ({}, []),
    ],
    ids=["instalment", "another person", "another matter", "fully returned", "rejected", "undecided"],
)
def test_a_second_grant_passes_once(second: dict[str, Any], steps: list[Any]) -> None:
    world = _granted(applied(), applied("ref:G2", **second), *steps)()
    world.when("approve_grant", grant="ref:G2").then_recorded("grant.approved", "fund.committed")


def test_one_fen_not_returned_and_the_first_grant_still_stands() -> None:
    world = _granted(applied(), applied("ref:G2"), APPROVED, PAID, step("return_payment", amount_fen=2_499_99))()
    world.when("approve_grant", grant="ref:G2").then_refused("guard_once", "grant")


def test_an_equal_tag_in_another_matter_is_another_matter() -> None:
    world = _granted(applied(beneficiary_tag=TAG), applied("ref:G2", case="ref:A2", beneficiary_tag=TAG), APPROVED)()
    world.when("approve_grant", grant="ref:G2").then_recorded("grant.approved", "fund.committed")


@pytest.mark.parametrize(
    ("to", "cc"), [(["MZJ"], ...), (["GOV"], ["SJ"]), (["JW"], ["MZJ"])], ids=["beside", "above", "discipline"]
)
@pytest.mark.parametrize("restricted", [True, False])
def test_an_accusation_may_go_beside_and_above(to: list[str], cc: Any, restricted: bool) -> None:
    world = _accused(restricted=restricted)().given(step("declare_unit", unit="JSW", superiors=["GOV"]))
    world.when("hand_over", to=to, cc=cc).then_recorded("case.handoff_offered")


def test_a_claim_about_a_unit_is_no_accusation() -> None:
    given(RECEIVED).when("hand_over", to=["JSW"]).then_recorded("case.handoff_offered")


def test_units_declared_above_one_another_in_a_circle_do_not_stop_the_guard() -> None:
    world = _accused()().given(
        step("declare_unit", unit="JSW", superiors=["GOV"]), step("declare_unit", unit="GOV", superiors=["JSW"])
    )
    world.when("hand_over", to=["GOV"], cc=...).then_refused("guard_leak", "to")
    world.when("hand_over", to=["MZJ"], cc=...).then_recorded("case.handoff_offered")


def test_without_the_key_a_restricted_handoff_cannot_be_told_and_is_stopped() -> None:
    world = _accused(restricted=True)()
    world.key = None
    world.when("hand_over").then_refused("cannot_tell", "to")
    with_head(world).when("hand_over", override=override("leak")).then_recorded("case.handoff_offered")
    nobody = given(step("receive_petition", restricted=True, about_units=...))
    nobody.key = None
    nobody.when("hand_over").then_recorded("case.handoff_offered")


def test_the_guard_looks_at_the_units_complained_of_as_corrected() -> None:
    world = _accused()()
    event_id = world.of("case.received")[0]["id"]
    correction = {"event_id": event_id, "field": "/about_units", "was": ["JSW"], "now": ["MZJ"]}
    world.given(step("correct_record", **correction))
    world.when("hand_over", to=["MZJ"]).then_refused("guard_leak", "to")
    world.when("hand_over", to=["JSW"]).then_recorded("case.handoff_offered")


def test_a_recused_official_may_declare_and_decide_and_nothing_else_on_this_case() -> None:
    world = given(RECEIVED, OTHER, *RECUSED)
    world.when("declare_interest").then_recorded("case.interest_declared")
    world.when("decide_recusal").then_recorded("case.recusal_decided")
    world.when("rate", case="ref:A2").then_recorded("case.rated")
    world.when("rate", by=HANDLER, case="ref:A2").then_recorded("case.rated")


def test_a_recusal_that_was_lifted_binds_no_more() -> None:
    world = given(RECEIVED, *RECUSED, step("decide_recusal", staff="S-001", recused=False))
    world.when("rate").then_recorded("case.rated")


def test_a_refusal_by_the_record_comes_before_any_guard() -> None:
    world = ready_for("approve_grant").given(APPROVED)
    world.when("approve_grant", by=CLERK).then_refused("refused_by_state")
