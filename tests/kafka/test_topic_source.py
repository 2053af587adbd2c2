"""The topic as a source: the same events as the store, views equal to the row, and a ledger made again from it alone."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from consumers.project import rebuild
from domain.errors import Tampered
from infra.attestation import attest
from infra.kafka.publisher import Publisher
from infra.kafka.topic_copy import topic_copy
from infra.kafka.topic_source import TopicSource
from infra.read_store import ReadStore
from infra.settings import Settings
from infra.sqlite_source import SqliteSource
from projections import ALL_PROJECTIONS
from tests.infra.test_restoring import rows_of
from tests.support.broker import Cluster
from tests.support.command_line import Outcome, command, story
from tests.support.office import granted, line, open_fund, receive
from tests.support.published import PublishedOffice, published_office


@dataclass
class RealOffice:
    """A ledger told through the program, published, with the environment that reaches it."""

    published: PublishedOffice

    @property
    def data(self) -> Path:
        return self.published.settings.data

    def __call__(self, *words: str, stdin: bytes = b"", data: Path | None = None, keys: Path | None = None) -> Outcome:
        environ = {**self.published.environ, "CASELEDGER_DATA": str(data or self.data)}
        environ["CASELEDGER_KEYS"] = str(keys or self.published.settings.key_folder)
        return command(*words, stdin=stdin, **environ)


def told(folder: Path, brokers: Cluster) -> RealOffice:
    """A claim's story, some letters, a fund and a grant, recorded, sealed and published."""
    made = RealOffice(published_office(folder, brokers, 0))
    actions = [
        *story(),
        *(receive(f"ref:B{number}") for number in range(8)),
        open_fund("ref:F1", 90_000_000),
        *granted("ref:G1", "ref:A17", "ref:F1", 500_000, "person:01"),
    ]
    for action in actions:
        assert made("act", stdin=line(action)).code == 0
    assert made("relay").code == 0
    return made


@pytest.fixture(scope="module")
def read_only(shared_brokers: Cluster, tmp_path_factory: pytest.TempPathFactory) -> RealOffice:
    """The office of those tests that only read."""
    shared_brokers.start()
    return told(tmp_path_factory.mktemp("read"), shared_brokers)


@pytest.fixture
def office(brokers: Cluster, tmp_path: Path) -> RealOffice:
    """The office of a test that goes on with it."""
    return told(tmp_path, brokers)


def source_of(office: RealOffice) -> TopicSource:
    return TopicSource(office.published.connection, office.published.plans)


def test_the_topic_delivers_what_the_store_delivers(read_only: RealOffice) -> None:
    topic = source_of(read_only)
    with closing(SqliteSource(read_only.data / "ledger.db")) as store:
        events = list(store.read())
        assert topic.head() == store.head() == len(events) > 15
        assert list(topic.read()) == events
        assert list(topic.read(after=7, until=20)) == events[7:20]
        kinds = {"petition.case.received.v1"}
        assert list(topic.read(types=kinds)) == list(store.read(types=kinds))
        for subject in {event.subject for event in events}:
            assert list(topic.read_subject(subject)) == list(store.read_subject(subject))
        assert list(topic.read_subject("XF500229-2025-000001", until=9)) == [
            event for event in events if event.subject == "XF500229-2025-000001" and event.position <= 9
        ]


def test_the_ends_are_taken_once(office: RealOffice) -> None:
    topic = source_of(office)
    before = topic.head()
    assert office("act", stdin=line(receive("ref:C1"))).code == 0
    assert office("relay").code == 0
    assert [event.position for event in topic.read()] == list(range(1, before + 1))
    assert source_of(office).head() == before + 1


def test_views_from_the_topic_equal_those_from_the_store(read_only: RealOffice, tmp_path: Path) -> None:
    with (
        topic_copy(read_only.published.connection, read_only.published.plans) as topic,
        closing(SqliteSource(read_only.data / "ledger.db")) as store,
    ):
        lines = []
        for name, source in (("topic", topic), ("store", store)):
            with closing(ReadStore(tmp_path / f"{name}.db")) as views:
                views.prepare(ALL_PROJECTIONS)
                rebuild(source, views, ALL_PROJECTIONS)
                lines.append(attest(views, ALL_PROJECTIONS))
        assert lines[0] == lines[1]
        assert sum(one.rows for one in lines[0]) > 10
        assert topic.subject_of("case", "ref:A17") == store.subject_of("case", "ref:A17")


