"""The server's disk: a small one of its own that can be filled up and cleared while the server works on it.

A tmpfs where we may mount one; elsewhere a limit on how large the server's files may grow.
"""

import contextlib
import os
import resource
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Self

from console.bench.postgres import Cluster

SIZE_MIB = 256


class ServerDisk:
    """A folder for a cluster. `settings` keep the server's own reserves small."""

    settings = ("min_wal_size=32MB", "max_wal_size=48MB", "shared_buffers=32MB")

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="console110-disk-"))
        self.folder.chmod(0o755)
        self._ballast = self.folder / "ballast"
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MIB}m,mode=755", "tmpfs", str(self.folder)]
        self.mounted = os.geteuid() == 0 and not subprocess.run(mount, capture_output=True, check=False).returncode

    def fill(self, cluster: Cluster) -> None:
        """Not one byte more."""
        if not self.mounted:
            self._limit(cluster, 1)
            return
        with self._ballast.open("wb", buffering=0) as file:
            # The server writes meanwhile, so what is free cannot be asked for at once.
            for size in (1 << 20, 1 << 12):
                with contextlib.suppress(OSError):
                    while file.write(bytes(size)):
                        pass

    def clear(self, cluster: Cluster) -> None:
        """Room again."""
        if self.mounted:
            self._ballast.unlink()
        else:
            self._limit(cluster, resource.RLIM_INFINITY)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.mounted:
            subprocess.run(["umount", "-l", str(self.folder)], check=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    @staticmethod
    def _limit(cluster: Cluster, size: int) -> None:
        for process in cluster.processes():
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
