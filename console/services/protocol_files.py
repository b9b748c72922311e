"""The form of a protocol file: what a county writes into resources/reference/protocols or a folder of its own.

Two kinds of files. `common.json` holds `posts` (who is told besides units and agencies), `common` questions (asked in
every protocol that says `"common": true`, `place` first or last) and `shared` ones (asked where a protocol says
`{"use": "s_…"}`). Every other file is one protocol. Here only the form of one file is judged; what a file says of
other files (`protocols`) comes after.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError, model_validator

from console.domain.protocol import QuestionType
from console.services import lined_json
from console.services.lined_json import LinedJson
from console.services.lined_json import Path as Path_

Text = Annotated[str, Field(min_length=1)]
Value = Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
MATCHES = ("is", "is_not", "at_least", "at_most", "given")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class WordsForm(_Part):
    zh: Text
    en: Text


class OptionForm(WordsForm):
    value: Value


class MatchForm(_Part):
    """Exactly one of the five."""

    is_: tuple[Value, ...] = Field(default=(), alias="is")
    is_not: tuple[Value, ...] = ()
    at_least: float | None = None
    at_most: float | None = None
    given: Literal[True, None] = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        told = [self.is_ or None, self.is_not or None, self.at_least, self.at_most, self.given]
        if sum(each is not None for each in told) != 1:
            raise ValueError(f"{'、'.join(MATCHES)} 须有且只有一项")
        return self


class ConditionForm(MatchForm):
    question: Text


class EffectForm(MatchForm):
    raises_to: Literal[1, 2, 3, 4] | None = None
    because: WordsForm | None = None
    units: tuple[Text, ...] = ()
    agencies: tuple[Text, ...] = ()
    notify: tuple[Text, ...] = ()
    route: Literal["A", "B", "C"] | None = None
    warn: WordsForm | None = None


class QuestionForm(WordsForm):
    id: Value
    short: WordsForm
    type: QuestionType
    required: bool = False
    options: tuple[OptionForm, ...] = ()
    ask_if: tuple[ConditionForm, ...] = ()
    effects: tuple[EffectForm, ...] = ()
    field: Literal["place", "phone", "narrative", "caller"] | None = None
    private: bool = False


class CommonForm(QuestionForm):
    place: Literal["first", "last"]


class UseForm(_Part):
    use: Value
    required: bool = False
    ask_if: tuple[ConditionForm, ...] = ()


class LineForm(WordsForm):
    if_: tuple[ConditionForm, ...] = Field(default=(), alias="if")


class CheckForm(LineForm):
    for_: Literal["unit", "desk"] = Field(alias="for")


class _File(_Part):
    source: Text
    jurisdiction: Text
    date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    draft: bool


def _entry(value: Any) -> str:
    return "use" if isinstance(value, dict) and "use" in value else "own"


Entry = Annotated[
    Annotated[UseForm, Tag("use")] | Annotated[QuestionForm, Tag("own")],
    Discriminator(_entry),
]


class CommonFile(_File):
    posts: dict[Value, WordsForm] = Field(default_factory=dict)
    common: tuple[CommonForm, ...] = ()
    shared: tuple[QuestionForm, ...] = ()


class ProtocolFile(_File):
    id: Value
    title: WordsForm
    codes: tuple[Annotated[str, Field(pattern=r"^\d{0,6}$")], ...] = Field(min_length=1)
    common: bool = True
    police_first: bool = False
    questions: tuple[Entry, ...] = Field(min_length=1)
    instructions: tuple[LineForm, ...] = ()
    checklist: tuple[CheckForm, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake: where, and what to do about it."""

    file: Path
    line: int
    why: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.why}"


@dataclass(frozen=True, slots=True)
class Read:
    """A file as far as its form can be read, with the lines of its values."""

    file: Path
    form: CommonFile | ProtocolFile
    lines: LinedJson

    def fault(self, why: str, *path: str | int) -> Fault:
        """A mistake at a value of this file."""
        return Fault(self.file, self.lines.line(path), why)


def read_file(file: Path) -> tuple[Read | None, list[Fault]]:
    """The file and every fault of its form; where those can be put aside, it is read all the same, to be judged on."""
    try:
        lined = lined_json.read(file.read_text("utf-8"))
    except OSError as problem:
        return None, [Fault(file, 1, f"读不出来（{problem.strerror}）")]
    except UnicodeDecodeError:
        return None, [Fault(file, 1, "不是 UTF-8 文本")]
    except ValueError as problem:
        return None, [
            Fault(file, getattr(problem, "lineno", 1), f"不是有效的 JSON（{getattr(problem, 'msg', problem)}）")
        ]
    faults = [Fault(file, line, f"“{key}”写了两次") for line, key in lined.doubled]
    schema = ProtocolFile if isinstance(lined.value, dict) and "questions" in lined.value else CommonFile
    try:
        form = schema.model_validate(lined.value)
    except ValidationError as problems:
        wrong = [error for error in problems.errors() if not (error["type"] == "too_short" and error["input"])]
        faults += [_fault(file, lined, error) for error in wrong]
        form = _put_aside(schema, lined.value, wrong)
    return (Read(file, form, lined) if form is not None else None), faults


def _put_aside(schema: type[CommonFile | ProtocolFile], value: Any, wrong: Sequence[Any]) -> Any:
    """The form with what is wrong left out or blank, so that its other mistakes are named in the same run."""
    value = copy.deepcopy(value)
    for error in wrong:
        path = _path(error)
        holder = value
        for step in path[:-1]:
            holder = holder[step]
        key = path[-1] if path else None
        if error["type"] == "missing":
            holder[key] = dict(BLANK) if key in ("short", "title") else "?"
        elif error["type"] == "string_too_short":
            holder[key] = "?"
        elif isinstance(holder, dict):
            holder.pop(key, None)
    try:
        return schema.model_validate(value)
    except ValidationError:
        return None


BLANK = {"zh": "?", "en": "?"}


def _path(error: Any) -> Path_:
    """Where in the file; the name of an alternative stands among the steps, and the file does not know it."""
    return tuple(step for at, step in enumerate(error["loc"]) if not (at == 2 and step in ("own", "use")))


_WHY = {
    "missing": "缺少“{key}”",
    "extra_forbidden": "不认识的项“{key}”",
    "string_too_short": "“{key}”不能为空",
    "too_short": "“{key}”不能为空",
    "string_type": "“{key}”须是文字",
    "bool_type": "“{key}”须是 true 或 false",
    "bool_parsing": "“{key}”须是 true 或 false",
    "float_parsing": "“{key}”须是数字",
    "float_type": "“{key}”须是数字",
    "tuple_type": "“{key}”须是列表 […]",
    "model_type": "“{key}”须是对象 {{…}}",
    "dict_type": "“{key}”须是对象 {{…}}",
}


def _fault(file: Path, lined: LinedJson, error: Any) -> Fault:
    path = _path(error)
    key = path[-1] if path else "文件"
    kind, context = error["type"], error.get("ctx", {})
    if kind == "literal_error":
        why = f"“{key}”写作 {context['expected']}，不能是 {error['input']!r}".replace(" or ", " 或 ")
    elif kind == "string_pattern_mismatch":
        why = f"“{key}”的写法不对：{error['input']}（须符合 {context['pattern']}）"
    elif kind == "value_error":
        why = str(context["error"])
    else:
        why = _WHY.get(kind, "“{key}”的值不对（" + str(error["msg"]) + "）").format(key=key)
    return Fault(file, lined.line(path), why)
