"""The mapping file: closed models of everything that a TOML mapping may say (`docs/import.md`)."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from infra.importing.contract import MADE_BY_ITSELF, problem_of_rule
from infra.importing.instants import is_format
from infra.importing.problems import ImportFault
from infra.importing.templates import Template

MAPPING_BYTES_MAX = 1 << 20
SCOPES = ("trace", "first", "last", "previous", "next", "held")
_SOURCES = ("column", "template", "constant", "first_of", "list")
_FROM_SOURCE_ONLY = re.compile(r"(^|\.)(at|\w+_at|\w+_on|\w+_fen)$")

Model = TypeVar("Model")
Hours = Literal["reject", "earlier", "later"]
Gaps = Literal["reject", "before", "after"]


def _known(name: str) -> str:
    if not is_format(name):
        raise ValueError(f"no date format: {name!r}")
    return name


Formats = list[Annotated[str, AfterValidator(_known)]]


class Closed(BaseModel):
    """No key that is not declared, no silent change of type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True)


class Source(Closed):
    """What kind of file it is, and how its texts are to be read."""

    format: Literal["csv", "tsv", "xlsx", "jsonl", "xes"]
    encoding: str | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    quote: Annotated[str, Field(max_length=1)] = '"'
    sheet: str | None = None
    skip_rows: Annotated[int, Field(ge=0, le=1000)] = 0
    header_rows: Annotated[int, Field(ge=1, le=10)] = 1
    short_rows: Literal["reject", "absent"] = "reject"
    zone: str | None = None
    ambiguous: Hours = "reject"
    missing: Gaps = "reject"
    absent: list[str] = []

    @model_validator(mode="after")
    def _zone_exists(self) -> Self:
        return _with_known_zone(self, self.zone)


class Log(Closed):
    """How rows or traces are a log: which column is the case, how events are ordered and told apart."""

    case: str | None = None
    order_by: str | None = None
    event_key: str | None = None


class Identity(Closed):
    """From what the `action_id` is made: the source's own keys, never the file's name or a line number."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,32}$")]
    key: str | None = None

    @model_validator(mode="after")
    def _key_is_a_template(self) -> Self:
        if self.key is not None and not Template.parse(self.key).names:
            raise ValueError("key must name at least one column in braces")
        return self


class Constant(Closed):
    """A stated value, as the declared fallback of a value map."""

    constant: str | int | bool


class Condition(Closed):
    """When a rule applies. Several tests in one table must all hold."""

    column: str | None = None
    present: bool | None = None
    equals: str | None = None
    in_: list[str] | None = Field(default=None, alias="in")
    matches: str | None = None
    before: str | None = None
    after: str | None = None
    formats: Formats = ["iso"]
    changed: str | None = None
    since: Literal["last_known", "neighbour"] = "last_known"
    first: bool | None = None
    last: bool | None = None
    all: list[Condition] | None = None
    any: list[Condition] | None = None
    not_: Condition | None = Field(default=None, alias="not")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        tests = (self.present, self.equals, self.in_, self.matches, self.before, self.after)
        about_column = any_given(tests)
        if (self.column is None) == about_column:
            raise ValueError("`column` goes with present, equals, in, matches, before or after")
        others = (self.changed, self.first, self.last, self.all, self.any, self.not_)
        if not about_column and not any_given(others):
            raise ValueError("an empty condition; leave `when` out if the rule always applies")
        if self.matches is not None:
            _compiles(self.matches)
        return self

    def names(self) -> Iterator[str]:
        """Every column that the condition looks at."""
        yield from (name for name in (self.column, self.changed, self.before, self.after) if name)
        for part in [*(self.all or ()), *(self.any or ()), *([self.not_] if self.not_ else ())]:
            yield from part.names()


class Value(Closed):
    """Where one field's value comes from and how it is read. Absent stays absent."""

    column: str | None = None
    template: str | None = None
    constant: str | int | bool | list[str] | None = None
    first_of: list[ValueLike] | None = None
    list_: list[ValueLike] | None = Field(default=None, alias="list")
    when: Condition | None = None
    required: bool = False
    trim: bool = False
    absent: list[str] = []
    digits: Literal["keep", "half"] = "keep"
    replace: dict[str, str] = {}
    map: dict[str, str | int | bool | list[str]] | None = None
    otherwise: Literal["reject", "absent"] | Constant = "reject"
    as_: Literal["text", "instant", "day", "integer", "fen", "boolean"] = Field(default="text", alias="as")
    formats: Formats = ["iso"]
    zone: str | None = None
    ambiguous: Hours | None = None
    missing: Gaps | None = None
    precision: Literal["day"] | None = None
    unit: Literal["wan_yuan", "yuan", "jiao", "fen"] = "yuan"
    decimal: Annotated[str, Field(min_length=1, max_length=1)] = "."
    thousands: Annotated[str, Field(max_length=1)] = ""
    round: Literal["half_up", "half_even", "down"] | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        given = [name for name in _SOURCES if getattr(self, "list_" if name == "list" else name) is not None]
        if len(given) != 1:
            raise ValueError(f"exactly one of {', '.join(_SOURCES)}; here: {', '.join(given) or 'none'}")
        if self.template is not None:
            Template.parse(self.template)
        if self.thousands == self.decimal:
            raise ValueError("`thousands` and `decimal` are the same mark")
        if isinstance(self.otherwise, Constant) and (self.map is None or self.as_ in ("instant", "day", "fen")):
            raise ValueError("`otherwise` is the fallback of a value map, and never of a time or an amount")
        return _with_known_zone(self, self.zone)

    def names(self) -> Iterator[str]:
        """Every column that the value may read."""
        if self.column is not None:
            yield self.column
        if self.template is not None:
            yield from Template.parse(self.template).names
        for part in [*(self.first_of or ()), *(self.list_ or ())]:
            yield from part.names()
        if self.when is not None:
            yield from self.when.names()

    def invents(self) -> bool:
        """Whether digits of the value can come from the mapping instead of the source."""
        parts = [*(self.first_of or ()), *(self.list_ or ())]
        template = Template.parse(self.template) if self.template is not None else None
        stated = template is not None and (not template.names or any(map(_has_digit, template.literals)))
        replaced = any(map(_has_digit, self.replace.values()))
        return (
            self.constant is not None
            or self.map is not None
            or stated
            or replaced
            or any(part.invents() for part in parts)
        )


