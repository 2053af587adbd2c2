"""A PostgreSQL of the tests' own: started in a temporary folder, reached by a Unix socket alone, gone afterwards."""

from __future__ import annotations

import ctypes
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

HOW_TO_ENABLE = "no PostgreSQL here; enable these tests with: apt-get install postgresql"
START_WAIT_S = 60.0
LOOK_AGAIN_S = 0.05
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "80",
    "shared_buffers": "32MB",
    "autovacuum_naptime": "10s",
    "log_line_prefix": "%m %p ",
}
FAST = {"fsync": "off", "full_page_writes": "off"}
"""For tests that do not speak of what survives a power cut."""
_PR_SET_PDEATHSIG = 1
_numbers = itertools.count(1)


def programs() -> Path | None:
    """The newest installed server's programs; None where there is no server."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


def _server_user() -> pwd.struct_passwd | None:
    """Whom the server runs as: it refuses root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return None


def _end_with_the_tests() -> None:
    """Runs in the child: shut down at once when the process of the tests is gone."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


class PostgresServer:
    """One server with its data; `caseledger` is an ordinary role that may create databases."""

    def __init__(self, bin_folder: Path, settings: dict[str, str] | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self._bin = bin_folder
        self._settings = {**SETTINGS, **(settings or {}), "unix_socket_directories": str(self.folder)}
        self._user = _server_user()
        self._process: subprocess.Popen[bytes] | None = None
        if self._user is not None:
            os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)
        # an order of words unlike that of bytes, so that nothing relies on the server's
        order = ("--locale=C.UTF-8", "--encoding=UTF8", "--locale-provider=icu", "--icu-locale=zh-CN")
        done = subprocess.run(
            [bin_folder / "initdb", "-D", self.data, "-U", "postgres", "--auth=trust", "--no-sync", *order],
            capture_output=True,
            check=False,
            cwd=self.folder,
            **self._as_server(),
        )
        assert done.returncode == 0, done.stderr.decode()
        self.start()
        self.run("CREATE ROLE caseledger LOGIN CREATEDB")

    @property
    def data(self) -> Path:
        """The server's data folder."""
        return self.folder / "data"

    @property
    def log(self) -> str:
        """What the server has said."""
        return (self.folder / "server.log").read_text(encoding="utf-8", errors="replace")

    def _as_server(self) -> dict[str, Any]:
        if self._user is None:
            return {}
        return {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}

    def start(self) -> None:
        """Start, and return when the server answers."""
        given = [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._bin / "postgres", "-D", self.data, *given],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                preexec_fn=_end_with_the_tests,
                **self._as_server(),
            )
        deadline = time.monotonic() + START_WAIT_S
        while True:
            try:
                psycopg.connect(self.address("postgres", "postgres")).close()
                return
            except psycopg.OperationalError:
                assert self._process.poll() is None, self.log
                assert time.monotonic() < deadline, self.log
            time.sleep(LOOK_AGAIN_S)

    def kill(self) -> None:
        """SIGKILL to the server and all its processes, as a machine that stops."""
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        self._process.kill()
        self._process.wait()
        for child in children:
            try:
                os.kill(int(child), signal.SIGKILL)
            except ProcessLookupError:
                continue
        deadline = time.monotonic() + START_WAIT_S
        while any(Path(f"/proc/{child}").exists() for child in children):
            assert time.monotonic() < deadline
            time.sleep(LOOK_AGAIN_S)
        # the operating system gives the dead server's marks free only with the machine itself
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def stop(self) -> None:
        """End the server; its folder goes with it."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(timeout=START_WAIT_S)
        shutil.rmtree(self.folder, ignore_errors=True)

    def address(self, database: str, role: str = "caseledger") -> str:
        """The address of a database."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.folder), safe='')}"

    def run(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """One statement as the superuser."""
        with psycopg.connect(self.address(database, "postgres"), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def database(self) -> Iterator[str]:
        """An empty database of the ordinary role; its address."""
        name = f"t{os.getpid()}_{next(_numbers)}"
        quoted = psycopg.sql.Identifier(name)
        with psycopg.connect(self.address("postgres", "postgres"), autocommit=True) as connection:
            connection.execute(psycopg.sql.SQL("CREATE DATABASE {} OWNER caseledger").format(quoted))
        try:
            yield self.address(name)
        finally:
            with psycopg.connect(self.address("postgres", "postgres"), autocommit=True) as connection:
                connection.execute(psycopg.sql.SQL("DROP DATABASE {} WITH (FORCE)").format(quoted))


@contextmanager
def postgres_server(settings: dict[str, str] | None = None) -> Iterator[PostgresServer]:
    """A server of one's own. Where none is installed the test is skipped; in the gate it fails."""
    bin_folder = programs()
    if bin_folder is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(HOW_TO_ENABLE)
    server = PostgresServer(bin_folder, settings)
    try:
        yield server
    finally:
        server.stop()
