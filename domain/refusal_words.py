"""The details of refusals in Chinese: every sentence of the domain's own, and those of the models' rules.

A refusal is made with its English detail; where it is told in Chinese the detail is found here by its form.
`{name}` stands for any text, `{name!}` for a code whose Chinese word is in `CODES`. What is no sentence (a name, a
number, another program's message) stays as it is.
"""

from __future__ import annotations

import re
from functools import lru_cache

CODES: dict[str, str] = {
    "case": "案件", "grant": "救助", "fund": "资金", "handoff": "转交", "hearing": "听证", "supervision": "督办",
    "advice": "建议", "measure": "措施", "payment": "付款", "unit": "单位", "staff": "人员",
    "opinion": "处理意见", "review": "复查意见", "recheck": "复核意见", "second_review": "复核意见",
    "examined": "审核", "approved": "批准", "rejected": "不予批准", "paid": "支付",
    "beneficiary": "受助人", "matter": "信访事项",
    "a mobile number": "手机号码", "an identity number": "身份证号码", "a card number": "银行卡号",
}  # fmt: skip

DETAILS: tuple[tuple[str, str], ...] = (
    # who and what is named
    ("name the acting unit", "请写明经办单位"),
    ("live work states it", "现办事项必须写明"),
    ("live work states who acted", "现办事项必须写明经办人"),
    ("state it", "请写明"),
    ("required unless cash", "非现金支付必须写明"),
    ("remove it or check its spelling", "请删去或核对写法"),
    ("the verb of the action", "动作名称"),
    ("`system` acts only for the ledger itself", "system 仅供账本自身使用"),
    ("name exactly one of {names}", "请只写明其中之一：{names}"),
    ("no handoff {name} in this case", "本案没有转交 {name}"),
    ("no advice {name} in this case", "本案没有建议 {name}"),
    ("no payment {name} of this grant", "本救助没有付款 {name}"),
    ("no {kind!} was requested", "未申请{kind}"),
    ("no {kind!} was issued", "未出具{kind}"),
    ("no interest of {staff} was declared and no recusal requested", "未申报 {staff} 的利害关系，也未申请其回避"),
    ("no objection of {unit} is open", "{unit} 没有待决的异议"),
    ("no such place in the event", "该事件中没有此处"),
    ("no {kind!} {name}", "没有{kind} {name}"),
    ("{ref} is a {kind!} of {subject}", "{ref} 已是 {subject} 的{kind}"),
    ("{name} is a {kind!} of {subject}", "{name} 已是 {subject} 的{kind}"),
    # the case
    ("accepted by {unit} and not returned", "{unit} 已受理，尚未退回"),
    ("accepted by {unit}", "{unit} 已受理"),
    ("the case is not registered; `register_petition` first", "案件未登记，请先 register_petition"),
    ("the case is not closed", "案件未办结"),
    ("closed already", "已办结"),
    ("hearing {name} is not open", "听证 {name} 未在进行"),
    ("an extension has at least 1 day", "延期至少一日"),
    ("the case was not accepted", "案件未受理"),
    ("no opinion was issued", "未出具处理意见"),
    ("there is no opinion to execute", "没有可执行的处理意见"),
    ("registered already", "已登记"),
    ("a petition does not repeat itself", "信访事项不能重复于自身"),
    ("a route of art. 31 goes only with purpose claim", "第三十一条的途径只用于申诉求决类"),
    ("the case is routed so already", "案件已如此分类"),
    ("a case cannot be merged into itself", "案件不能并入自身"),
    ("merged already into {case}", "已并入 {case}"),
    ("withdrawn already", "已撤回"),
    ("restricted values are text", "保密的值须为文字"),
    ("lay `discipline.key` into the key folder", "请将 discipline.key 放入密钥目录"),
    ("advice {name} is answered", "建议 {name} 已答复"),
    ("measure {name} is not in force", "措施 {name} 未生效"),
    ("supervision {name} is not open", "督办 {name} 未在进行"),
    # handoffs
    ("{handoff} was not offered to {unit}", "{handoff} 未转交给 {unit}"),
    ("{handoff} has several addressees: {units}", "{handoff} 有多个收件单位：{units}"),
    ("{unit} received {handoff} already", "{unit} 已签收 {handoff}"),
    ("{unit} has not received {handoff}", "{unit} 尚未签收 {handoff}"),
    ("{handoff} to {unit} is not open", "{handoff} 对 {unit} 已不再有效"),
    ("an objection is open already", "已有待决的异议"),
    ("{unit} has fed nothing back", "{unit} 尚未反馈"),
    ("reopen it before handing it over", "请先重新办理再转交"),
    ("a unit stands twice among the addressees", "收件单位重复"),
    ("tri_party has exactly 3 addressees", "三向交办须恰有三个收件单位"),
    # funds and grants
    ("tiers ascend by up_to_fen", "审批档次须按 up_to_fen 递增"),
    ("a budget changes by an amount", "预算调整须有金额"),
    ("the amount must be above 0", "金额须大于零"),
    ("{grant} draws on {fund}", "{grant} 由 {fund} 支付"),
    ("{fen} fen are committed and unpaid", "已承诺未支付 {fen} 分"),
    ("examined already", "已审核"),
    ("approved already", "已批准"),
    ("rejected already", "已不予批准"),
    ("{decided!} already", "已{decided}"),
    ("the receipt of {payment} is confirmed", "{payment} 的收据已确认"),
    ("{paid} fen were paid, {back} came back", "已支付 {paid} 分，已退回 {back} 分"),
    ("{fen} fen were ordered back", "责令追回 {fen} 分"),
    ("{fen} fen are available in {fund}", "{fund} 可用 {fen} 分"),
    ("{fen} fen are left in {fund}", "{fund} 余额 {fen} 分"),
    ("{fen} fen by {basis!}, the cap is {cap}", "按{basis}合计 {fen} 分，上限 {cap} 分"),
    ("{grant} stands for the same beneficiary", "{grant} 为同一受助人"),
    ("{unit} is complained of, or stands below the unit that is", "{unit} 是被反映单位或其下级"),
    ("{staff} was recused in {case}", "{staff} 在 {case} 中已回避"),
    ("{staff} applied for {grant}", "{staff} 是 {grant} 的申请经办人"),
    ("{grant} is not approved", "{grant} 未获批准"),
    ("{fen} fen together, {approved} approved", "合计 {fen} 分，批准 {approved} 分"),
    ("{staff} {role!} {grant}", "{staff} 已{role} {grant}"),
    # the ledger
    ("leave out `entered_at`", "请删去 entered_at"),
    ("the last event was recorded at {last}, the clock says {now}", "最后一条记录于 {last}，时钟为 {now}"),
    ("the clock says {now}", "时钟为 {now}"),
    ("send a new action_id, or the same content", "请换用新的 action_id，或发送相同内容"),
    ("the events of {action} are not at {position}", "{action} 的事件不在第 {position} 条"),
    ("the event's bytes are not JSON: {error}", "事件的字节不是 JSON：{error}"),
    ("a source begins with six digits of GB/T 2260: {example}", "来源以 GB/T 2260 的六位代码开头：{example}"),
    # corrections
    ("read the event again", "请重新读取该事件"),
    ("later than the correction itself", "晚于更正本身"),
    ("the event names no approval of {staff}", "该事件未载明 {staff} 的批准"),
    # the line
    ("split the list or send a document instead", "请拆分列表或改为发送文件"),
    ("{size} bytes – split the list or send a document instead", "{size} 字节，请拆分列表或改为发送文件"),
    ("{size} bytes – send long lists as a document", "{size} 字节，长列表请作为文件发送"),
    ("save the file as UTF-8 without BOM", "请存为不带 BOM 的 UTF-8"),
    ("byte {place} of the line", "该行第 {place} 字节"),
    ("the line must hold one JSON object, {…}", "一行须为一个 JSON 对象 {…}"),
    ("column {place} – escape it", "第 {place} 列，请转义"),
    ("{error} at column {place}", "第 {place} 列：{error}"),
    ("at most {levels} levels", "最多 {levels} 层"),
    ("not one strict JSON object", "不是一个严格的 JSON 对象"),
    ("{number}… has {count} digits", "{number}… 有 {count} 位"),
    ("{number} – write an integer", "{number}，请写整数"),
    ("{word} is not JSON", "{word} 不是 JSON"),
    ("write an integer", "请写整数"),
    ("keys must be strings", "键须为文字"),
    ("in a key", "在键中"),
    ("a lone surrogate", "孤立的代理字符"),
    # forms
    ("an instant with seconds and offset, such as {example}", "带秒和时差的时刻，如 {example}"),
    ("a day, such as {example}", "日期，如 {example}"),
    ("sha256: or hmac: and 64 hexadecimal digits", "sha256: 或 hmac: 加 64 位十六进制数"),
    ("hmac: and 64 hexadecimal digits", "hmac: 加 64 位十六进制数"),
    ("ref: and 1 to 120 of {letters}, such as {example}", "ref: 加 1 至 120 个字符（{letters}），如 {example}"),
    ("a case number such as {number}, or a name such as {example}", "案号（如 {number}）或引用名（如 {example}）"),
    ("a grant number such as {number}, or a name such as {example}", "救助编号（如 {number}）或引用名（如 {example}）"),
    ("the name of a fund, such as {example}", "资金的引用名，如 {example}"),
    ("1 to 64 of {letters}, such as {example}", "1 至 64 个字符（{letters}），如 {example}"),
    ("1 to 128 of {letters}, fresh for every case", "1 至 128 个字符（{letters}），每案重新生成"),
    ("the id of an event as `show --json` gives it", "事件编号，见 show --json"),
    ("1 to 128 characters, no control character", "1 至 128 个字符，不含控制字符"),
    ("six digits of GB/T 2260, such as {example}", "GB/T 2260 的六位代码，如 {example}"),
    # the models' own rules
    ("Input should be a valid string", "应为文字"),
    ("Input should be a valid integer", "应为整数"),
    ("Input should be a valid boolean", "应为 true 或 false"),
    ("Input should be a valid list", "应为列表"),
    ("Input should be a valid dictionary{more}", "应为对象"),
    ("Input should be a valid dictionary", "应为对象"),
    ("Input should be an object", "应为对象"),
    ("Input should be greater than or equal to {least}", "应不小于 {least}"),
    ("Input should be less than or equal to {most}", "应不大于 {most}"),
    ("Input should be None", "此处应无值"),
    ("String should have at most {most} characters", "最多 {most} 个字符"),
    ("String should have at least {least} character{s}", "至少 {least} 个字符"),
    ("List should have at most {most} items after validation, not {count}", "列表最多 {most} 项，现有 {count} 项"),
    ("List should have at least {least} item after validation, not {count}", "列表至少 {least} 项，现有 {count} 项"),
    ("Dictionary should have at most {most} items after validation, not {count}", "最多 {most} 项，现有 {count} 项"),
    ("Input should be {words}", "应为 {words}"),
    ("day is out of range for month", "该月没有这一天"),
    ("year {year} is out of range", "没有 {year} 年"),
)
_PLACE = re.compile(r"\{([a-z]+)(!?)\}")


