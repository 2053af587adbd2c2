"""The tests' own broker: real, reachable, and alive again after SIGKILL with what it had acknowledged."""

from __future__ import annotations

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from tests.support.broker import Cluster, wait_for


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
