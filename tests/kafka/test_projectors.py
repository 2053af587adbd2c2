"""Projectors on a real broker: killed, overtaken, rebalanced, given a topic made anew – their rows are those of a replay."""

from __future__ import annotations

import json
import os
import signal
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer

from infra.kafka import subscriptions
from projections import ALL_PROJECTIONS
from projections.case_view import CASE_VIEW
from tests.support.broker import Cluster, wait_for
from tests.support.command_line import command
from tests.support.faulty_views import with_faults
from tests.support.fed_views import fed_views
from tests.support.large_ledger import number_of
from tests.support.postgres import postgres_server
from tests.support.projecting import (
    GROUP,
    assert_rows_are_those_of_a_replay,
    positions,
    projecting,
    wait_until_at,
)
from tests.support.published import published_office

KILLED = -signal.SIGKILL


def test_the_command_feeds_the_views_and_ends_at_the_end(brokers: Cluster, tmp_path: Path) -> None:
    office = published_office(tmp_path, brokers, 600)
    office.publish()
    done = office("project")
    assert done.code == 0, done.err
    assert office("project").code == 0, "again changes nothing"
    with fed_views(office.settings.views_file) as store:
        assert_rows_are_those_of_a_replay(office, store, tmp_path)
    assert '"view":"case_view"' in office("status", "--json").out
    listed = office("list", "cases", "--json", "--limit", "3")
    assert listed.code == 0, listed.err


@pytest.mark.parametrize("where", ["inside", "after"])
def test_one_is_killed_in_mid_batch_and_two_others_go_on(
    where: str, brokers: Cluster, database: str, tmp_path: Path
) -> None:
    """The transaction is lost, or saved and not confirmed; both heal, and partitions move between processes."""
    office = published_office(tmp_path, brokers, 2_000)
    office.publish()
    with fed_views(database) as store:
        group = f"{office.topic}.{GROUP}"
        with office.start("-m", "tests.support.dying_projector", where, "4", "100", group, database) as dying:
            assert dying.wait(60) == KILLED, dying.communicate()
        with projecting(office, store) as first:
            wait_for(lambda: bool(first.projector.partitions), "the first to have partitions", 30)
            with projecting(office, store) as second:
                wait_for(lambda: bool(second.projector.partitions), "the second to have its share", 30)
                office.grow(1_000)
                office.publish()
                wait_until_at(store, len(office.stored()))
        assert_rows_are_those_of_a_replay(office, store, tmp_path)


def test_one_that_was_frozen_and_overtaken_changes_nothing_when_it_wakes(
    brokers: Cluster, database: str, tmp_path: Path
) -> None:
    office = published_office(tmp_path, brokers, 900)
    office.publish()
    with fed_views(database) as store:
        group = f"{office.topic}.{GROUP}"
        zombie = office.start("-m", "tests.support.dying_projector", "never", "0", "50", group, database)
        try:
            wait_until_at(store, len(office.stored()))
            os.kill(zombie.pid, signal.SIGSTOP)
            office.grow(900)
            office.publish()
            with projecting(office, store):
                wait_until_at(store, len(office.stored()))
                os.kill(zombie.pid, signal.SIGCONT)
                office.grow(300)
                office.publish()
                wait_until_at(store, len(office.stored()))
            assert zombie.poll() is None, "overtaken is no reason to end"
        finally:
            zombie.kill()
            zombie.communicate()
        assert_rows_are_those_of_a_replay(office, store, tmp_path)


def test_a_topic_deleted_and_made_anew_is_read_again_and_changes_nothing(brokers: Cluster, tmp_path: Path) -> None:
    """While the projector runs. The new topic's offsets mean other events than the old one's."""
    office = published_office(tmp_path, brokers, 500)
    office.publish()
    with fed_views(tmp_path / "fed.db") as store, projecting(office, store):
        wait_until_at(store, len(office.stored()))
        office.delete_topic()
        office.make_topics()
        office.grow(400)
        office.publish(mends=True)
        wait_until_at(store, len(office.stored()))
        assert_rows_are_those_of_a_replay(office, store, tmp_path)


def test_a_broker_that_is_away_is_waited_for(brokers: Cluster, tmp_path: Path) -> None:
    office = published_office(tmp_path, brokers, 300)
    office.publish()
    with fed_views(tmp_path / "fed.db") as store, projecting(office, store) as running:
        wait_until_at(store, len(office.stored()))
        brokers.kill()
        office.grow(300)
        brokers.start()
        office.publish(patience=20)
        wait_until_at(store, len(office.stored()))
        wait_for(lambda: running.metrics.unready == "", "the projector to be well again", 30)
        assert positions(store) == {len(office.stored())}
    with fed_views(tmp_path / "fed.db") as store:
        assert_rows_are_those_of_a_replay(office, store, tmp_path)


