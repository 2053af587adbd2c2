"""The relay on a real broker: a second one fences the first, lost records raise an alarm, other settings are refused."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from kafka import KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.structs import TopicPartition

from consumers.leaf_record import Leaf, record_of
from consumers.topics import partition_of
from domain.errors import Conflict, LedgerError, NotFound, Tampered, Unavailable
from infra.kafka import ordered
from infra.kafka.comparing import compare
from infra.kafka.ordered import in_ledger_order
from infra.kafka.publisher import Publisher
from infra.kafka.tails import bounds_of, ends_when_shown
from infra.log_tail import LogTail
from infra.published_mark import MarkFile
from tests.support.broker import Cluster
from tests.support.published import PublishedOffice, assert_topic_is_the_log, published_office


@pytest.fixture
def office(brokers: Cluster, tmp_path: Path) -> PublishedOffice:
    """A ledger of 300 sealed events with empty topics."""
    return published_office(tmp_path, brokers, 300)


def test_the_topic_holds_exactly_the_sealed_bytes_as_cloudevents(office: PublishedOffice) -> None:
    done = office.publish()
    assert (done.size, done.added, done.transactions) == (300, 300, 1)
    assert_topic_is_the_log(office)
    log = LogTail(office.settings.data / "log")
    log.look()
    for records in office.read().values():
        for record in records:
            headers = dict(record.headers)
            leaf = log.leaf(int(headers["leafindex"]))
            assert headers["content-type"].startswith(b"application/cloudevents+json")
            assert headers["leafhash"].decode() == leaf.leaf_hash.hex()
            assert headers["eventid"] in record.value
            assert record.key in record.value
            assert record.value == leaf.raw
    assert office.publish().added == 0, "nothing is published twice"


def test_the_signed_checkpoint_stands_behind_its_leaves(office: PublishedOffice) -> None:
    office.publish()
    office.grow(10)
    office.publish()
    (records,) = office.read(office.plans[1].name).values()
    assert [dict(record.headers)["treesize"] for record in records] == [b"300", b"310"]
    assert records[-1].value == (office.settings.data / "log" / "checkpoint").read_bytes()


def test_a_second_relay_fences_the_first_which_ends_with_a_typed_error(office: PublishedOffice) -> None:
    first, second = office.relay(), office.relay()
    try:
        assert first.publish_waiting() is not None
        assert second.publish_waiting() is not None
        office.grow(50)
        with pytest.raises(Conflict) as refused:
            first.publish_waiting()
        assert refused.value.code == "relay_fenced"
        done = second.publish_waiting()
        assert done is not None
        assert (done.size, office.troubles) == (350, [])
    finally:
        first.close()
        second.close()
    assert_topic_is_the_log(office)


def test_a_relay_fenced_in_mid_transaction_leaves_nothing_of_it(office: PublishedOffice) -> None:
    _overtaken_in_mid_transaction(office)
    assert_topic_is_the_log(office)


def test_only_who_reads_what_is_committed_sees_each_event_once(office: PublishedOffice) -> None:
    _overtaken_in_mid_transaction(office)
    loose = [record.value for records in office.read(isolation="read_uncommitted").values() for record in records]
    assert len(loose) > len(set(loose)) == len(office.stored())
    assert_topic_is_the_log(office)


def _overtaken_in_mid_transaction(office: PublishedOffice) -> None:
    second = office.relay()

    def overtaken(step: str) -> None:
        if step == "flushed":
            second.publish_waiting()

    first = office.relay(step=overtaken)
    try:
        with pytest.raises(Conflict) as refused:
            first.publish_waiting()
    finally:
        first.close()
        second.close()
    assert refused.value.code == "relay_fenced"


def test_a_missing_topic_is_named_with_the_way_out(office: PublishedOffice) -> None:
    office.publish()
    office.delete_topic()
    with pytest.raises(NotFound) as refused:
        office.publish()
    assert refused.value.code == "topic_missing"
    outcome = office("relay")
    assert outcome.code == 1
    assert "caseledger topic init" in outcome.err


def test_a_topic_made_anew_raises_an_alarm_and_is_filled_again(office: PublishedOffice) -> None:
    office.publish()
    office.delete_topic()
    made = office("topic", "init")
    assert made.code == 0, made
    outcome = office("relay")
    assert outcome.code == 1, outcome
    for words in ("made anew", "300 were published", "caseledger topic republish"):
        assert words in outcome.err
    assert sum(map(len, office.read().values())) == 0, "nothing is skipped"
    republished = office("topic", "republish", "--json")
    assert republished.answer["added"] == 300
    assert_topic_is_the_log(office)
    assert office("relay", "--json").answer["added"] == 0


def test_a_topic_made_anew_under_a_running_relay_does_not_begin_in_the_middle(office: PublishedOffice) -> None:
    relay = office.relay()
    try:
        relay.publish_waiting()
        office.delete_topic()
        office.make_topics()
        office.grow(10)
        with pytest.raises(LedgerError) as refused:
            relay.publish_waiting()
    finally:
        relay.close()
    assert refused.value.code == "topic_behind"
    assert sum(map(len, office.read().values())) == 0
    assert office.publish(mends=True).size == 310
    assert_topic_is_the_log(office)


def test_a_topic_made_anew_is_known_although_its_offsets_do_not_begin_at_0(office: PublishedOffice) -> None:
    """A marker of a transaction that began before the deletion is written late, into the new topic: offset 0 is taken."""
    relay = office.relay()
    try:
        relay.publish_waiting()
        office.delete_topic()
        office.make_topics()
        _leave_markers(office)
        office.grow(10)
        with pytest.raises(Tampered) as refused:
            relay.publish_waiting()
    finally:
        relay.close()
    assert refused.value.code == "topic_behind"
    assert sum(map(len, office.read().values())) == 0


def _leave_markers(office: PublishedOffice) -> None:
    """Offsets of an aborted transaction in every partition: taken, and seen by nobody."""
    with closing(KafkaProducer(bootstrap_servers=office.settings.kafka, transactional_id=office.topic)) as producer:
        producer.init_transactions()
        producer.begin_transaction()
        for partition in range(office.plans[0].partitions):
            producer.send(office.topic, b"{}", partition=partition)
        producer.flush()
        producer.abort_transaction()


def test_a_topic_made_anew_is_known_by_its_id_where_a_partition_was_empty(brokers: Cluster, tmp_path: Path) -> None:
    office = published_office(tmp_path, brokers, 1, partitions=12)
    relay = office.relay()
    try:
        relay.publish_waiting()
        filled = {partition for partition, records in office.read().items() if records}
        office.delete_topic()
        office.make_topics()
        office.grow(1)
        subject = json.loads(office.stored()[-1])["subject"]
        assert partition_of(subject, 12) not in filled, "the case needs a partition that held nothing"
        with pytest.raises(Tampered, match="its id is") as refused:
            relay.publish_waiting()
    finally:
        relay.close()
    assert refused.value.code == "topic_behind"
    assert sum(map(len, office.read().values())) == 0


def test_deleted_first_records_raise_an_alarm(office: PublishedOffice) -> None:
    office.publish()
    with office.connection.admin() as admin:
        admin.delete_records({TopicPartition(office.topic, 1): 20})
    for act in ("relay", "topic verify", "topic republish"):
        outcome = office(*act.split())
        assert outcome.code == 1
        assert "partition 1, begins at offset 20" in outcome.err


def test_the_lost_end_of_one_partition_is_found_and_filled_again(office: PublishedOffice) -> None:
    """What an unclean election leaves: the other partitions go further than the one that lost its end."""
    log = LogTail(office.settings.data / "log")
    records = [record_of(leaf, 3) for leaf in log.leaves(0, log.look())]
    kept = [one for at, one in enumerate(records) if one.partition != 2 or at < 200]
    writer = Publisher(office.connection, office.plans[:2])
    try:
        writer.send(kept, None)
        writer.commit()
    finally:
        writer.close()
    with pytest.raises(Tampered) as refused:
        office.publish()
    assert refused.value.code == "topic_behind"
    assert "partition 2, ends at leaf" in refused.value.detail
    with pytest.raises(Tampered, match="lacks leaf"):
        compare(office.connection, office.plans, office.settings.data / "log")
    assert office.publish(mends=True).added == len(records) - len(kept)
    assert compare(office.connection, office.plans, office.settings.data / "log") == (300, 0)


@pytest.mark.parametrize("behind", [0, 1, 2])
def test_ends_that_cut_a_transaction_in_two_are_moved_on(office: PublishedOffice, behind: int) -> None:
    """A commit is answered before each partition shows it: one taken too early ends where its transaction began."""
    office.publish()
    with office.connection.reader() as reader:
        whole = bounds_of(reader, office.topic, 3)
        early = whole._replace(end={**whole.end, behind: 0})
        found = [leaf.raw for leaf in in_ledger_order(office.connection, reader, office.topic, early)]
    assert found == office.stored()


def test_a_transaction_that_some_partitions_do_not_show_yet_is_waited_for(
    office: PublishedOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = LogTail(office.settings.data / "log")
    records = [record_of(leaf, 3) for leaf in log.leaves(0, log.look())]
    asked = Event()

    def seen(*question: Any) -> dict[int, int]:
        asked.set()
        return ends_when_shown(*question)

    monkeypatch.setattr(ordered, "ends_when_shown", seen)
    writer = Publisher(office.connection, office.plans[:2])
    try:
        writer.send([one for one in records if one.partition != 2], None)
        writer.commit()
        writer.send([one for one in records if one.partition == 2], None)
        writer._producer.flush()
        with ThreadPoolExecutor(1) as aside:
            compared = aside.submit(compare, office.connection, office.plans, office.settings.data / "log")
            assert asked.wait(30), "the gap was not asked about"
            writer.commit()
            assert compared.result(30) == (300, 0)
    finally:
        writer.close()


def test_a_topic_of_another_log_is_refused(office: PublishedOffice) -> None:
    writer = Publisher(office.connection, office.plans[:2])
    raw = office.stored()[0].replace(b"2025", b"2031")
    try:
        writer.send([record_of(Leaf(0, b"\1" * 32, raw), 3)], None)
        writer.commit()
    finally:
        writer.close()
    with pytest.raises(Tampered) as refused:
        office.publish()
    assert refused.value.code == "topic_differs"
    outcome = office("topic", "verify")
    assert outcome.code == 1
    assert "its bytes do not fit its headers (leafhash)" in outcome.err


def test_verify_names_the_first_leaf_with_other_bytes(office: PublishedOffice) -> None:
    log = LogTail(office.settings.data / "log")
    leaves = list(log.leaves(0, log.look()))
    from domain.seal.tree import leaf_hash

    raw = leaves[7].raw.replace(b"letter", b"visits")
    forged = [*leaves[:7], leaves[7]._replace(raw=raw, leaf_hash=leaf_hash(raw)), *leaves[8:]]
    assert forged != leaves
    writer = Publisher(office.connection, office.plans[:2])
    try:
        writer.send([record_of(leaf, 3) for leaf in forged], None)
        writer.commit()
    finally:
        writer.close()
    outcome = office("topic", "verify")
    assert outcome.code == 1
    assert "leaf 7: other bytes than were sealed" in outcome.err


def test_a_topic_ahead_of_the_log_stops_the_relay(office: PublishedOffice) -> None:
    """The log was restored from an old copy: what is known outside is not published a second time otherwise."""
    office.publish()
    other = LogTail(office.settings.data / "log")
    next_leaf = other.leaf(other.look() - 1)._replace(leaf_index=300)
    writer = Publisher(office.connection, office.plans[:2])
    try:
        writer.send([record_of(next_leaf, 3)], None)
        writer.commit()
    finally:
        writer.close()
    with pytest.raises(Tampered) as refused:
        office.publish()
    assert refused.value.code == "topic_ahead"


@pytest.mark.parametrize(
    ("setting", "value"),
    [("retention.ms", "3600000"), ("cleanup.policy", "compact"), ("min.insync.replicas", "2")],
)
def test_a_changed_setting_is_named_with_what_is_expected_and_found(
    office: PublishedOffice, setting: str, value: str
) -> None:
    with office.connection.admin() as admin:
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, office.topic, {setting: value})])
    expected = office.plans[0].configs[setting]
    for act in ("relay", "topic status", "topic init", "topic verify"):
        outcome = office(*act.split())
        assert outcome.code == 1, act
        assert f"{office.topic}: {setting} is {value}, expected {expected}" in outcome.err


def test_a_partition_count_changed_by_hand_stops_the_relay(office: PublishedOffice) -> None:
    office.publish()
    with office.connection.admin() as admin:
        admin.create_partitions({office.topic: 4})
    outcome = office("relay")
    assert outcome.code == 1
    assert f"{office.topic}: partitions is 4, expected 3" in outcome.err


def test_more_copies_than_brokers_are_refused_with_the_setting_to_change(office: PublishedOffice) -> None:
    office.delete_topic()
    from tests.support.command_line import command

    outcome = command("topic", "init", **{**office.environ, "CASELEDGER_KAFKA_REPLICATION": "3"})
    assert outcome.code == 1
    assert "CASELEDGER_KAFKA_REPLICATION=1" in outcome.err


def test_without_a_cluster_the_relay_says_which_setting_is_missing(office: PublishedOffice) -> None:
    from tests.support.command_line import command

    environ = {name: value for name, value in office.environ.items() if name != "CASELEDGER_KAFKA"}
    outcome = command("relay", **environ)
    assert (outcome.code, "CASELEDGER_KAFKA" in outcome.err) == (1, True)


def test_a_cluster_that_is_away_is_waited_for_visibly_and_within_a_limit(office: PublishedOffice) -> None:
    waits: list[float] = []
    away = office.settings.model_copy(update={"kafka": "127.0.0.1:9"})
    office.settings = away
    with pytest.raises(Unavailable) as refused:
        office.publish(pause=lambda seconds: bool(waits.append(seconds)) or True, patience=1)
    assert refused.value.code == "kafka_unreachable"
    assert [trouble.tries for trouble in office.troubles] == [1]
    assert waits == [office.troubles[0].wait_s]


def test_the_mark_is_what_the_topic_held(office: PublishedOffice) -> None:
    office.publish()
    mark = MarkFile(office.settings.data, office.topic).read()
    assert mark is not None
    assert mark.size == 300


def test_status_shows_each_topic_and_names_the_missing_one(office: PublishedOffice) -> None:
    office.publish()
    assert {row["state"] for row in office("topic", "status", "--json").rows} == {"as planned"}
    parked = office.plans[3].name
    office.delete_topic(parked)
    outcome = office("topic", "status", "--json")
    assert outcome.code == 1
    assert [row["topic"] for row in outcome.rows if row["state"] == "missing"] == [parked]
    assert f"{parked}" in outcome.err
    made = office("topic", "init", "--json").rows
    assert [row["topic"] for row in made if row["made"]] == [parked]
    assert office("topic", "status", "--lang", "zh").code == 0
