"""The relay over a topic in memory: every death and every lie, and the topic is the log all the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

import pytest

from consumers import relay as relay_module
from consumers.leaf_record import Leaf, Record, record_of
from consumers.relay import (
    REFUSALS_MAX,
    Mark,
    Relay,
    Tail,
    Trouble,
    relay_and_follow,
)
from consumers.topics import partition_of, topics_of
from domain.errors import Conflict, LedgerError, Tampered, Unavailable
from domain.seal.tree import leaf_hash
from tests.support.sealed_log import event_bytes

PARTITIONS = 3


@dataclass
class MemoryLog:
    """A sealed log that grows when it is told to."""

    leaves_there: list[Leaf] = field(default_factory=list)
    size: int = 0
    note: bytes = b""

    def grow(self, count: int) -> None:
        for index in range(len(self.leaves_there), len(self.leaves_there) + count):
            raw = event_bytes(index)
            self.leaves_there.append(Leaf(index, leaf_hash(raw), raw))

    def look(self) -> int:
        self.size = len(self.leaves_there)
        self.note = b"origin\n%d\nroot%d\n\n" % (self.size, self.size)
        return self.size

    def leaves(self, start: int, stop: int) -> Iterator[Leaf]:
        return islice(self.leaves_there, start, min(stop, self.size))

    def leaf(self, index: int) -> Leaf:
        return self.leaves_there[index]


@dataclass
class MemoryTopic:
    """What brokers keep: committed records by partition, checkpoints, and who may write now."""

    records: dict[int, list[Record]] = field(default_factory=lambda: {one: [] for one in range(PARTITIONS)})
    checkpoints: list[tuple[int, bytes]] = field(default_factory=list)
    epoch: int = 0
    topic_id: str = "first"
    fails: list[str] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    heartbeats: int = 0

    def indexes(self) -> dict[int, list[int]]:
        return {one: [int(dict(record.headers)["leafindex"]) for record in kept] for one, kept in self.records.items()}


class MemorySession:
    """A session that keeps Kafka's promises: all of a transaction or nothing, and one writer at a time."""

    def __init__(self, topic: MemoryTopic) -> None:
        self.partitions = PARTITIONS
        self.topic, self.topic_id = "t.events", topic.topic_id
        self._kept = topic
        if topic.fails and topic.fails[0] == "away":
            topic.fails.pop(0)
            raise Unavailable("kafka_unreachable", "nobody there")
        topic.epoch += 1
        self._epoch = topic.epoch
        self._open: tuple[Sequence[Record], tuple[int, bytes] | None] = ([], None)
        self.is_closed = False

    def tails(self) -> Mapping[int, Tail | None]:
        found: dict[int, Tail | None] = {}
        for partition, records in self._kept.records.items():
            headers = dict(records[-1].headers) if records else None
            found[partition] = headers and Tail(int(headers["leafindex"]), bytes.fromhex(headers["leafhash"].decode()))
        return found

    def checkpoint(self) -> tuple[int, bytes] | None:
        return self._kept.checkpoints[-1] if self._kept.checkpoints else None

    def send(self, records: Sequence[Record], checkpoint: tuple[int, bytes] | None, is_heartbeat: bool = False) -> None:
        assert not self.is_closed
        self._kept.heartbeats += is_heartbeat
        self._open = (records, checkpoint)

    def commit(self) -> None:
        assert not self.is_closed, "nothing is retried in place"
        if self._epoch != self._kept.epoch:
            raise Conflict("relay_fenced", "another began")
        failure = self._kept.fails.pop(0) if self._kept.fails else ""
        if failure != "lost":
            self._take()
        if failure:
            raise Unavailable("kafka_refused", failure)

    def _take(self) -> None:
        records, checkpoint = self._open
        self._kept.sizes.append(len(records))
        for record in records:
            self._kept.records[record.partition].append(record)
        if checkpoint is not None:
            self._kept.checkpoints.append(checkpoint)

    def close(self) -> None:
        self.is_closed = True


@dataclass
class MemoryMark:
    mark: Mark | None = None

    def read(self) -> Mark | None:
        return self.mark

    def write(self, mark: Mark) -> None:
        self.mark = mark


