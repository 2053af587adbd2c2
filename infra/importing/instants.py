"""Dates and hours of other systems: declared formats, zones, and hours that happened twice or never."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from infra.importing.problems import Unmappable

_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_ISO_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?", re.ASCII)
_HOUR_MARKS = ("%H", "%I", "%X", "%c", "%T")
_EXCEL_EPOCHS = {"excel_serial": datetime(1899, 12, 30), "excel_serial_1904": datetime(1904, 1, 1)}
_EXCEL_LEAP_BUG_DAY = 60
_UNIX_UNITS = {"unix_seconds": 1, "unix_milliseconds": 1000}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Reading:
    """A date as the source wrote it: naive or with an offset, with or without an hour."""

    moment: datetime
    has_hour: bool


@dataclass(frozen=True, slots=True)
class ZoneRule:
    """What a naive time means: its zone, and which of two or of no hours it names when clocks change."""

    zone: str | None
    ambiguous: str = "reject"
    missing: str = "reject"


def read_moment(text: str, formats: Sequence[str], field: str) -> Reading:
    """Read a date by the declared formats; a text that fits two of them differently is refused."""
    if any(character.isdigit() and not character.isascii() for character in text):
        raise Unmappable("bad_date", field, f'{text[:60]!r} has full-width digits; declare digits = "half"')
    readings = [reading for name in formats if (reading := _read(text, name)) is not None]
    if not readings:
        raise Unmappable("bad_date", field, f"{text[:60]!r}, formats {', '.join(formats)}")
    if any(reading != readings[0] for reading in readings[1:]):
        raise Unmappable("bad_date", field, f"{text[:60]!r} fits two of the formats {', '.join(formats)}")
    return readings[0]


def is_format(name: str) -> bool:
    """Whether a declared format can read anything: a known name, or a pattern of known marks."""
    if name == "iso" or name in _EXCEL_EPOCHS or name in _UNIX_UNITS:
        return True
    try:
        datetime.strptime("", name)
    except ValueError as error:
        return "%" in name and "bad directive" not in str(error) and "stray %" not in str(error)
    except (re.error, IndexError, KeyError):
        return False
    return False


def _read(text: str, name: str) -> Reading | None:
    try:
        if name == "iso":
            return _read_iso(text)
        if name in _EXCEL_EPOCHS:
            return _read_serial(text, name)
        if name in _UNIX_UNITS:
            return _read_unix(text, _UNIX_UNITS[name])
        moment = datetime.strptime(text, name)
    except (ValueError, OverflowError, InvalidOperation):
        return None
    return Reading(moment, any(mark in name for mark in _HOUR_MARKS))


def _read_iso(text: str) -> Reading | None:
    if _ISO_DAY.fullmatch(text):
        return Reading(datetime.fromisoformat(text), has_hour=False)
    if _ISO_INSTANT.fullmatch(text):
        return Reading(datetime.fromisoformat(text), has_hour=True)
    return None


def _read_serial(text: str, name: str) -> Reading | None:
    """A spreadsheet's day number. Days before 1900-03-01 are off by one in the 1900 system and not read."""
    if not _NUMBER.fullmatch(text):
        return None
    days = Decimal(text)
    if days < 0 or (name == "excel_serial" and days <= _EXCEL_LEAP_BUG_DAY):
        return None
    whole = int(days)
    seconds = round((days - whole) * 86_400)
    return Reading(_EXCEL_EPOCHS[name] + timedelta(days=whole, seconds=seconds), has_hour=days != whole)


def _read_unix(text: str, per_second: int) -> Reading | None:
    if not _NUMBER.fullmatch(text):
        return None
    microseconds = int(Decimal(text) * 1_000_000 / per_second)
    return Reading(_EPOCH + timedelta(microseconds=microseconds), has_hour=True)


def localised(reading: Reading, rule: ZoneRule, field: str) -> datetime:
    """The reading with an offset; a naive one needs a zone, and an hour twice or never needs a rule.

    `earlier` and `later` choose of an hour that happened twice; `before` and `after` read a skipped hour with
    the offset that held before or after the change. A date without an hour names the whole day.
    """
    moment = reading.moment
    if moment.tzinfo is not None:
        return moment
    if rule.zone is None:
        raise Unmappable("bad_date", field, "a time without an offset, and the mapping declares no zone")
    zone = ZoneInfo(rule.zone)
    first, second = moment.replace(tzinfo=zone, fold=0), moment.replace(tzinfo=zone, fold=1)
    offset_first, offset_second = first.utcoffset(), second.utcoffset()
    if offset_first is None or offset_second is None or offset_first == offset_second or not reading.has_hour:
        return first
    if offset_first > offset_second:
        if rule.ambiguous == "reject":
            raise Unmappable("ambiguous_time", field, f"{moment} in {rule.zone}")
        return first if rule.ambiguous == "earlier" else second
    if rule.missing == "reject":
        raise Unmappable("nonexistent_time", field, f"{moment} in {rule.zone}")
    return first if rule.missing == "before" else second


def as_instant(moment: datetime) -> str:
    """RFC 3339; an old offset with seconds, which it cannot hold, is written as the same instant in UTC."""
    offset = moment.utcoffset()
    if offset is None:
        raise ValueError("an instant needs an offset")
    if offset % timedelta(minutes=1):
        try:
            moment = moment.astimezone(UTC)
        except OverflowError:
            raise Unmappable("bad_date", None, f"{moment} lies outside the calendar") from None
    return moment.isoformat()


def as_day(reading: Reading, own_zone: str | None) -> date:
    """The calendar day as written; a field that names a zone of its own reads instants in that zone."""
    if own_zone is not None and reading.moment.tzinfo is not None:
        return reading.moment.astimezone(ZoneInfo(own_zone)).date()
    return reading.moment.date()
