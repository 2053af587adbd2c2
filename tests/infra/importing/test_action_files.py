"""Action files: every line is handed on byte for byte, and no line is too long for the machine."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from infra.importing.action_files import read_actions
from infra.importing.problems import RowProblem
from infra.importing.records import Outcome, Proposed


def lines(path: Path, raw: bytes, **options: int) -> list[Outcome]:
    path.write_bytes(raw)
    with path.open("rb") as file:
        return list(read_actions(file, **options))


def test_lines_are_handed_on_untouched_with_their_numbers(tmp_path: Path) -> None:
    raw = b'{"action":"x"} \r\n\n\xff\xfe broken\n{"last":"without a line feed"}'
    one, two, three = lines(tmp_path / "a.jsonl", raw)
    assert one == Proposed(1, b'{"action":"x"} \r', (b'{"action":"x"} \r',))
    assert two == Proposed(3, b"\xff\xfe broken", (b"\xff\xfe broken",))
    assert three.line == 4


def test_the_longest_line_passes_and_one_byte_more_is_a_problem(tmp_path: Path) -> None:
    longest = b"x" * 65_535
    raw = longest + b"\n" + longest + b"y\n" + longest + b"yy\n" + longest * 40 + b"\nok\n"
    good, one_more, two_more, huge, last = lines(tmp_path / "a.jsonl", raw)
    assert good == Proposed(1, longest, (longest,))
    for number, problem in enumerate((one_more, two_more, huge), start=2):
        assert isinstance(problem, RowProblem)
        assert (problem.line, problem.code) == (number, "line_too_long")
        assert len(problem.raw) == 4_096
    assert last == Proposed(5, b"ok", (b"ok",))


def test_reading_can_begin_behind_any_line(tmp_path: Path) -> None:
    assert [one.line for one in lines(tmp_path / "a.jsonl", b"1\n2\n3\n4\n", after_line=2)] == [3, 4]


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_bytes_at_all_are_lines(raw: bytes) -> None:
    from io import BytesIO

    found = list(read_actions(BytesIO(raw)))
    assert b"".join(one.raw for one in found if isinstance(one.raw, bytes)) == raw.replace(b"\n", b"") or b"\r" in raw
    assert len(found) <= raw.count(b"\n") + 1
