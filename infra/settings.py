"""Settings: one frozen model, read once from the command line and the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator

_ADDRESSES = ("postgresql://", "postgres://")


def is_address(place: str) -> bool:
    """Whether a place is the address of a PostgreSQL database; anything else is a file."""
    return place.startswith(_ADDRESSES)


class Settings(BaseModel):
    """Where the data and the keys lie, and how long to wait for a lock.

    Every field may be given as `CASELEDGER_<FIELD>` in the environment; the command line wins.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Path = Field(Path("ledger-data"), description="the data folder: ledger.db, views.db, log/")
    keys: Path | None = Field(None, description="the key folder; beside the data as `<data>-keys` unless set")
    store: str | None = Field(
        None, repr=False, description="the event store's `postgresql://` address; `<data>/ledger.db` unless set"
    )
    views: str | None = Field(
        None, repr=False, description="the views' `postgresql://` address; `<data>/views.db` unless set"
    )
    lang: str | None = Field(None, description="zh or en; the locale's language unless set")
    lock_timeout_s: int = Field(30, ge=0, le=3600, description="seconds to wait while another program writes")
    as_operator: str | None = Field(
        None, description="the recorder's name in `recorderid`; the operating-system user unless set"
    )
    kafka: str | None = Field(
        None,
        description="brokers to reach the Kafka cluster by, `host:port,host:port`; nothing is published unless set",
    )
    kafka_client: Path | None = Field(
        None, description="a properties file with the Kafka client's TLS and SASL settings; plain text unless set"
    )
    kafka_partitions: int = Field(
        6, ge=1, le=1000, description="partitions of the `.events` topic; never changed later"
    )
    kafka_replication: int = Field(3, ge=1, le=32, description="copies of every topic; `1` where there is one broker")

    @field_validator("store", "views")
    @classmethod
    def _is_an_address(cls, given: str | None) -> str | None:
        if given is not None and not is_address(given):
            raise ValueError("give a postgresql:// address, or leave it out to use a file in the data folder")
        return given

    @property
    def store_place(self) -> str:
        """Where the events lie: an address, or the path of a file. It may hold a password."""
        return self.store or str(self.ledger_file)

    @property
    def views_place(self) -> str:
        """Where the views lie: an address, or the path of a file. It may hold a password."""
        return self.views or str(self.views_file)

    @property
    def findings_place(self) -> str:
        """Where the kept findings lie: beside the views."""
        return self.views or str(self.data / "findings.db")

    @property
    def key_folder(self) -> Path:
        """The key folder in force."""
        return self.keys if self.keys is not None else self.data.with_name(self.data.name + "-keys")

    @property
    def ledger_file(self) -> Path:
        """The event store."""
        return self.data / "ledger.db"

    @property
    def views_file(self) -> Path:
        """The read store."""
        return self.data / "views.db"


def read_settings(given: Mapping[str, object], environ: Mapping[str, str] | None = None) -> Settings:
    """The settings in force: what the command line gave, else the environment, else the defaults."""
    environ = os.environ if environ is None else environ
    values: dict[str, object] = {}
    for name in Settings.model_fields:
        from_environment = environ.get(f"CASELEDGER_{name.upper()}")
        if given.get(name) is not None:
            values[name] = given[name]
        elif from_environment:
            values[name] = from_environment
    return Settings.model_validate(values)
