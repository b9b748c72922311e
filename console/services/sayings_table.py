"""The schema of sayings.json, how people speak about each code, and the faults no schema can see."""

from collections import Counter
from collections.abc import Iterator, Mapping

from pydantic import BaseModel, ConfigDict, Field


class CodeSayings(BaseModel):
    """Short examples of speech for one code."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str = Field(min_length=2)
    said: tuple[str, ...] = Field(min_length=1)


class SayingsFile(BaseModel):
    """The file; a county adds what its people say under the code it means."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str = Field(min_length=1)
    jurisdiction: str = Field(min_length=1)
    date: str = Field(min_length=4)
    sayings: tuple[CodeSayings, ...]

    def table(self) -> Mapping[str, tuple[str, ...]]:
        """The sayings by code."""
        return {row.code: row.said for row in self.sayings}


def saying_faults(spoken: SayingsFile, tree: set[str]) -> Iterator[str]:
    """Codes that do not exist or stand twice, and sayings that are empty or stand twice under one code."""
    rows = Counter(row.code for row in spoken.sayings)
    yield from (f"sayings.json {code}：编码重复" for code, times in rows.items() if times > 1)
    for row in spoken.sayings:
        if row.code not in tree:
            yield f"sayings.json {row.code}：编码不存在"
        for saying, times in Counter(row.said).items():
            if not saying.strip() or times > 1:
                yield f"sayings.json {row.code}：说法“{saying}”为空或重复"
