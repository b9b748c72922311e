"""The bare relay: what PostgreSQL and psycopg alone need to bring a change from one process to another.

One connection inserts a row and notifies, another listens; no lock, no chain, no fold, no screen. Every figure of
many seats stands beside it.
"""

import threading
import time
from dataclasses import dataclass

from console.bench.postgres import Cluster

COUNT = 200
EVERY_S = 0.01


@dataclass(frozen=True, slots=True)
class Relay:
    """Milliseconds from the insert to the listener, and the server's processor milliseconds for each."""

    ms: list[float]
    server_ms: float


def measure_relay(cluster: Cluster, count: int = COUNT) -> Relay:
    """So many inserts, one at a time, on a database of their own."""
    database = cluster.new_database()
    heard: dict[int, float] = {}
    with cluster.connect(database) as writing, cluster.connect(database) as listening:
        writing.execute("CREATE TABLE bare (n integer PRIMARY KEY, body text NOT NULL)")
        listening.execute("LISTEN bare")

        def listen() -> None:
            for notice in listening.notifies(timeout=count * EVERY_S + 10, stop_after=count):
                heard[int(notice.payload)] = time.monotonic()

        listener = threading.Thread(target=listen)
        listener.start()
        sent: list[float] = []
        before = _server_s(cluster)
        for n in range(count):
            sent.append(time.monotonic())
            with writing.transaction():
                writing.execute("INSERT INTO bare VALUES (%s, %s)", (n, "x" * 400))
                writing.execute("SELECT pg_notify('bare', %s)", (str(n),))
            time.sleep(EVERY_S)
        listener.join()
        spent = _server_s(cluster) - before
    cluster.drop_database(database)
    return Relay([(heard[n] - at) * 1000 for n, at in enumerate(sent)], spent / count * 1000)


def _server_s(cluster: Cluster) -> float:
    times = [process.cpu_times() for process in cluster.processes()]
    return float(sum(spent.user + spent.system for spent in times))
