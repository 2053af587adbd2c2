"""What the commands around topics say: replay, restore, topic, relay."""

from __future__ import annotations

PUBLISHING_TEXTS: dict[str, tuple[str, str]] = {
    # replay
    "bar_topic_read": ("读取主题", "reading the topic"),
    "replay_from_what": (
        "--log DIR 只与 --from log 同用",
        "--log DIR goes with --from log, and only with it",
    ),
    # restore
    "bar_restore": ("恢复", "restoring"),
    "restore_from_what": ("请指明 --from-topic 或 --log DIR 之一", "say either --from-topic or --log DIR"),
    "restored": (
        "账本 {source} 已在 {data} 恢复：{size} 条事件，根 {root} 与签名一致",
        "ledger {source} restored in {data}: {size} events, root {root} as it was signed",
    ),
    "restored_left": (
        "另有 {count} 条在最新检查点之后，未签名，未恢复",
        "{count} events stand behind the newest checkpoint, unsigned; they were not restored",
    ),
    "restored_next": (
        "下一步：恢复密钥目录，然后 caseledger seal",
        "next: restore the key folder, then caseledger seal",
    ),
    # topic, relay
    "next_kafka_unreachable": (
        "请核对 CASELEDGER_KAFKA 的地址、代理是否在运行、其间是否有防火墙；然后用 caseledger topic status 试连",
        "check the address in CASELEDGER_KAFKA, that a broker runs there, and that no firewall stands between; then try: "
        "caseledger topic status",
    ),
    "col_topic": ("主题", "topic"),
    "col_partitions": ("分区", "partitions"),
    "col_replication": ("副本", "copies"),
    "col_in_sync": ("同步副本", "in sync"),
    "col_records_end": ("末偏移合计", "end offsets"),
    "topic_made": ("已建立主题 {topic}（{partitions} 个分区）", "topic {topic} made, partitions: {partitions}"),
    "topic_there": ("主题 {topic} 已在，设置相符", "topic {topic} was there already, as it must be"),
    "topic_equal": (
        "{topic} 的 {count} 条与封存日志逐条一致；尚未发布 {left} 条",
        "{topic}: {count} events equal the sealed log, record by record; not yet published: {left}",
    ),
    "bar_topic": ("核对主题", "comparing"),
    "bar_relay": ("发布", "publishing"),
    "published": (
        "主题已至第 {size} 条；本次发布 {added} 条，事务 {transactions} 个",
        "the topic holds {size} events; published now: {added}, in {transactions} transactions",
    ),
    "relay_waits": (
        "第 {tries} 次未成：{why}；{seconds} 秒后再试",
        "try {tries} failed: {why}; next one in {seconds} s",
    ),
}
