"""A GSM modem as a simulator plays it: answers AT commands, rings, holds texts, sends texts and tells their delivery.

It keeps to protocols.md section 8: PDU mode, a notice for each stored text, a prompt for each sent one. A signal of
the bench is a text of a dial-out box to the modem.
"""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta, timezone

from drivers.codec import Options
from drivers.panel import Heard, Press
from drivers.protocols.sms_pdu import read_pdu
from drivers.protocols.sms_pdu_submit import deliver, is_number, status_report

_CHINA = timezone(timedelta(hours=8))
_OK = b"\r\nOK\r\n"
_ERROR = b"\r\nERROR\r\n"
_WORDS = {"new": "报警", "restore": "恢复", "status": "仍在报警"}


def china_now() -> datetime:
    """Return the network's time stamp for a text that comes in now."""
    return datetime.fromtimestamp(time.time(), _CHINA)


class AtModemPanel:
    """The modem. `memory` holds the texts by their place, `sent` what the console had it send: (number, text)."""

    heartbeat_s = 0.0

    def __init__(self, account: str = "13800001234") -> None:
        self.memory: dict[int, bytes] = {}
        self.sent: list[tuple[str, str]] = []
        self.registered = True
        self.echo = True
        self._account = account
        self._buffer = b""
        self._prompt = False
        self._reference = 0
        self._joint = 0

    def greeting(self) -> list[bytes]:
        return []

    def signal(self, press: Press) -> bytes:
        return self.text(self._account, f"{_WORDS[press.qualifier]} 防区{press.zone} 代码{press.event}")

    def heartbeat(self) -> bytes:
        return b""

    def text(self, sender: str, words: str) -> bytes:
        """Store a text and return the notices of its parts."""
        self._joint = (self._joint + 1) % 256
        notices = b""
        for pdu in deliver(sender, words, china_now(), self._joint):
            index = next(place for place in range(1, 1000) if place not in self.memory)
            self.memory[index] = pdu
            notices += f'\r\n+CMTI: "SM",{index}\r\n'.encode()
        return notices

    def ring(self, number: str) -> bytes:
        """Return one ring with the caller's number, '' for one that is withheld."""
        kind = 145 if number.startswith("+") else 129 if number else 128
        return f'\r\n+CRING: VOICE\r\n\r\n+CLIP: "{number}",{kind},,,,0\r\n'.encode()

    def hang_up(self) -> bytes:
        """Return what it says when the caller gives up."""
        return b"\r\nNO CARRIER\r\n"

    def restart(self) -> bytes:
        """Forget all settings, as after a power cut; the texts stay."""
        self.echo, self._prompt, self._buffer = True, False, b""
        return b"\r\n^SYSSTART\r\n"

    def hear(self, data: bytes) -> Heard:
        taken, reply = 0, b""
        for byte in data:
            if byte == 0x1B:
                self._buffer, self._prompt = b"", False
                continue
            self._buffer += bytes((byte,))
            if self._prompt and byte == 0x1A:
                reply += self._send()
            elif not self._prompt and byte == 0x0D:
                deleted, said = self._command()
                taken, reply = taken + deleted, reply + said
        return Heard(taken, reply=reply)

    def _command(self) -> tuple[int, bytes]:
        """Return how many texts the command deleted, and the answer."""
        line, self._buffer = self._buffer.strip().decode("ascii", "replace"), b""
        echo = f"{line}\r".encode() if self.echo and line else b""
        if not line.startswith("AT"):
            return 0, echo
        if "+CMGD=" in line:
            places = [int(place) for place in re.findall(r"\+CMGD=([0-9]+)", line)]
            gone = [place for place in places if self.memory.pop(place, None) is not None]
            return len(gone), echo + _OK
        return 0, echo + self._answer(line.removeprefix("AT"))

    def _answer(self, command: str) -> bytes:
        name, _, value = command.partition("=")
        if name in ("E0", "E1"):
            self.echo = name == "E1"
        elif name == "+CMGS":
            self._prompt = True
            return b"\r\n> "
        elif name == "+CMGR":
            pdu = self.memory.get(int(value) if value.isdigit() else 0)
            return _ERROR if pdu is None else b"\r\n+CMGR: 0,,%d\r\n%s\r\n" % _shown(pdu) + _OK
        elif name == "+CMGL":
            lines = (b"\r\n+CMGL: %d,0,,%d\r\n%s\r\n" % (place, *_shown(pdu)) for place, pdu in self.memory.items())
            return b"".join(lines) + _OK
        asked = {"+CPIN?": "READY", "+CREG?": f"1,{1 if self.registered else 2}", "+CSQ": "21,99"}
        if name in asked:
            return f"\r\n{name.rstrip('?')}: {asked[name]}\r\n".encode() + _OK
        return _OK

    def _send(self) -> bytes:
        """Take the text behind the prompt: send it, and tell at once that it was delivered."""
        typed, self._buffer, self._prompt = self._buffer.strip(b"\x1a"), b"", False
        try:
            report, _ = read_pdu(bytes.fromhex(typed.decode("ascii")))
        except ValueError:
            return b"\r\n+CMS ERROR: 304\r\n"
        said = report.more or {}
        to = str(said["recipient"])
        self.sent.append((to, str(said["text"])))
        self._reference = self._reference % 255 + 1
        pdu = status_report(self._reference, to, china_now())
        delivered = b"\r\n+CDS: %d\r\n%s\r\n" % _shown(pdu)
        return f"\r\n+CMGS: {self._reference}\r\n".encode() + _OK + delivered


def _shown(pdu: bytes) -> tuple[int, bytes]:
    """Return a PDU as the modem prints it: its length without the SMSC, and its hex."""
    return len(pdu) - 1 - pdu[0], pdu.hex().upper().encode()


def make_panel(account: str, _options: Options) -> AtModemPanel:
    """Return the modem; the account is the number its texts come from."""
    if not is_number(account):
        raise ValueError(f"a sender's telephone number has digits only, perhaps with + in front, not {account!r}")
    return AtModemPanel(account)
