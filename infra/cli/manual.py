"""What the help says of each command: one line, what a reader needs besides, and an example that can be typed."""

from __future__ import annotations

from typing import NamedTuple

from infra.cli.texts import both


class Page(NamedTuple):
    """The manual of one command; line and more are in both languages."""

    line: str
    more: str
    example: str


PAGES: dict[str, Page] = {
    "init": Page(
        both("建立账本（可重复运行）", "set the ledger up (safe to repeat)"),
        both(
            "建立数据目录、事件库与密钥，并登记 2025、2026 年日历。已有账本保持不变。",
            "Makes the data folder, the event store and the keys, and declares the calendars of 2025 and 2026. A ledger "
            "that is there stays as it is.",
        ),
        "caseledger init --source /500229/petition-office",
    ),
    "act": Page(
        both("从标准输入记录一个动作，以一个 JSON 对象答复", "record one action from stdin; one JSON object answers"),
        both(
            "被拒绝时答复 {error:{code,message,field,subject}}，退出码 1，不作任何记录。同一 action_id 与内容可重复发送。",
            "A refusal answers {error:{code,message,field,subject}} with exit 1 and records nothing. The same action_id "
            "with the same content may be sent again.",
        ),
        "caseledger act < action.json",
    ),
    "import": Page(
        both("导入动作文件、表格或日志", "import an action file, a table or a log"),
        both(
            "接收（新＋已有）＋拒收＝读取。重复导入不改变任何内容；中断后再次运行即从中断处继续。有拒收时退出码为 1。",
            "Accepted (new + there already) + rejected = read. Again changes nothing; an interrupted import goes on when "
            "it is run again. Exit 1 when rows were rejected.",
        ),
        "caseledger import year.jsonl --history --approved-by S-001 --reason handover",
    ),
    "show": Page(
        both("一个对象的状态、经过与期限说明", "one subject: state, timeline, deadlines explained"),
        both(
            "--json 各行以 row 区分：state、event、deadline。",
            "With --json the lines are told apart by `row`: state, event, deadline.",
        ),
        "caseledger show XF500229-2025-000100 --as-of 2025-03-01 --clock known",
    ),
    "list": Page(
        both("列出案件、转交、救助、资金或廉政记录", "list cases, handoffs, grants, funds or integrity facts"),
        both(
            "表格缺省显示 50 行；--json 输出全部行与全部列。",
            "A table shows 50 rows unless told otherwise; --json gives all rows and all columns.",
        ),
        "caseledger list handoffs --where unit=MZJ --where state=received --json",
    ),
    "deadlines": Page(
        both("将到期与已逾期的法定期限", "the law's deadlines, due and late"),
        both(
            "缺省截至今天。信访人的权利期限不列入。",
            "As of today unless a day is given. Periods that are a petitioner's right are left out.",
        ),
        "caseledger deadlines --within 5",
    ),
    "check": Page(
        both(
            "运行监督检查；有线索时退出码为 1，检查出错时为 3",
            "run the supervision checks; exit 1 when something was found, 3 when one failed",
        ),
        both(
            "缺省截至最近一次记录之日，因此同一账本答案相同。首行是提问的口径（head），其后每行一条线索。",
            "As of the day of the last recording unless a day is given, so that one ledger has one answer. The first line "
            "is the head of the question, then one finding a line.",
        ),
        "caseledger check XF-DDL-001 XF-FND-004 --as-of 2025-12-31 --json",
    ),
    "stats": Page(
        both("统计指标及其名单", "the figures of a period and their members"),
        both(
            "比率给出分子与分母，未计入的事项连同理由一并可查。",
            "A rate comes with numerator and denominator; what was left out is listed with its reason.",
        ),
        "caseledger stats --year 2025 --members on_time_closure_rate",
    ),
    "replay": Page(
        both("由事件重建视图并比较", "rebuild views from the events and compare"),
        both(
            "新视图在旧视图旁边建立，比较后一次替换；期间查询不受影响。",
            "The new rows are built beside the live ones, compared and swapped in at once; questions go on meanwhile.",
        ),
        "caseledger replay handoff_log",
    ),
    "export": Page(
        both("逐字节输出事件", "write the events out, byte for byte"),
        both(
            "每行一个事件，与封存、发布的字节相同。", "One event a line, the same bytes that are sealed and published."
        ),
        "caseledger export jsonl -o events.jsonl",
    ),
    "status": Page(
        both("账本大小与各视图进度", "size of the ledger, positions of the views"),
        both("只读，不更新视图。", "Reads only, and does not bring the views up to date."),
        "caseledger status --json",
    ),
    "doctor": Page(
        both("由事件复核索引、编号、格式与位置", "re-derive index rows, numbers, schemas and positions"),
        both(
            "只读，不作修复；有不一致时退出码为 1。", "Reads only and repairs nothing; exit 1 when something differs."
        ),
        "caseledger doctor",
    ),
    "seal": Page(
        both("封存已记录的事件", "seal what is recorded"),
        both(
            "act 与 import 结束前已自行封存；其他方式记录的由此命令封存。同一时刻只有一个封存进程。",
            "act and import seal what they record before they end; this command seals what came otherwise. One process "
            "seals at a time.",
        ),
        "caseledger seal --follow",
    ),
    "policy": Page(
        both("输出审计方应固定的策略", "print the policy that an auditor pins"),
        both("日志的名称与公钥（C2SP tlog-policy）。", "The log's name and public key (C2SP tlog-policy)."),
        "caseledger policy > office.policy",
    ),
    "verify": Page(
        both("核验封存日志的副本；未通过时退出码为 1", "verify a copy of the sealed log; exit 1 when it fails"),
        both(
            "不需要数据库，也不需要该办公室的任何配置；与生成日志的代码无共用部分。列出各类已核数量；什么都没核即为失败。",
            "Needs no database and no configuration of the office, and shares no code with what builds the log. Counts what "
            "it checked of each kind; nothing checked is a failure.",
        ),
        "caseledger verify copy/log --policy office.policy --remember office.seen",
    ),
    "prove": Page(
        both("输出一条事件在日志中的证明", "the proof that one event is in the log"),
        both(
            "证明文件（.tlog-proof）附事件本身，可离线核验。",
            "The .tlog-proof file carries the event itself and can be verified offline.",
        ),
        "caseledger prove 0 -o first.tlog-proof",
    ),
    "verify-proof": Page(
        both("离线核验一条事件的证明", "verify the proof of one event offline"),
        both(
            "只需证明文件与策略；事件取证明所附，或以 --event 给出。",
            "Needs the proof and the policy alone; the event is the one in the proof, or given with --event.",
        ),
        "caseledger verify-proof first.tlog-proof --policy office.policy",
    ),
    "rotate-key": Page(
        both("更换日志密钥", "change the log's key"),
        both(
            "旧密钥在日志中签认新密钥，两者同签，直到以 --retire 停用旧密钥。持续封存的进程须先停止。",
            "The old key signs the new one in the log, then both sign until --retire removes the old one. Stop a following "
            "sealer first.",
        ),
        "caseledger rotate-key",
    ),
    "attest": Page(
        both("每个视图一个默克尔根", "one Merkle root per view"),
        both(
            "按键排序的规范行的根。办公室的库与审计方的日志副本给出相同的行，可逐行比较。",
            "Over the canonical rows in key order. The office's store and the auditor's copy of the log print equal lines.",
        ),
        "caseledger attest --log copy/log",
    ),
    "topic": Page(
        both(
            "账本在 Kafka 上的主题：建立、查看、核对、重填",
            "the ledger's topics on Kafka: make, look, compare, fill up",
        ),
        both(
            "init 建立缺少的主题；已有的主题从不更改，设置不符即报错并指出该项。verify 将主题与封存日志逐条比较，指出第一处不同。"
            "republish 填充新建或缺失的主题。集群由 CASELEDGER_KAFKA 给出。",
            "init makes the topics that are missing; one that is there is never changed, and a setting that differs is an "
            "error that names it. verify compares topic and sealed log record by record and names the first difference. "
            "republish fills a new or cut topic. CASELEDGER_KAFKA names the cluster.",
        ),
        "caseledger topic init",
    ),
    "relay": Page(
        both("将已封存的事件发布到 Kafka", "publish what is sealed on Kafka"),
        both(
            "从主题本身所示之处继续；每个账本只运行一个，后启动者接管。集群不可用时提示并等待，恢复后继续。",
            "Goes on where the topic itself says that it stands. One for each ledger: a second one takes over from the "
            "first. While the cluster is away it says so, waits, and goes on when it is back.",
        ),
        "caseledger relay --follow",
    ),
    "restore": Page(
        both("由主题或封存日志重建账本", "make a ledger again from its topic or sealed log"),
        both(
            "在没有账本的数据目录中重建：字节相同、根相同，索引由事件推出。只取已签名检查点之内的事件；密钥不在其中，须另行恢复，"
            "然后 caseledger seal 必得同一个根。",
            "In a data folder without a ledger: same bytes, same root, index rows re-derived. Only events under a signed "
            "checkpoint are taken. Keys are in neither and are restored apart; caseledger seal must then reach the same root.",
        ),
        "caseledger restore --from-topic --source /500229/petition-office --policy office.policy",
    ),
    "migrate": Page(
        both("将账本由文件迁入 PostgreSQL", "move the ledger from its file into PostgreSQL"),
        both(
            "目标由 CASELEDGER_STORE 给出，须为空。先封存全部记录，再逐字节复制，根必须相同；迁移期间不得记录，此后文件拒绝任何记录。"
            "中断后可重来。",
            "CASELEDGER_STORE names the new place, which must be empty. Everything is sealed first, then copied byte for byte "
            "until the same root comes out. Nobody records meanwhile; afterwards the file refuses every event. One that broke "
            "off is simply run again.",
        ),
        "caseledger migrate",
    ),
    "project": Page(
        both("由主题更新视图", "feed the views from the topic"),
        both(
            "可同时运行任意多个，同组进程分担各分区；行与位置在同一数据库事务中写入，重复投递不改变任何内容。无法处理的事件只停放其对象，"
            "其余继续。缺省读至主题末尾即结束。",
            "Any number may run; the processes of a group share the partitions. Rows and place are one transaction of the "
            "database, and what comes twice changes nothing. An event that cannot be taken parks its subject, the others "
            "go on. Ends at the end of the topic unless it follows.",
        ),
        "caseledger project --follow --health 127.0.0.1:8083",
    ),
    "parked": Page(
        both("停放的对象：列出、查看、重试", "subjects that wait: list, show, retry"),
        both(
            "重试先预览：会取几条事件、是否仍会停放；加 --yes 才执行。等待的事件按原有顺序处理。",
            "A retry first shows what would come of it (how many events, and whether the subject stays parked) and is "
            "done with --yes. Waiting events are taken in their order.",
        ),
        "caseledger parked retry XF500229-2025-000001",
    ),
    "announce": Page(
        both("向其他系统通告线索与停放的变动", "tell other systems what changed in findings and parked subjects"),
        both(
            "新出现、消失与重现的线索发往 .findings，停放与恢复的对象发往 .parked；主题上已有的不再重复。线索只含编号与代码，"
            "不含个人信息；缺省只通告办公室可见的线索。",
            "New, gone and returned findings go to .findings, parked and resumed subjects to .parked; what the topic holds "
            "already is not told again. Findings are told by identifiers and codes, without personal data; only those that "
            "the office may see, unless told otherwise.",
        ),
        "caseledger announce --follow --audience discipline",
    ),
    "health": Page(
        both("运行中的进程是否正常；不正常时退出码为 1", "whether a running stage is well; exit 1 when it is not"),
        both("询问该进程的 /readyz。", "Asks the stage's /readyz."),
        "caseledger health 127.0.0.1:8083",
    ),
    "demo": Page(
        both("演示：样本年度与两份真实记录", "the demo: a reference year and two real logs"),
        both(
            "在自己的目录里建立三个账本，不需要任何服务，两分钟以内。",
            "Builds three ledgers in a folder of its own, without any services, in less than two minutes.",
        ),
        "caseledger demo --into demo-data",
    ),
}
