"""A GSM modem as a process of its own, written from protocols.md section 8 alone: it shares no code with the drivers.

    python at_modem_script.py LINK

It opens a pseudo-terminal, names it LINK and prints "ready". Each line of its stdin is an order in JSON: {"text": "…",
"from": "138…"} stores the parts of a text and announces them; {"ring": "138…", "times": 3}; {"no carrier": true};
{"reset": true}; {"hang": true} answers nothing until {"hang": false}. What it is told goes to stdout, one JSON object
a line: {"said": "AT+CLIP=1"}, {"unheard": 9} while it hangs, {"sms": "…", "to": "138…"}, {"deleted": 3}. Texts are
UCS-2, longer ones with an 8-bit reference.
"""

import json
import os
import select
import sys
import time
import tty
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PART = 67


def swapped(digits: str) -> str:
    padded = digits + "F" * (len(digits) % 2)
    return "".join(padded[at + 1] + padded[at] for at in range(0, len(padded), 2))


def unswapped(digits: str) -> str:
    return "".join(digits[at + 1] + digits[at] for at in range(0, len(digits), 2)).rstrip("F")


def deliver_pdus(sender: str, text: str, reference: int) -> Iterator[str]:
    """SMS-DELIVER as hex: SMSC, first octet, sender, PID, DCS, time stamp, user data."""
    parts = [text[at : at + PART] for at in range(0, len(text), PART)] if len(text) > 70 else [text]
    digits = sender.removeprefix("+")
    front = f"{len(digits):02X}{'91' if sender.startswith('+') else '81'}{swapped(digits)}0008"
    stamp = swapped(time.strftime("%y%m%d%H%M%S", time.gmtime(time.time() + 8 * 3600)) + "32")
    for number, part in enumerate(parts, start=1):
        header = f"050003{reference:02X}{len(parts):02X}{number:02X}" if len(parts) > 1 else ""
        data = header + part.encode("utf-16-be").hex().upper()
        yield f"0891683108200105F0{'44' if header else '04'}{front}{stamp}{len(data) // 2:02X}{data}"


def read_submit(pdu: str) -> tuple[str, str]:
    """(number, text) of an SMS-SUBMIT in UCS-2 with an empty SMSC and a relative validity."""
    first, digits = int(pdu[2:4], 16), int(pdu[6:8], 16)
    end = 10 + digits + digits % 2
    to = ("+" if pdu[8:10] == "91" else "") + unswapped(pdu[10:end])
    data = bytes.fromhex(pdu[end + 8 :])
    header = data[0] + 1 if first & 0x40 else 0
    return to, data[header:].decode("utf-16-be")


