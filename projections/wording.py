"""The words of the record: one Chinese and one English sentence for every event type."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from string import Formatter
from typing import Any

from projections.coded_values import VALUE_WORDS

UNKNOWN = {"zh": "未知", "en": "unknown"}

# Event type without `petition.` and `.v1` → Chinese, English. `{name}` is a field of the payload (or of the
# envelope), `{name:…}` a coded value of that vocabulary.
SENTENCES: dict[str, tuple[str, str]] = {
    "case.received": ("收到信访事项，渠道：{channel:channel}", "petition received by {channel:channel}"),
    "case.registered": ("已登记", "registered"),
    "case.routed": (
        "甄别分类：{purpose:purpose}，途径 {route}",
        "sorted as {purpose:purpose}, route {route}",
    ),
    "case.disposed": ("处理方式：{kind:disposal}", "disposed: {kind:disposal}"),
    "case.merged": ("并入 {into}", "merged into {into}"),
    "case.withdrawn": ("信访人撤回（{via:via}）", "withdrawn by the petitioner ({via:via})"),
    "case.accepted": ("{actorunit} 受理", "accepted by {actorunit}"),
    "case.acceptance_refused": (
        "{actorunit} 不予受理：{ground:refusal}",
        "acceptance refused by {actorunit}: {ground:refusal}",
    ),
    "case.petitioner_notified": (
        "告知信访人：{notice:notice}，发出 {sent_at}",
        "petitioner notified: {notice:notice}, sent {sent_at}",
    ),
    "case.notice_exempted": ("免予告知：{ground:exemption}", "notice exempted: {ground:exemption}"),
    "case.reported_urgent": ("紧急情况上报 {to}", "reported as urgent to {to}"),
    "case.competence_decided": (
        "{decided_by} 确定由 {unit} 管辖",
        "{decided_by} decided that {unit} is competent",
    ),
    "case.handler_assigned": ("指定承办人 {handler}", "handler assigned: {handler}"),
    "case.interest_declared": (
        "{staff} 申报利害关系：{relation}",
        "{staff} declared an interest: {relation}",
    ),
    "case.recusal_requested": (
        "申请 {staff} 回避（{requested_by:requester}）：{reason}",
        "recusal of {staff} requested by {requested_by:requester}: {reason}",
    ),
    "case.recusal_decided": (
        "对 {staff} 的回避作出决定：{recused:recused}",
        "recusal of {staff} decided: {recused:recused}",
    ),
    "case.handoff_offered": (
        "{mode:mode}至 {unit}（{handoff}），期限 {due_on}",
        "{mode:mode} to {unit} ({handoff}), due {due_on}",
    ),
    "case.handoff_received": ("{unit} 签收（{handoff}）", "{unit} received {handoff}"),
    "case.handoff_withdrawn": (
        "撤回对 {unit} 的转交（{handoff}）：{reason}",
        "{handoff} to {unit} withdrawn: {reason}",
    ),
    "case.handoff_due_changed": (
        "{unit} 的期限改为 {due_on}（{handoff}）：{reason}",
        "due day of {unit} changed to {due_on} ({handoff}): {reason}",
    ),
    "case.handoff_objected": ("{unit} 提出异议（{handoff}）", "{unit} objected to {handoff}"),
    "case.objection_decided": (
        "对 {unit} 的异议：{upheld:upheld}（{handoff}）",
        "objection of {unit}: {upheld:upheld} ({handoff})",
    ),
    "case.materials_returned": ("{unit} 退回材料（{handoff}）", "{unit} returned the materials of {handoff}"),
    "case.handoff_fed_back": (
        "{unit} 反馈结果：{result:feedback}（{handoff}）",
        "{unit} fed back: {result:feedback} ({handoff})",
    ),
    "case.returned_for_rework": (
        "退回 {unit} 重办（{handoff}）：{reason}",
        "returned to {unit} for rework ({handoff}): {reason}",
    ),
    "case.facts_heard": ("听取事实和理由，参加：{attendees}", "facts heard by {attendees}"),
    "case.investigated": ("调查核实：{method}", "investigated: {method}"),
    "case.hearing_opened": ("听证开始（{hearing}）", "hearing {hearing} opened"),
    "case.hearing_closed": ("听证结束（{hearing}）", "hearing {hearing} closed"),
    "case.extension_approved": (
        "{approved_by} 批准延期 {days} 日：{reason}",
        "{approved_by} approved {days} more days: {reason}",
    ),
    "case.mediation_agreed": ("达成调解或和解", "mediation agreed"),
    "case.opinion_issued": (
        "出具处理意见：{result:opinion}，签发 {signed_by}",
        "opinion issued: {result:opinion}, signed by {signed_by}",
    ),
    "case.opinion_delivered": ("处理意见送达 {delivered_at}", "opinion delivered {delivered_at}"),
    "case.review_requested": (
        "请求{stage:stage}，机关 {body}",
        "{stage:stage} requested from {body}",
    ),
    "case.review_refused": ("不予{stage:stage}：{ground}", "{stage:stage} refused: {ground}"),
    "case.review_issued": (
        "{body} {stage:stage}意见：{outcome:outcome}",
        "{stage:stage} by {body}: {outcome:outcome}",
    ),
    "case.review_delivered": ("{stage:stage}意见送达", "{stage:stage} opinion delivered"),
    "case.opinion_executed": ("处理意见执行：{done:done}", "opinion executed: {done:done}"),
    "case.closed": ("办结：{ground:closing}", "closed: {ground:closing}"),
    "case.reopened": ("重新办理，批准 {approved_by}：{reason}", "reopened by {approved_by}: {reason}"),
    "case.rated": ("满意度评价：{grade:grade}", "rated: {grade:grade}"),
    "case.archived": ("归档 {archive_no}", "archived as {archive_no}"),
    "case.supervision_opened": (
        "督办 {to}（{supervision}）：{ground:supervision}",
        "supervision of {to} opened ({supervision}): {ground:supervision}",
    ),
    "case.supervision_answered": ("督办答复（{supervision}）", "supervision {supervision} answered"),
    "case.supervision_closed": (
        "督办结束（{supervision}）：{outcome:supervised}",
        "supervision {supervision} closed: {outcome:supervised}",
    ),
    "case.advice_issued": (
        "向 {to} 提出建议（{advice}）：{kind:advice}",
        "advice {advice} given to {to}: {kind:advice}",
    ),
    "case.advice_answered": (
        "建议答复（{advice}）：{adopted:adopted}",
        "advice {advice} answered: {adopted:adopted}",
    ),
    "case.measure_taken": (
        "{unit} 采取措施（{measure}）：{kind:measure}，依据 {legal_basis}",
        "{unit} took measure {measure}: {kind:measure}, on the ground of {legal_basis}",
    ),
    "case.measure_released": ("解除措施（{measure}）：{reason}", "measure {measure} released: {reason}"),
    "grant.applied": (
        "{applicant_unit} 申请救助 {amount_fen:yuan} 元",
        "{applicant_unit} applied for {amount_fen:yuan} yuan",
    ),
    "grant.examined": ("审核：{passed:passed}", "examined: {passed:passed}"),
    "grant.approved": ("批准 {amount_fen:yuan} 元", "{amount_fen:yuan} yuan approved"),
    "grant.rejected": ("不予批准：{reason}", "rejected: {reason}"),
    "grant.notice_published": (
        "公示 {from_on} 至 {until_on}，地点 {place}",
        "notice published {from_on} to {until_on}, at {place}",
    ),
    "grant.appropriated": ("拨付 {amount_fen:yuan} 元", "{amount_fen:yuan} yuan appropriated"),
    "grant.paid": (
        "发放 {amount_fen:yuan} 元（{payment}，{method:method}）",
        "{amount_fen:yuan} yuan paid ({payment}, {method:method})",
    ),
    "grant.receipt_confirmed": (
        "确认收款 {amount_fen:yuan} 元（{payment}）",
        "receipt of {amount_fen:yuan} yuan confirmed ({payment})",
    ),
    "grant.receipt_excused": (
        "免收据（{payment}）：{ground}，批准 {approved_by}",
        "receipt excused by {approved_by} ({payment}): {ground}",
    ),
    "grant.booked": ("记账 {voucher}（{payment}）", "booked as {voucher} ({payment})"),
    "grant.bank_reconciled": (
        "银行对账 {amount_fen:yuan} 元（{payment}）",
        "bank shows {amount_fen:yuan} yuan ({payment})",
    ),
    "grant.payment_returned": (
        "退回 {amount_fen:yuan} 元（{payment}）",
        "{amount_fen:yuan} yuan came back ({payment})",
    ),
    "grant.recovery_ordered": (
        "责令追回 {amount_fen:yuan} 元：{reason}",
        "recovery of {amount_fen:yuan} yuan ordered: {reason}",
    ),
    "grant.recovery_received": ("追回到账 {amount_fen:yuan} 元", "{amount_fen:yuan} yuan recovered"),
    "fund.opened": (
        "设立资金，期初 {opening_balance_fen:yuan} 元",
        "fund opened with {opening_balance_fen:yuan} yuan",
    ),
    "fund.budgeted": ("预算 {amount_fen:yuan} 元", "budget of {amount_fen:yuan} yuan"),
    "fund.committed": (
        "承诺 {amount_fen:yuan} 元给 {grant}",
        "{amount_fen:yuan} yuan committed to {grant}",
    ),
    "fund.released": (
        "解除承诺 {amount_fen:yuan} 元（{grant}）",
        "commitment of {amount_fen:yuan} yuan released ({grant})",
    ),
    "fund.paid": ("支出 {amount_fen:yuan} 元（{grant}）", "{amount_fen:yuan} yuan paid ({grant})"),
    "fund.returned": ("退回 {amount_fen:yuan} 元（{grant}）", "{amount_fen:yuan} yuan returned ({grant})"),
    "fund.recovered": ("追回 {amount_fen:yuan} 元（{grant}）", "{amount_fen:yuan} yuan recovered ({grant})"),
    "register.unit_declared": ("登记单位 {unit} {name}", "unit {unit} declared: {name}"),
    "register.staff_declared": ("登记人员 {staff}，单位 {unit}", "staff {staff} of {unit} declared"),
    "register.calendar_declared": ("登记 {year} 年日历：{notice}", "calendar of {year} declared: {notice}"),
    "register.check_parameters_set": (
        "{check} 参数由 {author} 设定，{approved_by} 批准：{reason}",
        "parameters of {check} set by {author}, approved by {approved_by}: {reason}",
    ),
    "register.cutover_declared": ("自 {on} 起实时记录", "live work begins on {on}"),
    "register.external_list_declared": (
        "登记外部系统 {system} 清单 {count} 件",
        "list of {count} numbers of {system} declared",
    ),
    "register.channel_log_declared": (
        "登记 {unit} {channel:channel}台账 {on}：{count} 件",
        "log of {channel:channel} at {unit} on {on}: {count}",
    ),
    "register.import_opened": (
        "开始导入文件 {file}（{kind:import}），操作 {operator}，批准 {approved_by}",
        "import of file {file} opened ({kind:import}) by {operator}, approved by {approved_by}",
    ),
    "vault.opened": ("打开身份库：{purpose}", "identity vault opened: {purpose}"),
    "vault.erased": (
        "销毁密钥：{ground}，批准 {approved_by}",
        "key destroyed: {ground}, approved by {approved_by}",
    ),
    "ledger.key_rotated": (
        "更换签名密钥，自第 {from_size} 条起",
        "signing key rotated from size {from_size}",
    ),
}
ANY_AGGREGATE: dict[str, tuple[str, str]] = {
    "record_corrected": (
        "更正记录 {field}：原为 {was}，现为 {now}，批准 {approved_by}：{reason}",
        "record corrected, {field}: was {was}, now {now}, approved by {approved_by}: {reason}",
    ),
    "approval_confirmed": ("{actorid} 本人确认批准", "{actorid} confirmed the approval in person"),
}


def short_type(type_name: str) -> str:
    """`petition.case.received.v1` → `case.received`."""
    return type_name.removeprefix("petition.").rsplit(".v", 1)[0]


def sentence(event: Mapping[str, Any], lang: str) -> str:
    """What an event says, in `zh` or `en`; a type without words of its own gives its name."""
    words = _words_of(str(event.get("type", "?")))
    return words if isinstance(words, str) else said(words[0] if lang == "zh" else words[1], event, lang)


@lru_cache(maxsize=1_024)
def _words_of(type_name: str) -> tuple[str, str] | str:
    """The templates of an event type, or its short name where it has none."""
    short = short_type(type_name)
    return SENTENCES.get(short) or ANY_AGGREGATE.get(short.rpartition(".")[2]) or short


def said(template: str, event: Mapping[str, Any], lang: str) -> str:
    """A template with the event's own values filled in; what the event does not hold reads as unknown."""
    data = event.get("data")
    fields: Mapping[str, Any] = data if isinstance(data, dict) else {}
    parts: list[str] = []
    for literal, name, vocabulary in _parsed(template):
        parts.append(literal)
        if name is not None:
            value = fields[name] if name in fields else event.get(name)
            parts.append(value_word(vocabulary, value, lang))
    return "".join(parts)


