"""Kafka: the only room that knows a broker. Nothing here decides anything about cases."""

from importlib.util import find_spec

from domain.errors import Unavailable

if find_spec("kafka") is None:
    raise Unavailable("unavailable", "Kafka needs its client; in the project's folder: pip install -e '.[kafka]'")
