"""What counts of a narrative when it is compared with what people say: its pieces of one or two characters.

Fillers, numbers of telephones and plates, landmarks and denials say nothing about the matter and are taken out first.
What is left is cut into characters and pairs, each counted; triples were tried and brought nothing. The learner
(services/learning.py) and the desk (learnt.py) cut in the same way, so a weight means the same to both.
"""

import re
from collections import Counter
from collections.abc import Iterator
from math import log

MOST = 600
"""Characters that are listened to: what matters is said by then, and time stays bounded whatever is pasted."""

_CHARACTERS = re.compile(r"[\u4e00-\u9fffA-Za-z0-9]+")
_PLACE = re.compile(
    r"[\u4e00-\u9fff]{1,6}?(?:路|街|大道|巷|小区|花园|大厦|公司|宿舍|局|村|站|学校|医院|银行|公园|市场|广场)"
    "(?:旁边|旁|对面|门口|附近|边上|后面|楼下|斜对面|隔壁|[一二三四五六七八九十百0-9]+号)"
)
_DENIED = re.compile("(?:(?<=[，。；！？,])|^)(?:不是|没有|没人|没|并没有|未|无人|不用|不要)[^，。；！？,]*")
_FILLER = re.compile(r"嗯|呃|那个|这个|啥|喂|你好|您好|警官|警察同志|[A-Za-z]{1,2}[ ·-]?\d{4,}|\d{6,}")
_LEFT_AT_LEAST = 4


def counted(narrative: str) -> dict[str, float]:
    """The pieces of what is heard of a narrative; a piece said often counts a little more than one said once."""
    times = Counter(_pieces(heard(narrative[:MOST])))
    return {piece: 1.0 + log(often) if often > 1 else 1.0 for piece, often in times.items()}


def heard(narrative: str) -> str:
    """The narrative with fillers (嗯), long numbers, landmarks (烟草局门口) and denied clauses (，没人受伤) blanked
    one for one.

    A denial at the very end of what was said in one breath stays: what is left would be too little to judge by.
    """
    text = _PLACE.sub(_blank, _FILLER.sub(_blank, narrative))
    clear = _DENIED.sub(_blank, text)
    left = sum(map(len, _CHARACTERS.findall(clear)))
    return clear if left >= _LEFT_AT_LEAST else _FILLER.sub(_blank, narrative)


def _blank(match: re.Match[str]) -> str:
    return "，" * len(match[0])


def _pieces(text: str) -> Iterator[str]:
    for run in _CHARACTERS.findall(text):
        for start, character in enumerate(run):
            yield character
            if start + 2 <= len(run):
                yield run[start : start + 2]
