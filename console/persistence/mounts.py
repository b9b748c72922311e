"""Mounts: whether a file lies on a network drive, where locks and fsync cannot be trusted.

SQLite over a network file system loses commits when two machines lock differently (sqlite.org, "How To
Corrupt An SQLite Database File", section 2); the journal refuses such a place. Only Linux tells its mounts
this way; elsewhere a UNC path is recognised.
"""

from pathlib import Path, PurePath

MOUNTS = Path("/proc/mounts")
REMOTE = ("nfs", "cifs", "smb", "9p", "fuse.sshfs", "afs", "ceph", "glusterfs", "fuse.glusterfs")


def _unescape(path: str) -> str:
    """Spaces, tabs, newlines and backslashes stand as octal in the mounts table (proc(5))."""
    for code, letter in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        path = path.replace(code, letter)
    return path


def filesystem(path: PurePath, mounts: str) -> str:
    """The type of the file system the path lies on, by the text of a mounts table; '' if none fits."""
    best, kind = -1, ""
    for line in mounts.splitlines():
        _, point, fstype, *_ = line.split()
        mount = PurePath(_unescape(point))
        # A later mount on the same point hides the earlier one.
        if path.is_relative_to(mount) and len(mount.parts) >= best:
            best, kind = len(mount.parts), fstype
    return kind


def is_remote(file: Path) -> bool:
    """Whether the file, there already or not, would lie on a network drive."""
    resolved = file.resolve()
    if not MOUNTS.exists():
        return str(resolved).startswith("\\\\")
    return filesystem(resolved, MOUNTS.read_text(encoding="utf-8")).startswith(REMOTE)
