"""The bare floor: what this machine can do when nothing is done but the unavoidable.

One reader thread on the same pseudo-terminal, one fsynced insert of the raw bytes on the same disk, the ACK.
No look-up, no rule, no chain, no screen. Every figure of the alarm path stands beside it.
"""

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from threading import Event, Thread

from console.bench.sender import Plan, Sender, Sent
from drivers.address import parse_line
from drivers.protocols.surgard_panel import ACK
from drivers.streams import open_stream
from drivers.wire import Stream

FLOOR = "pseudo-terminal, reader thread, one fsynced insert, ACK"
_DC4 = b"\x14"


class FsyncedTable:
    """One table in a file of its own, every insert fsynced."""

    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode=WAL").close()
        self._connection.execute("PRAGMA synchronous=FULL").close()
        self._connection.execute("CREATE TABLE raw (n INTEGER PRIMARY KEY, body BLOB NOT NULL)").close()

    def insert(self, *bodies: bytes) -> None:
        """Durable on return, all of them together."""
        self._connection.execute("BEGIN").close()
        self._connection.executemany("INSERT INTO raw (body) VALUES (?)", [(body,) for body in bodies]).close()
        self._connection.execute("COMMIT").close()

    def close(self) -> None:
        self._connection.close()


class Floor:
    """What the floor measured: seconds from last byte to durable, and to ACK read."""

    def __init__(self, sent: list[Sent], stored: dict[bytes, float]) -> None:
        self.ack_ms = [frame.delay_ms for frame in sent]
        self.stored_ms = [(stored[frame.frame] - frame.sent_at) * 1000 for frame in sent]
        self.per_s = (len(sent) - 1) / (sent[-1].sent_at - sent[0].sent_at)


def measure_floor(folder: Path, plan: Plan) -> Floor:
    """Play the plan against the bare floor (one line)."""
    stored: dict[bytes, float] = {}
    done = Event()
    with Sender(plan) as sender, closing(FsyncedTable(folder / f"floor-{time.monotonic_ns()}.db")) as rows:
        stream = open_stream(parse_line(sender.specs[0]).address)
        reader = Thread(target=_answer, args=(stream, rows, stored, done), daemon=True)
        reader.start()
        try:
            sent = sender.send()
        finally:
            done.set()
            reader.join()
            stream.close()
    return Floor(sent, stored)


def _answer(stream: Stream, rows: FsyncedTable, stored: dict[bytes, float], done: Event) -> None:
    held = b""
    while not done.is_set():
        *frames, held = (held + stream.read()).split(_DC4)
        for frame in frames:
            rows.insert(frame)
            stored[frame + _DC4] = time.monotonic()
            stream.write(ACK)