def test_a_poison_event_parks_its_subject_and_a_retry_after_mending_gives_the_rows_of_a_replay(
    brokers: Cluster, tmp_path: Path
) -> None:
    """A faulty release parks; the mended one retries on the command line, first as a preview."""
    office = published_office(tmp_path, brokers, 900)
    office.publish()
    subject = number_of(2)
    with fed_views(office.settings.views_file) as store, projecting(office, store, with_faults(subject, 2)):
        wait_until_at(store, len(office.stored()))
        (row,) = store.rows("case_view", {"case": subject})
        assert row["stale_from"] == store.parked("case_view")[0].position
    listed = office("parked", "list", "--json")
    assert [json.loads(line)["subject"] for line in listed.out.splitlines()] == [subject, subject]
    assert "KeyError" in listed.out or "channel" in listed.out
    waiting = office("parked", "show", subject, "--view", "timeline", "--json").out.splitlines()
    assert [json.loads(line)["sequence"] for line in waiting] == sorted(
        json.loads(line)["sequence"] for line in waiting
    )
    preview = office("parked", "retry", subject)
    assert "nothing was changed" in preview.err
    assert len(office("parked", "list", "--json").out.splitlines()) == 2
    done = office("parked", "retry", subject, "--yes")
    assert done.code == 0, done.err
    assert office("parked", "list", "--json").out == ""
    assert office("parked", "retry", subject, "--yes").code == 1
    with fed_views(office.settings.views_file) as store:
        assert_rows_are_those_of_a_replay(office, store, tmp_path)


def test_a_database_that_dies_is_waited_for_and_parks_nothing(brokers: Cluster, tmp_path: Path) -> None:
    office = published_office(tmp_path, brokers, 300)
    office.publish()
    with postgres_server() as server, server.database() as address, fed_views(address) as store:
        with projecting(office, store, batch=100) as running:
            wait_until_at(store, len(office.stored()))
            server.kill()
            office.grow(300)
            office.publish()
            wait_for(lambda: bool(running.troubles), "the projector to notice", 30)
            assert running.metrics.unready
            assert running.metrics.is_alive, "it waits, and says so"
            server.start()
            wait_until_at(store, len(office.stored()))
            wait_for(lambda: running.metrics.unready == "", "the projector to be well again", 30)
        assert all(store.parked(view.name) == [] for view in ALL_PROJECTIONS)
        assert_rows_are_those_of_a_replay(office, store, tmp_path)


def test_a_handler_that_is_cancelled_at_shutdown_leaves_its_batch_whole_or_not_at_all(
    brokers: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process is told to stop while a transaction is open and waits for nobody; the thread finishes by itself."""
    monkeypatch.setattr(subscriptions, "STOP_S_MAX", 0.1)
    office = published_office(tmp_path, brokers, 600)
    office.publish()
    with fed_views(tmp_path / "fed.db") as store:
        write_view, begun, go_on = store._write_view, threading.Event(), threading.Event()

        def slowly(*given: Any) -> None:
            write_view(*given)
            begun.set()
            go_on.wait(10)

        monkeypatch.setattr(store, "_write_view", slowly)
        with projecting(office, store) as running:
            assert begun.wait(30), "a batch to begin"
            threading.Timer(0.5, go_on.set).start()
            running.stop()
        monkeypatch.setattr(store, "_write_view", write_view)
        taken = {store.position(view.name) for view in ALL_PROJECTIONS}
        assert len(taken) == 1, "all views of the batch, or none"
        with projecting(office, store):
            wait_until_at(store, len(office.stored()))
        assert_rows_are_those_of_a_replay(office, store, tmp_path)


def test_a_record_that_no_relay_wrote_ends_the_projector_with_its_place(brokers: Cluster, tmp_path: Path) -> None:
    office = published_office(tmp_path, brokers, 60)
    office.publish()
    with closing(KafkaProducer(bootstrap_servers=brokers.bootstrap)) as stranger:
        stranger.send(office.topic, b"{}", b"XF", partition=1).get(10)
    done = office("project")
    assert done.code == 1
    assert "partition 1, offset" in done.err
    assert "only the relay may write this topic" in done.err


def test_the_command_rebuilds_a_fed_view_beside_its_projector(brokers: Cluster, database: str, tmp_path: Path) -> None:
    """Swapped where both stand; the projector goes on in the new tables by itself."""
    office = published_office(tmp_path, brokers, 500)
    office.publish()
    with fed_views(database) as store, projecting(office, store):
        wait_until_at(store, len(office.stored()))
        done = command("replay", "case_view", "handoff_log", **{**office.environ, "CASELEDGER_VIEWS": database})
        assert done.code == 0, done.err
        office.grow(300)
        office.publish()
        wait_until_at(store, len(office.stored()))
        assert_rows_are_those_of_a_replay(office, store, tmp_path)
        assert store.status([CASE_VIEW])[0].is_fed
