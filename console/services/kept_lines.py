"""Lines that a technician added at this machine, kept in a small file: one a line, as it is written for --line.

They belong to the machine, as its ports do, and not to the database.
"""

from collections.abc import Sequence
from pathlib import Path

from console.domain.errors import EnvironmentFault, UserError
from console.services.health import Health
from console.services.lines import read_specs
from drivers.address import LineSpec

FILE = "lines.txt"
HEAD = "# 测试台添加的线路，每行一条：NAME=PROTOCOL:PORT[,key=value…]；# 开头的行不读\n"


def read_kept(folder: Path) -> list[str]:
    """The lines in their order; none if there is no file. EnvironmentFault if there is one that cannot be read.

    Such a file is not empty: who took it for that would write over what stands in it.
    """
    try:
        # Notepad puts its mark in front of UTF-8.
        rows = (folder / FILE).read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        return []
    except OSError as problem:
        raise _unread(problem.strerror or str(problem)) from problem
    except UnicodeDecodeError as problem:
        raise _unread("不是 UTF-8 编码") from problem
    return [row.strip() for row in rows if row.strip() and not row.startswith("#")]


def _unread(why: str) -> EnvironmentFault:
    what = f"{FILE} 读不出，其中的线路没有打开，新添加的也记不住：{why}"
    return EnvironmentFault(what, "请把文件存为 UTF-8 编码并检查其权限，然后重新启动")


def with_kept(specs: Sequence[LineSpec], folder: Path, health: Health) -> list[LineSpec]:
    """The lines given, then those kept here under other names; one that cannot be read lights a lamp, no more."""
    found = list(specs)
    try:
        kept = read_kept(folder)
    except EnvironmentFault as fault:
        health.fault("kept-lines", fault.what, fault.remedy)
        kept = []
    for text in kept:
        try:
            (spec,) = read_specs([text])
        except UserError as problem:
            health.fault("kept-lines", str(problem), "请在测试台重新添加这条线路")
            continue
        if all(spec.name != other.name for other in found):
            found.append(spec)
    return found


def keep(folder: Path, lines: Sequence[str]) -> None:
    """Write the lines in place of those before; EnvironmentFault if the disk refuses."""
    half = folder / f"{FILE}.half"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        half.write_text(HEAD + "".join(f"{line}\n" for line in lines), encoding="utf-8")
        half.replace(folder / FILE)
    except OSError as problem:
        why = problem.strerror or str(problem)
        raise EnvironmentFault(f"线路没有记住，下次启动要重新添加：{why}", "检查磁盘空间和数据文件夹权限") from problem
