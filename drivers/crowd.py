"""The senders at one listening port, counted by address, so that nobody fills the port for the others."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from drivers.guard import Limits
from drivers.peer import Peer
from drivers.wire import Wire


def household(address: str) -> str:
    """Who is counted together: an IPv4 address; an IPv6 network of 64 bits, which one customer has to himself.

    '' for this machine itself: its own programs (a tunnel, a proxy) bring many senders by one address.
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    mapped = getattr(ip, "ipv4_mapped", None) or ip
    if mapped.is_loopback:
        return ""
    return str(mapped) if mapped.version == 4 else str(ipaddress.ip_network((mapped, 64), strict=False))


class Crowd:
    """All peers of a server, the oldest first. `held`: those that are not read for the moment."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._peers: dict[Wire, Peer] = {}
        self._homes: dict[str, dict[Peer, None]] = {}
        self.held: set[Peer] = set()

    def __len__(self) -> int:
        return len(self._peers)

    def __iter__(self) -> Iterator[Peer]:
        return iter(self._peers.values())

    def by_wire(self, wire: Wire) -> Peer | None:
        """The sender behind a wire; None if it is gone."""
        return self._peers.get(wire)

    def add(self, peer: Peer) -> None:
        self._peers[peer.wire] = peer
        self._homes.setdefault(household(peer.address), {})[peer] = None

    def remove(self, peer: Peer) -> bool:
        """Whether it was here."""
        if self._peers.pop(peer.wire, None) is None:
            return False
        self.held.discard(peer)
        home = household(peer.address)
        del self._homes[home][peer]
        if not self._homes[home]:
            del self._homes[home]
        return True

    def has_room(self, address: str) -> bool:
        """Whether one more may come, and from there."""
        return len(self._peers) < self._limits.connections and self._home_has_room(household(address))

    def _home_has_room(self, home: str) -> bool:
        return not home or len(self._homes.get(home, ())) < self._limits.peers

    def oldest_unproven(self, address: str) -> Peer | None:
        """Who gives way: the oldest that has not said a word of the protocol; of the same address if that is full."""
        home = household(address)
        among = self if self._home_has_room(home) else self._homes[home]
        return next((peer for peer in among if not peer.proven), None)
