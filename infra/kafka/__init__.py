"""Kafka: the only room that knows a broker. Nothing here decides anything about cases."""
