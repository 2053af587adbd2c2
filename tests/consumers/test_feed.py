"""Whatever is delivered, in whatever interleaving, twice, late or by two processes: the rows are those of a replay."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from consumers.feed import Feed, Topic
from consumers.project import catch_up, rebuild
from domain.errors import Conflict, Unavailable
from infra.fed_store import FedReadStore
from projections import ALL_PROJECTIONS
from tests.support.fed_views import fed_views, replayed, rows_of
from tests.support.memory_ledger import random_ledger
from tests.support.partitions import Member, MemoryTopic

PARTITIONS = 3


def never_waits(_: float) -> bool:
    return True


@pytest.fixture
def store(views_place: str) -> Iterator[FedReadStore]:
    with fed_views(views_place) as opened:
        yield opened


def feed_of(store: FedReadStore) -> Feed:
    return Feed(ALL_PROJECTIONS, store, never_waits)


@pytest.mark.parametrize("seed", range(5))
def test_random_deliveries_give_the_rows_of_a_replay(
    seed: int, store: FedReadStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two or three members whose assignments overlap, die, come back and read again what was read."""
    monkeypatch.setattr("consumers.feed.KEPT_BYTES_MAX", 4_000)
    chance = random.Random(seed)
    ledger = random_ledger(seed, 160)
    topic = MemoryTopic(ledger.read(), PARTITIONS, chance)
    members = [Member(feed_of(store), topic) for _ in range(3)]
    for _ in range(60):
        member = chance.choice(members)
        deed = chance.random()
        if deed < 0.25:
            member.assign(chance.sample(range(PARTITIONS), chance.randint(1, PARTITIONS)))
        elif deed < 0.35:
            members[members.index(member)] = Member(feed_of(store), topic)
        elif deed < 0.45 and member.offsets:
            partition = chance.choice(list(member.offsets))
            member.offsets[partition] = chance.randint(0, member.offsets[partition])
        elif member.offsets:
            member.poll(chance.choice(list(member.offsets)), chance.choice((1, 5, 40)))
    last = Member(feed_of(store), topic)
    last.assign(range(PARTITIONS))
    last.drain()
    assert rows_of(store) == replayed(ledger, tmp_path)
    assert [store.position(projection.name) for projection in ALL_PROJECTIONS] == [160] * len(ALL_PROJECTIONS)
    assert store.documents("case_view", [event["subject"] for event in ledger.events])


def test_an_overtaken_process_writes_nothing(store: FedReadStore, tmp_path: Path) -> None:
    ledger = random_ledger(1, 80)
    topic = MemoryTopic(ledger.read(), 1, random.Random(1))
    zombie, owner = Member(feed_of(store), topic), Member(feed_of(store), topic)
    zombie.assign([0])
    zombie.poll(0, 10)
    late = topic.read(0, zombie.offsets[0], 30)
    owner.assign([0])
    owner.drain()
    before = rows_of(store)
    assert zombie.feed.take(0, topic.topic, late) == late[0].offset
    assert rows_of(store) == before == replayed(ledger, tmp_path)


def test_a_batch_that_does_not_follow_what_was_read_is_not_taken(store: FedReadStore) -> None:
    """A batch that was fetched before a rebalance and handed over after it."""
    ledger = random_ledger(2, 60)
    topic = MemoryTopic(ledger.read(), 1, random.Random(2))
    feed = feed_of(store)
    assert feed.enter(0, topic.topic) == 0
    assert feed.take(0, topic.topic, topic.read(0, topic.records[0][30].offset, 10)) == 0
    assert store.position("timeline") == 0
    assert feed.take(0, topic.topic, topic.read(0, 0, 10)) is None
    assert store.position("timeline") == 10


def test_a_topic_made_anew_is_read_from_its_beginning_and_changes_nothing(store: FedReadStore, tmp_path: Path) -> None:
    ledger = random_ledger(3, 100)
    events = list(ledger.read())
    first = MemoryTopic(events[:70], PARTITIONS, random.Random(3))
    member = Member(feed_of(store), first)
    member.assign(range(PARTITIONS))
    member.drain()
    member.topic = MemoryTopic(events, PARTITIONS, random.Random(4), "t2")
    member.drain()
    assert rows_of(store) == replayed(ledger, tmp_path)
    assert Feed(ALL_PROJECTIONS, store, never_waits).enter(0, Topic("t3", PARTITIONS)) == 0


