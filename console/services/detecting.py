"""Listening at a port for the bench: what `drivers.detect` finds, in the user's words."""

from collections.abc import Callable

from console.domain.errors import UserError
from console.domain.site import LineState
from console.services.event_words import protocol_name
from console.services.frame_words import TYPES
from console.services.line_words import explain
from drivers.address import Address, AddressError, parse_address
from drivers.detect import LISTEN_S, Proposal, detect
from drivers.wire import PortError


def framing_text(address: Address) -> str:
    """9600 8N1; '' where there is none."""
    if address.kind not in ("serial", "usb", "rfc2217"):
        return ""
    return f"{address.baud} {address.bytesize}{address.parity}{address.stopbits:g}"


def evidence(found: Proposal) -> str:
    """Why this is proposed, in one line."""
    kinds = "、".join(TYPES.get(kind, kind) for kind in found.kinds)
    sample = found.sample.hex(" ").upper()
    pieces = (
        protocol_name(found.protocol),
        framing_text(found.address),
        f"收到 {found.frames} 帧（{kinds}），{'无坏字节' if not found.unread else f'坏字节 {found.unread}'}",
        sample if len(sample) <= 60 else f"{sample[:60]}…",
    )
    return " · ".join(piece for piece in pieces if piece)


def listen_at(
    port: str, told: Callable[[str], None], cancelled: Callable[[], bool], listen_s: float = LISTEN_S
) -> list[tuple[str, str, str]]:
    """(protocol, port with its framing, evidence) of what speaks there, the best first; [] for nothing.

    Blocks; `told` hears how it goes. UserError if the port cannot be read.
    """

    def trying(address: Address) -> None:
        told(f"正在听 {port} {framing_text(address)}（每种设置最多 {listen_s:g} 秒；可在现场按一下按钮）")

    try:
        found = detect(parse_address(port), listen_s, trying, cancelled)
    except AddressError as problem:
        raise UserError(f"端口写法有误：{problem}") from problem
    except PortError as problem:
        what, remedy = explain("", LineState.UP, str(problem))
        said = remedy.split("，", 1)[0]
        raise UserError(f"{what.removeprefix('线路：')}。{said}，再按 Ctrl+D 重试") from problem
    return [(proposal.protocol, str(proposal.address), evidence(proposal)) for proposal in found]
