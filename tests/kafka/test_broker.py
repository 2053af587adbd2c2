"""The tests' own broker: real, reachable, and alive again after SIGKILL with what it had acknowledged."""

from __future__ import annotations

from pathlib import Path

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from tests.support.broker import Cluster, cluster, wait_for


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


def test_three_brokers_go_on_when_one_is_killed(tmp_path: Path) -> None:
    with cluster(tmp_path / "three", brokers=3) as three:
        admin = three.admin()
        admin.create_topics(
            {"three": {"num_partitions": 1, "replication_factor": 3, "configs": {"min.insync.replicas": "2"}}}
        )
        admin.close()
        producer = KafkaProducer(bootstrap_servers=three.bootstrap, acks="all")
        producer.send("three", b"1").get(20)
        three.brokers[0].kill()
        producer.send("three", b"2").get(30)
        producer.close()
        three.start()
        assert all(broker.counts({1, 2, 3}) for broker in three.brokers)