def test_a_database_that_is_away_for_a_while_parks_nothing(
    store: FedReadStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = random_ledger(4, 60)
    topic = MemoryTopic(ledger.read(), PARTITIONS, random.Random(4))
    write, chance = store.write_partition, random.Random(4)
    told: list[str] = []

    def often_away(changes: object) -> None:
        if chance.random() < 0.7:
            raise Unavailable("unavailable", "away")
        write(changes)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "write_partition", often_away)
    member = Member(Feed(ALL_PROJECTIONS, store, never_waits, lambda error: told.append(error.code)), topic)
    member.assign(range(PARTITIONS))
    member.drain()
    assert told
    assert rows_of(store) == replayed(ledger, tmp_path)
    assert all(store.parked(projection.name) == [] for projection in ALL_PROJECTIONS)


def test_a_view_can_be_rebuilt_beside_its_projectors_and_goes_on(store: FedReadStore, tmp_path: Path) -> None:
    """The rebuilt tables take over the places; a process that held the former ones reads the store again."""
    ledger = random_ledger(5, 120)
    events = list(ledger.read())
    topic = MemoryTopic(events[:80], PARTITIONS, random.Random(5))
    member = Member(feed_of(store), topic)
    member.assign(range(PARTITIONS))
    member.drain()
    assert all(one.is_equal for one in rebuild(ledger.cut(80), store, ALL_PROJECTIONS))
    for event in events[80:]:
        topic.add(event)
    member.drain()
    assert rows_of(store) == replayed(ledger, tmp_path)
    assert store.position("case_view") == 120


def test_a_view_that_is_fed_is_left_to_its_projectors(store: FedReadStore) -> None:
    ledger = random_ledger(6, 40)
    topic = MemoryTopic(list(ledger.read())[:20], 1, random.Random(6))
    member = Member(feed_of(store), topic)
    member.assign([0])
    member.drain()
    catch_up(ledger, store, ALL_PROJECTIONS)
    assert store.position("timeline") == 20


def test_tables_without_all_documents_are_refused_to_projectors(store: FedReadStore) -> None:
    ledger = random_ledger(7, 40)
    catch_up(ledger, store, ALL_PROJECTIONS)
    rebuild(ledger, store, ALL_PROJECTIONS)
    with pytest.raises(Conflict, match="rebuilt"):
        feed_of(store).enter(0, Topic("t1", 1))


def test_a_rebuild_waits_until_the_projectors_stand_where_the_new_tables_do(
    store: FedReadStore, tmp_path: Path
) -> None:
    """The projectors lag behind the store when the rebuild begins, and arrive between two tries of the swap."""
    ledger = random_ledger(8, 120)
    events = list(ledger.read())
    topic = MemoryTopic(events[:60], PARTITIONS, random.Random(8))
    member = Member(feed_of(store), topic)
    member.assign(range(PARTITIONS))
    member.drain()
    late = iter(events[60:])

    def pause() -> None:
        for event in islice(late, 20):
            topic.add(event)
        member.drain()

    assert all(one.is_equal for one in rebuild(ledger, store, ALL_PROJECTIONS, pause=pause))
    assert rows_of(store) == replayed(ledger, tmp_path)
    extra = random_ledger(8, 150)
    for event in list(extra.read())[120:]:
        topic.add(event)
    member.drain()
    folder = tmp_path / "extra"
    folder.mkdir()
    assert rows_of(store) == replayed(extra, folder)


def test_a_rebuild_of_a_fed_view_does_not_park(store: FedReadStore) -> None:
    ledger = random_ledger(6, 40)
    topic = MemoryTopic(ledger.read(), 1, random.Random(6))
    member = Member(feed_of(store), topic)
    member.assign([0])
    member.drain()
    with pytest.raises(Conflict, match="--park"):
        rebuild(ledger, store, ALL_PROJECTIONS, parks=True)
    assert [one.is_fed for one in store.status(ALL_PROJECTIONS)] == [True] * len(ALL_PROJECTIONS)
