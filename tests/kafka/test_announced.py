"""Findings and parked subjects on their topics: told once, gone when they are gone, whatever process tells them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from consumers.announce import FINDING_TYPE, announce
from infra.kafka.board import TopicBoard
from tests.support.broker import Cluster
from tests.support.faulty_views import with_faults
from tests.support.fed_views import fed_views
from tests.support.large_ledger import number_of
from tests.support.projecting import projecting, wait_until_at
from tests.support.published import PublishedOffice, published_office

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas" / "feeds"


def messages(office: PublishedOffice, nth: int) -> list[dict[str, Any]]:
    """Everything on one of the ledger's topics, by a consumer without any code of ours."""
    return [json.loads(one.value) for some in office.read(office.plans[nth].name).values() for one in some]


def follows_its_schema(message: dict[str, Any]) -> bool:
    schema = json.loads((SCHEMAS / f"{message['type']}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(message)
    return bool(message["dataschema"] == schema["$id"])


def standing(told: list[dict[str, Any]]) -> set[str]:
    """What a reader of the topic believes to stand."""
    last = {one["data"]["name"]: one["data"]["change"] for one in sorted(told, key=lambda one: one["data"]["number"])}
    return {name for name, change in last.items() if change != "gone"}


def hits(office: PublishedOffice) -> set[str]:
    """What the checks say to the office."""
    lines = office("check", "--json", "--audience", "office").out.splitlines()[1:]
    return {one["fingerprint"] for one in map(json.loads, lines) if one["result"] == "hit"}


def test_findings_are_told_new_gone_and_returned_each_once(brokers: Cluster, tmp_path: Path) -> None:
    office = published_office(tmp_path, brokers, 400)
    assert office("announce").code == 0
    first = messages(office, 2)
    assert first
    assert {one["data"]["change"] for one in first} == {"new"}
    assert office("announce").code == 0
    assert messages(office, 2) == first, "again tells nothing"
    office.grow(400)
    assert office("announce").code == 0
    told = messages(office, 2)
    assert standing(told) == hits(office) > standing(first)
    board = TopicBoard(office.connection, office.plans[2])
    gone = announce(board, office.source, FINDING_TYPE, {}, 800)
    board.close()
    assert len(gone) == len(hits(office))
    assert standing(messages(office, 2)) == set()
    assert office("announce").code == 0
    told = messages(office, 2)
    assert standing(told) == hits(office)
    assert {one["data"]["change"] for one in told} == {"new", "gone", "returned"}
    assert len({one["id"] for one in told}) == len(told)
    assert all(map(follows_its_schema, told))


def test_a_second_process_takes_the_board_over_and_repeats_nothing(brokers: Cluster, tmp_path: Path) -> None:
    office = published_office(tmp_path, brokers, 300)
    assert office("announce").code == 0
    before = messages(office, 2)
    first = TopicBoard(office.connection, office.plans[2])
    second = TopicBoard(office.connection, office.plans[2])
    assert dict(first.told()) == dict(second.told())
    assert len(first.told()) == len(before)
    first.close()
    second.close()


def test_parked_subjects_are_told_and_told_gone_when_they_go_on(brokers: Cluster, tmp_path: Path) -> None:
    office = published_office(tmp_path, brokers, 900)
    office.publish()
    subject = number_of(3)
    with fed_views(office.settings.views_file) as store, projecting(office, store, with_faults(subject, 2)):
        wait_until_at(store, len(office.stored()))
    assert office("announce").code == 0
    assert [(one["subject"], one["data"]["change"]) for one in messages(office, 3)] == [(subject, "new")] * 2
    assert office("parked", "retry", "--yes").code == 0
    assert office("announce").code == 0
    told = messages(office, 3)
    assert [one["data"]["change"] for one in told] == ["new", "new", "gone", "gone"]
    assert all(map(follows_its_schema, told))
