"""Loading the question protocols 接警问询要点 and judging them: every mistake with its file and line, all at once.

The shipped folder must be right. A county's own folder (setting `protocols`) is read over it: a protocol, question or
post with a known id replaces ours, a new one is added. A county's file with a mistake in it is left out and told, for
nothing in a setting may keep the desk from starting; `python -m console protocols check` names the mistakes before.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from console.domain.protocol import (
    COMMON,
    PLACE_OF_OPTION,
    SHARED,
    YES_NO,
    Book,
    Condition,
    Effect,
    Line,
    Match,
    Option,
    Protocol,
    Question,
    Words,
)
from console.services.protocol_files import (
    CommonFile,
    CommonForm,
    ConditionForm,
    EffectForm,
    Fault,
    LineForm,
    MatchForm,
    ProtocolFile,
    QuestionForm,
    Read,
    UseForm,
    WordsForm,
    read_file,
)
from resources import ROOT

FOLDER = ROOT / "reference" / "protocols"


@dataclass(frozen=True, slots=True)
class Names:
    """What a protocol may name: incident codes, agencies a handoff may go to, types of units."""

    codes: frozenset[str]
    agencies: frozenset[str]
    units: frozenset[str]


@dataclass(frozen=True, slots=True)
class Found:
    """Files that belong together, and what is wrong with them."""

    book: Book
    faults: tuple[Fault, ...] = ()


def files_of(folder: Path) -> list[Path]:
    """The protocol files of a folder, in the order of their names."""
    return sorted(folder.glob("*.json"))


def load_book(names: Names, own: Path | None = None, shipped: Path = FOLDER) -> Found:
    """The shipped protocols with a county's `own` over them; files with faults are left out.

    `faults` holds every mistake of both folders, `book.faults` those of the county's in words.
    """
    theirs = files_of(own) if own is not None else []
    missing = [Fault(own, 1, "文件夹里没有 JSON 文件")] if own is not None and not theirs else []
    found = check(files_of(shipped), theirs, names)
    told = (*missing, *found.faults)
    bad = {fault.file for fault in found.faults}
    while bad & set(theirs):
        theirs = [file for file in theirs if file not in bad]
        found = check(files_of(shipped), theirs, names)
        bad = {fault.file for fault in found.faults}
    ours = set(files_of(shipped))
    said = tuple(str(fault) for fault in told if fault.file not in ours)
    return Found(replace(found.book, faults=said), told)


def check(shipped: Sequence[Path], own: Sequence[Path], names: Names) -> Found:
    """Read and judge the files; the book holds what is right."""
    faults: list[Fault] = []
    layers: list[list[Read]] = []
    for files in (shipped, own):
        layers.append([])
        for file in files:
            read, wrong = read_file(file)
            faults += wrong
            layers[-1] += [read] if read is not None else []
        faults += _twice(layers[-1])
    reads = [read for layer in layers for read in layer]
    ground = _Ground.of(reads, names)
    protocols: dict[str, Protocol] = {}
    last = {read.form.id: read for read in reads if isinstance(read.form, ProtocolFile)}
    faults += [f for read in reads if isinstance(read.form, CommonFile) for f in ground.common_faults(read)]
    for read in last.values():
        faults += ground.faults(read)
        if not any(fault.file == read.file for fault in faults):
            protocols[read.form.id] = ground.build(read.form)  # type: ignore[union-attr,arg-type]
    faults += _claimed_twice(last.values())
    faults.sort(key=lambda fault: (str(fault.file), fault.line))
    return Found(Book(protocols, ground.posts), tuple(faults))


def _twice(reads: Iterable[Read]) -> Iterator[Fault]:
    """One id in two files of one folder."""
    seen: dict[str, Path] = {}
    for read in reads:
        if isinstance(read.form, ProtocolFile):
            if read.form.id in seen:
                yield read.fault(f"编号“{read.form.id}”已在 {seen[read.form.id].name} 用过", "id")
            seen.setdefault(read.form.id, read.file)


def _claimed_twice(reads: Iterable[Read]) -> Iterator[Fault]:
    claimed: dict[str, Path] = {}
    for read in reads:
        assert isinstance(read.form, ProtocolFile)
        for at, code in enumerate(read.form.codes):
            if code in claimed:
                yield read.fault(f"编码“{code}”已归 {claimed[code].name}", "codes", at)
            claimed.setdefault(code, read.file)


@dataclass(frozen=True, slots=True)
class _Ground:
    """What every protocol stands on: posts, common and shared questions of all files, and the desk's own names."""

    names: Names
    posts: Mapping[str, Words]
    common: Mapping[str, CommonForm]
    shared: Mapping[str, QuestionForm]

    @classmethod
    def of(cls, reads: Iterable[Read], names: Names) -> "_Ground":
        files = [read.form for read in reads if isinstance(read.form, CommonFile)]
        return cls(
            names,
            {key: _words(post) for file in files for key, post in file.posts.items()},
            {question.id: question for file in files for question in file.common},
            {question.id: question for file in files for question in file.shared},
        )

    # -- judging ---------------------------------------------------------------------------------------------

    def common_faults(self, read: Read) -> Iterator[Fault]:
        assert isinstance(read.form, CommonFile)
        yield from _doubled(read, "common", [q.id for q in read.form.common])
        yield from _doubled(read, "shared", [q.id for q in read.form.shared])
        for part, mark, questions in (("common", COMMON, read.form.common), ("shared", SHARED, read.form.shared)):
            for at, question in enumerate(questions):
                if not question.id.startswith(mark):
                    yield read.fault(f"编号“{question.id}”须以 {mark} 开头", part, at, "id")
                yield from self._question_faults(read, question, (part, at))
                if question.ask_if:
                    yield read.fault("通用问题不能带 ask_if，请写在引用处", part, at, "ask_if")

    def faults(self, read: Read) -> list[Fault]:
        """Every mistake of one protocol."""
        form = read.form
        assert isinstance(form, ProtocolFile)
        ids = [self._id(entry) for entry in form.questions]
        found = [*_doubled(read, "questions", ids)]
        for at, code in enumerate(form.codes):
            if code and code not in self.names.codes:
                found.append(read.fault(f"警情编码“{code}”不存在", "codes", at))
        order = self._order(form)
        for at, entry in enumerate(form.questions):
            found += self._entry_faults(read, entry, at, order)
        found += _cycles(read, form, ids)
        for part, lines in (("instructions", form.instructions), ("checklist", form.checklist)):
            for at, line in enumerate(lines):
                found += self._condition_faults(read, line.if_, (part, at, "if"), order, None)
        return found

    def _entry_faults(
        self, read: Read, entry: QuestionForm | UseForm, at: int, order: Mapping[str, QuestionForm]
    ) -> Iterator[Fault]:
        path = ("questions", at)
        if isinstance(entry, UseForm):
            if entry.use not in self.shared:
                yield read.fault(f"没有共用问题“{entry.use}”", *path, "use")
        else:
            if entry.id.startswith((COMMON, SHARED)):
                yield read.fault(f"编号“{entry.id}”不能以 {COMMON} 或 {SHARED} 开头", *path, "id")
            yield from self._question_faults(read, entry, path)
        yield from self._condition_faults(read, entry.ask_if, (*path, "ask_if"), order, self._id(entry))

    def _question_faults(self, read: Read, question: QuestionForm, path: tuple[str | int, ...]) -> Iterator[Fault]:
        picked = question.type in ("choice", "multi")
        if picked and not question.options:
            yield read.fault(f"“{question.id}”是选择题，须有 options", *path)
        if not picked and question.options:
            yield read.fault(f"“{question.id}”的类型 {question.type} 不带 options", *path, "options")
        if len(question.options) > len(PLACE_OF_OPTION):
            yield read.fault(f"“{question.id}”的选项多于 {len(PLACE_OF_OPTION)} 个", *path, "options")
        values = [option.value for option in question.options]
        for at, value in enumerate(values):
            if value in values[:at]:
                yield read.fault(f"选项“{value}”重复", *path, "options", at)
        for at, effect in enumerate(question.effects):
            yield from _match_faults(read, effect, question, (*path, "effects", at))
            yield from self._effect_faults(read, effect, (*path, "effects", at))

    def _effect_faults(self, read: Read, effect: EffectForm, path: tuple[str | int, ...]) -> Iterator[Fault]:
        known: tuple[tuple[str, str, Sequence[str], Iterable[str]], ...] = (
            ("units", "警组类型", effect.units, self.names.units),
            ("agencies", "联动单位", effect.agencies, self.names.agencies),
            ("notify", "岗位", effect.notify, self.posts),
        )
        for key, kind, named, there in known:
            for at, name in enumerate(named):
                if name not in there:
                    yield read.fault(f"{kind}“{name}”不存在", *path, key, at)

    def _condition_faults(
        self,
        read: Read,
        conditions: Sequence[ConditionForm],
        path: tuple[str | int, ...],
        order: Mapping[str, QuestionForm],
        before: str | None,
    ) -> Iterator[Fault]:
        """`before`: the question the condition opens must stand behind what it looks at."""
        ids = list(order)
        for at, condition in enumerate(conditions):
            question = order.get(condition.question)
            if question is None:
                yield read.fault(f"没有问题“{condition.question}”", *path, at, "question")
                continue
            if before in ids and ids.index(condition.question) >= ids.index(str(before)):
                yield read.fault(f"“{condition.question}”排在“{before}”之后，须放到前面", *path, at, "question")
            yield from _match_faults(read, condition, question, (*path, at))

    # -- building --------------------------------------------------------------------------------------------

    def _id(self, entry: QuestionForm | UseForm) -> str:
        return entry.use if isinstance(entry, UseForm) else entry.id

    def _order(self, form: ProtocolFile) -> dict[str, QuestionForm]:
        """The protocol's questions by the ids the file calls them, in the order they are asked."""
        first = [q for q in self.common.values() if form.common and q.place == "first"]
        last = [q for q in self.common.values() if form.common and q.place == "last"]
        own = [self.shared.get(e.use) if isinstance(e, UseForm) else e for e in form.questions]
        return {q.id: q for q in (*first, *own, *last) if q is not None}

    def build(self, form: ProtocolFile) -> Protocol:
        """The protocol as a value; its form must have no faults."""

        def key(id_: str) -> str:
            return id_ if id_.startswith((COMMON, SHARED)) else f"{form.id}.{id_}"

        asked = {self._id(entry): entry for entry in form.questions}
        questions = [_question(q, key, asked.get(q.id, q)) for q in self._order(form).values()]
        return Protocol(
            id=form.id,
            title=_words(form.title),
            codes=form.codes,
            questions=tuple(questions),
            instructions=tuple(_line(line, key) for line in form.instructions),
            checklist=tuple(_line(line, key, unit=line.for_ == "unit") for line in form.checklist),
            police_first=form.police_first,
            draft=form.draft,
            source=form.source,
            jurisdiction=form.jurisdiction,
            date=form.date,
        )


