"""What of a log record may be written down: times, places in the code, numbers of things, never people.

A log is read by technicians and maintainers and kept half a year, so three rules stand between a record and
the file. Phone and ID-card numbers are masked wherever they appear. Only plain values are written out: of a
whole act, fact or mapping no more than its type. And what other people's code says, exceptions above all (a
database quotes the row it refused, a parser the text it could not read), loses every Chinese word, which is
where a caller's name and story would be.
"""

import json
import logging
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from pathlib import PurePath
from traceback import extract_tb
from typing import Any

from console.services.masking import mask_text as masked

_CHINESE = re.compile(r"[\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff·]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029]")
WITHHELD = "〔略〕"
OURS = ("console", "widgets", "drivers", "resources", "tests")
MOST_FRAMES = 40
"""Of an endless recursion the last frames tell enough."""

_PLAIN = (str, int, float, bool, type(None), PurePath, Enum, date, timedelta)
_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


def _is_ours(name: str) -> bool:
    return name.split(".", 1)[0] in OURS


def _without_people(text: str) -> str:
    return _CHINESE.sub(WITHHELD, text)


def error_text(error: BaseException) -> str:
    """Kind and message of an exception. Of one not of our making only the first line, and no Chinese word of it:
    what follows quotes the statement, the row or the input."""
    kind = type(error)
    said = str(error)
    if not (_is_ours(kind.__module__) or isinstance(error, OSError)):
        said = _without_people(next(iter(said.splitlines()), ""))
    return masked(f"{kind.__qualname__}: {said}" if said else kind.__qualname__)


def trace_text(error: BaseException, seen: frozenset[int] = frozenset()) -> Iterator[str]:
    """The exception with where it came from, and what led to it or is grouped in it; one line each."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and id(before) not in seen:
        yield from trace_text(before, seen | {id(error)})
        yield "-- then --"
    for frame in extract_tb(error.__traceback__)[-MOST_FRAMES:]:
        yield f"  {PurePath(frame.filename).name}:{frame.lineno} {frame.name}"
    yield error_text(error)
    for part in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        if id(part) not in seen:
            yield from ("  " + line for line in trace_text(part, seen | {id(error)}))


def _argument(value: Any) -> Any:
    """A record's argument as it may be written out."""
    if isinstance(value, BaseException):
        return error_text(value)
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [_argument(item) for item in value]
    return f"<{type(value).__name__}>"


def message_of(record: logging.LogRecord) -> str:
    """What the record says."""
    pattern = error_text(record.msg) if isinstance(record.msg, BaseException) else str(record.msg)
    args = record.args
    filled: Any = ()
    if isinstance(args, Mapping) and "%(" in pattern:
        filled = {name: _argument(value) for name, value in args.items()}
    elif isinstance(args, Mapping):
        filled = (_argument(args),)  # logging hands a lone mapping on as if it were the names of a pattern
    elif args:
        filled = tuple(_argument(value) for value in args)
    try:
        text = pattern % filled if filled else pattern
    except (TypeError, ValueError, KeyError):
        text = f"{pattern} (its arguments do not fit)"
    return masked(text if _is_ours(record.name) or record.name == "qt" else _without_people(text))


def _json_value(value: Any) -> Any:
    if isinstance(value, bool | None | float):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [_json_value(item) for item in value]
    text = masked(str(_argument(value)))
    return value if isinstance(value, int) and text == str(value) else text


def _trace(record: logging.LogRecord) -> list[str]:
    error = record.exc_info[1] if record.exc_info else None
    return list(trace_text(error)) if error is not None else []


class JsonLines(logging.Formatter):
    """One JSON object a record: time (UTC, ms), level, logger, seat, pid, message, error, and what `extra` gave."""

    def __init__(self, seat: str, pid: int) -> None:
        super().__init__()
        self._always = {"seat": seat, "pid": pid}

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"time": at.replace("+00:00", "Z"), "level": record.levelname, "logger": record.name, **self._always}
        line["message"] = _CONTROL.sub(" ", message_of(record))
        if trace := _trace(record):
            line["error"] = _CONTROL.sub(" ", "\n".join(trace))
        for name, value in record.__dict__.items():
            if name not in _STANDARD:
                line.setdefault(masked(name), _json_value(value))
        return json.dumps(line, ensure_ascii=False)


class PlainWords(logging.Formatter):
    """For the eye: time, level, logger, message; below it where an error came from."""

    def format(self, record: logging.LogRecord) -> str:
        at = self.formatTime(record)
        return "\n".join((f"{at} {record.levelname} {record.name}: {message_of(record)}", *_trace(record)))