@dataclass
class Stage:
    """A log, a topic and a mark, and relays over them."""

    log: MemoryLog = field(default_factory=MemoryLog)
    topic: MemoryTopic = field(default_factory=MemoryTopic)
    mark: MemoryMark = field(default_factory=MemoryMark)
    troubles: list[Trouble] = field(default_factory=list)

    def relay(self, **options: object) -> Relay:
        given = {"pause": lambda seconds: True, "on_trouble": self.troubles.append, **options}
        return Relay(self.log, lambda: MemorySession(self.topic), self.mark, **given)  # type: ignore[arg-type]

    def assert_equal(self) -> None:
        made = [record_of(leaf, PARTITIONS) for leaf in self.log.leaves_there]
        for partition, kept in self.topic.records.items():
            assert kept == [one for one in made if one.partition == partition]


@pytest.fixture
def stage() -> Stage:
    made = Stage()
    made.log.grow(50)
    return made


def test_topics_are_named_after_the_source() -> None:
    assert topics_of("/500229/petition-office") == (
        "500229.petition-office.events",
        "500229.petition-office.checkpoints",
        "500229.petition-office.findings",
        "500229.petition-office.parked",
    )


def test_a_subjects_partition_is_known_to_the_world_and_never_changes() -> None:
    """CRC-32 modulo the count, as librdkafka's `consistent` partitioner has it."""
    assert [partition_of(f"XF500229-2025-{number:06d}", 6) for number in range(1, 9)] == [3, 5, 3, 2, 0, 2, 2, 5]
    assert partition_of("123456789", 2**32) == 0xCBF43926


def test_everything_sealed_is_published_in_order_with_its_checkpoint(stage: Stage) -> None:
    assert stage.relay().publish_waiting() == (50, 50, 1)
    stage.assert_equal()
    assert stage.topic.checkpoints == [(50, stage.log.note)]
    assert stage.mark.mark == Mark("first", 50)


