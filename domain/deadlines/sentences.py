"""The explanation of a clock as prose, in Chinese and English; one short clause for each part."""

from __future__ import annotations

from datetime import date

from domain.deadlines.explanation import Explanation
from domain.deadlines.rules import RULES

REASONS: dict[str, tuple[str, str]] = {
    "anonymous": ("匿名信访，无告知对象", "the petition is anonymous, there is nobody to tell"),
    "exempted": ("已记录姓名或者住址不清，免予告知", "the notice was exempted, name or address being unclear"),
    "other_rules": ("该类机关的告知另有规定", "notices of this kind of unit follow other rules"),
    "superior_office": ("收到单位为上级信访部门", "the receiver is a superior petition office"),
    "handoff_withdrawn": ("转送、交办已撤回", "the handoff was withdrawn"),
    "objection_upheld": ("异议已获核实同意", "the objection was upheld"),
    "objection_pending": ("异议尚未决定", "an objection is undecided"),
    "withdrawn": ("信访人已书面撤回", "the petition was withdrawn with a document"),
    "died": ("信访人死亡", "the petitioner died"),
    "merged": ("已并入其他信访事项", "the case was merged"),
    "no_longer_accepted": ("依法不再受理", "the matter is no longer accepted"),
    "opinion": ("已出具处理意见", "an opinion was issued"),
    "mediation": ("已达成调解、和解协议", "a mediation was agreed"),
    "direct_answer": ("已直接答复", "it was answered directly"),
    "line_notice": ("同一系统上下级单位已告知", "a unit on the same line of superiors gave notice"),
    "not_received": ("尚未签收", "the handoff was not received yet"),
    "not_accepted": ("尚未受理", "the matter was not accepted yet"),
    "not_delivered": ("没有送达记录", "no delivery is recorded"),
    "not_a_claim": ("不属于申诉求决类事项", "the matter is no claim"),
    "other_route": ("适用第三十一条第（一）至（五）项的程序", "route 1–5 of article 31 applies"),
    "to_procedure": ("已导入法定程序", "it went to a statutory procedure"),
    "redo": ("复查、复核责令重新办理", "a review ordered it to be redone"),
    "refused": ("请求未被受理", "the request was refused"),
    "before_regulation": ("条例施行前收到", "it was received before the Regulation came into force"),
    "window_closed": ("期限届满，未提出", "the period passed without it"),
    "asked_after_window": ("期限届满后提出", "it was asked for after the period"),
}

NOTES: dict[str, tuple[str, str]] = {
    "hearing_days": ("逾期天数未超过听证天数", "it is late by no more than the hearing days"),
    "hearing_open": ("听证尚未结束，暂计至查询日", "a hearing is still open and counted to the as-of day"),
    "never_accepted": ("没有受理记录，自收到之日推定", "acceptance is not recorded and presumed from receipt"),
    "no_route": ("没有分类处理记录，按第（六）项计算", "no route is recorded, route 6 is presumed"),
    "no_purpose": ("没有信访目的记录", "the purpose of the petition is not recorded"),
    "objection_rejected": ("异议未获同意，自决定之日重新计算", "counted from the rejection of the objection"),
    "provisional_calendar": ("日历未公布，暂按周末推算", "a calendar is not declared, only weekends count"),
    "reclassified_without_reference": (
        "改变分类但未记录法定程序及文号", "the route was changed without procedure and reference",
    ),
    "start_corrected": ("起算事实经过更正", "the start fact was corrected"),
    "start_from_request": ("没有收到记录，自提出之日计算", "receipt is not recorded, counted from the request"),
    "late_extension": ("另有延期在届满后批准，不计入", "an extension approved too late is not counted"),
    "extension_over_cap": ("延期合计超过30日，只计30日", "extensions exceed 30 days, only 30 count"),
    "extension_days_unknown": ("有延期未记录天数", "an extension does not say how many days"),
    "withdrawn_without_document": ("撤回没有文书，期限不停止", "a withdrawal without a document stops nothing"),
    "withdrawal_document_unknown": ("导入记录中撤回文书不明", "an imported withdrawal shows no document"),
    "due_changed": ("办理期限经交办单位调整", "the sender changed the day"),
    "late_due_change": ("届满后或者非交办单位的调整不计入", "a change too late or by another unit is not counted"),
    "objection_pending": ("异议尚未决定", "an objection is undecided"),
    "line_unknown": ("上级单位未登记，或已由上级告知", "the units above are not declared; one of them may have told"),
}  # fmt: skip

_ARTICLES = {
    "22": "第二十二条",
    "22(1)(3)": "第二十二条第一款第（三）项",
    "23(2)": "第二十三条第二款",
    "23(3)": "第二十三条第三款",
    "34": "第三十四条",
    "35": "第三十五条",
    "36": "第三十六条",
}
_UNKNOWN = ("未知单位", "an unknown unit")
_COUNTED = {"calendar_days": ("日", "calendar days"), "working_days": ("个工作日", "working days")}


