"""The scan for personal data. All numbers here are made up: valid by form, nobody's by intent."""

from __future__ import annotations

from typing import Any

import pytest

from domain.personal_data import personal_data_in
from tests.support.examples import CASE
from tests.support.given import World, given, ready_for, step

MOBILE = "13800138000"


def with_luhn(digits: str) -> str:
    """Append the check digit that makes the run pass Luhn, computed the schoolbook way."""
    doubled = [int(digit) * 2 if place % 2 == 0 else int(digit) for place, digit in enumerate(reversed(digits))]
    total = sum(value // 10 + value % 10 for value in doubled)
    return digits + str(-total % 10)


def with_check(seventeen: str) -> str:
    """Append the check character of GB 11643: the weighted sum must be 1 modulo 11."""
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(seventeen))
    value = (1 - total) % 11
    return seventeen + ("X" if value == 10 else str(value))


IDENTITY = with_check("50022919490231002".replace("0231", "1231"))
WITH_X = next(number for order in range(1000) if (number := with_check(f"50022919491231{order:03d}")).endswith("X"))


def no_card(thirteen: str) -> str:
    """An identity number by its check character, with this impossible date, that no card scheme would pass."""
    numbers = (with_check(f"{thirteen}0{order:03d}") for order in range(1000))
    return next(number for number in numbers if number[-1] == "X" or with_luhn(number[:-1]) != number)


NO_SUCH_DAY, NO_SUCH_MONTH = no_card("5002291949023"), no_card("5002291949133")
CARDS = [with_luhn(("622202020001234567" * 2)[: length - 1]) for length in (16, 17, 18, 19)]


@pytest.mark.parametrize("number", [MOBILE, "13000000000", "19999999999", IDENTITY, WITH_X, WITH_X.lower(), *CARDS])
@pytest.mark.parametrize(
    "text",
    ["{}", "电话{}转", "tel:{}", "a {} b", "（{}）", "_{}_", "{}.", "-{}-", "x/{}/y", "\n{}\t", "+86 {}", "86-{}"],
)
def test_a_whole_run_is_found_wherever_it_stands(number: str, text: str) -> None:
    assert personal_data_in(text.format(number)) is not None


@pytest.mark.parametrize(
    "text",
    [
        "1380013800", "138001380001", "A13800138000", "13800138000A", "12800138000", "10000000000", "23800138000",
        IDENTITY[:-1] + ("0" if IDENTITY[-1] != "0" else "1"), IDENTITY + "1", "A" + IDENTITY,
        NO_SUCH_DAY, NO_SUCH_MONTH,
        with_luhn("62220202000123")[:15], with_luhn("6222020200012345678"), CARDS[0] + "A",
        CARDS[0][:-1] + str((int(CARDS[0][-1]) + 1) % 10), "1380 0138 000", "138-0013-8000", "", "法", "ref:A17",
    ],
)  # fmt: skip
def test_what_is_longer_shorter_or_does_not_compute_is_not_found(text: str) -> None:
    assert personal_data_in(text) is None


@pytest.mark.parametrize("zero", ["０", "٠", "०", "𝟎"])
def test_digits_of_any_script_are_digits(zero: str) -> None:
    number = "".join(chr(ord(zero) + int(digit)) for digit in MOBILE)
    assert personal_data_in(f"电话{number}") == "a mobile number"


def test_full_width_letters_end_in_the_same_run() -> None:
    assert personal_data_in(WITH_X[:-1] + "Ｘ") == "an identity number"
    assert personal_data_in("Ａ" + MOBILE) is None


