"""The schema of the files in reference/sayings, how people speak about each code, and the faults no schema can see.

A county adds a file of its own or changes ours; the sayings of a code may stand in several files. What was learnt
from them lies beside them and knows from which sayings: weights of other sayings are used and told of, damaged ones
are not used.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256

from pydantic import BaseModel, ConfigDict, Field

from console.domain.learnt import read_head

Sayings = Mapping[str, tuple[str, ...]]
"""What people say, by code."""

AGAIN = "请运行 python -m console learn 重新学习"


class CodeSayings(BaseModel):
    """What people say for one code: fragments or, better, whole sentences."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str = Field(min_length=2)
    said: tuple[str, ...] = Field(min_length=1)


class SayingsFile(BaseModel):
    """A file; a county adds what its people say under the code it means."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str = Field(min_length=1)
    jurisdiction: str = Field(min_length=1)
    date: str = Field(min_length=4)
    sayings: tuple[CodeSayings, ...]


def together(files: Iterable[SayingsFile]) -> Sayings:
    """The sayings of all files by code, in the order of the files."""
    said: defaultdict[str, list[str]] = defaultdict(list)
    for row in (row for file in files for row in file.sayings):
        said[row.code] += row.said
    return {code: tuple(sayings) for code, sayings in said.items()}


def saying_faults(files: Mapping[str, SayingsFile], tree: set[str]) -> Iterator[str]:
    """Codes that do not exist or stand twice in a file, and sayings that are empty or stand twice under one code."""
    for name, file in files.items():
        rows = Counter(row.code for row in file.sayings)
        yield from (f"{name} {code}：编码重复" for code, times in rows.items() if times > 1)
        yield from (f"{name} {code}：编码不存在" for code in rows if code not in tree)
    for code, said in together(files.values()).items():
        for saying, times in Counter(said).items():
            if not saying.strip() or times > 1:
                yield f"{'、'.join(_holding(files, code))} {code}：说法“{saying}”为空或重复"


def _holding(files: Mapping[str, SayingsFile], code: str) -> list[str]:
    return [name for name, file in files.items() if any(row.code == code for row in file.sayings)]


def checksum(sayings: Sayings) -> str:
    """What stands for the sayings: the same for the same ones, in whatever file or order they are."""
    lines = sorted(f"{code}\t{saying}\n" for code, said in sayings.items() for saying in said)
    return sha256("".join(lines).encode()).hexdigest()


def usable(packed: bytes, sayings: Sayings, tree: set[str]) -> tuple[bytes, str]:
    """The weights if they can be used, and what is wrong with them in one sentence ('' if nothing is)."""
    if not packed:
        return b"", f"没有从说法学到的权重，只按规则词推断；{AGAIN}" if sayings else ""
    try:
        head = read_head(packed)
    except ValueError:
        return b"", f"从说法学到的权重文件损坏，只按规则词推断；{AGAIN}"
    if not tree.issuperset(head["codes"]):
        return b"", f"权重中有编码表没有的编码，只按规则词推断；{AGAIN}"
    return packed, "" if head["checksum"] == checksum(sayings) else f"说法表改过，权重还是旧的；{AGAIN}"
