"""Supervised: what a service tells systemd over its notification socket (sd_notify(3)), without a library for it.

Ready, still alive, ending. The beat comes from the loop itself, so a loop that hangs is killed and started anew.
Where nobody supervises, nothing is sent.
"""

import asyncio
import logging
import os
import socket

log = logging.getLogger(__name__)


class Supervisor:
    """Who started this process and wants to hear of it."""

    def __init__(self) -> None:
        address = os.environ.get("NOTIFY_SOCKET", "")
        # A name that begins with @ lies in the abstract namespace, where a zero byte stands for it.
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        # Half the time systemd waits, as sd_watchdog_enabled(3) advises; 0 if it does not wait.
        self._beat_s = int(os.environ.get("WATCHDOG_USEC", "0")) / 2_000_000

    def tell(self, *words: str) -> None:
        """Send `NAME=value` lines; one that cannot be sent costs nothing but the supervisor's patience."""
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
                to.connect(self._address)
                to.send("\n".join(words).encode())
        except OSError as problem:
            log.warning("the supervisor could not be told: %s", problem)

    async def beat(self) -> None:
        """Say that we live, until cancelled."""
        while self._beat_s:
            self.tell("WATCHDOG=1")
            await asyncio.sleep(self._beat_s)
