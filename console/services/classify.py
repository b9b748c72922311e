"""`python -m console classify`: one narrative a line in, one JSON object a line out (CLI.md)."""

from collections.abc import Iterable, Iterator

from console.domain.reference import Reference
from console.domain.routing import Match, classify


def classify_lines(lines: Iterable[str], reference: Reference) -> Iterator[dict[str, object]]:
    """One object a line, in order: codes and agencies best first, route, priority, words, articles.

    Added to the contract: `text`, `conflicts` and `reasons`. An empty line gives empty lists and no route.
    """
    for line in lines:
        text = line.strip()
        found = classify(text, None, reference)
        yield {
            "text": text,
            "codes": list(found.codes),
            "agencies": list(found.agencies),
            "route": found.route,
            "priority": found.priority,
            "words": [_word(match) for match in found.words],
            "articles": list(found.articles),
            "conflicts": list(found.conflicts),
            "reasons": list(found.reasons),
        }


def _word(match: Match) -> dict[str, object]:
    return {"word": match.word, "start": match.start, "code": match.code, "agency": match.agency}
