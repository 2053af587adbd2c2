"""`docs/import.md` runs: its example is imported as described, and every key of a mapping is in it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from infra.importing import mapping as models
from infra.importing.mapping import parse_mapping
from infra.importing.problems import SENTENCES, RowProblem
from infra.importing.records import Proposed
from infra.importing.sources import ImportSource

ROOT = Path(__file__).parents[3]
DOCUMENT = (ROOT / "docs/import.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """The first code block of a language."""
    found = re.search(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL)
    assert found is not None
    return found.group(1)


def example(path: Path) -> list[Proposed | RowProblem]:
    path.write_text(block("csv"), encoding="utf-8")
    return list(ImportSource(path, parse_mapping(block("toml").encode())).outcomes())


def test_the_example_gives_the_actions_that_the_document_tells(tmp_path: Path) -> None:
    one, two, three, four = example(tmp_path / "台账.csv")
    assert isinstance(one, Proposed)
    received, registered, handed, closed = one.actions
    assert received == {
        "action": "receive_petition",
        "action_id": "xian-taizhang/2019-001/receive_petition",
        "at": "2019-03-04T09:05:00+08:00",
        "received_at": "2019-03-04T09:05:00+08:00",
        "by": {"unit": "XF"},
        "case": "ref:taizhang/2019-001",
        "channel": "letter",
        "people_count": 1,
        "external_numbers": {"province": "S77"},
    }
    verbs: list[Any] = [registered, handed, closed]
    assert [one["action"] for one in verbs] == ["register_petition", "hand_over", "close_case"]
    assert isinstance(two, Proposed)
    waiting: Any = two.actions[0]
    assert (len(two.actions), waiting["people_count"], waiting["at_precision"]) == (3, 12, "day")
    assert isinstance(three, RowProblem)
    assert (three.line, three.code, three.field) == (4, "unknown_value", "receive_petition.channel")
    assert isinstance(four, Proposed)
    early: Any = four.actions[-1]
    assert early["at"] == "2019-02-01T00:00:00+08:00"


def test_every_key_of_a_mapping_file_is_documented() -> None:
    for model in (models.Source, models.Log, models.Identity, models.Condition, models.Value, models.ActionRule):
        for name, field in model.model_fields.items():
            assert f"`{field.alias or name}`" in DOCUMENT or f"{field.alias or name} =" in DOCUMENT, (model, name)


def test_every_problem_has_a_chinese_and_an_english_sentence() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "infra/importing").glob("*.py"))
    used = set(re.findall(r'(?:Unmappable|ImportFault)\(\s*"(\w+)"', source))
    used |= set(re.findall(r'RowProblem\([^"]*"(\w+)"', source))
    assert used <= set(SENTENCES)
    assert all(zh and en and zh != en for zh, en in SENTENCES.values())