def _doubled(read: Read, part: str, ids: Sequence[str]) -> Iterator[Fault]:
    for at, id_ in enumerate(ids):
        if id_ in ids[:at]:
            yield read.fault(f"问题编号“{id_}”重复", part, at)


def _match_faults(read: Read, match: MatchForm, question: QuestionForm, path: tuple[str | int, ...]) -> Iterator[Fault]:
    """Whether such an answer to the question can be at all."""
    options = YES_NO if question.type == "yes_no" else question.options
    values = {option.value for option in options}
    for key, named in (("is", match.is_), ("is_not", match.is_not)):
        for at, value in enumerate(named):
            if value not in values:
                yield read.fault(f"“{question.id}”没有选项“{value}”", *path, key, at)
    for key, limit in (("at_least", match.at_least), ("at_most", match.at_most)):
        if limit is not None and question.type != "number":
            yield read.fault(f"“{question.id}”不是数字题，不能用 {key}", *path, key)


def _cycles(read: Read, form: ProtocolFile, ids: Sequence[str]) -> Iterator[Fault]:
    """Questions that wait for each other would never be asked; each circle is named once, at its first question."""
    waits = {id_: [c.question for c in entry.ask_if] for id_, entry in zip(ids, form.questions, strict=True)}
    told: set[str] = set()
    for at, id_ in enumerate(ids):
        way = _way_back(id_, waits)
        if way and id_ not in told:
            told |= set(way)
            yield read.fault(f"ask_if 成环：{' → '.join(way)}", "questions", at, "ask_if")