@lru_cache(maxsize=1_024)
def _parsed(template: str) -> tuple[tuple[str, str | None, str], ...]:
    """A template's literal texts, and behind each the field and its vocabulary."""
    return tuple((literal, name, vocabulary or "") for literal, name, vocabulary, _ in Formatter().parse(template))


def value_word(vocabulary: str, value: Any, lang: str) -> str:
    """One value for a reader: coded values by their vocabulary, fen as yuan, lists joined."""
    if value is None:
        return UNKNOWN["zh" if lang == "zh" else "en"]
    if vocabulary == "yuan":
        return yuan(value)
    if isinstance(value, str) and not vocabulary:
        return " ".join(value.split())
    if isinstance(value, list):
        return ("、" if lang == "zh" else ", ").join(str(item) for item in value)
    code = str(value).lower() if isinstance(value, bool) else " ".join(str(value).split())
    pair = VALUE_WORDS.get(vocabulary, {}).get(code)
    if pair is None:
        return code
    return pair[0] if lang == "zh" else pair[1]


def yuan(fen: Any) -> str:
    """An amount of fen as yuan with two digits; what is no integer is shown as it stands.

    The sentences of views are stored: thousands stay together here until a view's version changes.
    """
    if not isinstance(fen, int) or isinstance(fen, bool):
        return str(fen)
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"
