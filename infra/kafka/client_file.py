"""The client's TLS and SASL settings, read from a properties file of the operator's, outside the project."""

from __future__ import annotations

import stat
from pathlib import Path

from domain.errors import Unavailable

OPTION_OF: dict[str, str] = {
    "security.protocol": "security_protocol",
    "sasl.mechanism": "sasl_mechanism",
    "sasl.mechanisms": "sasl_mechanism",
    "sasl.username": "sasl_plain_username",
    "sasl.password": "sasl_plain_password",
    "ssl.ca.location": "ssl_cafile",
    "ssl.certificate.location": "ssl_certfile",
    "ssl.key.location": "ssl_keyfile",
    "ssl.key.password": "ssl_password",
    "ssl.crl.location": "ssl_crlfile",
    "ssl.endpoint.identification.algorithm": "ssl_check_hostname",
}
"""librdkafka's names, so that one file serves kcat and this program; beside them the client library's own."""

PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
SECRETS = ("sasl.password", "ssl.key.password")
_CHOICES = {"security.protocol": PROTOCOLS, "sasl.mechanism": MECHANISMS, "sasl.mechanisms": MECHANISMS}


def read_client_file(path: Path) -> dict[str, str | bool]:
    """The client's options as kafka-python names them; raises `kafka_client_file`, which never repeats a value."""
    try:
        text = path.read_text(encoding="utf-8")
        mode = path.stat().st_mode
    except (OSError, UnicodeDecodeError) as error:
        raise _unusable(path, f"cannot be read: {getattr(error, 'strerror', None) or 'not UTF-8'}") from None
    options: dict[str, str | bool] = {}
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped[0] in "#!":
            continue
        name, is_pair, value = (part.strip() for part in stripped.partition("="))
        if not is_pair or not value:
            raise _unusable(path, f"line {number} is not NAME=VALUE")
        if name not in OPTION_OF:
            raise _unusable(path, f"line {number}: {name!r} is not known; there are {', '.join(OPTION_OF)}", name)
        if name in SECRETS and mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise _unusable(path, f"holds {name} and may be read by others; chmod 600 {path}", name)
        options[OPTION_OF[name]] = _value(path, name, value)
    return options


def _value(path: Path, name: str, value: str) -> str | bool:
    if name == "ssl.endpoint.identification.algorithm":
        if value.lower() not in ("https", "none"):
            raise _unusable(path, f"{name} is https or none", name)
        return value.lower() == "https"
    choices = _CHOICES.get(name)
    if choices is None:
        return value
    if value.upper() not in choices:
        raise _unusable(path, f"{name} is one of {', '.join(choices)}", name)
    return value.upper()


def _unusable(path: Path, why: str, field: str | None = None) -> Unavailable:
    return Unavailable("kafka_client_file", f"{path}: {why}", field=field)
