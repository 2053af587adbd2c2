"""The client's properties file: what is taken, what is refused, and that no secret is ever repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import Unavailable
from infra.kafka.client_file import read_client_file
from infra.kafka.connection import connection_of
from infra.settings import Settings

SASL = """\
# for kcat as well: kcat -F client.properties
security.protocol=sasl_ssl
sasl.mechanism = SCRAM-SHA-512
sasl.username=office
sasl.password=a=b c
ssl.ca.location=/etc/kafka/ca.pem
ssl.endpoint.identification.algorithm=none
"""


def written(tmp_path: Path, text: str, mode: int = 0o600) -> Path:
    path = tmp_path / "client.properties"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def test_the_names_of_librdkafka_become_the_clients_options(tmp_path: Path) -> None:
    assert read_client_file(written(tmp_path, SASL)) == {
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "office",
        "sasl_plain_password": "a=b c",
        "ssl_cafile": "/etc/kafka/ca.pem",
        "ssl_check_hostname": False,
    }


def test_the_connection_carries_them(tmp_path: Path) -> None:
    made = connection_of(Settings(kafka="a:1,b:2", kafka_client=written(tmp_path, SASL)))
    assert made.common["bootstrap_servers"] == ["a:1", "b:2"]
    assert made.common["sasl_plain_username"] == "office"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("security.protocol\n", "line 1 is not NAME=VALUE"),
        ("sasl.username=\n", "line 1 is not NAME=VALUE"),
        ("\nsasl.jaas.config=secret\n", "line 2: 'sasl.jaas.config' is not known"),
        ("security.protocol=secret\n", "security.protocol is one of PLAINTEXT"),
        ("sasl.mechanism=secret\n", "sasl.mechanism is one of PLAIN"),
        ("ssl.endpoint.identification.algorithm=secret\n", "is https or none"),
    ],
)
def test_what_cannot_be_used_is_named_without_its_value(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(Unavailable) as refused:
        read_client_file(written(tmp_path, text))
    assert refused.value.code == "kafka_client_file"
    assert told in refused.value.detail
    assert "secret" not in refused.value.detail


def test_a_file_with_a_password_that_others_may_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="chmod 600") as refused:
        read_client_file(written(tmp_path, SASL, 0o640))
    assert "a=b" not in refused.value.detail
    assert read_client_file(written(tmp_path, "security.protocol=SSL\n", 0o644)) == {"security_protocol": "SSL"}


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be read"):
        read_client_file(tmp_path / "none")


def test_without_brokers_there_is_no_connection() -> None:
    with pytest.raises(Unavailable) as refused:
        connection_of(Settings())
    assert (refused.value.code, refused.value.field) == ("kafka_not_set", "CASELEDGER_KAFKA")
