"""Speaker: how a timeline's sentence is said. Every file of sentences (`telling`, `telling_…`) speaks through it."""

from collections.abc import Callable, Mapping

from console.domain.reference import Reference

Translate = Callable[[str, str], str]
"""(context, Chinese text) -> the text in the language of the windows."""


def plain(_: str, text: str) -> str:
    """Chinese as it stands."""
    return text


class Speaker:
    """Words and patterns in the language of the windows, and what the facts of one incident have named so far."""

    def __init__(self, reference: Reference, translate: Translate = plain) -> None:
        self.reference, self.translate = reference, translate
        self.agencies: dict[str, str] = {}
        self.units: dict[str, str] = {}
        self.requests: dict[str, str] = {}

    def say(self, sentence: str) -> str:
        """A sentence's pattern."""
        return self.translate("Timeline", sentence)

    def word(self, label: str) -> str:
        """A word of the domain's own tables."""
        return self.translate("domain", label)

    def named(self, words: Mapping[str, str], key: str) -> str:
        """The word for a key of a table; the key itself where the table has none."""
        return self.translate("Wording", words.get(key, key))

    def told(self, sentence: str, *details: str) -> str:
        """The sentence and, after a colon, what was said."""
        said = self.word("；").join(detail for detail in details if detail)
        return f"{sentence}{self.word('：')}{said}" if said else sentence

    def agency(self, handoff: str) -> str:
        """The short name of the agency a handoff went to."""
        found = self.reference.agencies.get(self.agencies.get(handoff, ""))
        return self.word(found.short) if found is not None else self.agencies.get(handoff, handoff)

    def unit(self, order: str) -> str:
        """The call sign of the unit an order was given to."""
        return self.units.get(order, order)

    def kind(self, code: str) -> str:
        """The name of an incident code; the code itself when the tables no longer hold it."""
        found = self.reference.codes.get(code)
        return self.word(found.name) if found is not None else code
