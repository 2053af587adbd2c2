"""What the demo says about each of its tables: what it shows, and which command to type next."""

from __future__ import annotations

from domain.numerals import number
from infra.wording import Lang

WORDS: dict[str, tuple[str, str]] = {
    "intro": (
        "演示：三个账本建在 {folder}/ 下。office 是一个县信访部门的样本年度（合成，{lines} 个动作，全部经公开动作写入）；"
        "nyc311 与 permits 是两份真实公开记录（来源与许可见 samples/）。一个动作或一条记录可成为一条或多条事件。",
        "The demo builds three ledgers under {folder}/. `office` is a county office's reference year (made up, {lines} "
        "actions, told only through the public actions); `nyc311` and `permits` are two real public records (sources and "
        "licences in samples/). One action or record becomes one event or several.",
    ),
    "path": (
        "下文的命令这样就能直接输入：export PATH={folder}:$PATH",
        "So that the commands below can be typed as they stand: export PATH={folder}:$PATH",
    ),
    "added": (
        "{name}：导入之后又录入 {events} 条事件，一件迟录的事项和一处更正（第十、十一节）",
        "{name}: {events} events are entered after the import, a late petition and a correction (sections 10 and 11)",
    ),
    "taken": (
        "{name}：读取 {read}，接收 {accepted}，拒收 {rejected}；{events} 条事件，{seconds} 秒",
        "{name}: {read} records read, {accepted} taken, {rejected} rejected; {events} events in {seconds} s",
    ),
    "rejected_one": ("  拒收示例：第 {line} 行，{field}：{reason}", "  a reject: line {line}, {field}: {reason}"),
    "replayed": (
        "{name}：由 {events} 条事件从零重建 {views} 个视图，{seconds} 秒；与先前视图相比 新增 {added}、减少 {gone}、改变 {changed}",
        "{name}: {views} views rebuilt from zero out of {events} events in {seconds} s; against the former rows "
        "{added} added, {gone} gone, {changed} changed",
    ),
    "h_channels": ("一、样本年度收到的信访事项", "1. Petition matters of the reference year, by channel"),
    "s_channels": (
        "合计 {total} 件，每个数字都是一份可以打开的名单。\n下一步：{cmd} stats --year 2025 --members cases_received_by_channel",
        "Together {total}; every number is a list that can be opened.\nNext: {cmd} stats --year 2025 --members cases_received_by_channel",
    ),
    "h_rates": ("二、及时受理率与按期办结率", "2. Timely acceptance and on-time closure"),
    "s_rates": (
        "比率连同分子、分母与未计入的事项一起给出；责任单位一行为各单位合计。\n下一步：{cmd} stats --year 2025 --members on_time_closure_rate",
        "A rate comes with its numerator, its denominator and what was left out; the units' line adds up all units.\n"
        "Next: {cmd} stats --year 2025 --members on_time_closure_rate",
    ),
    "h_tri": ("三、三向交办", "3. Three-way assignments"),
    "s_tri": (
        "每一件交给三个单位，三个都签收、三个都反馈，才算闭环。\n下一步：{cmd} list handoffs --where mode=tri_party",
        "Each went to three units; the loop is closed when all three received it and all three fed back.\n"
        "Next: {cmd} list handoffs --where mode=tri_party",
    ),
    "h_fund": ("四、救助资金", "4. The relief fund"),
    "s_fund": (
        "余额由上列各项相加减而来，逐笔可查；下表按状态列出救助，净额之和等于支出减去退回与追回。\n下一步：{cmd} show {fund}，{cmd} list grants",
        "The balance is the sum of the lines above it, entry by entry; the second table has the grants by state, and its net "
        "sums are what was paid less what was returned and recovered.\n"
        "Next: {cmd} show {fund}, {cmd} list grants",
    ),
    "h_checks": ("五、监督检查（样本年度）", "5. The supervision checks on the reference year"),
    "s_checks": (
        "{checks} 项检查看过每一个案件和每一笔资金：确定或很可能的线索 {hard} 条，存疑 {soft} 条。这一年依规办理；"
        "「无法判断」会说出缺什么，从不当作无问题。同一次读取还回答了 {figures} 项指标和 {views} 个视图，{decoded} 条事件各解码一次。\n下一步：{cmd} check --as-of 2025-12-31",
        "{checks} checks looked at every case and every payment: {hard} findings that are certain or probable, {soft} "
        "suspect. The year was worked by the book; `cannot tell` names what is missing and is never taken for clean. The same "
        "pass answered {figures} figures and {views} views, each of its {decoded} events decoded once.\n"
        "Next: {cmd} check --as-of 2025-12-31",
    ),
    "h_real_checks": ("六、监督检查（两份真实记录）", "6. The supervision checks on the two real records"),
    "s_real_checks": (
        "这两份记录早于《信访工作条例》施行日（2022-05-01），又缺许多事实，所以检查回答「无法判断」并说出原因，而不是指责；什么也没有的类别不列。\n例：{example}\n"
        "确定的线索说的是演示自己的导入（{sure}）。{hit}\n下一步：{cmd} check --explain XF-HND-006 {case}",
        "Both records are older than the Regulation (in force since 2022-05-01) and lack many facts, so the checks answer "
        "`cannot tell` and say why, instead of accusing; kinds with nothing to tell are left out.\nFor example: {example}\n"
        "What is certain is about the demo's own import ({sure}). {hit}\n"
        "Next: {cmd} check --explain XF-HND-006 {case}",
    ),
    "h_late": ("七、真实记录：纽约 311 各机关逾期反馈", "7. Real record: late feedback by agency, New York 311"),
    "s_late": (
        "指标不受施行日限制：期限与反馈日都来自原始记录，按上海时区的日历日计算；此处列出逾期最多的 {shown} 个机关。\n下一步：{cmd} list handoffs --where unit={unit}",
        "Due days and feedback days are the record's own; days are counted in Asia/Shanghai, as everywhere. Shown are the "
        "{shown} agencies with the most late feedback.\n"
        "Next: {cmd} list handoffs --where unit={unit}",
    ),
    "h_chains": (
        "八、真实记录：许可案件在各组之间回转",
        "8. Real record: permit cases that came back to an earlier group",
    ),
    "s_chains": (
        "1,434 件中有 {returning} 件回到原来的承接方，{holders} 件先后经过三个以上承接方。回转本身不是过错，是值得看的地方；此处列出最长的 {shown} 件。\n下一步：{cmd} show {case}",
        "Of 1,434 cases {returning} came back to an earlier holder and {holders} had three or more holders. A return is no "
        "fault in itself; it is a place to look. Shown are the {shown} longest.\nNext: {cmd} show {case}",
    ),
    "h_case": ("九、一件三向交办案件的经过与期限", "9. One three-way case: its timeline, its deadlines explained"),
    "s_case": (
        "期限不是一个日期，而是一段解释：从哪件事起算、数了哪些日子、何时由何事终止。\n下一步：{cmd} show {case} --as-of {day}",
        "A deadline is not a date but an explanation: which fact started it, which days count, what ended it and when.\n"
        "Next: {cmd} show {case} --as-of {day}",
    ),
    "h_clocks": ("十、两个时钟：当时发生了什么，当时知道什么", "10. Two clocks: what had happened, and what was known"),
    "s_clocks": (
        "演示刚刚补录了一件三天前收到的信访事项：按发生时间，昨天就有它；按获知时间，账本到今天才知道。"
        "整个样本年度也是今天导入的。迟录本身就是证据。\n下一步：{cmd} list cases --as-of 2025-06-30 --clock known，{cmd} list integrity --where fact=late_entry --where subject={late}",
        "A petition received three days ago was entered just now: by what happened, yesterday had it; by what was known, the "
        "ledger learnt of it today, like of the whole imported year. Late entry is evidence.\n"
        "Next: {cmd} list cases --as-of 2025-06-30 --clock known, "
        "{cmd} list integrity --where fact=late_entry --where subject={late}",
    ),
    "h_difference": (
        "十一、同一个问题，导入之后与现在：差异逐项说明原因",
        "11. One question, after the import and now: every difference with its cause",
    ),
    "s_difference": (
        "导入之后又录入了两件事：一件三天前收到的事项（补录），一件渠道登记有误（更正）。答案因此不同，每一处差异都指明原因和事件，原因合计等于差额。\n"
        "下一步：{cmd} stats --from {first} --to {now} --members {figure} --clock known --compare {before} {now}",
        "Two things were entered after the import: a petition received three days ago (late entry), and the correction of a "
        "wrong channel. So the answer is another; every difference names its cause and its event, and the causes add up.\n"
        "Next: {cmd} stats --from {first} --to {now} --members {figure} --clock known --compare {before} {now}",
    ),
    "h_sealed": (
        "十二、封存日志：每条事件都在一个已签名的根之下",
        "12. The sealed log: every event under a signed root",
    ),
    "proven": (
        "第 {index} 条事件的证明：{hashes} 个哈希，通向 {size} 条事件的已签名的根：{verdict}",
        "The proof of event {index}: {hashes} hashes that lead to the signed root of {size} events: {verdict}",
    ),
    "s_sealed": (
        "核验只看日志目录与审计方自己固定的策略，不需要数据库，也不信任本单位；其程序与封存程序没有共用代码。\n"
        "下一步：{cmd} verify {log} --policy {policy}，{cmd} prove {index}，{cmd} attest --log {log}",
        "Verifying looks at nothing but the log's folder and the policy that the auditor pinned: no database, no trust in the "
        "office, no code shared with what sealed it.\n"
        "Next: {cmd} verify {log} --policy {policy}, {cmd} prove {index}, {cmd} attest --log {log}",
    ),
    "holds": ("成立", "holds"),
    "end": (
        "完成，{seconds} 秒。复核全部索引与格式：{cmd} doctor；全部命令：caseledger --help",
        "Done in {seconds} s. Re-derive everything that is stored beside the events: {cmd} doctor. All commands: caseledger --help",
    ),
    "not_ours": (
        "{folder} 不是演示目录，未作改动；请用 --into 指定另一目录",
        "{folder} was not made by the demo and is left alone; name another with --into",
    ),
    "c_entries": ("条目", "entries"),
    "c_tiles": ("哈希块", "tiles"),
    "c_signatures": ("签名", "signatures"),
    "c_root": ("根（前16位）", "root (begins)"),
    "c_verdict": ("核验", "verified"),
    "c_sealing": ("封存（秒）", "sealing (s)"),
    "c_verifying": ("核验（秒）", "verifying (s)"),
    "c_total": ("合计", "together"),
    "c_holders": ("承接方", "holders, in order"),
    "c_received": ("签收", "received"),
    "c_fed_back": ("反馈", "fed back"),
    "c_count": ("数量", "number"),
    "c_sum": ("净额（元）", "net (yuan)"),
    "c_yuan": ("元", "yuan"),
    "l_opening": ("期初", "opening"),
    "l_budgeted": ("＋ 预算", "+ budgeted"),
    "l_paid": ("－ 支出", "− paid"),
    "l_returned": ("＋ 退回", "+ returned"),
    "l_recovered": ("＋ 追回", "+ recovered"),
    "l_balance": ("＝ 余额", "= balance"),
    "c_late": ("逾期反馈", "late"),
    "c_answered": ("已反馈", "fed back"),
    "c_worst": ("最长逾期", "longest"),
    "c_question": ("问题：案件数", "question: number of cases"),
    "c_happened": ("按发生时间", "as it happened"),
    "c_known": ("按获知时间", "as it was known"),
    "c_excluded": ("未计入", "left out"),
    "c_rate": ("比率", "rate"),
    "c_family": ("检查类别", "kind of checks"),
    "c_checks": ("检查项", "checks"),
    "c_hard": ("确定或很可能", "certain or probable"),
    "c_soft": ("存疑", "suspect"),
    "f_ACC": ("登记、受理与告知", "registration, acceptance, notices"),
    "f_ADV": ("建议", "advice"),
    "f_CLO": ("办结", "closing"),
    "f_CLS": ("分类与途径", "classes and routes"),
    "f_CNF": ("保密", "secrecy"),
    "f_COI": ("回避", "recusal"),
    "f_DDL": ("办理期限", "time limits"),
    "f_EVL": ("评价", "ratings"),
    "f_FLD": ("并案与拆案", "folding and splitting"),
    "f_FND": ("救助资金", "relief money"),
    "f_HND": ("转送与交办", "handoffs"),
    "f_INT": ("记录完整与廉政", "integrity of record and staff"),
    "f_MSR": ("劝阻、教育等措施", "measures"),
    "f_OPN": ("处理意见", "opinions"),
    "f_REC": ("与外部清单核对", "outside lists"),
    "f_RSK": ("风险评估", "risk assessments"),
    "f_RTL": ("打击报复", "retaliation"),
    "f_STA": ("公布的数字", "published figures"),
    "f_SUG": ("建议意见类", "suggestions"),
    "f_SUP": ("督办", "supervision"),
    "f_TLK": ("廉政谈话", "integrity talks"),
    "f_URG": ("紧急情况", "urgent matters"),
    "c_ledger": ("账本", "ledger"),
}


def words(lang: Lang, name: str, /, **values: object) -> str:
    """A text of the demo; KeyError where there is none."""
    zh, en = WORDS[name]
    return (zh if lang == "zh" else en).format(**{key: number(value) for key, value in values.items()})
