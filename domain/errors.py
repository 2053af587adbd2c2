"""The whole tree of refusals and failures, with a Chinese and an English sentence for every code."""

from __future__ import annotations

from typing import Any, ClassVar

from domain.refusal_words import chinese_of


class LedgerError(Exception):
    """Anything the ledger says no with: a stable `code`, the dotted path of the `field`, the `subject`.

    `detail` says what was wrong with this value and what to do next; `message` joins the code's
    sentence and the detail.
    """

    default_code: ClassVar[str] = "internal_error"

    def __init__(
        self,
        code: str | None = None,
        detail: str = "",
        *,
        field: str | None = None,
        subject: str | None = None,
    ) -> None:
        self.code = code or self.default_code
        self.detail = detail
        self.field = field
        self.subject = subject
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """The English sentence; `sentence("zh")` is the Chinese one."""
        return self.sentence("en")

    def sentence(self, lang: str) -> str:
        """One line for a person, in `zh` or `en`."""
        zh, en = SENTENCES.get(self.code, (self.code, self.code))
        headline = zh if lang == "zh" else en
        if not self.detail:
            return headline
        return f"{headline}：{chinese_of(self.detail)}" if lang == "zh" else f"{headline}: {self.detail}"

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        """The body of an answer's `error`; its message in `zh` or `en`."""
        return {
            "code": self.code,
            "message": self.sentence(lang),
            "field": self.field,
            "subject": self.subject,
        }


class InvalidAction(LedgerError):
    """The sender's line cannot be read as an action of the contract."""

    default_code = "invalid_action"


class NotFound(LedgerError):
    """The action or question names something the ledger does not hold."""

    default_code = "unknown_subject"


class Refused(LedgerError):
    """The record would contradict itself (the tables of refusals)."""

    default_code = "refused"


class Guarded(LedgerError):
    """Money or secrecy that the ledger itself can still stop; an `override` may pass it."""

    default_code = "guard"


class Conflict(LedgerError):
    """Something else was recorded under this name or in this place before."""

    default_code = "conflict"


class Unavailable(LedgerError):
    """The store, the disk, the clock or a key is not in a state to work; nothing was recorded."""

    default_code = "unavailable"


class Tampered(LedgerError):
    """The ledger's bytes contradict themselves."""

    default_code = "tampered"


class PoisonEvent(LedgerError):
    """A recorded event that a fold cannot take; the follower stops in front of it."""

    default_code = "poison_event"


class BadMapping(LedgerError):
    """A mapping file, a table's header or an import option that cannot be used."""

    default_code = "bad_mapping"


FAMILIES: tuple[type[LedgerError], ...] = (
    InvalidAction,
    NotFound,
    Refused,
    Guarded,
    Conflict,
    Unavailable,
    Tampered,
    PoisonEvent,
    BadMapping,
)

