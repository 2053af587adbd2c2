"""The calendars of 2025 and 2026 as the State Council General Office declared them, as plain data.

Each entry has the fields of the `declare_calendar` action. Source: 《国务院办公厅关于部分节假日安排的通知》
of 2024-11-12 (国办发明电〔2024〕12号) and of 2025-11-04.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any


def _days(*spans: tuple[str, str]) -> list[str]:
    """Spell out inclusive spans of days."""
    days: list[str] = []
    for first, last in spans:
        start = date.fromisoformat(first)
        count = (date.fromisoformat(last) - start).days + 1
        days += [(start + timedelta(days=offset)).isoformat() for offset in range(count)]
    return days


OFFICIAL_CALENDARS: tuple[dict[str, Any], ...] = (
    {
        "year": 2025,
        "holidays": _days(
            ("2025-01-01", "2025-01-01"),  # 元旦
            ("2025-01-28", "2025-02-04"),  # 春节
            ("2025-04-04", "2025-04-06"),  # 清明节
            ("2025-05-01", "2025-05-05"),  # 劳动节
            ("2025-05-31", "2025-06-02"),  # 端午节
            ("2025-10-01", "2025-10-08"),  # 国庆节、中秋节
        ),
        "workdays": ["2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11"],
        "notice": "国办发明电〔2024〕12号",
        "provisional": False,
    },
    {
        "year": 2026,
        "holidays": _days(
            ("2026-01-01", "2026-01-03"),  # 元旦
            ("2026-02-15", "2026-02-23"),  # 春节
            ("2026-04-04", "2026-04-06"),  # 清明节
            ("2026-05-01", "2026-05-05"),  # 劳动节
            ("2026-06-19", "2026-06-21"),  # 端午节
            ("2026-09-25", "2026-09-27"),  # 中秋节
            ("2026-10-01", "2026-10-07"),  # 国庆节
        ),
        "workdays": ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"],
        "notice": "国务院办公厅关于2026年部分节假日安排的通知（2025-11-04）",
        "provisional": False,
    },
)
