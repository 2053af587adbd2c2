"""A ledger's topics as they must be: made once, and compared with the cluster before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import InvalidReplicationFactorError, KafkaError, TopicAlreadyExistsError

from consumers.topics import topics_of
from domain.errors import Conflict, NotFound, Unavailable

if TYPE_CHECKING:
    from kafka import KafkaAdminClient

    from infra.settings import Settings

PARTITIONS = "partitions"
REPLICATION = "replication"
UNKNOWN_TOPIC = 3
PARKED_PARTITIONS = 1
CHECKPOINT_PARTITIONS = 1
KEPT_FOR_EVER = {
    "cleanup.policy": "delete",
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "unclean.leader.election.enable": "false",
}
"""Nothing is ever compacted or dropped, and no broker without the newest records becomes leader."""


class TopicPlan(NamedTuple):
    """One topic as it must be; `configs` are the settings that are compared."""

    name: str
    partitions: int
    replication: int
    configs: dict[str, str]


class Drift(NamedTuple):
    """One setting that is not what it must be."""

    topic: str
    setting: str
    expected: str
    found: str


class TopicState(NamedTuple):
    """One topic as the cluster has it; `topic_id` is new whenever a topic of the name is made again."""

    name: str
    topic_id: str
    partitions: int
    replication: int
    in_sync_min: int
    configs: dict[str, str]


def planned(source: str, settings: Settings) -> list[TopicPlan]:
    """The four topics of a ledger, `.events` first."""
    names = topics_of(source)
    counts = (settings.kafka_partitions, CHECKPOINT_PARTITIONS, settings.kafka_partitions, PARKED_PARTITIONS)
    in_sync = str(max(1, settings.kafka_replication - 1))
    return [
        TopicPlan(name, count, settings.kafka_replication, {**KEPT_FOR_EVER, "min.insync.replicas": in_sync})
        for name, count in zip(names, counts, strict=True)
    ]


def make_topics(admin: KafkaAdminClient, plans: Sequence[TopicPlan]) -> list[str]:
    """Make the topics that are not there; the names of those made. One that is there is never changed."""
    there = describe(admin, plans)
    made = []
    for plan in plans:
        if plan.name in there:
            continue
        wanted = {
            "num_partitions": plan.partitions,
            "replication_factor": plan.replication,
            "configs": plan.configs,
        }
        try:
            admin.create_topics({plan.name: wanted}, wait_for_metadata=True)
        except TopicAlreadyExistsError:
            continue  # another `topic init` at this moment made it
        except InvalidReplicationFactorError:
            raise Unavailable(
                "kafka_refused",
                f"{plan.name}: {plan.replication} copies need as many brokers; "
                "CASELEDGER_KAFKA_REPLICATION=1 is for a trial on one; 副本数超过集群中的服务器数",
                field="CASELEDGER_KAFKA_REPLICATION",
            ) from None
        made.append(plan.name)
    return made


def describe(admin: KafkaAdminClient, plans: Sequence[TopicPlan]) -> dict[str, TopicState]:
    """The planned topics that are there, by name."""
    found = {}
    names = [plan.name for plan in plans]
    described = [one for one in admin.describe_topics(names) if _is_there(one)]
    if not described:
        return {}
    resources = [ConfigResource(ConfigResourceType.TOPIC, one["name"]) for one in described]
    configs = admin.describe_configs(resources, config_filter="all")["topic"]
    for one in described:
        partitions = one["partitions"]
        found[one["name"]] = TopicState(
            one["name"],
            str(one["topic_id"]),
            len(partitions),
            min(len(partition["replica_nodes"]) for partition in partitions),
            min(len(partition["isr_nodes"]) for partition in partitions),
            {name: str(entry["value"]) for name, entry in configs[one["name"]].items()},
        )
    return found


def _is_there(described: dict[str, Any]) -> bool:
    if described["error_code"] not in (0, UNKNOWN_TOPIC):
        raise KafkaError(f"{described['name']}: error {described['error_code']}")
    return described["error_code"] == 0 and bool(described["partitions"])


def drifts(plan: TopicPlan, state: TopicState) -> list[Drift]:
    """Every setting of a topic that is not what it must be."""
    pairs = [
        (PARTITIONS, str(plan.partitions), str(state.partitions)),
        (REPLICATION, str(plan.replication), str(state.replication)),
        *((name, wanted, state.configs.get(name, "")) for name, wanted in plan.configs.items()),
    ]
    return [Drift(plan.name, name, wanted, found) for name, wanted, found in pairs if wanted != found]


def require_topics(admin: KafkaAdminClient, plans: Sequence[TopicPlan]) -> dict[str, TopicState]:
    """The topics as they are; raises `topic_missing`, or `topic_drift` with the first setting that differs."""
    there = describe(admin, plans)
    for plan in plans:
        if plan.name not in there:
            raise NotFound("topic_missing", plan.name)
        for one in drifts(plan, there[plan.name]):
            raise drifted(one)
    return there


def drifted(one: Drift) -> Conflict:
    """One drift as an error that names topic, setting, what is expected and what is there."""
    way_out = "set it back with the cluster's own tools; 请用集群工具恢复"
    if one.setting == PARTITIONS:
        way_out = (
            "a partition count cannot be taken back, and subjects would lose their order: keep a copy, delete the topic, "
            "then `caseledger topic init` and `caseledger topic republish`; 分区数不可还原，须重建主题并重新发布"
        )
    return Conflict(
        "topic_drift",
        f"{one.topic}: {one.setting} is {one.found or 'unset'}, expected {one.expected}; {way_out}",
        field=one.setting,
    )
