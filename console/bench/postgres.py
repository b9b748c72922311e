"""A private PostgreSQL: a cluster in a folder of its own on a free loopback port, for measuring and for tests.

The server refuses root, so root starts it as an unprivileged user. Whoever knows the port may come in, but only
from this machine (`trust` on loopback, and on addresses of this machine given by name). A watchdog, a shell that
reads a pipe from us, ends the server and removes the folder even when our process is killed with −9.
"""

import atexit
import contextlib
import getpass
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, Self

import psutil
import psycopg
from psycopg import sql

SUPERUSER = "console"
"""The role everything connects as; it owns every database of the cluster."""
USERS = ("postgres", "nobody")
"""Whom root starts the server as: the first that this machine has."""
READY_S = 20.0
ENDED_S = 20.0
STEP_S = 0.01
PACKAGES = Path("/usr/lib/postgresql")

Mode = Literal["smart", "fast", "immediate"]
SIGNALS: dict[Mode, signal.Signals] = {
    "smart": signal.SIGTERM,
    "fast": signal.SIGINT,
    "immediate": signal.SIGQUIT,
}

WATCHDOG = """
cat >/dev/null
if read -r pid <"$1/data/postmaster.pid" && [ "$(readlink "/proc/$pid/cwd")" = "$1/data" ]; then
    all="$pid $(cat "/proc/$pid/task/$pid/children")"
    kill -CONT $all
    kill -QUIT "$pid"
    sleep 1
    kill -KILL $all
fi
rm -rf -- "$1"
"""
"""Waits for the end of its standard input, then for nothing else. SIGQUIT lets the server tidy its shared memory."""


class PostgresMissingError(RuntimeError):
    """There is no PostgreSQL server on this machine, or it did not start. Never a reason to skip a test."""


