"""selftest: is this machine fit to be a desk? One row a lamp: how it is, in one sentence, and what to do.

Exit 1 when a row is bad. It changes nothing and may run beside a desk at work; at the start of a shift it is the
quickest way to know what the machine can know.
"""

import argparse
import wave
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial

from console.cli import selftest_ground as ground
from console.cli.selftest_found import Found, bad, good, off, warn
from console.cli.words import FAILED, GOOD, settings_of, show
from console.domain.errors import EnvironmentFault, UserError
from console.services.health import Lamp
from console.services.lines import read_specs
from console.services.reference import weights_fault
from console.settings import Settings
from console.station import database_url
from drivers.streams import plugged_in
from resources import ROOT

TRUETYPE = b"\x00\x01\x00\x00"
SHOWN = {Lamp.GOOD: "通过", Lamp.WARN: "注意", Lamp.BAD: "不通过", Lamp.OFF: "未用"}


@dataclass(frozen=True, slots=True)
class Check:
    """One lamp: its name for programs, its title for people, and what looks."""

    name: str
    title: str
    look: Callable[[], Found]

    def row(self) -> dict[str, object]:
        """What was found, whatever happened."""
        try:
            found = self.look()
        except UserError as refusal:
            found = bad(str(refusal))
        except EnvironmentFault as fault:
            found = bad(fault.what, fault.remedy)
        except OSError as problem:
            found = bad(f"系统出错：{problem.strerror or problem}", "请检查磁盘和权限")
        return {"name": self.name, "title": self.title, "ok": found.state is not Lamp.BAD, **asdict(found)}


def selftest(options: argparse.Namespace) -> int:
    """Run every check; exit 1 if one is bad."""
    settings = settings_of(options)
    fit = True
    for check in checks(settings, database_url(settings, options.db)):
        row = check.row()
        fit = fit and bool(row["ok"])
        if options.json:
            show([row], as_json=True)
        else:
            remedy = f"；{row['remedy']}" if row["remedy"] else ""
            print(f"{SHOWN[Lamp(str(row['state']))]}  {row['title']}：{row['text']}{remedy}", flush=True)
    return GOOD if fit else FAILED


def checks(settings: Settings, url: str) -> Iterator[Check]:
    """Every lamp of this machine."""
    yield Check("fonts", "字体", _fonts)
    yield Check("sound", "提示音", _sounds)
    yield Check("audio", "声音设备", _audio)
    yield Check("ports", "端口", partial(_ports, settings.lines))
    yield Check("service", "收信服务", partial(ground.service, settings))
    yield Check("database", "数据库", partial(ground.database, url))
    yield Check("clock", "时钟", ground.clock)
    yield Check("clock_offset", "时钟偏差", partial(ground.clock_offset, url))
    yield Check("disk", "磁盘", partial(ground.disk, ground.folders_of(settings, url)))
    yield Check("spool", "本机暂存", partial(ground.spool, settings, url))
    yield Check("logs", "运行日志", partial(ground.logs, settings))
    yield Check("head", "链头留存", partial(ground.head, settings, url))
    yield Check("sayings", "说法", _sayings)


def _fonts() -> Found:
    files = sorted((ROOT / "fonts").glob("*.ttf"))
    if not files:
        return bad("缺少自带字体（resources/fonts）", "请重新安装本程序")
    for file in files:
        with file.open("rb") as font:
            if font.read(4) != TRUETYPE:
                return bad(f"字体文件损坏：{file.name}", "请重新安装本程序")
    return good(f"自带字体 {len(files)} 个")


def _sounds() -> Found:
    files = sorted((ROOT / "sounds").glob("*.wav"))
    if not files:
        return bad("缺少提示音（resources/sounds）", "请重新安装本程序")
    for file in files:
        try:
            with wave.open(str(file)) as sound:
                if not sound.getnframes():
                    return bad(f"提示音是空的：{file.name}", "请重新安装本程序")
        except (wave.Error, EOFError) as problem:
            return bad(f"提示音损坏：{file.name}（{problem}）", "请重新安装本程序")
    return good(f"提示音 {len(files)} 个")


def _sayings() -> Found:
    """Whether what was learnt still belongs to the sayings it was learnt from."""
    fault, _, remedy = weights_fault().partition("；")
    return warn(fault, remedy) if fault else good("权重由现有的说法学得")


def _audio() -> Found:
    """As far as the machine can know: whether a loudspeaker is plugged in and turned up, only a person hears."""
    from widgets.sound import audio_output  # Qt is loaded for this row alone

    device = audio_output()
    if device is None:
        return warn("缺少声音程序库，听不到提示音", "请安装 libpulse0 后重试")
    if not device:
        return warn("没有声音输出设备，听不到提示音", "请接上音箱或耳机；报警仍会显示在报警条上")
    return good(f"声音从“{device}”放出；是否听得到，请值班员在接班时试听")


def _ports(lines: tuple[str, ...]) -> Found:
    ports = [str(port.get("device", "")) for port in plugged_in()]
    plugged = f"串口 {len(ports)} 个：{'、'.join(ports)}" if ports else "没有插入串口设备"
    specs = read_specs(lines)
    if not specs:
        return good(plugged) if ports else off(plugged)
    missing = [why for why in (ground.why_no_port(spec.name, spec.address) for spec in specs) if why]
    if missing:
        return bad("；".join(missing), "请检查接线、设备名和权限（用户须在 dialout 组）")
    return good(f"线路 {len(specs)} 条的端口都在；{plugged}")
