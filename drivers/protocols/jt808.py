"""JT/T 808: buses, coaches and lorries that call in over TCP, register, and report where they are.

Each report carries the platform's answer as its `ack`, in the header version of its frame; the platform's serial
counts up a connection. Bit 0 of the alarm flag is the driver's button (紧急报警). What a console wants of a terminal
(confirm the emergency, track it, ask where it is, send a text) goes out as an order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta, timezone
from typing import Any, TypeVar

from drivers.codec import Options, ProtocolRow
from drivers.protocols import is_lenient
from drivers.protocols import jt808_body as body
from drivers.protocols import jt808_words as words
from drivers.protocols.jt808_frame import Cutter, Frame, FrameError, read_frame
from drivers.protocols.jt808_models import code_for, model_in, says_emergency
from drivers.protocols.jt808_parts import Parts, first_serial
from drivers.protocols.jt808_terminal import make_panel
from drivers.report import Report, garbage

TERMINALS = 256
"""So many terminals' headers and models are remembered a connection; a relay may carry several."""

K = TypeVar("K")
Locate = Callable[[bytes, timezone], body.Fields]


class Jt808Codec:
    """One connection. `locate` reads the body of a location: JT/T 905 has another one."""

    def __init__(self, options: Options, locate: Locate = body.location) -> None:
        self._lenient = is_lenient(options)
        self._zone = zone_of(options)
        self._model = options.get("model", "")
        self._locate = locate
        self._cutter = Cutter()
        self._parts = Parts()
        self._serial = 0
        self._models: dict[str, str] = {}
        self._headers: dict[str, Frame] = {}
        self._awaited: dict[tuple[str, int], str] = {}
        self._outbox = bytearray()
        self._readers: Mapping[int, Callable[[Frame], body.Fields]] = {
            words.TERMINAL_ANSWER: self._answered,
            words.ANSWER: lambda frame: body.answer(frame.body),
            words.REGISTER: self._register,
            words.REGISTER_ANSWER: lambda frame: body.register_answer(frame.body),
            words.AUTHENTICATE: self._authenticate,
            words.LOCATION: lambda frame: self._place(frame, frame.body),
            words.LOCATION_ANSWER: self._place_asked_for,
            words.EVENT: lambda frame: body.event(frame.body),
            words.CHOICE: lambda frame: body.choice(frame.body),
            words.PASSED: lambda frame: body.passed(frame.body),
            words.CONFIRM: lambda frame: body.confirmation(frame.body),
            words.TRACK: lambda frame: body.tracking(frame.body),
        }

    @property
    def pending(self) -> int:
        return self._cutter.pending

    def reset(self) -> None:
        self._cutter.reset()
        self._parts.clear()

    def expire(self) -> list[Report]:
        raw = self._cutter.broken_off()
        return [garbage(raw, "the frame broke off")] if raw else []

    def feed(self, data: bytes) -> list[Report]:
        reports: list[Report] = []
        for raw, chunk in self._cutter.cut(data):
            if chunk is None:
                reports.append(garbage(raw, "these bytes stand in no frame"))
                continue
            try:
                frame = read_frame(chunk, lenient=self._lenient)
            except FrameError as problem:
                reports.append(garbage(raw, str(problem)))
            else:
                reports.extend(self._take(frame, raw))
        return reports

    # -- what came -------------------------------------------------------------------------------------------

    def _take(self, frame: Frame, raw: bytes) -> list[Report]:
        self._remember(self._headers, frame.phone, frame)
        if frame.encryption:
            return [self._report(frame, raw, {"encrypted": True}, self._answer(frame, words.UNSUPPORTED))]
        if frame.part is None:
            return self._read(frame, raw)
        whole = self._parts.take(frame)
        if whole is not None:
            return self._read(whole, raw, {"part": frame.part[1], "parts": frame.part[0]})
        ack = self._answer(frame)
        missing = self._parts.gaps(frame)
        if missing:
            ack += self._say(frame, words.RESEND, words.resend(first_serial(frame), missing))
        return [self._report(frame, raw, {"part": frame.part[1], "parts": frame.part[0]}, ack)]

    def _read(self, frame: Frame, raw: bytes, part: body.Fields | None = None) -> list[Report]:
        try:
            if frame.msg_id == words.BULK:
                return self._read_bulk(frame, raw)
            reader = self._readers.get(frame.msg_id)
            said = reader(frame) if reader else {}
        except body.BodyError as problem:
            if frame.msg_id in (words.LOCATION, words.BULK):
                # It may have been a press: a row that a person must see.
                return [garbage(raw, f"message {frame.msg_id:04X}: {problem}", self._answer(frame, words.WRONG))]
            said = {"unread": str(problem)}
        return [self._report(frame, raw, {**said, **(part or {})}, self._answer(frame))]

    def _read_bulk(self, frame: Frame, raw: bytes) -> list[Report]:
        """One report an item; the answer goes out behind the last, so that none of them can be lost by it."""
        kind, items = body.bulk(frame.body)
        said = [{**self._place(frame, item), "batch_type": kind} for item in items]
        if not said:
            return [self._report(frame, raw, {"count": 0, "batch_type": kind}, self._answer(frame))]
        acks = [b""] * (len(said) - 1) + [self._answer(frame)]
        return [self._report(frame, raw, fields, ack) for fields, ack in zip(said, acks, strict=True)]

    def _report(self, frame: Frame, raw: bytes, said: body.Fields, ack: bytes) -> Report:
        at_a_place = frame.msg_id in (words.LOCATION, words.BULK) and "lat" in said
        more = {"msg_id": frame.msg_id, "phone": frame.phone, "version": frame.version, "serial": frame.serial, **said}
        time = more.pop("device_time", None)
        kind = "position" if at_a_place else "message"
        return Report(type=kind, raw=raw, ack=ack, account=frame.phone, device_time=time, more=more)

    def _place(self, frame: Frame, data: bytes) -> body.Fields:
        said = self._locate(data, self._zone)
        model = self._models.get(frame.phone, self._model)
        if model and says_emergency(model, said["tlvs"]):
            said["emergency"] = True
        return said

    def _place_asked_for(self, frame: Frame) -> body.Fields:
        return {"reply_serial": int.from_bytes(frame.body[:2], "big"), **self._place(frame, frame.body[2:])}

    def _register(self, frame: Frame) -> body.Fields:
        said = body.register(frame.body, frame.version)
        self._remember(self._models, frame.phone, said["model"])
        return said

    def _authenticate(self, frame: Frame) -> body.Fields:
        said = body.authentication(frame.body, frame.version)
        model = model_in(said["auth_code"])
        if model:
            self._remember(self._models, frame.phone, model)
        return said

    def _answered(self, frame: Frame) -> body.Fields:
        """A general answer, with the word by which we know the text it receipts."""
        said = body.answer(frame.body)
        ref = self._awaited.pop((frame.phone, said["reply_serial"]), "")
        return {**said, "ref": ref} if ref else said

    @staticmethod
    def _remember(table: dict[K, Any], phone: K, value: object) -> None:
        table.pop(phone, None)
        table[phone] = value
        if len(table) > TERMINALS:
            del table[next(iter(table))]

    # -- what the platform says ------------------------------------------------------------------------------

    def _answer(self, frame: Frame, result: int = words.DONE) -> bytes:
        """The platform's answer to a message of a terminal; b"" to one that is an answer itself, or the platform's."""
        if frame.msg_id in words.ANSWERS or frame.msg_id >= words.FROM_PLATFORM:
            return b""
        if result == words.DONE and frame.msg_id == words.REGISTER:
            code = code_for(frame.phone, self._models.get(frame.phone, self._model))
            return self._say(frame, words.REGISTER_ANSWER, words.register_answer(frame.serial, code))
        if result == words.DONE and frame.msg_id == words.MEDIA and frame.part is None and len(frame.body) >= 4:
            return self._say(frame, words.MEDIA_ANSWER, words.media_answer(frame.body[:4]))
        return self._say(frame, words.ANSWER, words.answer(frame.serial, frame.msg_id, result))

    def _say(self, to: Frame, msg_id: int, content: bytes) -> bytes:
        serial, self._serial = self._serial, (self._serial + 1) & 0xFFFF
        said = Frame(
            msg_id=msg_id,
            phone=to.phone,
            serial=serial,
            body=content,
            version=to.version,
            protocol_version=to.protocol_version,
        )
        return said.wire()

    def outgoing(self, now: float) -> bytes:
        """Orders, and requests for sub-packages that did not come."""
        for part, first, missing in self._parts.overdue(now):
            self._outbox += self._say(part, words.RESEND, words.resend(first, missing))
        data = bytes(self._outbox)
        self._outbox.clear()
        return data

    def order(self, order: Mapping[str, object]) -> None:
        """Take {"do": "confirm", "account", "serial"}, {"do": "track", "account", "interval_s", "valid_s"}, {"do":
        "locate", "account"} or {"do": "text", "account", "text"}; ValueError for anything else.

        A terminal that has not spoken on this connection hears nothing: its header is not known. `ref` in a text is a
        word of ours; the terminal's general answer to it is reported with it.
        """
        said = self._ordered(order)
        to = self._headers.get(str(order["account"]))
        if to is not None:
            if order.get("ref"):
                self._remember(self._awaited, (to.phone, self._serial), str(order["ref"]))
            msg_id, content = said(to)
            self._outbox += self._say(to, msg_id, content)

    @staticmethod
    def _ordered(order: Mapping[str, Any]) -> Callable[[Frame], tuple[int, bytes]]:
        match order:
            case {"do": "confirm", "account": _, "serial": int(serial)}:
                return lambda to: (words.CONFIRM, words.confirm(serial))
            case {"do": "track", "account": _, "interval_s": int(interval), "valid_s": int(valid)}:
                return lambda to: (words.TRACK, words.track(interval, valid))
            case {"do": "locate", "account": _}:
                return lambda to: (words.LOCATE, b"")
            case {"do": "text", "account": _, "text": str(said)}:
                return lambda to: (words.TEXT, words.send_text(said, to.version))
            case _:
                raise ValueError(f"a JT/T 808 terminal cannot be ordered {dict(order)!r}")


def zone_of(options: Options) -> timezone:
    """The time zone of the terminals' clocks: `tz=+08:00`, GMT+8 where nothing is said."""
    found = re.fullmatch(r"([+-])([01][0-9]):([0-5][0-9])", options.get("tz", "+08:00"))
    assert found is not None
    offset = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return timezone(offset if found[1] == "+" else -offset)


def judge(options: Options) -> str:
    """What is wrong with the options, in one sentence; '' if nothing."""
    if not re.fullmatch(r"[+-][01][0-9]:[0-5][0-9]", options.get("tz", "+08:00")):
        return f"tz is an offset like +08:00, not {options['tz']!r}"
    return ""


PROTOCOL = ProtocolRow(
    codec=Jt808Codec, panel=make_panel, options=frozenset({"model"}), judge=judge, many=True, starts=b"\x7e"
)
