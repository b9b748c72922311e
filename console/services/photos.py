"""Photos of bulletins 照片: a picture a person picked, kept in the data folder under the hash of its bytes.

The name tells the content, so the same picture is kept once and cannot be exchanged unseen. What is no picture, or too
large to be looked at over a line, is refused. The file is on this machine only: other machines see that there is one.
"""

import hashlib
from pathlib import Path

from console.domain.errors import EnvironmentFault, UserError

MOST_BYTES = 5 * 1024 * 1024
_KINDS = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg"}
"""How a file begins -> its ending."""


class Photos:
    """The folder; it is made when the first picture comes. Calls block."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, picked: Path) -> str:
        """Copy a picture; answers its name. UserError: it is none, or too large. EnvironmentFault: no room for it."""
        try:
            if picked.stat().st_size > MOST_BYTES:
                raise UserError(f"照片最大 {MOST_BYTES // 1024 // 1024} MB，请先压缩")
            content = picked.read_bytes()
        except OSError as fault:
            raise UserError(f"读不出照片 {picked.name}：{fault.strerror}") from None
        ending = next((ending for start, ending in _KINDS.items() if content.startswith(start)), "")
        if not ending:
            raise UserError("照片须是 PNG 或 JPEG 图片")
        name = f"{hashlib.sha256(content).hexdigest()}.{ending}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            half = self._folder / f"{name}.part"
            half.write_bytes(content)
            half.replace(self._folder / name)
        except OSError as fault:
            raise EnvironmentFault(f"照片存不下：{fault.strerror}", "检查磁盘空间") from fault
        return name

    def path(self, name: str) -> Path | None:
        """Where it is on this machine; None if it is not here."""
        found = self._folder / Path(name).name
        return found if name and found.is_file() else None
