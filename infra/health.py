"""Metrics and health of a running stage over HTTP, on the loopback address alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from socket import AF_INET, AF_INET6
from typing import NamedTuple

from prometheus_client import CONTENT_TYPE_LATEST

from domain.errors import InvalidAction, Unavailable
from infra.metrics import StageMetrics

PORT_MAX = 65_535
ANSWER_S_MAX = 4.0
ANSWER_BYTES_MAX = 1_000

TEXT = "text/plain; charset=utf-8"


class Address(NamedTuple):
    """A loopback host and a port."""

    host: str
    port: int


def address_from(text: str) -> Address:
    """`127.0.0.1:8081`, or the port alone. Refused `bad_value` for anything but a loopback address.

    What these pages tell is for the machine itself: a collector elsewhere reads them through one here.
    """
    host, _, port = text.rpartition(":")
    host = host.strip("[]") or "127.0.0.1"
    is_local = host == "localhost"
    with suppress(ValueError):
        is_local = is_local or ip_address(host).is_loopback
    if not is_local or not port.isascii() or not port.isdigit() or int(port) > PORT_MAX:
        raise InvalidAction("bad_value", f"{text}: a loopback address and a port, 127.0.0.1:8081", field="health")
    return Address(host, int(port))


@contextmanager
def health_server(metrics: StageMetrics, address: Address | None) -> Iterator[int | None]:
    """Answer `/metrics`, `/healthz` and `/readyz` while the block runs; gives the port, 0 asks for a free one.

    `/healthz` is 200 while the stage looks for work, `/readyz` while it also can work; else 503 with the reason.
    Without an address nothing is opened. Raises `unavailable` where the port is taken.
    """
    if address is None:
        yield None
        return
    try:
        server = _server(address, _handler(metrics))
    except OSError as error:
        raise Unavailable("unavailable", f"{address.host}:{address.port}: {error.strerror}", field="health") from error
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="health", daemon=True, kwargs={"poll_interval": 0.1})
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def ask(address: Address, page: str = "/readyz") -> tuple[bool, str]:
    """Whether a stage answers well, and what it says; one that does not answer is not well."""
    connection = HTTPConnection(address.host, address.port, timeout=ANSWER_S_MAX)
    try:
        connection.request("GET", page)
        answer = connection.getresponse()
        return answer.status == 200, answer.read(ANSWER_BYTES_MAX).decode("utf-8", "replace").strip()
    except (OSError, HTTPException) as error:
        return False, str(error) or type(error).__name__
    finally:
        connection.close()


def _server(address: Address, handler: type[BaseHTTPRequestHandler]) -> ThreadingHTTPServer:
    class Server(ThreadingHTTPServer):
        """Of the address's family."""

        address_family = AF_INET6 if ":" in address.host else AF_INET

    return Server((address.host, address.port), handler)


def _handler(metrics: StageMetrics) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Three pages, read only."""

        def do_GET(self) -> None:
            """One of the three."""
            status, kind, body = _page(metrics, self.path)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: a look every few seconds is no news."""

    return Handler


def _page(metrics: StageMetrics, path: str) -> tuple[int, str, bytes]:
    if path == "/metrics":
        return 200, CONTENT_TYPE_LATEST, metrics.exposition()
    if path == "/healthz":
        why = "" if metrics.is_alive else f"silent for {metrics.silent_s:.0f} s"
    elif path == "/readyz":
        why = metrics.unready
    else:
        return 404, TEXT, b"not found\n"
    return (503, TEXT, f"{why}\n".encode()) if why else (200, TEXT, b"ok\n")