@pytest.mark.parametrize("processes", [2, 3, 8])
def test_several_processes_copy_what_one_does(
    read_only: RealOffice, processes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.kafka.topic_copy.SPLIT_FROM_EVENTS", 0)
    connection, plans = read_only.published.connection, read_only.published.plans
    with (
        topic_copy(connection, plans, processes=processes) as parts,
        closing(SqliteSource(read_only.data / "ledger.db")) as store,
    ):
        assert list(parts.read()) == list(store.read())
        assert list(parts.read_subject("XF500229-2025-000002")) == list(store.read_subject("XF500229-2025-000002"))
        assert parts.subject_of("case", "ref:A17") == store.subject_of("case", "ref:A17")


def test_replay_from_the_topic_changes_no_row(read_only: RealOffice) -> None:
    assert read_only("replay", "--json").code == 0
    of_store = read_only("attest", "--json").rows
    replayed = read_only("replay", "--from", "topic", "--json")
    assert replayed.code == 0, replayed.err
    assert {(row["added"], row["gone"], row["changed"]) for row in replayed.rows} == {(0, 0, 0)}
    assert len(replayed.rows) == len(ALL_PROJECTIONS)
    assert read_only("attest", "--json").rows == of_store


def test_a_ledger_is_made_again_from_the_topic_alone(office: RealOffice, tmp_path: Path) -> None:
    """Same bytes, same index rows, and with the old key the same checkpoint; then it goes on."""
    policy = tmp_path / "office.policy"
    policy.write_text(office("policy").out, encoding="utf-8")
    again, keys = tmp_path / "again", tmp_path / "again-keys"
    source = office.published.source
    restored = office("restore", "--from-topic", "--source", source, "--policy", str(policy), "--json", data=again)
    assert restored.code == 0, restored.err
    assert rows_of(again / "ledger.db") == rows_of(office.data / "ledger.db")
    assert (restored.answer["size"], restored.answer["unsigned"]) == (source_of(office).head(), 0)
    shutil.copytree(office.published.settings.key_folder, keys)
    assert office("seal", data=again, keys=keys).code == 0
    assert (again / "log" / "checkpoint").read_bytes() == (office.data / "log" / "checkpoint").read_bytes()
    assert office("topic", "verify", data=again, keys=keys).code == 0
    assert office("act", stdin=line(receive("ref:Z1")), data=again, keys=keys).code == 0
    assert office("relay", "--json", data=again, keys=keys).answer["added"] == 1


def test_nothing_is_restored_under_a_checkpoint_of_another_key(read_only: RealOffice, tmp_path: Path) -> None:
    other = RealOffice(
        PublishedOffice(
            Settings(data=tmp_path / "other", kafka=read_only.published.settings.kafka),
            read_only.published.source,
            iter(()),
        )
    )
    assert other("init", "--source", read_only.published.source).code == 0
    policy = tmp_path / "other.policy"
    policy.write_text(other("policy").out, encoding="utf-8")
    again = tmp_path / "again"
    words = ("restore", "--from-topic", "--source", read_only.published.source, "--policy", str(policy))
    refused = read_only(*words, data=again)
    assert (refused.code, "no_known_signature" in refused.err) == (1, True)
    assert not (again / "ledger.db").exists()


def test_nothing_is_restored_over_a_ledger_and_without_saying_from_what(read_only: RealOffice) -> None:
    words = ("restore", "--source", read_only.published.source)
    assert read_only(*words, "--from-topic").code == 1
    assert read_only(*words).code == 2


def test_a_topic_with_a_hole_is_no_ledger(office: RealOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    from consumers.leaf_record import record_of
    from infra.log_tail import LogTail

    log = LogTail(office.data / "log")
    leaf = log.leaf(log.look() - 1)
    writer = Publisher(office.published.connection, office.published.plans[:2])
    try:
        writer.send([record_of(leaf._replace(leaf_index=leaf.leaf_index + 5), 3)], None)
        writer.commit()
    finally:
        writer.close()
    with pytest.raises(Tampered, match=f"lacks leaf {leaf.leaf_index + 1}"):
        list(source_of(office).read())
    monkeypatch.setattr("infra.kafka.topic_copy.SPLIT_FROM_EVENTS", 0)
    with (
        pytest.raises(Tampered, match=f"lacks leaf {leaf.leaf_index + 1}"),
        topic_copy(office.published.connection, office.published.plans, processes=2),
    ):
        raise AssertionError("it must not be opened")