def binaries() -> Path:
    """The folder of initdb and postgres: on the PATH, else the newest of Debian's packages."""
    on_path = shutil.which("postgres")
    if on_path and shutil.which("initdb"):
        return Path(on_path).resolve().parent
    packaged = sorted(PACKAGES.glob("*/bin/postgres"), key=lambda file: float(file.parts[-3]))
    if not packaged:
        raise PostgresMissingError(f"no PostgreSQL server: neither on PATH nor under {PACKAGES} (apt: postgresql)")
    return packaged[-1].parent


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class Cluster:
    """One server and its folder. `start` before use, `remove` (or leaving the `with` block) at the end.

    `durable` False: fsync and full_page_writes off, for tests that never pull the plug. `base`: where the folder is
    made (a path every user can walk). `listen`: further addresses of this machine, each open to its /24.
    """

    def __init__(
        self,
        *,
        durable: bool = False,
        base: Path | None = None,
        listen: Sequence[str] = (),
        settings: Sequence[str] = (),
    ) -> None:
        self.binaries = binaries()
        self.port = _free_port()
        self.user = next(name for name in USERS if _known(name)) if os.geteuid() == 0 else getpass.getuser()
        self.folder = Path(tempfile.mkdtemp(prefix="console110-pg-", dir=base)).resolve()
        self.data = self.folder / "data"
        self.log = self.folder / "server.log"
        self._settings = (*_server_settings(durable, listen), *settings)
        self._server: subprocess.Popen[bytes] | None = None
        self._databases = 0
        self._watchdog = subprocess.Popen(  # noqa: S603 -- a fixed text, its one argument is our own folder
            ["/bin/sh", "-c", WATCHDOG, "watchdog", str(self.folder)],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        atexit.register(self.remove)
        self._make(listen)

    def _make(self, listen: Sequence[str]) -> None:
        self.folder.chmod(0o755)
        if os.geteuid() == 0:
            known = pwd.getpwnam(self.user)
            os.chown(self.folder, known.pw_uid, known.pw_gid)
        self._run(
            *("initdb", "--pgdata", str(self.data), "--username", SUPERUSER, "--auth", "trust", "--encoding", "UTF8"),
            *("--locale", "C.UTF-8", "--no-sync", "--no-instructions"),
        )
        networks = ("127.0.0.1/32", *(f"{address}/24" for address in listen))
        hosts = "".join(f"host all,replication all {network} trust\n" for network in networks)
        (self.data / "pg_hba.conf").write_text(hosts, encoding="utf-8")

    # -- the server's life -------------------------------------------------------------------------------------

    def start(self) -> Self:
        """Start and wait until it takes connections. PostgresMissingError with the log's end if it does not."""
        options = [word for setting in (*self._settings, f"port={self.port}") for word in ("-c", setting)]
        with self.log.open("ab") as log:
            self._server = subprocess.Popen(  # noqa: S603
                [str(self.binaries / "postgres"), "-D", str(self.data), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                **self._as_user(),
            )
        if not _within(READY_S, lambda: self.ready or self._ended()):
            self.kill()
        if not self.ready:
            raise PostgresMissingError(f"PostgreSQL did not start: {self.log.read_text(errors='replace')[-2000:]}")
        return self

    @property
    def ready(self) -> bool:
        """Whether the server takes connections, by its own word: the eighth line of its pid file."""
        try:
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[7].strip() == "ready" and int(lines[0]) == self.pid and not self._ended()

    @property
    def pid(self) -> int:
        """The postmaster's process id; 0 while there is none."""
        return self._server.pid if self._server is not None else 0

    @property
    def log_text(self) -> str:
        """Everything the server said."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def stop(self, mode: Mode = "fast") -> None:
        """`pg_ctl stop -m mode`; returns when every process is gone."""
        if self._server is None:
            return
        family = self.processes()
        self._server.send_signal(SIGNALS[mode])
        self._reap(family)

    def kill(self) -> None:
        """kill −9 of the postmaster, then of every backend it left behind."""
        if self._server is None:
            return
        family = self.processes()
        self._server.kill()
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self._reap(family)

    def kill_backend(self, database: str) -> None:
        """kill −9 of one backend that serves `database`; the postmaster then ends all and recovers by itself."""
        with self.connect() as connection:
            found = "SELECT pid FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'"
            row = connection.execute(found, (database,)).fetchone()
        if row is None:
            raise LookupError(f"nobody is connected to {database}")
        os.kill(row[0], signal.SIGKILL)

    def suspend(self) -> None:
        """SIGSTOP every process of the server: connections stay open and nothing answers."""
        # The postmaster first: then nothing new is born while we go through its children.
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.suspend()

    def resume(self) -> None:
        """SIGCONT every process of the server."""
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.resume()

    def restart(self, mode: Mode = "fast") -> None:
        """Stop and start on the same port."""
        self.stop(mode)
        self.start()

    def processes(self) -> list[psutil.Process]:
        """The postmaster and its children, as they are now."""
        try:
            postmaster = psutil.Process(self.pid) if self.pid else None
            return [postmaster, *postmaster.children(recursive=True)] if postmaster else []
        except psutil.NoSuchProcess:
            return []

    def remove(self) -> None:
        """End the server, remove the folder, let the watchdog go. A second call does nothing."""
        atexit.unregister(self.remove)
        if self._server is not None:
            self.resume()
            # Immediate, not −9: so it gives back its shared memory.
            self.stop("immediate")
        assert self._watchdog.stdin is not None
        if not self._watchdog.stdin.closed:
            self._watchdog.stdin.close()
            self._watchdog.wait(ENDED_S)

    def __enter__(self) -> Self:
        return self if self._server is not None else self.start()

    def __exit__(self, *_: object) -> None:
        self.remove()

    # -- databases ---------------------------------------------------------------------------------------------

    def url(self, database: str = "postgres", host: str = "127.0.0.1", port: int = 0) -> str:
        """The address for `--db`; another host and port where something stands between."""
        return f"postgresql+psycopg://{SUPERUSER}@{host}:{port or self.port}/{database}"

    def connect(self, database: str = "postgres") -> "psycopg.Connection[tuple[int, ...]]":
        """A bare autocommit connection, past everything of ours."""
        address = f"host=127.0.0.1 port={self.port} user={SUPERUSER} dbname={database}"
        return psycopg.connect(address, autocommit=True, connect_timeout=5)

    def new_database(self, template: str = "template1", name: str = "") -> str:
        """Create a database, a copy of `template` (nobody may be connected to that); answers its name."""
        self._databases += 1
        made = name or f"test_{self._databases}"
        with self.connect() as connection:
            words = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(made), sql.Identifier(template))
            connection.execute(words)
        return made

    def drop_database(self, name: str) -> None:
        """Drop a database, whoever is connected to it; nothing if it is not there."""
        with self.connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    # -- within ------------------------------------------------------------------------------------------------

    def _as_user(self) -> dict[str, Any]:
        if os.geteuid() != 0:
            return {}
        known = pwd.getpwnam(self.user)
        return {"user": known.pw_uid, "group": known.pw_gid, "extra_groups": []}

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(  # noqa: S603
            [str(self.binaries / program), *arguments],
            capture_output=True,
            text=True,
            cwd=self.folder,
            check=False,
            **self._as_user(),
        )
        if done.returncode:
            raise PostgresMissingError(f"{program}: {done.stderr}")

    def _ended(self) -> bool:
        return self._server is None or self._server.poll() is not None

    def _reap(self, family: Sequence[psutil.Process]) -> None:
        assert self._server is not None
        self._server.wait(ENDED_S)
        self._server = None
        # A new server refuses to start while an old backend still holds the shared memory.
        psutil.wait_procs(family, ENDED_S)


def _known(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _server_settings(durable: bool, listen: Sequence[str]) -> tuple[str, ...]:
    kept = "on" if durable else "off"
    return (
        f"listen_addresses={','.join(('127.0.0.1', *listen))}",
        "unix_socket_directories=",
        "max_connections=200",
        "timezone=UTC",
        "log_timezone=UTC",
        # In the folder, so that nothing is left in the machine's shared memory when the server is killed.
        "dynamic_shared_memory_type=mmap",
        f"fsync={kept}",
        f"full_page_writes={kept}",
    )


def _within(seconds: float, condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(STEP_S)
    return True