SENTENCES: dict[str, tuple[str, str]] = {
    "action_id_conflict": (
        "该 action_id 已用于另一内容",
        "this action_id was used before with other content",
    ),
    "at_in_future": (
        "发生时间晚于账本时钟五分钟以上",
        "the act lies more than five minutes after the recording clock",
    ),
    "bad_definitions": ("指标定义文件无法使用", "the file of figure definitions cannot be used"),
    "bad_encoding": ("不是有效的 UTF-8", "not valid UTF-8"),
    "bad_json": ("不是严格的 JSON 对象", "not one strict JSON object"),
    "bad_mapping": ("映射文件无法使用", "the mapping cannot be used"),
    "bad_source": ("账本来源的写法不对", "this is not the source of a ledger"),
    "bad_value": ("字段的值不符合合同", "the field's value is outside the contract"),
    "bom": ("不得带字节顺序标记", "a byte order mark is not allowed"),
    "bundle_damaged": ("日志条目包损坏", "an entry bundle of the sealed log is damaged"),
    "cannot_tell": ("缺少密钥，无法判断", "cannot tell without the discipline key"),
    "case_closed": ("案件已办结", "the case is closed"),
    "checkpoint_differs": ("主题上的检查点与日志不符", "the topic's checkpoint contradicts the log"),
    "checkpoint_malformed": ("检查点格式错误", "the checkpoint is not a signed note of the exact form"),
    "checkpoint_not_ours": ("检查点不是本日志密钥所签", "the checkpoint is not signed by this log's key"),
    "clock_behind": (
        "系统时钟倒退五秒以上，暂停记录",
        "the system clock ran back by more than five seconds; recording waits",
    ),
    "control_character": ("含有控制字符", "a control character is not allowed here"),
    "correction_mismatch": (
        "更正前的值与记录不符",
        "`was` differs from what the event says",
    ),
    "correction_not_allowed": (
        "该字段不得更正",
        "subjects, refs and money are not corrected but reversed by an act of their own",
    ),
    "disk_full": ("磁盘已满，所求未能完成", "the disk is full; what was asked for was not done"),
    "double_signed": ("同一大小签了两个不同的根", "two roots stand signed for one size"),
    "duplicate_key": ("JSON 键重复", "a JSON key stands twice in one object"),
    "entry_too_long": ("条目超过 65,535 字节", "a log entry is longer than 65,535 bytes"),
    "event_not_of_subject": ("该事件不属于此对象", "no such event of this subject"),
    "exceeds_known": ("金额超过已记录的数额", "more than the records allow"),
    "float_not_allowed": ("不得使用小数", "decimal numbers are not allowed; money is an integer of fen"),
    "feed_fenced": ("另一进程已接管该通告主题", "another process announces on this topic now"),
    "foreign_record": ("主题中有并非由发布程序写入的记录", "the topic holds a record that the relay did not write"),
    "guard_approval": (
        "资金控制：未批准，或超过批准额",
        "guard: not approved, or together more than approved",
    ),
    "guard_cap": ("资金控制：超过救助上限", "guard: above the fund's hard cap"),
    "guard_duties": (
        "资金控制：同一人兼任不相容岗位",
        "guard: the same person already acted in another role on this grant",
    ),
    "guard_funds": ("资金控制：超过可用余额", "guard: more than the fund has available"),
    "guard_leak": (
        "保密控制：不得将检举控告转给被反映单位",
        "guard: an accusation must not go to the unit complained of or one below it",
    ),
    "guard_once": (
        "资金控制：同一案件同一当事人不得重复救助",
        "guard: another grant for the same beneficiary and case or matter stands",
    ),
    "guard_recused": ("回避控制：该工作人员已回避", "guard: this staff member was recused"),
    "history_damaged": ("签名历史损坏", "the history of signed checkpoints cannot be read"),
    "history_only": ("仅限历史导入", "allowed only in imports"),
    "internal_error": ("内部错误", "internal error"),
    "kafka_client_file": ("Kafka 客户端配置文件无法使用", "the Kafka client file cannot be used"),
    "kafka_not_set": ("未设置 Kafka", "no Kafka cluster is set; CASELEDGER_KAFKA names its brokers"),
    "kafka_refused": ("Kafka 拒绝了请求", "the Kafka cluster refused the request"),
    "kafka_unreachable": ("无法连接 Kafka", "the Kafka cluster does not answer"),
    "key_missing": (
        "缺少纪检密钥，不能记录受限信访事项",
        "the discipline key is not here; restricted petitions cannot be recorded",
    ),
    "key_unsafe": ("密钥文件权限过宽，其他用户可读", "others may read this key file"),
    "leaf_differs": ("事件与封存时不同", "an event is not what was sealed"),
    "ledger_exists": ("账本已存在且来源不同", "a ledger with another source is already there"),
    "ledger_moved": ("账本已迁至别处，此处不再记录", "the ledger moved; nothing is recorded here any more"),
    "line_too_long": ("一行超过 65,535 字节", "the line is longer than 65,535 bytes"),
    "locked": ("数据库被占用，未记录任何内容", "the database is locked; nothing was recorded, try again"),
    "log_damaged": ("封存日志损坏", "the sealed log's files are not what was signed"),
    "log_key_damaged": ("日志密钥文件损坏", "the log's key file cannot be read"),
    "log_key_exists": ("日志密钥已存在", "the log has a key already; it is never replaced"),
    "log_key_missing": ("没有日志签名密钥", "the log's signing key is not here; restore it"),
    "log_key_of_another_log": ("密钥属于另一日志", "the key belongs to another log"),
    "log_key_unreadable": ("无法读取日志密钥文件", "this user may not read the log's key file"),
    "log_key_unsafe": ("日志密钥文件权限过宽", "others may read the log's key file"),
    "log_put_back": (
        "封存日志少于已签名的，被移走或换成旧的",
        "the sealed log is gone or an older one: more was signed before",
    ),
    "missing_field": ("缺少必填字段", "a required field is missing"),
    "no_ledger": ("此处没有账本", "there is no ledger here; run `caseledger init` first"),
    "no_log": ("此处没有封存日志", "there is no sealed log here"),
    "no_such_leaf": ("日志中没有该条目", "the sealed log has no such entry"),
    "not_empty": ("此处已有账本，不在其上恢复", "a ledger is already here; nothing is restored over it"),
    "not_parked": ("该对象在此视图中未停放", "the subject is not parked in this view"),
    "nothing_changes": ("没有任何变化", "nothing would change"),
    "null_not_allowed": ("不得为 null；未知则省略", "null is not allowed; leave out what is unknown"),
    "number_range": ("整数超出范围", "the integer is outside ±9007199254740991"),
    "override_not_approved": (
        "越过控制须由另一名负责人批准",
        "an override must be approved by a declared head other than the actor",
    ),
    "personal_data": (
        "疑似个人信息（身份证号、手机号或卡号）",
        "looks like personal data (identity number, mobile or card number); it belongs in the vault",
    ),
    "poison_event": ("投影无法处理该事件", "a view cannot take this event"),
    "read_only": ("数据目录只读", "the data folder is read-only"),
    "ref_in_use": ("该引用名已被使用", "this ref is in use"),
    "refused_by_state": ("与已记录的事实相矛盾", "the record would contradict itself"),
    "relay_fenced": ("另一个发布进程已接管", "another relay has taken over"),
    "reserved": ("仅由账本自身记录", "recorded by the ledger itself only"),
    "root_differs": ("事件与已签名的根不符", "the events do not give the root that was signed"),
    "rotation_running": ("上一次密钥轮换尚未完成", "an earlier change of keys has not ended"),
    "sealer_running": ("另一个封存进程正在运行", "another process seals this ledger"),
    "store_behind_log": ("数据库落后于已签名的日志", "the store has fewer events than were signed"),
    "store_damaged": ("数据库损坏", "the database is damaged"),
    "store_not_set": (
        "未设置要迁往的 PostgreSQL，请在 CASELEDGER_STORE 中写明",
        "no PostgreSQL to move to is set; name it in CASELEDGER_STORE",
    ),
    "tampered": ("账本字节自相矛盾", "the ledger's bytes contradict themselves"),
    "tile_conflict": (
        "日志文件与数据库事件不符",
        "a file of the sealed log holds other bytes than the events give",
    ),
    "tile_damaged": ("日志哈希块损坏", "a tile of the sealed log is damaged"),
    "tile_missing": ("缺少日志文件", "a file of the sealed log is missing"),
    "too_deep": ("嵌套超过 32 层", "nested deeper than 32"),
    "too_large": ("事件超过 65,535 字节", "the event would be longer than 65,535 bytes"),
    "topic_ahead": ("主题的内容多于封存日志", "the topic holds more than the sealed log"),
    "topic_behind": ("主题缺少已发布的事件", "the topic lacks events that were published"),
    "topic_differs": ("主题内容与封存日志不符", "the topic holds something else than the sealed log"),
    "topic_drift": ("主题的设置被更改", "a topic is not set up as it must be"),
    "topic_missing": ("主题不存在", "the topic is not there; `caseledger topic init` makes it"),
    "unavailable": ("暂不可用", "not available now"),
    "unknown_action": ("未知的动作", "unknown action"),
    "unknown_field": ("未知的字段", "unknown field"),
    "unknown_partition": ("主题没有该分区", "the topic has no such partition"),
    "unknown_subject": ("未知的对象", "unknown subject"),
    "unknown_view": ("没有这个视图", "there is no such view"),
    "no_former_view": (
        "没有可恢复的上一版本；重建后才有",
        "there is no former version to go back to; a rebuild leaves one",
    ),
    "unsupported_version": ("库或账本版本不受支持", "this version is not supported"),
    "view_fed": ("该视图由主题供给", "projectors feed this view from a topic"),
    "view_moved": (
        "视图已由另一程序推进，未写入任何内容",
        "another program moved this view on; nothing was written",
    ),
    "view_rebuilding": ("该视图正由另一进程重建", "another process is rebuilding this view"),
    "view_stale": (
        "视图由旧版本代码生成，须重建",
        "the view was made by another version of the code and must be rebuilt",
    ),
    "write_lost": ("写入后读回的内容不同", "what was written reads back with other bytes"),
    "wrong_type": ("字段类型错误", "the field has the wrong type"),
}