def _way_back(start: str, waits: Mapping[str, Sequence[str]]) -> list[str]:
    """A way from a question back to itself, [] if there is none."""
    ways = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for following in waits.get(way[-1], ()):
            if following == start:
                return [*way, start]
            if following not in seen:
                seen.add(following)
                ways.append([*way, following])
    return []


Key = Callable[[str], str]


def _words(form: WordsForm) -> Words:
    return Words(form.zh, form.en)


def _match(form: MatchForm) -> Match:
    return Match(is_=form.is_, is_not=form.is_not, at_least=form.at_least, at_most=form.at_most, given=bool(form.given))


def _conditions(forms: Iterable[ConditionForm], key: Key) -> tuple[Condition, ...]:
    return tuple(Condition(key(form.question), _match(form)) for form in forms)


def _effect(form: EffectForm) -> Effect:
    return Effect(
        match=_match(form),
        raises_to=form.raises_to or 0,
        because=_words(form.because) if form.because else None,
        units=form.units,
        agencies=form.agencies,
        notify=form.notify,
        route=form.route or "",
        warn=_words(form.warn) if form.warn else None,
    )


def _question(form: QuestionForm, key: Key, asked: QuestionForm | UseForm) -> Question:
    """`asked`: where the protocol uses a shared question, it says itself when and whether it must be asked."""
    return Question(
        id=key(form.id),
        text=_words(form),
        short=_words(form.short),
        type=form.type,
        options=tuple(Option(o.value, o.zh, o.en) for o in form.options),
        required=form.required or asked.required,
        ask_if=_conditions(asked.ask_if, key),
        effects=tuple(_effect(effect) for effect in form.effects),
        fills=form.field or "",
        private=form.private,
    )


def _line(form: LineForm, key: Key, *, unit: bool = False) -> Line:
    return Line(text=_words(form), when=_conditions(form.if_, key), unit=unit)
