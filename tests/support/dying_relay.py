"""A relay that kills itself with SIGKILL at one step of one of its transactions: `… STEP NUMBER`."""

from __future__ import annotations

import os
import signal
import sys

from infra.kafka.relay import relay_of
from infra.settings import read_settings
from infra.wiring import source_of


def main(step_name: str, number: int) -> None:
    """Publish until the step of that name comes for the `number`-th time (from 1)."""
    left = number

    def step(name: str) -> None:
        nonlocal left
        left -= name == step_name
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    settings = read_settings({})
    relay = relay_of(
        settings,
        source_of(settings),
        pause=lambda seconds: True,
        on_trouble=lambda trouble: None,
        step=step,
        patience=9,
    )
    relay.publish_waiting()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