@pytest.mark.parametrize(
    ("verb", "changes", "field"),
    [
        ("register_petition", {"content_class": f"wages {MOBILE}"}, "content_class"),
        ("receive_petition", {"case": f"ref:{MOBILE}"}, "case"),
        ("receive_petition", {"petitioner_ref": IDENTITY}, "petitioner_ref"),
        ("receive_petition", {"about_units": ["JSW", MOBILE]}, "about_units.1"),
        ("hand_over", {"handoff": f"ref:{MOBILE}"}, "handoff"),
        ("hand_over", {"legal_ground": CARDS[3]}, "legal_ground"),
        ("issue_opinion", {"legal_basis": ["x", f"见{IDENTITY}"]}, "legal_basis.1"),
        ("rate", {"override": {"guards": ["leak"], "reason": MOBILE, "approved_by": "S-009"}}, "override.reason"),
        ("rate", {"by": {"staff": MOBILE, "unit": "XF", "role": "clerk"}}, "by.staff"),
        ("apply_for_grant", {"beneficiary_ref": IDENTITY}, "beneficiary_ref"),
        ("apply_for_grant", {"attachments": {MOBILE: "sha256:" + "0" * 64}}, "attachments.?"),
        ("pay_grant", {"payee_ref": CARDS[0]}, "payee_ref"),
        ("pay_grant", {"cash_exception": {"reason": MOBILE, "approved_by": "S-1"}}, "cash_exception.reason"),
        ("declare_staff", {"name": MOBILE}, "name"),
        ("set_check_parameters", {"parameters": {"a": ["x", MOBILE]}}, "parameters.a.1"),
    ],
)
@pytest.mark.parametrize("history", [False, True])
def test_free_strings_and_refs_are_scanned(verb: str, changes: dict[str, Any], field: str, history: bool) -> None:
    ready_for(verb).when(verb, history=history, **changes).then_refused("personal_data", field)


@pytest.mark.parametrize(
    ("verb", "changes"),
    [
        ("receive_petition", {"external_numbers": {"national": MOBILE, IDENTITY: CARDS[0]}}),
        ("receive_petition", {"action_id": MOBILE}),
        ("receive_petition", {"content": "sha256:" + MOBILE.ljust(64, "a")}),
        ("declare_external_list", {"numbers": [MOBILE, IDENTITY]}),
        ("pay_grant", {"bank_ref": CARDS[3], "account": "hmac:" + CARDS[3].ljust(64, "b")}),
        ("book_payment", {"voucher": IDENTITY}),
    ],
)
def test_documents_tags_and_numbers_of_other_systems_are_not_scanned(verb: str, changes: dict[str, Any]) -> None:
    assert ready_for(verb).when(verb, **changes).answer.accepted


def test_the_refusal_does_not_repeat_the_number() -> None:
    outcome = given(step("receive_petition")).when("register_petition", repeat_of=..., content_class=f"x {MOBILE}")
    assert outcome.answer.error is not None
    assert MOBILE not in str(outcome.answer.to_json())
    assert outcome.answer.error.subject == CASE


@pytest.mark.parametrize(
    ("verb", "changes"),
    [
        ("receive_petition", {"case": f"ref:{MOBILE}"}),
        ("declare_staff", {"staff": MOBILE}),
        ("apply_for_grant", {"attachments": {MOBILE: "sha256:" + "0" * 64}}),
    ],
)
def test_the_refusal_does_not_repeat_a_number_that_stands_in_a_name_or_a_key(
    verb: str, changes: dict[str, Any]
) -> None:
    error = ready_for(verb).when(verb, **changes).answer.error
    assert error is not None
    assert error.code == "personal_data"
    assert error.field
    assert MOBILE not in str(error.to_json())


def test_an_escaped_number_is_the_same_number() -> None:
    world = given(step("receive_petition"))
    line = b'{"action":"register_petition","action_id":"e","at":"2025-03-04T10:20:00+08:00","case":"ref:A1",'
    line += b'"by":{"staff":"S-1","unit":"XF","role":"clerk"},"content_class":"\\u0031\\u0033800138000"}'
    error = world.send(line).error
    assert error is not None
    assert (error.code, error.field) == ("personal_data", "content_class")


def test_nothing_personal_is_ever_stored() -> None:
    world = World()
    world.when("receive_petition", petitioner_ref=MOBILE).then_refused("personal_data")
    assert world.memory.raw == []


@pytest.mark.parametrize(
    "line",
    [
        f'{{"action":"close_case","{MOBILE}":1}}',
        f'{{"action":"close_case","case":"{MOBILE}"}}',
        f'{{"action":"{MOBILE}","case":"ref:A1"}}',
        f'{{"action":"close_case","case":"ref:A1","{MOBILE}":1,"{MOBILE}":2}}',
        f'{{"action":"close_case","case":"ref:{MOBILE}","at":1.5}}',
    ],
)
def test_no_refusal_of_any_kind_repeats_a_personal_number(line: str) -> None:
    error = World().send(line.encode()).error
    assert error is not None
    assert error.code != "personal_data"
    assert MOBILE not in str(error.to_json())
