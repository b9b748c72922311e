"""Terms: what an incident is found by, cut into pieces that a database can keep an index of.

What is searched of an incident is one folded text (`haystack`), and a typed word is found where it stands in that text
letter by letter (`fits`). A database cannot look that up, so the text is cut into pieces (`terms`): every character,
every two neighbours, every three and every four Latin letters or digits, and the initials of place, title and caller
in the same way. Whatever holds a word holds every piece of it (`asked`), so the index names all that may fit, and few
besides. One cut serves every database and both sides of the question.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import blake2b

from console.domain.incident import Incident
from console.spelling.initials import initials, name_initials

SEARCHED = ("number", "alias", "title", "place", "place_unknown", "caller", "phone", "narrative", "kind")
"""The fields of an incident a person finds it by, besides the initials of title, place and caller. A kind is found
whole: what a person types for it is its name, and that stands in the table of codes."""
GROUPED_IN = slice(SEARCHED.index("place"), SEARCHED.index("kind"))
"""Those in which people write numbers and plates."""

SYMBOLS = 0xE000
"""Where signs that an index takes for the end of a word stand in the pieces: private characters."""

KIND, MONTH = chr(SYMBOLS), chr(SYMBOLS + 1)
"""Begin the pieces that are a whole kind and the month of opening, which no cut of a text can give."""

_DAYS_FROM = date(2000, 1, 1).toordinal()
_A_DAY = 1 << 20
_NUMBER = re.compile(r"\D*(\d{4})(\d\d)(\d\d)-(\d{1,6})")
_SEGMENT = re.compile(r"[^\W_]+")
_LATIN = re.compile(r"[a-z0-9]{3,}")
_SIGN = re.compile(r"[\W_]")
_PLATE = re.compile(r"[京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新][a-z][ ·.•-]?[a-z0-9]{5,6}")
_GROUPED = re.compile(r"\d(?:[ ()-]{0,2}\d){6,}")
_BETWEEN = re.compile(r"[ ·.•()-]")
LONGEST = 4
"""Letters or digits in the longest piece: the year stands in every number, so three would say little of one."""
LEAST_BARE = 5
"""Characters a word must have without its separators to be looked for without them: 138-0000-1234, 闽E·12345."""


def fold(text: str) -> str:
    """As it is compared: full-width and Latin capitals are as small letters."""
    return unicodedata.normalize("NFKC", text).lower()


def searched(incident: Incident) -> tuple[str, ...]:
    """What the haystack is made of; another answer means another haystack."""
    return tuple([getattr(incident, name) for name in SEARCHED])


MOST = 2000
"""So many characters of a field are searched: a whole document pasted into one must not hold up the journal."""


def haystack(incident: Incident) -> str:
    """All that a word may stand in, a field a line; numbers and plates written in groups stand there joined, too."""
    texts = tuple(text[:MOST] for text in searched(incident))
    title, place, caller = (text[:MOST] for text in (incident.title, incident.place, incident.caller))
    spelled = (initials(title), initials(place), name_initials(caller))
    text, written = fold("\n".join((*texts[:-1], *spelled))), fold("\n".join(texts[GROUPED_IN]))
    joined = [_BETWEEN.sub("", found) for shape in (_PLATE, _GROUPED) for found in shape.findall(written)]
    return "\n".join([text, *(word for word in joined if word not in text)])


def fits(word: str, stack: str) -> bool:
    """Whether a haystack holds a word as it was typed (folded here), or without its separators."""
    typed = fold(word)
    if typed in stack:
        return True
    bare = _BETWEEN.sub("", typed)
    return len(bare) >= LEAST_BARE and bare != typed and bare in stack


def terms(incident: Incident) -> str:
    """Every piece of an incident's haystack, in order, with blanks between: what is stored."""
    pieces = _cut(haystack(incident))
    if incident.kind:
        pieces.add(KIND + incident.kind)
    dated = _NUMBER.fullmatch(incident.number)
    if dated is not None:
        pieces.add(MONTH + dated[1] + dated[2])
    return " ".join(sorted(pieces))


def asked(word: str) -> list[str]:
    """The pieces that whatever fits the word must have; as few as say enough, none for an empty word."""
    folded = fold(word)
    segments: list[str] = _SEGMENT.findall(folded)
    if not segments:
        return sorted({_sign(letter) for letter in folded if not letter.isspace()})
    pieces = {segment for segment in segments if len(segment) == 1}
    for segment in segments:
        long = {at for run in _LATIN.finditer(segment) for at in range(run.start(), run.end() - 1)}
        pieces |= {segment[at : at + 2] for at in range(len(segment) - 1) if at not in long}
        for run in _LATIN.findall(segment):
            pieces |= {run[max(0, end - LONGEST) : max(end, LONGEST)] for end in range(len(run), 0, -LONGEST)}
    return sorted(pieces)


def _cut(stack: str) -> set[str]:
    pieces = {_sign(letter) for letter in set(_SIGN.findall(stack)) if not letter.isspace()}
    for segment in _SEGMENT.findall(stack):
        pieces.update(segment)
        pieces.update([segment[at : at + 2] for at in range(len(segment) - 1)])
    for run in _LATIN.findall(stack):
        pieces.update([run[at : at + 3] for at in range(len(run) - 2)])
        pieces.update([run[at : at + LONGEST] for at in range(len(run) - 3)])
    return pieces


def _sign(letter: str) -> str:
    return chr(SYMBOLS + ord(letter)) if letter.isascii() else letter


def newness(number: str) -> int:
    """Where an incident stands in the order of opening, from its number: the newer the greater, each its own.

    Numbers are given in the order of time, so nothing else need be asked. A number of another make comes before all.
    """
    found = _NUMBER.fullmatch(number)
    if found is None:
        return -1 - int.from_bytes(blake2b(number.encode(), digest_size=7).digest())
    year, month, day, n = map(int, found.groups())
    return (date(year, month, day).toordinal() - _DAYS_FROM) * _A_DAY + n


def months_back(edge: int) -> Iterator[tuple[str, int]]:
    """The piece of each month from a place in the order back, with the place where the month begins; never ends."""
    day = date.fromordinal(max(edge, 0) // _A_DAY + _DAYS_FROM)
    while True:
        day = day.replace(day=1)
        yield f"{MONTH}{day:%Y%m}", (day.toordinal() - _DAYS_FROM) * _A_DAY
        day -= timedelta(days=1)
