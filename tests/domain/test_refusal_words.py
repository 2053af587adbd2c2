"""Refusals told in Chinese are Chinese to their end: every detail that the domain writes has its words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import domain
from domain.errors import Refused
from domain.fields import FORMS
from domain.refusal_words import CODES, DETAILS, chinese_of
from tests.support.given import given, ready_for, step

PLACE_OF_DETAIL = {
    "InvalidAction": 1, "Refused": 1, "NotFound": 1, "Guarded": 1, "Conflict": 1, "Unavailable": 1, "Tampered": 1,
    "refuse": 0, "Alarm": 2,
}  # fmt: skip
HAN = re.compile("[一-鿿]")
A_CODE = "case"
NOT_OURS = ("checks", "seal")
"""Rooms whose errors the auditor's commands tell, in both languages where they are made."""


def _details() -> Iterator[str]:
    """Every detail that is written as a text in the domain's code, its places filled with something."""
    root = Path(domain.__file__).parent
    for path in sorted(root.rglob("*.py")):
        if path.relative_to(root).parts[0] in NOT_OURS:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (detail := _detail(node)) is not None:
                yield detail


def _detail(call: ast.Call) -> str | None:
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    place = PLACE_OF_DETAIL.get(name)
    found = call.args[place] if place is not None and len(call.args) > place else None
    return None if found is None else _text(found) or None


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(map(_text, node.values))
    if isinstance(node, ast.BinOp):
        return _text(node.left) + _text(node.right)
    return A_CODE


@pytest.mark.parametrize("detail", sorted(set(_details()) - {A_CODE}))
def test_every_detail_of_the_domain_has_chinese_words(detail: str) -> None:
    assert HAN.search(chinese_of(detail)), detail


@pytest.mark.parametrize("words", FORMS.values())
def test_every_form_has_chinese_words(words: str) -> None:
    assert HAN.search(chinese_of(words))


@pytest.mark.parametrize(("english", "chinese"), DETAILS)
def test_every_place_of_a_sentence_is_filled(english: str, chinese: str) -> None:
    told = chinese_of(re.sub(r"\{[a-z]+!?\}", A_CODE, english))
    assert HAN.search(chinese)
    assert set(re.findall(r"\{([a-z]+)\}", chinese)) <= set(re.findall(r"\{([a-z]+)!?\}", english))
    assert not re.search(r"\{[a-z]", told)


def test_codes_within_a_sentence_become_words_and_names_stay() -> None:
    assert chinese_of("no case ref:A1") == "没有案件 ref:A1"
    assert chinese_of("S-201 examined JZ500229-2025-0001") == "S-201 已审核 JZ500229-2025-0001"
    assert chinese_of("2500 fen by beneficiary, the cap is 2000") == "按受助人合计 2500 分，上限 2000 分"
    assert chinese_of("Input should be 'a', 'b' or 'c'") == "应为 'a', 'b' 或 'c'"
    assert chinese_of("the line must hold one JSON object, {…}") == "一行须为一个 JSON 对象 {…}"
    assert chinese_of("an identity number") == CODES["an identity number"]


@pytest.mark.parametrize(
    "detail", ["", "S-001", "ref:A1", "/a/b: No space left on device", "petition.case.received.v1"]
)
def test_what_is_no_sentence_stays(detail: str) -> None:
    assert chinese_of(detail) == detail


def test_a_refusal_is_told_in_one_language() -> None:
    refused = given().when("rate").answer.error
    assert refused is not None
    assert refused.sentence("zh").endswith("没有案件 ref:A1")
    assert refused.sentence("en").endswith("no case ref:A1")
    twice = ready_for("register_petition").given(step("register_petition")).when("register_petition").answer.error
    assert isinstance(twice, Refused)
    assert twice.sentence("zh").endswith("：已登记")
