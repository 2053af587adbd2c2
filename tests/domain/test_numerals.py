"""Numbers for people: thousands apart, fen kept, and what is no number as it stands."""

from __future__ import annotations

import pytest

from domain.numerals import number, yuan


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0, "0"),
        (999, "999"),
        (1_000, "1,000"),
        (-12_345_678, "-12,345,678"),
        (True, "True"),
        ("12345", "12345"),
        (None, "None"),
    ],
)
def test_a_number_has_its_thousands_apart(value: object, told: str) -> None:
    assert number(value) == told


@pytest.mark.parametrize(
    ("fen", "told"),
    [
        (0, "0.00"),
        (5, "0.05"),
        (-5, "-0.05"),
        (123_456_789, "1,234,567.89"),
        (-100_000, "-1,000.00"),
        ("x", "x"),
        (True, "True"),
    ],
)
def test_an_amount_keeps_its_fen(fen: object, told: str) -> None:
    assert yuan(fen) == told