def _form(template: str) -> re.Pattern[str]:
    parts, position = [], 0
    for place in _PLACE.finditer(template):
        words = "|".join(map(re.escape, CODES)) if place[2] else ".+?"
        parts += [re.escape(template[position : place.start()]), f"(?P<{place[1]}>{words})"]
        position = place.end()
    return re.compile("".join([*parts, re.escape(template[position:])]), re.DOTALL)


@lru_cache(maxsize=1)
def _forms() -> list[tuple[re.Pattern[str], str, frozenset[str]]]:
    """Each sentence's form, its Chinese, and which of its places hold codes."""
    return [
        (_form(english), chinese, frozenset(name for name, coded in _PLACE.findall(english) if coded))
        for english, chinese in DETAILS
    ]


def chinese_of(detail: str) -> str:
    """A detail in Chinese; one that is no sentence of ours as it stands."""
    for form, chinese, codes in _forms():
        found = form.fullmatch(detail)
        if found is not None:
            words = {name: CODES[text] if name in codes else text for name, text in found.groupdict().items()}
            if "words" in words:
                words["words"] = words["words"].replace(" or ", " 或 ")
            return _filled(chinese, words)
    return CODES.get(detail, detail)


def _filled(chinese: str, words: dict[str, str]) -> str:
    return _PLACE.sub(lambda place: words[place[1]], chinese)
