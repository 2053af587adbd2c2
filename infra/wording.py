"""What the command line says, in Chinese and English, and which of the two it speaks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from domain.numerals import number
from infra.check_words import CHECK_TEXTS
from infra.column_words import COLUMN_WORDS
from infra.heading_words import HEADING_WORDS
from infra.migrating_words import MIGRATING_WORDS
from infra.publishing_words import PUBLISHING_TEXTS

Lang = Literal["zh", "en"]

TEXTS: dict[str, tuple[str, str]] = {
    **CHECK_TEXTS,
    **MIGRATING_WORDS,
    **PUBLISHING_TEXTS,
    **{f"col_{name}": words for name, words in COLUMN_WORDS.items()},
    **HEADING_WORDS,
    "actions": ("动作", "actions"),
    "bytes": ("字节", "bytes"),
    "events": ("事件", "events"),
    "rows": ("行", "rows"),
    # init, act
    "init_new": ("已建立账本 {source}：{data}", "ledger {source} created in {data}"),
    "init_there": (
        "账本 {source} 已在 {data}，未作改动",
        "ledger {source} was there already in {data}; nothing changed",
    ),
    "init_keys": (
        "密钥在 {keys}（仅本用户可读）；请与数据分开备份",
        "keys are in {keys} (readable by this user only); back them up apart from the data",
    ),
    "init_calendars": ("已登记日历：{years}", "calendars declared: {years}"),
    "init_next": (
        "下一步：caseledger act < 动作.json，或 caseledger import 文件",
        "next: caseledger act < action.json, or caseledger import FILE",
    ),
    # project, parked, health
    "projected": (
        "视图已随主题 {topic} 更新至 {position}；停放 {parked} 项",
        "the views follow {topic} up to {position}; parked: {parked}",
    ),
    "announced": (
        "已通告：新 {new}，消失 {gone}，重现 {returned}",
        "told: {new} new, {gone} gone, {returned} returned",
    ),
    "parked_count": ("停放 {count} 项", "parked: {count}"),
    "waiting_count": ("等待的事件 {count} 条", "events that wait: {count}"),
    "parked_preview": (
        "预览，未作更改：{subjects} 项可取 {taken} 条事件，{stuck} 项仍将停放；确认请加 --yes",
        "a preview, nothing was changed: {subjects} would take {taken} events, {stuck} would stay parked; do it with --yes",
    ),
    "parked_retried": (
        "已重试 {subjects} 项，取 {taken} 条事件；仍停放 {stuck} 项",
        "{subjects} retried, {taken} events taken; still parked: {stuck}",
    ),
    "stage_well": ("{address}：正常（{why}）", "{address}: well ({why})"),
    "stage_ill": ("{address}：不正常：{why}", "{address}: not well: {why}"),
    "col_type": ("类型", "type"),
    "col_waiting": ("等待", "waiting"),
    "col_taken": ("可取", "taken"),
    "col_left": ("剩余", "left"),
    "col_field": ("字段", "field"),
    "col_why": ("原因", "why"),
    "col_sequence": ("序号", "sequence"),
    # errors
    "unexpected": (
        "程序遇到意外错误（{error}，{place}），已停止；账本只含已答复的动作。请运行 caseledger doctor，并把下一行日志交给维护人员。",
        "the program met something unforeseen ({error}, {place}) and stopped; the ledger holds only what was "
        "answered. Run `caseledger doctor`, and pass the log line on to the maintainers.",
    ),
    "interrupted": ("已中断；已完成的部分保留。", "interrupted; what was finished is kept."),
    "next_no_ledger": ("下一步：caseledger --data {data} init", "next: caseledger --data {data} init"),
    "next_poison_event": (
        "下一步：修正视图；或停放该对象，其余继续：caseledger --data {data} replay --park",
        "next: mend the view, or park the subject and go on with the rest: caseledger --data {data} replay --park",
    ),
    "usage": ("用法有误：{problem}", "usage: {problem}"),
    "field": ("字段 {field}", "field {field}"),
    "subject": ("对象 {subject}", "subject {subject}"),
    # questions
    "bar_catch_up": ("更新视图", "bringing views up to date"),
    "bad_date": (
        "不是日期（YYYY-MM-DD）或带时区的时刻：{text}",
        "neither a day (YYYY-MM-DD) nor an instant with an offset: {text}",
    ),
    "row_stale": (
        "{subject}：自位置 {position} 起停放（stale_from），其后的事件不在此行；修正视图后运行 caseledger replay {view}",
        "{subject} is stale from position {position} on: it is parked, and later events are not in its row; "
        "mend the view and run `caseledger replay {view}`",
    ),
    "not_together": (
        "{one} 与 {other} 不能同时使用；请去掉其一",
        "{one} and {other} exclude each other; leave one out",
    ),
    "not_utf8": ("命令行参数不是 UTF-8", "an argument is not UTF-8"),
    "bad_day": ("不是日期（YYYY-MM-DD）：{text}", "not a day (YYYY-MM-DD): {text}"),
    "output_kept": (
        "不能写入 {file}：账本、视图、日志、密钥或正在读取的文件在此；请另选文件",
        "{file} is kept by the ledger, its keys, or is the file being read; name another file",
    ),
    "bad_where": ("应写作 列=值：{text}", "write KEY=VALUE: {text}"),
    "views_unwritable": (
        "此处不能写入视图（{told}），已直接由事件计算",
        "views cannot be written here ({told}); answered from the events themselves",
    ),
    "bad_truth": ("应为 true、false、是、否或空：{text}", "the value is true, false, yes, no or empty: {text}"),
    "where_twice": ("同一列给了两个值：{text}", "two values for one column: {text}"),
    "bad_column": ("没有此列：{text}；可用：{known}", "no such column: {text}; there are {known}"),
    "more_rows": (
        "显示前 {count} 行；--limit 显示更多，--json 输出全部",
        "the first {count} rows; --limit shows more, --json gives all",
    ),
    "row_count": ("共 {count} 行", "{count} rows"),
    "columns_left_out": ("窗口较窄，未显示：{names}", "too narrow for: {names}"),
    "nothing_yet": ("截至该时没有记录", "nothing is recorded by then"),
    "timeline_title": ("经过", "Timeline"),
    "first_recorded": ("更正前：", "before the correction:"),
    "deadlines_title": ("期限", "Deadlines"),
    "entries": ("{count} 项", "{count} entries"),
    "due_title": ("截至 {day} 的期限", "Deadlines as of {day}"),
    "due_count": (
        "逾期未办 {late} 项，未到期 {running} 项（显示 {shown} 项）",
        "{late} late and open, {running} running ({shown} shown)",
    ),
    "status_running": ("期限内", "running"),
    "status_met": ("已按期", "met"),
    "status_late": ("逾期", "late"),
    "status_late_open": ("逾期未办", "late, open"),
    "status_stopped": ("已终止", "stopped"),
    "status_not_started": ("未起算", "not started"),
    "status_cannot_tell": ("无法判断", "cannot tell"),
    # replay, export, status, doctor
    "bar_replay": ("重放事件", "replaying"),
    "bar_doctor": ("检查账本", "examining"),
    "replay_equal": ("重建结果与原有视图一致，已替换", "the rebuilt rows equal the former ones, and took their place"),
    "replay_changed": (
        "重建结果与原有视图不同，已替换为新结果",
        "the rebuilt rows differ from the former ones, and took their place",
    ),
    "exported": ("已输出 {count} 条事件", "{count} events written"),
    "no_views": ("尚无视图；首次查询时建立", "no views yet; the first question makes them"),
    "status_of_source": ("账本", "ledger"),
    "status_of_data": ("数据目录", "data folder"),
    "status_of_store": ("事件库", "event store"),
    "status_of_size": ("事件数", "events"),
    "status_of_last_recordedtime": ("最近记录", "last recorded"),
    "status_of_bytes": ("文件字节", "file bytes"),
    "doctor_well": (
        "已检查 {events} 条事件：索引、编号、格式与视图位置均与事件一致",
        "{events} events examined: index rows, numbers, schemas and positions of views agree with them",
    ),
    "views_outdated": (
        "以下视图由另一版本的程序生成，先行重建：{names}",
        "these views were made by another release and are rebuilt first: {names}",
    ),
    "views_outdated_fed": (
        "以下视图由另一版本的程序生成并由投影进程更新，所答可能已过时：{names}；请运行 caseledger replay",
        "these views were made by another release and are fed by projectors, so the answer may be stale: {names}; "
        "run `caseledger replay`",
    ),
    "doctor_views": (
        "已检查 {events} 条事件，账本与事件一致；{count} 个视图需要重建：caseledger replay",
        "{events} events examined, the store agrees with them; {count} views need: caseledger replay",
    ),
    "doctor_ill": (
        "已检查 {events} 条事件：发现 {count} 处不一致。请先备份数据目录，不要继续记录，再与最近的备份或封存日志核对",
        "{events} events examined: {count} differences. Copy the data folder, record nothing more, and compare with "
        "the last backup or the sealed log",
    ),
    # import
    "bar_import": ("导入", "importing"),
    "import_read": ("读取行（件）", "records read"),
    "import_accepted_new": ("其中新接收", "  taken now"),
    "import_already_there": ("其中已有", "  there already"),
    "import_rejected": ("其中拒收", "  rejected"),
    "import_actions_new": ("新记录动作", "actions recorded"),
    "import_actions_already": ("已有动作", "actions there already"),
    "import_actions_refused": ("被拒动作", "actions refused"),
    "import_resumed": (
        "自第 {line} 行（件）继续先前中断的导入",
        "went on at record {line}, where an earlier run stopped",
    ),
    "import_finished_before": (
        "此文件先前已导入完毕：照当时的账目答复，未再判断，也未作记录",
        "this file was imported to its end before: its account answers, nothing was decided again or recorded",
    ),
    "import_stopped": ("文件在此中断：{message}", "the file breaks off: {message}"),
    "import_rejects": (
        "{count} 行（件）未接收，行号、字段与原因见 {file}；改正后作为另一文件导入",
        "{count} records were not taken; line, field and reason are in {file}; correct them and import them as a "
        "file of their own",
    ),
    "import_rejected_untold": (
        "{count} 行（件）不能接收；用 --rejects 查看",
        "{count} records could not be taken; see them with --rejects",
    ),
    "import_dry": ("试导结束，未作任何记录", "this was a trial; nothing was recorded"),
    # the sealed log
    "bar_log": ("读取封存日志", "reading the sealed log"),
    "not_sealed": (
        "已记录，但尚未封存（{code}：{told}）；消除原因后运行 caseledger seal",
        "recorded, but not sealed yet ({code}: {told}); when the cause is gone: caseledger seal",
    ),
    "sealed": (
        "已封存 {size} 条事件（本次 {added} 条，检查点 {checkpoints} 个），根 {root}",
        "{size} events sealed ({added} now, under {checkpoints} checkpoints), root {root}",
    ),
    "policy_pin": (
        "请审计方经另一渠道核对并自行保存此策略",
        "auditors keep this policy themselves, compared over a second channel",
    ),
    "key_rotated": (
        "旧密钥已在日志中签认新密钥（自大小 {from_size} 起两者同签）。旧：{old} 新：{new}。"
        "请通知审计方固定新密钥，然后运行 caseledger rotate-key --retire",
        "the old key has signed the new one in the log (both sign from size {from_size}). Old: {old} new: {new}. "
        "Have the auditors pin the new key, then: caseledger rotate-key --retire",
    ),
    "key_retired": (
        "旧密钥已停用；今后由此密钥签名：{new}",
        "the old key is retired; from now on this key signs: {new}",
    ),
    "log_damaged_too": (
        "封存日志本身已损坏（{code}：{told}）；以下检查未与其比对",
        "the sealed log itself is damaged ({code}: {told}); what follows was not held against it",
    ),
    "bad_span": ("不是时长（如 90m、36h、7d）：{text}", "not a span such as 90m, 36h, 7d: {text}"),
    "no_event_in_proof": (
        "证明未附事件；用 --event 给出事件字节",
        "the proof carries no event; give the event's bytes with --event",
    ),
    "verify_failed": (
        "核验未通过 {code}：{message}；位置 {place}{index}",
        "NOT verified, {code}: {message}; at {place}{index}",
    ),
    "verify_index": ("，条目 {index}", ", entry {index}"),
    "verified": ("核验通过：{origin}，{size} 条", "verified: {origin}, {size} entries"),
    "verify_origin": ("来源", "origin"),
    "verify_size": ("条目数", "size"),
    "verify_root": ("根", "root"),
    "verify_signed_by": ("签名密钥", "signed by"),
    "verify_rotated": ("密钥轮换", "key changed at"),
    "verify_age": ("最近一次记录距今", "age"),
    "verify_checked_bundles": ("已核条目包", "checked bundles"),
    "verify_checked_cosignatures": ("已核见证签名", "checked cosignatures"),
    "verify_checked_entries": ("已核条目", "checked entries"),
    "verify_checked_files": ("已核文件", "checked files"),
    "verify_checked_freshness": ("已核时效", "checked freshness"),
    "verify_checked_inclusion_proofs": ("已核包含证明", "checked inclusion proofs"),
    "verify_checked_remembered_checkpoints": ("已核记忆检查点", "checked remembered checkpoints"),
    "verify_checked_roots": ("已核根", "checked roots"),
    "verify_checked_rotations": ("已核密钥轮换", "checked key changes"),
    "verify_checked_schema_checks": ("已核模式", "checked against schemas"),
    "verify_checked_signatures": ("已核签名", "checked signatures"),
    "verify_checked_subjects": ("已核对象", "checked subjects"),
    "verify_checked_tiles": ("已核哈希块", "checked tiles"),
    "verify_checked_ids": ("已核事件编号", "checked event ids"),
    "verify_checked_unknown_attributes": ("本程序不认识的属性", "attributes unknown to this program"),
    "age_by_recordedtime": (
        "{hours} 小时（按末条事件的记录时间，由该办公室自行写入）",
        "{hours} hours (by the last event's recordedtime, which the office writes itself)",
    ),
    "age_by_cosignature": ("{hours} 小时（按见证签名）", "{hours} hours (by the witnesses)"),
    # check, stats
    "unknown_check": ("没有检查 {id}；有：{known}", "no check {id}; there are {known}"),
    "unknown_figure": ("没有指标 {name}；有：{known}", "no figure {name}; there are {known}"),
    "check_head": ("账本 {size} 条事件，截至 {as_of}（{clock}）", "ledger of {size} events, as of {as_of} ({clock})"),
    "clock_happened": ("按发生时间", "by when it happened"),
    "clock_known": ("按获知时间", "by when it was known"),
    "check_failed": ("检查 {check} 在 {subject} 上出错：{error}", "check {check} failed on {subject}: {error}"),
    "check_done": (
        "发现 {hits} 条线索（显示 {shown} 条；--json 全部）。线索供人复核，不是结论。",
        "Findings: {hits} ({shown} shown; --json gives all). A finding is an indicator for a reviewer, never a verdict.",
    ),
    "word_critical": ("严重", "critical"),
    "word_high": ("高", "high"),
    "word_medium": ("中", "medium"),
    "word_low": ("低", "low"),
    "word_certain": ("确定", "certain"),
    "word_probable": ("很可能", "probable"),
    "word_suspect": ("存疑", "suspect"),
    "yuan": ("元", "yuan"),
    "stats_head": ("{first} 至 {last}", "{first} to {last}"),
    "year_or_days": ("--year 与 --from/--to 只能择一", "give either --year or --from and --to"),
    "both_days": ("--from 与 --to 须同时给出", "--from and --to go together"),
    "days_turned": ("{last} 早于 {first}", "{last} is before {first}"),
    "members_title": ("{label} 名单（{count}）", "{label} members ({count})"),
    "excluded_title": ("{label} 未计入（{count}）", "{label} left out ({count})"),
}

STATES: dict[str, tuple[str, str]] = {
    "timely": ("按期", "in time"),
    "late": ("逾期", "late"),
    "late_open": ("逾期未办", "late, open"),
    "running": ("未到期", "not yet due"),
    "cannot_tell": ("无法判断", "cannot tell"),
    "not_required": ("无需反馈", "none required"),
    "accepted": ("已受理", "accepted"),
    "acceptance_refused": ("不予受理", "not accepted"),
    "applied": ("已申请", "applied"),
    "appropriated": ("已拨付", "appropriated"),
    "approved": ("已批准", "approved"),
    "archived": ("已归档", "archived"),
    "closed": ("已办结", "closed"),
    "disposed": ("已处理", "disposed"),
    "examined": ("已审核", "examined"),
    "fed_back": ("已反馈", "fed back"),
    "handed_on": ("已再转交", "handed on"),
    "handed_over": ("已转交", "handed over"),
    "merged": ("已并案", "merged"),
    "not_passed": ("审核未通过", "not passed"),
    "objected": ("已提异议", "objected"),
    "objection_upheld": ("异议成立", "objection upheld"),
    "offered": ("待签收", "offered"),
    "opinion_issued": ("已出意见", "opinion issued"),
    "paid": ("已支付", "paid"),
    "received": ("已收到", "received"),
    "registered": ("已登记", "registered"),
    "rejected": ("未批准", "rejected"),
    "returned": ("已退回", "returned"),
    "rework": ("退回重办", "rework"),
    "routed": ("已分类", "routed"),
    "withdrawn": ("已撤回", "withdrawn"),
}


def state_word(state: str, lang: Lang) -> str:
    """A stage in words; one without words of its own as it stands."""
    zh, en = STATES.get(state, (state, state.replace("_", " ")))
    return zh if lang == "zh" else en


def days_late(days: object, lang: Lang) -> str:
    """Days of lateness in words; zero or fewer is in time."""
    if not isinstance(days, int):
        return str(days)
    if days <= 0:
        return "按期" if lang == "zh" else "in time"
    if lang == "zh":
        return f"逾期 {days} 日"
    return f"{days} day late" if days == 1 else f"{days} days late"


def days_left(days: object, lang: Lang) -> str:
    """Days until a due day in words; below zero it is past."""
    if not isinstance(days, int):
        return str(days)
    if days < 0:
        return days_late(-days, lang)
    if days == 0:
        return "今日到期" if lang == "zh" else "due today"
    if lang == "zh":
        return f"还剩 {days} 日"
    return f"{days} day left" if days == 1 else f"{days} days left"


def say(lang: Lang, name: str, /, **values: object) -> str:
    """A text by name with its values filled in, numbers as people read them; KeyError where there is none."""
    zh, en = TEXTS[name]
    return (zh if lang == "zh" else en).format(**{key: number(value) for key, value in values.items()})


def language(given: object, environ: Mapping[str, str]) -> Lang:
    """The language asked for on the command line, in `CASELEDGER_LANG`, or by the locale; English otherwise."""
    for wanted in (given, environ.get("CASELEDGER_LANG")):
        if wanted:
            return "zh" if str(wanted).lower().startswith("zh") else "en"
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environ.get(name):
            return "zh" if environ[name].lower().startswith("zh") else "en"
    return "en"