def _has_digit(text: str) -> bool:
    return any(character.isdigit() for character in text)


def _from_text(value: Any) -> Any:
    return {"template": value} if isinstance(value, str) else value


ValueLike = Annotated[Value, BeforeValidator(_from_text)]


def _flat_fields(value: Any, prefix: str = "") -> Any:
    """`by.unit = …` and `"by.unit" = …` say the same: a table without a source of a value is a path."""
    if not isinstance(value, dict):
        return value
    flat: dict[str, Any] = {}
    for key, entry in value.items():
        nested = isinstance(entry, dict) and not any(source in entry for source in _SOURCES)
        flat.update(_flat_fields(entry, f"{prefix}{key}.") if nested and entry else {f"{prefix}{key}": entry})
    return flat


class ActionRule(Closed):
    """One action that a row, a trace or each event of a trace may give."""

    action: Annotated[str, Field(pattern=r"^[a-z_]{1,64}$")]
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,32}$")] | None = None
    per: Literal["row", "trace", "event"] = "row"
    when: Condition | None = None
    fields: Annotated[dict[str, ValueLike], BeforeValidator(_flat_fields)]

    @model_validator(mode="after")
    def _never_invents(self) -> Self:
        if "at" not in self.fields:
            raise ValueError("`at` is missing: an action without a time of its own is not a fact")
        for name, value in self.fields.items():
            if name in MADE_BY_ITSELF:
                raise ValueError(f"`{name}` is made by the mapping itself")
            if _FROM_SOURCE_ONLY.search(name) and value.invents():
                raise ValueError(f"`{name}` must come from the source: times, days and amounts are not stated")
        return self

    @property
    def name(self) -> str:
        """What tells this rule's actions apart within a record."""
        return self.id or self.action


class RejectRule(Closed):
    """Records that contradict themselves and are for a person to look at."""

    when: Condition
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    field: str | None = None


