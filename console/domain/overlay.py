"""An overlay: changes tried on top of a state that itself stays as it is.

For acts that must be checked before they are made durable: if they are refused half-way, nothing remains.
"""

from console.domain.state import E, Entity, MemoryState, State


class Overlay:
    """Reads fall through to `base`; writes stay here."""

    def __init__(self, base: State) -> None:
        self._base = base
        self._own = MemoryState()

    def get(self, kind: type[E], key: str) -> E | None:
        return self._own.get(kind, key) or self._base.get(kind, key)

    def put(self, entity: Entity) -> None:
        self._own.put(entity)

    def where(self, kind: type[E], **equal: object) -> list[E]:
        merged = {row.key: row for row in self._base.where(kind, **equal) if self._own.get(kind, row.key) is None}
        merged |= {row.key: row for row in self._own.where(kind, **equal)}
        return [merged[key] for key in sorted(merged)]
