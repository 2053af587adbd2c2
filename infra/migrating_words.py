"""What is said of a store in PostgreSQL, in Chinese and English."""

from __future__ import annotations

MIGRATING_WORDS: dict[str, tuple[str, str]] = {
    "store_unsafe": (
        "断电可能丢失已答复的动作：服务器设置 {settings}",
        "an answered action may be lost with the power: the server is set to {settings}",
    ),
    "bar_migrate": ("迁移", "moving"),
    "migrated": (
        "已将 {source} 迁至 {place}：{size} 个事件，根 {root}",
        "{source} moved to {place}: {size} events, root {root}",
    ),
    "migrated_before": (
        "{source} 先前已迁至 {place}：前 {size} 个事件相同，根 {root}",
        "{source} had moved to {place} before: the first {size} events are the same, root {root}",
    ),
    "migrated_next": (
        "文件已停止记录，请留存备查；此后请保持 CASELEDGER_STORE 不变。",
        "The file records nothing any more; keep it as evidence, and keep CASELEDGER_STORE set from here on.",
    ),
}
