"""The check on opinions that are copied from case to case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from domain.checks.base import REGULATION_FROM, Basis, Clause, Finding, Text, Verdict, cannot_tell
from domain.checks.context import Context
from domain.checks.course import LATER_RECEIPT, is_early
from domain.checks.facts import Facts
from domain.checks.groups import Contribution, Gathered, GatheringCheck, gathering

MATTERS_MIN = 3


class OpinionIsOfTheCase(GatheringCheck):
    """XF-OPN-003: an opinion answers its own matter; the finding is about each case that got the same document.

    Matters are unrelated where no repeat and no merging joins them; the year is that of the issuing.
    """

    id = "XF-OPN-003"
    title = Text("同一份处理意见用于多个无关事项", "One opinion document for several unrelated matters")
    basis = (Basis(Text("《信访工作条例》第二十八条、第四十五条", "Regulation art.28, 45"), REGULATION_FROM),)
    clauses = (
        Clause(
            "same_document",
            "medium",
            "suspect",
            Text(
                "同一年内同一份处理意见用于3个以上无关事项",
                "the same opinion document in 3 or more unrelated matters of a year",
            ),
        ),
    )
    risk = Text("模板化答复，未针对诉求", "answers from a template that meet nobody's matter")
    verify = Text("比对各案诉求与意见内容", "what each petition asked, and what the opinion says")
    remedy = Text("逐案重新出具意见", "issue an opinion for each case")
    false_positives = Text(
        "多人同一诉求分别登记而未关联", "many petitioners of one matter, registered apart and never joined"
    )
    blind_spots = Text("仅改动姓名的模板", "a template in which only the name changes")
    kinds = ("document",)
    reads = ("case",)
    members_min = MATTERS_MIN
    triggers = frozenset({"case.opinion_issued"})

    def contributions(self, facts: Facts, context: Context, found: Sequence[Finding]) -> Iterator[Contribution]:
        for opinion in facts.all("case.opinion_issued"):
            if "document" in opinion.data:
                group = gathering("document", str(opinion.data["document"]), opinion.day.year)
                yield Contribution(group, facts.subject, (opinion.id,), opinion.day, {"early": is_early(facts)})

    def verdicts(self, facts: Gathered, context: Context) -> Iterator[Verdict]:
        members = [one for one in facts.members if not one.get("early")]
        matters = {context.matter(one.subject) for one in members}
        evidence = tuple(event_id for one in facts.members for event_id in one.event_ids)
        if len(matters) < MATTERS_MIN:
            if len({context.matter(one.subject) for one in facts.members}) >= MATTERS_MIN:
                for case in sorted({one.subject for one in facts.members}):
                    told = cannot_tell("same_document", LATER_RECEIPT, evidence, item=facts.group.id)
                    yield replace(told, subject=case)
            return
        cases = sorted({one.subject for one in members})
        for case in cases:
            own = next(one for one in members if one.subject == case)
            yield Verdict(
                reason="same_document",
                item=facts.group.id,
                subject=case,
                related=tuple(cases),
                event_ids=evidence,
                facts={"matters": len(matters), "cases": len(cases), "issued_on": own.day, "document": facts.parts[0]},
                sentence=Text(
                    f"记录显示：{facts.parts[1]}年内同一份处理意见用于{len(matters)}个无关事项（{len(cases)}件）。",
                    f"The record shows: one opinion document answers {len(matters)} unrelated matters ({len(cases)} cases) of "
                    f"{facts.parts[1]}.",
                ),
            )