class Modem:
    """A modem with its SIM; `wire` is the near end of its pseudo-terminal."""

    def __init__(self, wire: int) -> None:
        self.wire = wire
        self.memory: dict[int, str] = {}
        self.reference = self.parts = 0
        self.silent = False
        self.buffer = b""
        self.typing: int | None = None
        self.restart()

    def restart(self) -> None:
        self.echo, self.clip, self.crc, self.pdu_mode, self.announce = True, False, False, False, False
        self.typing = None

    def put(self, text: str) -> None:
        if not self.silent:
            os.write(self.wire, text.encode())

    def line(self, *texts: str) -> None:
        for text in texts:
            self.put(f"\r\n{text}\r\n")

    # -- what the test orders ------------------------------------------------------------------------------------

    def obey(self, order: dict[str, Any]) -> None:
        if "text" in order:
            self.parts = self.parts % 255 + 1
            for pdu in deliver_pdus(order["from"], order["text"], self.parts):
                place = next(n for n in range(1, 100) if n not in self.memory)
                self.memory[place] = pdu
                if self.announce:
                    self.line(f'+CMTI: "SM",{place}')
        if "ring" in order:
            for _ in range(order.get("times", 1)):
                self.line("+CRING: VOICE" if self.crc else "RING")
                if self.clip:
                    self.line(f'+CLIP: "{order["ring"]}",129,"",0,"",0')
        if "reset" in order:
            self.restart()
            self.line("^SYSSTART")
        if "hang" in order:
            self.silent = order["hang"]
        if "no carrier" in order:
            self.line("NO CARRIER")

    # -- what the console says -----------------------------------------------------------------------------------

    def hear(self, data: bytes) -> None:
        if self.silent:
            tell(unheard=len(data))
            return
        for byte in data:
            if byte == 0x1B:
                self.buffer, self.typing = b"", None
            elif byte == 0x1A and self.typing is not None:
                self.send(self.buffer.decode())
                self.buffer = b""
            elif byte == 0x0D and self.typing is None:
                command, self.buffer = self.buffer.decode().strip(), b""
                if command:
                    tell(said=command)
                    if self.echo:
                        self.put(command + "\r")
                    self.answer(command)
            else:
                self.buffer += bytes([byte])

    def answer(self, command: str) -> None:
        if not command.upper().startswith("AT"):
            return
        for part in command[2:].split(";"):
            if not self.carry_out(part):
                return
        self.line("OK")

    def carry_out(self, command: str) -> bool:
        """False if the final result has been given, or comes later."""
        name, _, value = command.partition("=")
        asked = {"+CPIN?": "+CPIN: READY", "+CREG?": "+CREG: 1,1", "+CSQ": "+CSQ: 18,99"}
        if name in asked:
            self.line(asked[name])
        elif name == "+CMGL":
            for place, pdu in self.memory.items():
                self.line(f"+CMGL: {place},0,,{len(pdu) // 2 - 9}\r\n{pdu}")
        elif name == "+CMGD":
            if self.memory.pop(int(value), None) is not None:
                tell(deleted=int(value))
        elif name == "+CMGR":
            return self.show(int(value))
        elif name == "+CMGS":
            self.typing = int(value)
            self.put("\r\n> ")
            return False
        elif not self.set(name, value):
            self.line("ERROR")
            return False
        return True

    def set(self, name: str, value: str) -> bool:
        """Whether it is a setting it knows."""
        if name in ("E0", "E1"):
            self.echo = name == "E1"
        elif name == "+CLIP":
            self.clip = value == "1"
        elif name == "+CRC":
            self.crc = value == "1"
        elif name == "+CMGF":
            self.pdu_mode = value == "0"
        elif name == "+CNMI":
            self.announce = value.startswith("2,1")
        return name in ("", "E0", "E1", "+CLIP", "+CRC", "+CMGF", "+CNMI", "+CMEE", "+CREG")

    def show(self, place: int) -> bool:
        if place not in self.memory or not self.pdu_mode:
            self.line("+CMS ERROR: 321")
            return False
        pdu = self.memory[place]
        self.line(f"+CMGR: 0,,{len(pdu) // 2 - 9}\r\n{pdu}")
        return True

    def send(self, pdu: str) -> None:
        length, self.typing = self.typing, None
        pdu = pdu.strip()
        if length != len(pdu) // 2 - 1:
            self.line("+CMS ERROR: 304")
            return
        to, text = read_submit(pdu)
        tell(sms=text, to=to)
        self.reference = self.reference % 255 + 1
        self.line(f"+CMGS: {self.reference}", "OK")
        digits = to.removeprefix("+")
        stamp = swapped(time.strftime("%y%m%d%H%M%S") + "32")
        report = (
            f"0006{self.reference:02X}{len(digits):02X}{'91' if to != digits else '81'}{swapped(digits)}{stamp * 2}00"
        )
        self.line(f"+CDS: {len(report) // 2 - 1}\r\n{report}")


def tell(**words: Any) -> None:
    print(json.dumps(words, ensure_ascii=False), flush=True)


def main(link: Path) -> None:
    near, far = os.openpty()
    tty.setraw(far)
    link.unlink(missing_ok=True)
    link.symlink_to(os.ttyname(far))
    modem = Modem(near)
    print("ready", flush=True)
    while True:
        readable, _, _ = select.select([near, sys.stdin], [], [])
        if near in readable:
            modem.hear(os.read(near, 4096))
        if sys.stdin in readable:
            line = sys.stdin.readline()
            if not line:
                return
            modem.obey(json.loads(line))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