class Mapping(Closed):
    """A whole mapping file."""

    source: Source
    identity: Identity
    log: Log | None = None
    define: dict[str, ValueLike] = {}
    reject: list[RejectRule] = []
    action: Annotated[list[ActionRule], Field(min_length=1, max_length=200)]
    digest: str = Field(default="", exclude=True)

    @property
    def can_restrict(self) -> bool:
        """Whether a rule can make a petition restricted."""
        return any("restricted" in rule.fields for rule in self.action)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        names = [rule.name for rule in self.action]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(f"give rules of the same action an `id` each: {', '.join(repeated)}")
        traces = self.is_log
        wrong = [rule.name for rule in self.action if (rule.per == "row") == traces]
        if wrong:
            kind = "trace or event" if traces else "row"
            raise ValueError(f"`per` must be {kind} for this source: {', '.join(wrong)}")
        if not traces and self.identity.key is None:
            raise ValueError("identity.key is missing: name the columns that identify a row in its source")
        unknown = sorted(name for name in self._defined_names() if name not in self.define)
        if unknown:
            raise ValueError(f"not defined: {', '.join(unknown)}")
        self._check_definitions()
        return self

    def _check_definitions(self) -> None:
        """A definition is a text, uses only those above it, and brings nothing of its own into a time or amount."""
        above: set[str] = set()
        for name, value in self.define.items():
            if value.as_ != "text" or value.list_ is not None:
                raise ValueError(f"define.{name}: a definition is a text; say `as` where the field is")
            used = {bare_name(used)[1:] for used in value.names() if bare_name(used).startswith("@")}
            if not used <= above:
                raise ValueError(f"define.{name}: {', '.join(sorted(used - above))} must stand above it")
            above.add(name)
        inventing = {f"@{name}" for name, value in self.define.items() if value.invents()}
        for rule in self.action:
            for field, value in rule.fields.items():
                if _FROM_SOURCE_ONLY.search(field) and inventing & set(map(bare_name, value.names())):
                    raise ValueError(
                        f"{rule.name}.{field} must come from the source: times, days and amounts are not stated"
                    )

    @property
    def is_log(self) -> bool:
        """Whether records are traces with events."""
        return self.source.format == "xes" or (self.log is not None and self.log.case is not None)

    def names(self) -> Iterator[str]:
        """Every name that any part of the mapping looks up."""
        yield from Template.parse(self.identity.key).names if self.identity.key else ()
        if self.log is not None:
            yield from (name for name in (self.log.case, self.log.order_by) if name)
            yield from Template.parse(self.log.event_key).names if self.log.event_key else ()
        for value in self.define.values():
            yield from value.names()
        for rule in self.reject:
            yield from rule.when.names()
        for action in self.action:
            yield from action.when.names() if action.when else ()
            for value in action.fields.values():
                yield from value.names()

    def columns(self) -> set[str]:
        """The columns of the source that the mapping reads, without scopes and defined names."""
        bare = (bare_name(name) for name in self.names())
        return {name for name in bare if not name.startswith(("@", "#"))}

    def _defined_names(self) -> set[str]:
        return {name[1:] for name in map(bare_name, self.names()) if name.startswith("@")}


def bare_name(name: str) -> str:
    """The name without its scope: `held@org:group` → `org:group`, `previous@@unit` → `@unit`."""
    scope, separator, rest = name.partition("@")
    return rest if separator and scope in SCOPES else name


def any_given(values: tuple[object, ...]) -> bool:
    """Whether at least one of the values was stated."""
    return any(value is not None for value in values)


def _compiles(pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from None


def _with_known_zone(model: Model, zone: str | None) -> Model:
    if zone is not None:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"unknown time zone {zone!r}") from None
    return model


def load_mapping(path: Path) -> Mapping:
    """Read a mapping file; every defect is a `bad_mapping` fault that names the key."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ImportFault("bad_mapping", f"{path}: {error.strerror}") from None
    if len(raw) > MAPPING_BYTES_MAX:
        raise ImportFault("bad_mapping", f"{path}: larger than {MAPPING_BYTES_MAX:,} bytes")
    mapping = parse_mapping(raw, str(path))
    for place, rule in enumerate(mapping.action):
        problem = problem_of_rule(rule.action, rule.fields)
        if problem is not None:
            raise ImportFault("bad_mapping", f"{path}: action.{place}: {problem}", field=f"action.{place}")
    return mapping


def parse_mapping(raw: bytes, name: str = "mapping") -> Mapping:
    """Read the text of a mapping; the digest tells one mapping from another when an import resumes."""
    try:
        tables = tomllib.loads(raw.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ImportFault("bad_mapping", f"{name}: {error}") from None
    tables.pop("digest", None)
    try:
        mapping = Mapping.model_validate(tables)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "(whole file)"
        raise ImportFault("bad_mapping", f"{name}: {key}: {first['msg']}", field=key) from None
    return mapping.model_copy(update={"digest": hashlib.sha256(raw).hexdigest()})