def sentence(clock: Explanation, lang: str = "zh") -> str:
    """The whole explanation as prose. Raises ValueError for a language other than `zh` and `en`."""
    if lang not in ("zh", "en"):
        raise ValueError(f"no such language: {lang!r}")
    chinese = lang == "zh"
    parts = [_duty(clock, chinese), _counting(clock, chinese), _outcome(clock, chinese), _remarks(clock, chinese)]
    return ("" if chinese else " ").join(part for part in parts if part)


def _duty(clock: Explanation, chinese: bool) -> str:
    rule = RULES[clock.rule]
    who = clock.who or ("信访人" if rule.informational else _UNKNOWN[0])
    who_en = clock.who or ("the petitioner" if rule.informational else _UNKNOWN[1])
    limit = clock.limit if clock.limit is not None else rule.limit
    verb, verb_en = ("可以", "may") if rule.informational else ("应当", "must")
    if rule.unit == "set_day":
        within, within_en = "在指定期限内", "by the day that was set"
    else:
        counted, counted_en = _COUNTED[rule.unit]
        within, within_en = f"在{limit}{counted}内", f"within {limit} {counted_en}"
    if chinese:
        return f"{clock.rule}（《信访工作条例》{_ARTICLES[rule.article]}）：{who}{verb}{within}{rule.duty_zh}。"
    return f"{clock.rule} (Regulation on Petition Work, art. {rule.article}): {who_en} {verb_en} {rule.duty_en} {within_en}."


def _counting(clock: Explanation, chinese: bool) -> str:
    start, due, unrolled = clock.start, clock.due, clock.due_unrolled
    if start is None or due is None or unrolled is None:
        return ""
    added, added_en = _added(clock)
    rolled = due != unrolled
    if chinese:
        tail = f"，因当日不是工作日顺延至{due}" if rolled else ""
        return f"自{start.day}（{start.what}，当日不计入）起算{added}，{unrolled}届满{tail}。"
    tail = f", moved to {due} because that day is no working day" if rolled else ""
    return f"Counted from {start.day} ({start.what}; that day is day 0){added_en}, it ends on {unrolled}{tail}."


def _added(clock: Explanation) -> tuple[str, str]:
    """The clauses on extensions and on hearing days that the count left out."""
    chinese, english = "", ""
    if clock.extension_days:
        chinese += f"，延期{clock.extension_days}日"
        english += f", extended by {clock.extension_days} days"
    if clock.hearing_days and clock.rule == "DL-11":
        chinese += f"，扣除听证{clock.hearing_days}日"
        english += f", {clock.hearing_days} hearing days left out"
    elif clock.hearing_days:
        chinese += f"（其间听证{clock.hearing_days}日，未扣除）"
        english += f" ({clock.hearing_days} hearing days, not left out)"
    return chinese, english


def _outcome(clock: Explanation, chinese: bool) -> str:
    which = 0 if chinese else 1
    reason = REASONS[clock.reason][which] if clock.reason else ""
    day: date | None = clock.act.day if clock.act else None
    what = clock.act.what if clock.act else ""
    why, why_en = (f"（{reason}）", f" ({reason})") if reason else ("", "")
    missing = "、".join(clock.missing) if chinese else ", ".join(clock.missing)
    texts = {
        "met": (f"{day}完成（{what}），未逾期{why}。", f"Done on {day} ({what}): in time{why_en}."),
        "late": (
            f"{day}才有结果（{what}），逾期{clock.days_late}日{why}。",
            f"Ended only on {day} ({what}): {clock.days_late} days late{why_en}.",
        ),
        "late_open": (
            f"截至{clock.as_of}没有完成记录，已逾期{clock.days_late}日。",
            f"Nothing is recorded by {clock.as_of}: {clock.days_late} days late.",
        ),
        "running": (
            f"截至{clock.as_of}还剩{clock.days_left}日。",
            f"On {clock.as_of} there are {clock.days_left} days left.",
        ),
        "stopped": (
            f"{f'{day}' if day else ''}期限终止{why}。",
            f"The clock ended{f' on {day}' if day else ''}{why_en}.",
        ),
        "not_started": (f"期限未起算{why}。", f"The clock does not run{why_en}."),
        "cannot_tell": (
            f"无法判断{why}，缺少：{missing}。", f"It cannot be told{why_en}; missing: {missing}.",
        ),
    }  # fmt: skip
    return texts[clock.status][which]


def _remarks(clock: Explanation, chinese: bool) -> str:
    which = 0 if chinese else 1
    notes = [NOTES[note][which] for note in clock.notes if note != clock.reason]
    if not notes:
        return ""
    return f"说明：{'；'.join(notes)}。" if chinese else f"Note: {'; '.join(notes)}."
