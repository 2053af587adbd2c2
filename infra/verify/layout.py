"""The files that a log of a given size consists of, and reading them without following anything elsewhere."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from infra.verify.report import Report, VerificationFailed

FULL = 256
HASH_BYTES = 32
ENTRY_MAX = 65_535
DEPTH_MAX = 9
"""Folders above a file: `tile`, the level, at most six groups of a number, and a partial tile's own."""


def tile_name(kind: str, number: int, width: int = FULL) -> str:
    """Path of a tile (`kind` is its level) or of an entry bundle (`entries`)."""
    digits = f"{number:03d}"
    digits = digits.zfill((len(digits) + 2) // 3 * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    name = "/".join(["x" + group for group in groups[:-1]] + groups[-1:])
    return f"tile/{kind}/{name}" + ("" if width == FULL else f".p/{width}")


def rows_of(size: int) -> Iterator[tuple[int, int]]:
    """(level, number of hashes) of each tile level, from the leaves upward."""
    level, count = 0, size
    while count:
        yield level, count
        level, count = level + 1, count // FULL


def widths(count: int) -> Iterator[tuple[int, int]]:
    """(number, width) of the tiles that hold `count` hashes."""
    for number in range(count // FULL):
        yield number, FULL
    if count % FULL:
        yield count // FULL, count % FULL


def files_of(size: int) -> Iterator[str]:
    """Every file of a log of `size` leaves."""
    yield "checkpoint"
    for number, width in widths(size):
        yield tile_name("entries", number, width)
    for level, count in rows_of(size):
        for number, width in widths(count):
            yield tile_name(str(level), number, width)


def check_files(directory: Path, size: int, report: Report) -> None:
    """The folder holds exactly the plain files of the signed size: none missing, none more.

    Work and memory follow what lies there, whatever size was signed: the first missing file ends the search.
    """
    found = set()
    for path, entry in _walk(str(directory)):
        if not entry.is_file(follow_symlinks=False):
            raise VerificationFailed("not_a_plain_file", "a link or device 不是普通文件", place=path)
        found.add(path)
    count = 0
    for path in files_of(size):
        if path not in found:
            raise VerificationFailed("file_missing", "no such file 缺少文件", place=path)
        count += 1
    if count != len(found):
        raise VerificationFailed(
            "file_superfluous",
            f"{len(found) - count} file(s) that the signed size does not call for, first 多余文件",
            place=min(found.difference(files_of(size))),
        )
    report.count("files", count)


def _walk(root: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Everything below the folder but folders; a path deeper than any of ours ends the walk."""
    waiting = [""]
    while waiting:
        inside = waiting.pop()
        with os.scandir(f"{root}/{inside}") as entries:
            for entry in entries:
                path = f"{inside}{entry.name}"
                if not entry.is_dir(follow_symlinks=False):
                    yield path, entry
                elif path.count("/") >= DEPTH_MAX:
                    raise VerificationFailed("file_superfluous", "folders too deep 目录过深", place=path)
                else:
                    waiting.append(f"{path}/")


def read_file(directory: Path, name: str, bytes_max: int) -> bytes:
    """Read one plain file of the folder, bounded; fails when it is missing, no plain file, or too long.

    Never waits: a pipe in place of a file is opened without blocking, and refused.
    """
    try:
        descriptor = os.open(f"{directory}/{name}", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        raise VerificationFailed("file_missing", "no such file 缺少文件", place=name) from None
    except OSError as error:
        code = "not_a_plain_file" if error.errno == errno.ELOOP else "unreadable"
        raise VerificationFailed(code, f"{error.strerror} 无法读取", place=name) from None
    return _read_open(descriptor, name, bytes_max)


def read_given(path: Path, bytes_max: int) -> bytes:
    """Read a file that the auditor names, links followed; bounded and never waiting all the same."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        raise VerificationFailed("unreadable", f"{error.strerror} 无法读取", place=str(path)) from None
    return _read_open(descriptor, str(path), bytes_max)


def _read_open(descriptor: int, name: str, bytes_max: int) -> bytes:
    """Read a whole opened file, and close it; fails unless it is a plain one of at most `bytes_max` bytes."""
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise VerificationFailed("not_a_plain_file", "a folder or device 不是普通文件", place=name)
        if status.st_size > bytes_max:
            raise VerificationFailed("file_too_long", f"more than {bytes_max} bytes 文件过长", place=name)
        with open(descriptor, "rb", buffering=0, closefd=False) as file:
            return file.readall()
    except OSError as error:
        raise VerificationFailed("unreadable", f"{error.strerror} 无法读取", place=name) from None
    finally:
        os.close(descriptor)


def read_hashes(directory: Path, name: str, width: int) -> bytes:
    """A tile's bytes; fails unless it holds exactly `width` hashes."""
    content = read_file(directory, name, width * HASH_BYTES)
    if len(content) != width * HASH_BYTES:
        raise VerificationFailed("tile_cut", f"{len(content)} bytes 哈希块不完整", place=name)
    return content


def read_entries(directory: Path, name: str, width: int, first: int) -> list[bytes]:
    """A bundle's entries; fails unless it holds exactly `width` whole ones."""
    content = read_file(directory, name, width * (2 + ENTRY_MAX))
    entries = []
    at = 0
    for number in range(width):
        start = at + 2
        at = start + (content[at] << 8 | content[at + 1] if start <= len(content) else ENTRY_MAX + 1)
        if at > len(content):
            raise VerificationFailed("bundle_cut", "the bundle is cut 条目包不完整", place=name, index=first + number)
        entries.append(content[start:at])
    if at != len(content):
        raise VerificationFailed(
            "bundle_trailing",
            "bytes behind the last entry 条目包尾部有多余字节",
            place=name,
            index=first + width,
        )
    return entries
