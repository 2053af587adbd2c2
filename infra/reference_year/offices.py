"""The invented county: its units with kinds and superiors, its staff with roles and active days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

OFFICE = "XF"
JOINT_CONFERENCE = "LXH"
COUNTY = "ZF"
CITY = "CSZF"
SUPERIOR_OFFICE = "SXF"
DISCIPLINE = "JW"
ORGANISATION = "ZZB"
POLITICS_LAW = "ZFW"
POLICE = "GA"
FINANCE = "CZ"
IN_SERVICE_SINCE = date(2024, 1, 1)


class Unit(NamedTuple):
    """One unit as `declare_unit` states it."""

    code: str
    name: str
    kind: str
    superiors: tuple[str, ...]


AUTHORITIES = (
    Unit(CITY, "市人民政府", "government", ()),
    Unit(SUPERIOR_OFFICE, "市信访办公室", "superior_petition_office", (CITY,)),
    Unit("XW", "县委", "party_committee", ()),
    Unit(COUNTY, "县人民政府", "government", (CITY,)),
    Unit(OFFICE, "县信访办公室", "petition_office", (COUNTY, SUPERIOR_OFFICE)),
    Unit(JOINT_CONFERENCE, "县信访工作联席会议办公室", "joint_conference", (COUNTY,)),
    Unit(ORGANISATION, "县委组织部", "organisation_dept", ("XW",)),
    Unit(DISCIPLINE, "县纪委监委", "discipline", ()),
    Unit(POLITICS_LAW, "县委政法委", "politics_law", ("XW",)),
    Unit(POLICE, "县公安局", "police", (COUNTY,)),
    Unit("FY", "县人民法院", "court", ()),
    Unit("JCY", "县人民检察院", "procuratorate", ()),
    Unit(FINANCE, "县财政局", "finance", (COUNTY,)),
)

RESPONSIBLE = {
    "MZJ": "县民政局",
    "RSJ": "县人力资源和社会保障局",
    "ZJW": "县住房和城乡建设委员会",
    "ZRZ": "县规划和自然资源局",
    "NYJ": "县农业农村委员会",
    "JTJ": "县交通运输委员会",
    "JYJ": "县教育委员会",
    "WJW": "县卫生健康委员会",
    "SLJ": "县水利局",
    "LYJ": "县林业局",
    "SCJ": "县市场监督管理局",
    "HBJ": "县生态环境局",
    "CGJ": "县城市管理局",
    "YBJ": "县医疗保障局",
}

TOWNSHIPS = {f"T{index:02d}": f"虚构{numeral}镇" for index, numeral in enumerate("一二三四五六七八九十", start=1)}

CONTENT_CLASSES = {
    "农村土地承包": "NYJ",
    "征地补偿": "ZRZ",
    "宅基地": "ZRZ",
    "房屋质量": "ZJW",
    "物业管理": "ZJW",
    "劳动报酬": "RSJ",
    "社会保险": "RSJ",
    "最低生活保障": "MZJ",
    "养老服务": "MZJ",
    "道路损坏": "JTJ",
    "义务教育": "JYJ",
    "医疗服务": "WJW",
    "饮水安全": "SLJ",
    "林权争议": "LYJ",
    "消费争议": "SCJ",
    "环境污染": "HBJ",
    "市容噪声": "CGJ",
    "医保报销": "YBJ",
}


def township_office(township: str) -> str:
    """The working office below a township: the second step of a township line."""
    return f"{township}-BG"


def all_units() -> tuple[Unit, ...]:
    """Every unit of the county and above it that takes part, superiors first."""
    bureaus = tuple(Unit(code, name, "responsible", (COUNTY,)) for code, name in RESPONSIBLE.items())
    towns = tuple(Unit(code, name, "township", (COUNTY,)) for code, name in TOWNSHIPS.items())
    offices = tuple(
        Unit(township_office(code), f"{name}综合办事处", "responsible", (code,)) for code, name in TOWNSHIPS.items()
    )
    return AUTHORITIES + bureaus + towns + offices


@dataclass(frozen=True, slots=True)
class Official:
    """One staff member as `declare_staff` states it; a day of activity includes both ends."""

    staff: str
    name: str
    unit: str
    roles: tuple[str, ...]
    active_from: date = IN_SERVICE_SINCE
    active_until: date | None = None

    def serves(self, day: date) -> bool:
        """Whether the member is active that day."""
        return self.active_from <= day and (self.active_until is None or day <= self.active_until)


ORDINARY_POSTS: tuple[tuple[str, ...], ...] = (
    ("head",),
    ("registrar", "clerk"),
    ("handler", "clerk"),
    ("handler", "clerk"),
)
POSTS: dict[str, tuple[tuple[str, ...], ...]] = {
    OFFICE: (
        ("head",),
        ("registrar",),
        ("registrar",),
        ("registrar",),
        ("clerk",),
        ("clerk",),
        ("handler",),
        ("handler",),
        ("examiner",),
        ("cashier",),
        ("treasurer",),
        ("bookkeeper",),
    ),
    JOINT_CONFERENCE: (("head",), ("approver",), ("clerk",)),
    COUNTY: (("head",), ("registrar",), ("reviewer",), ("reviewer",), ("reviewer",)),
    CITY: (("head",), ("registrar",), ("reviewer",), ("reviewer",), ("reviewer",)),
    FINANCE: (("head",), ("treasurer",), ("registrar", "clerk"), ("handler",)),
}
LEAVERS = {("XF", 2): date(2025, 6, 30)}
JOINERS = (("XF", ("registrar",), date(2025, 7, 1)),)
STEMS = "甲乙丙丁戊己庚辛壬癸"


def _name(unit_index: int, member: int) -> str:
    """A plainly fictional name: two stems for the unit, two digits for the member."""
    return f"职员{STEMS[unit_index // 10]}{STEMS[unit_index % 10]}{member:02d}"


def _members(unit_index: int, unit: Unit) -> Iterator[Official]:
    posts = POSTS.get(unit.code, ORDINARY_POSTS)
    for member, roles in enumerate(posts, start=1):
        until = LEAVERS.get((unit.code, member))
        name = _name(unit_index, member)
        yield Official(f"S-{unit.code}-{member:02d}", name, unit.code, roles, active_until=until)
    joiners = [(roles, since) for code, roles, since in JOINERS if code == unit.code]
    for member, (roles, since) in enumerate(joiners, start=len(posts) + 1):
        yield Official(f"S-{unit.code}-{member:02d}", _name(unit_index, member), unit.code, roles, since)


class Offices:
    """The roster, asked by unit, role and day."""

    def __init__(self) -> None:
        self.units = all_units()
        self.kinds = {unit.code: unit.kind for unit in self.units}
        self.officials = tuple(official for index, unit in enumerate(self.units) for official in _members(index, unit))

    def serving(self, unit: str, role: str, day: date, without: Iterable[str] = ()) -> list[Official]:
        """Members of a unit who hold a role that day, in order of their numbers, some left out."""
        out = set(without)
        return [
            official
            for official in self.officials
            if official.unit == unit and role in official.roles and official.serves(day) and official.staff not in out
        ]

    def head(self, unit: str, day: date) -> str:
        """The head of a unit that day."""
        return self.serving(unit, "head", day)[0].staff

    def declarations(self) -> Iterator[dict[str, Any]]:
        """The register entries as actions without their `action_id`, `at` and `by`."""
        for unit in self.units:
            entry: dict[str, Any] = {"action": "declare_unit", "unit": unit.code, "name": unit.name}
            entry |= {"kind": unit.kind, "superiors": list(unit.superiors), "from_on": "2024-01-01"}
            yield entry
        for official in self.officials:
            entry = {"action": "declare_staff", "staff": official.staff, "name": official.name}
            entry |= {"unit": official.unit, "roles": list(official.roles)}
            entry["active_from_on"] = official.active_from.isoformat()
            if official.active_until is not None:
                entry["active_until_on"] = official.active_until.isoformat()
            yield entry
