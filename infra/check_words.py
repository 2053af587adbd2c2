"""The words of the `check` command and of `stats --doubt`, Chinese and English."""

from __future__ import annotations

CHECK_TEXTS: dict[str, tuple[str, str]] = {
    "bad_parameter": (
        "--set 写作 检查编号.参数名=整数，如 XF-ACC-003.a_workdays=5：{word}",
        "--set is written CHECK.PARAMETER=NUMBER, as XF-ACC-003.a_workdays=5: {word}",
    ),
    "unknown_parameter": (
        "检查 {check} 没有参数 {name}；可设参数：{known}",
        "{check} has no parameter {name}; parameters it has: {known}",
    ),
    "no_parameters": ("无", "none"),
    "compare_needs_set": ("--compare 须与 --set 一起用", "--compare goes with --set"),
    "not_for_audience": (
        "{id} 只供 {audience} 查看，不能在此范围内说明",
        "{id} is for the audience {audience} alone and is not explained to this one",
    ),
    "kept_is_present": (
        "--kept 只答当前账本；不能与 --as-of、--at-size、--clock、--set、--log 同用",
        "--kept answers for the ledger as it is; leave out --as-of, --at-size, --clock, --set and --log",
    ),
    "kept_done": (
        "已更新保存的线索：重判 {matters} 宗事项、{groups} 个分组（{whole}）",
        "the kept findings are up to date: {matters} matters and {groups} groups were judged again ({whole})",
    ),
    "findings_kept": (
        "保存的线索已同步更新（重判 {matters} 宗事项、{groups} 个分组）",
        "the kept findings followed: {matters} matters and {groups} groups were judged again",
    ),
    "findings_not_kept": (
        "保存的线索未能更新（{code}：{told}）；消除原因后运行 caseledger check --kept",
        "the kept findings did not follow ({code}: {told}); when the cause is gone: caseledger check --kept",
    ),
    "kept_whole": ("全部", "all of them"),
    "kept_part": ("仅有变化者", "only what changed"),
    "units_title": ("按单位和程度", "by unit and severity"),
    "no_unit": ("（未指明单位）", "(no unit named)"),
    "explain_result": ("结论：{result}", "result: {result}"),
    "result_hit": ("命中", "hit"),
    "result_no_hit": ("未命中", "no hit"),
    "result_cannot_tell": ("无法判断", "cannot tell"),
    "compare_done": (
        "现行参数 {before} 条线索，改后 {after} 条：新增 {added}，减少 {gone}，变更 {changed}",
        "{before} findings with the parameters in force, {after} with the others: {added} added, {gone} taken away, "
        "{changed} changed",
    ),
    "compare_added": ("新增", "added"),
    "compare_gone": ("减少", "taken away"),
    "compare_changed": ("变更", "changed"),
    "paper_written": ("工作底稿已写入 {file}", "the working paper is in {file}"),
    "doubt_title": ("{title}：制造 100 % 的十六种方式", "{title}: the sixteen ways to a 100 %"),
    "not_available": ("尚无此检查", "not available"),
    "col_way": ("方式", "way"),
    "col_number": ("序号", "no."),
    "col_of_members": ("其中在该比率内", "of its members"),
    "col_count": ("期内合计", "in all"),
    "col_checks": ("检查", "checks"),
    "col_critical": ("严重", "critical"),
    "col_high": ("高", "high"),
    "col_medium": ("中", "medium"),
    "col_low": ("低", "low"),
}