def test_at_most_a_thousand_leaves_and_eight_megabytes_go_into_one_transaction(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.log.grow(2_450)
    stage.relay().publish_waiting()
    assert stage.topic.sizes == [1_000, 1_000, 500]
    monkeypatch.setattr(relay_module, "BYTES_MAX", 10_000)
    stage.log.grow(100)
    stage.relay().publish_waiting()
    assert max(stage.topic.sizes[3:]) <= 10_000 // len(event_bytes(2_500)) + 1
    stage.assert_equal()


@pytest.mark.parametrize("failure", ["lost", "saved but not confirmed"])
def test_a_failed_transaction_is_never_retried_in_place(
    stage: Stage, failure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twins: the records are not there, or they are there and nobody said so. The topic is asked either way."""
    monkeypatch.setattr(relay_module, "LEAVES_MAX", 7)
    stage.topic.fails = ["", "", failure, "", failure, failure]
    done = stage.relay().publish_waiting()
    assert done is not None
    assert done.size == 50
    stage.assert_equal()
    assert [trouble.error.code for trouble in stage.troubles] == ["kafka_refused"] * 3


def test_a_cluster_that_is_away_is_waited_for_with_growing_pauses(stage: Stage) -> None:
    stage.topic.fails = ["away"] * 7
    waits: list[float] = []
    stage.relay(pause=lambda seconds: bool(waits.append(seconds)) or True).publish_waiting()
    stage.assert_equal()
    assert waits[:3] == [0.2, 0.4, 0.8]
    assert max(waits) == 5.0


def test_patience_ends_where_it_was_limited(stage: Stage) -> None:
    stage.topic.fails = ["away"] * 4
    with pytest.raises(Unavailable, match="nobody there"):
        stage.relay(patience=3).publish_waiting()
    assert len(stage.troubles) == 3


def test_refusals_in_a_row_are_bounded_and_nothing_is_skipped(stage: Stage) -> None:
    stage.topic.fails = ["lost"] * (REFUSALS_MAX + 1)
    with pytest.raises(Unavailable, match="lost"):
        stage.relay().publish_waiting()
    assert len(stage.troubles) == REFUSALS_MAX
    stage.relay().publish_waiting()
    stage.assert_equal()


def test_a_stopped_relay_ends_in_its_pause(stage: Stage) -> None:
    stage.topic.fails = ["away"]
    assert list(relay_and_follow(stage.relay(pause=lambda seconds: False), lambda: True)) == []


def test_the_first_of_two_relays_is_fenced(stage: Stage) -> None:
    first, second = stage.relay(), stage.relay()
    first.publish_waiting()
    second.publish_waiting()
    stage.log.grow(5)
    with pytest.raises(Conflict) as refused:
        first.publish_waiting()
    assert refused.value.code == "relay_fenced"
    second.publish_waiting()
    stage.assert_equal()


def test_a_topic_behind_the_mark_is_an_alarm_and_is_filled_up_on_demand(stage: Stage) -> None:
    stage.relay().publish_waiting()
    stage.topic = MemoryTopic(topic_id="second")
    with pytest.raises(Tampered, match="made anew, ends at leaf 0, 50 were published") as refused:
        stage.relay().publish_waiting()
    assert refused.value.code == "topic_behind"
    assert stage.topic.sizes == []
    assert stage.relay(mends=True).publish_waiting() == (50, 50, 1)
    stage.assert_equal()
    assert stage.mark.mark == Mark("second", 50)


@pytest.mark.parametrize("partition", range(PARTITIONS))
@pytest.mark.parametrize("cut", [1, 3, 100])
def test_the_lost_end_of_any_partition_is_noticed_and_mended(
    stage: Stage, partition: int, cut: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.relay().publish_waiting()
    stage.mark.mark = None
    del stage.topic.records[partition][-cut:]
    lost = 50 - sum(map(len, stage.topic.indexes().values()))
    stage.log.grow(10)
    if lost and max(max(indexes, default=-1) for indexes in stage.topic.indexes().values()) == 49:
        with pytest.raises(Tampered, match=f"partition {partition}, "):
            stage.relay().publish_waiting()
    monkeypatch.setattr(relay_module, "LEAVES_MAX", 4)
    done = stage.relay(mends=True).publish_waiting()
    assert done is not None
    assert done.added == lost + 10
    stage.assert_equal()


def test_a_log_behind_the_topic_publishes_nothing(stage: Stage) -> None:
    stage.relay().publish_waiting()
    del stage.log.leaves_there[40:]
    with pytest.raises(Tampered) as refused:
        stage.relay().publish_waiting()
    assert refused.value.code == "topic_ahead"


def test_another_logs_topic_is_refused(stage: Stage) -> None:
    stage.relay().publish_waiting()
    last = stage.log.leaves_there[-1]
    raw = last.raw.replace(b"S-012", b"S-013")
    stage.log.leaves_there[-1] = Leaf(last.leaf_index, leaf_hash(raw), raw)
    with pytest.raises(Tampered) as refused:
        stage.relay(mends=True).publish_waiting()
    assert refused.value.code == "topic_differs"


def test_two_checkpoints_of_one_size_with_two_roots_stop_the_relay(stage: Stage) -> None:
    stage.relay().publish_waiting()
    stage.topic.checkpoints[-1] = (50, b"origin\n50\nanother\n\n")
    with pytest.raises(Tampered) as refused:
        stage.relay().publish_waiting()
    assert refused.value.code == "checkpoint_differs"


def test_a_damaged_leaf_is_not_published_and_what_stands_before_it_is(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "LEAVES_MAX", 10)
    stage.log.leaves_there[25] = Leaf(25, b"", b"no event")
    with pytest.raises(LedgerError):
        stage.relay().publish_waiting()
    assert sum(stage.topic.sizes) == 20


def test_a_new_signature_over_the_same_leaves_is_published_alone(stage: Stage) -> None:
    relay = stage.relay()
    relay.publish_waiting()
    stage.log.look = lambda: 50  # type: ignore[method-assign]
    stage.log.note = stage.log.note + b"second signature\n"
    assert relay.publish_waiting() == (50, 0, 1)
    assert [size for size, _ in stage.topic.checkpoints] == [50, 50]


def test_silence_is_visible_a_heartbeat_follows_a_minute_without_a_transaction(stage: Stage) -> None:
    now = [1_000.0]
    relay = stage.relay(clock=lambda: now[0])
    relay.publish_waiting()
    assert not relay.owes_heartbeat()
    now[0] += 59
    assert relay.publish_waiting() == (50, 0, 0)
    now[0] += 1
    assert relay.owes_heartbeat()
    assert relay.publish_waiting() == (50, 0, 1)
    assert (stage.topic.heartbeats, stage.topic.checkpoints[-1]) == (1, (50, stage.log.note))
    assert not relay.owes_heartbeat()
    now[0] += 61
    stage.log.grow(1)
    relay.publish_waiting()
    assert stage.topic.heartbeats == 1, "what happened speaks for itself"
    stage.assert_equal()
