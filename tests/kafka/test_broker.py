"""The tests' own broker: real, reachable, and alive again after SIGKILL with what it had acknowledged."""

from __future__ import annotations

from pathlib import Path

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from tests.support.broker import Broker, Cluster, wait_for
from tests.support.kafka_fixture import broker_logs
from tests.support.postgres import PostgresServer
from tests.support.siege import Siege


def test_a_killed_broker_comes_back_with_what_it_acknowledged(brokers: Cluster) -> None:
    admin = brokers.admin()
    admin.create_topics({"broker.proof": {"num_partitions": 1, "replication_factor": 1}})
    admin.close()
    producer = KafkaProducer(bootstrap_servers=brokers.bootstrap, acks="all")
    producer.send("broker.proof", b"before").get(10)
    producer.close()

    brokers.kill()
    assert not brokers.brokers[0].is_running
    brokers.start()

    place = TopicPartition("broker.proof", 0)
    consumer = KafkaConsumer(bootstrap_servers=brokers.bootstrap, group_id=None)
    consumer.assign([place])
    consumer.seek(place, 0)
    found: list[bytes] = []
    wait_for(
        lambda: bool(found.extend(one.value for many in consumer.poll(500).values() for one in many) or found),
        "the record",
        30,
    )
    consumer.close()
    assert found == [b"before"]


def test_a_failed_test_shows_the_brokers_logs_whether_it_holds_the_cluster_or_a_siege_of_it(
    tmp_path: Path, shared_postgres: PostgresServer
) -> None:
    broker = Broker(tmp_path, 1, 9, tmp_path)
    broker.log.write_text("it begins\nERROR the disk is full\n", encoding="utf-8")
    cluster = Cluster([broker])
    siege = Siege(cluster, shared_postgres, {}, tmp_path, "t.events")
    for used in (cluster, siege):
        ((title, text),) = broker_logs([tmp_path, used, 1])
        assert title == "Kafka broker"
        assert "ERROR the disk is full" in text
