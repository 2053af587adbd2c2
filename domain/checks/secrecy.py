"""Checks on accusations: their material never goes to the accused, and they are restricted from the start."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from domain.checks.base import REGULATION_FROM, Basis, Certainty, Check, Clause, Text, Verdict, cannot_tell
from domain.checks.context import Context
from domain.checks.course import routings
from domain.checks.facts import Act, Facts

TAGGED = "hmac:"
ABOUT = "about_units"
MAY_HAVE_IT = frozenset({"discipline", "organisation_dept", "party_committee"})
KEY_MISSING = Text("纪检密钥（被反映单位已加密标记）", "the discipline key (the units complained of are tagged)")


@dataclass(frozen=True, slots=True)
class Complained:
    """The units complained of in one case, as plain codes or as tags under the discipline key."""

    act: Act
    names: frozenset[str]

    @property
    def tagged(self) -> bool:
        """Whether the names can be compared only with the discipline key."""
        return any(name.startswith(TAGGED) for name in self.names)

    def needs_key(self, context: Context) -> bool:
        """Whether nothing can be said without a key that is not there."""
        restricted = self.act.get("restricted") is True or self.tagged
        return restricted and (context.tag is None or context.tag(ABOUT, "") is None)

    def holds(self, unit: str, context: Context) -> bool:
        """Whether this unit is complained of."""
        if unit in self.names:
            return True
        return self.tagged and context.tag is not None and context.tag(ABOUT, unit) in self.names


def complained_of(facts: Facts) -> Complained | None:
    """The units complained of; None where the receipt is not recorded or names none."""
    received = facts.one("case.received")
    if received is None or not received.get(ABOUT):
        return None
    return Complained(received, frozenset(str(name) for name in received.data[ABOUT]))


def is_accusation(facts: Facts) -> bool:
    """Received as an accusation, or routed as one at any time."""
    received = facts.one("case.received")
    if received is not None and (received.get("restricted") is True or "accusation_of" in received.data):
        return True
    return any(one.purpose == "accusation" for one in routings(facts))


class AccusedNeverGetsIt(Check):
    """XF-CNF-001: the material of an accusation is never offered to the accused unit or one below it.

    Judges offers (`to` and `cc`); a withdrawn offer has leaked all the same. On restricted cases it needs the
    discipline key. A unit above the accused one is `suspect`, and silent where it may rightly have the material.
    """

    id = "XF-CNF-001"
    title = Text("检举控告材料转给被检举控告单位", "Material of an accusation went to the accused unit")
    basis = (
        Basis(Text("《信访工作条例》第三十条、第四十六条第五项", "Regulation art.30, 46(5) (C-20)"), REGULATION_FROM),
    )
    clauses = (
        Clause(
            "offered",
            "critical",
            "certain",
            Text(
                "检举控告材料转送、抄送被检举控告单位或其下级（转其上级的为可疑，纪检监察、组织、党委除外）",
                "material of an accusation offered (to, cc) to the accused unit or one below it (above it: suspect, silent "
                "for discipline, organisation_dept, party_committee)",
            ),
        ),
    )
    audience = "discipline"
    risk = Text("泄露检举控告材料，招致打击报复", "a leak to the accused, and reprisals after it")
    verify = Text("核对转送函、抄送名单和接收人", "the letter of transfer, its copies, and who received them")
    remedy = Text(
        "立即收回材料，保护信访人，追究泄密责任",
        "take the material back at once, protect the petitioner, hold to account",
    )
    false_positives = Text(
        "登记的被反映单位有误；仅要求执行而未附材料", "a wrong unit entered as accused; an offer without the material"
    )
    blind_spots = Text("口头透露；转给被检举控告的个人", "told by word; passed on to an accused person")
    kinds = ("case",)
    triggers = frozenset({"case.handoff_offered"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        offers = facts.all("case.handoff_offered")
        received = facts.one("case.received")
        if received is None or not offers or not is_accusation(facts):
            return
        evidence = (received.id, *(act.id for act in offers))
        about = complained_of(facts)
        if about is None:
            if ABOUT not in received.data and context.may_be_unknown(received.event):
                yield cannot_tell("offered", Text("被反映单位", "the units complained of"), evidence)
            return
        if about.needs_key(context):
            yield cannot_tell("offered", KEY_MISSING, evidence)
            return
        accused = sorted(code for code in context.register.units if about.holds(code, context))
        seen: set[tuple[str, str]] = set()
        for offer in offers:
            for unit, place in _addressed(offer):
                key = (str(offer.get("handoff")), unit)
                if key not in seen:
                    seen.add(key)
                    yield from self._judge(about, offer, unit, place, accused, context)

    def _judge(
        self, about: Complained, offer: Act, unit: str, place: str, accused: list[str], context: Context
    ) -> Iterator[Verdict]:
        item = f"{offer.get('handoff')}/{unit}"
        above = context.register.above(unit, offer.day)
        evidence = (about.act.id, offer.id)
        certainty: Certainty = "certain"
        if about.holds(unit, context):
            how = Text("即被检举控告单位", "which is the accused unit")
        elif any(about.holds(code, context) for code in sorted(above)):
            how = Text("系被检举控告单位的下级", "which stands below the accused unit")
        elif any(unit in context.register.above(code, offer.day) for code in accused):
            if context.register.kind(unit, offer.day) in MAY_HAVE_IT:
                return
            certainty, how = "suspect", Text("系被检举控告单位的上级", "which stands above the accused unit")
        else:
            if unit not in context.register.units:
                missing = Text(f"单位 {unit} 的登记", f"the declaration of unit {unit}")
                yield cannot_tell("offered", missing, evidence, item=item)
            return
        yield Verdict(
            reason="offered",
            item=item,
            certainty=certainty,
            event_ids=evidence,
            facts={"unit": unit, "place": place, "offered_on": offer.day, "handoff": offer.get("handoff")},
            sentence=Text(
                f"记录显示：{offer.day}将检举控告材料发给（{place}）{unit}，{how.zh}。",
                f"The record shows: on {offer.day} material of an accusation was offered ({place}) to {unit}, {how.en}.",
            ),
        )


def _addressed(offer: Act) -> Iterator[tuple[str, str]]:
    for place in ("unit", "to", "cc"):
        value = offer.get(place, ())
        for unit in (value,) if isinstance(value, str) else value:
            yield str(unit), "cc" if place == "cc" else "to"


class AccusationIsRestricted(Check):
    """XF-CNF-003: what is routed as an accusation was received as restricted (absent = not restricted)."""

    id = "XF-CNF-003"
    title = Text("检举控告件未按限制件接收", "Routed as an accusation, though not received as restricted")
    basis = (Basis(Text("《信访工作条例》第三十条", "Regulation art.30"), REGULATION_FROM),)
    clauses = (
        Clause(
            "not_restricted",
            "high",
            "certain",
            Text("分类为检举控告而收件时未设为限制件", "routed as accusation, though not received as restricted"),
        ),
    )
    audience = "discipline"
    risk = Text("检举控告内容以明文流转", "what should be tagged stands in plain text")
    verify = Text("核对收件登记和分类记录", "the receipt and the classification")
    remedy = Text("按限制件重新登记，核查明文流向", "register as restricted, and see where the plain text went")
    false_positives = Text("分类录错后已改正", "a classification entered in error and put right")
    blind_spots = Text("检举控告件被分类为其他目的", "an accusation that was routed as something else")
    kinds = ("case",)
    triggers = frozenset({"case.routed"})

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        received = facts.one("case.received")
        routed = next((one.act for one in routings(facts) if one.purpose == "accusation"), None)
        if routed is None:
            return
        if received is None:
            yield cannot_tell("not_restricted", Text("收件记录", "the receipt"), [routed.id])
            return
        if received.get("restricted") is True:
            return
        yield Verdict(
            reason="not_restricted",
            event_ids=(received.id, routed.id),
            facts={"received_on": received.day, "routed_on": routed.day},
            sentence=Text(
                f"记录显示：{routed.day}分类为检举控告，{received.day}收件时未设为限制件。",
                f"The record shows: routed as an accusation on {routed.day}, not received as restricted on {received.day}.",
            ),
        )
