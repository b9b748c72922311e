"""The keys of encrypted DC-09: AES-CBC of 128, 192 or 256 bits, one key an account, from a TOML file of the technician.

    "1234" = "0123456789ABCDEF0123456789ABCDEF"
    default = "ABCDABCDABCDABCD"

A key is written as hex digits (32, 48 or 64) or as the characters themselves (16, 24 or 32), as some makers do. 32 hex
digits can be either: then both are tried, and the one that decrypts is the key.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from drivers.codec import Options, ProtocolError

# DC-09 5.4.6: the initialisation vector is sixteen zero bytes.
_IV = modes.CBC(bytes(16))
BLOCK = 16
_SIZES = (16, 24, 32)
_DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys by account in upper case; `default` for every other account. () is no key."""

    of: Mapping[str, tuple[bytes, ...]]
    default: tuple[bytes, ...] = ()

    def for_account(self, account: str) -> tuple[bytes, ...]:
        """Return what may be the key of an account."""
        return self.of.get(account.upper(), self.default)


def read_key(text: str) -> tuple[bytes, ...]:
    """Return what a written key may be; ProtocolError with one sentence, without the key, if it cannot be any."""
    ways = []
    if re.fullmatch(r"[0-9A-Fa-f]+", text) and len(text) // 2 in _SIZES and len(text) % 2 == 0:
        ways.append(bytes.fromhex(text))
    if len(text) in _SIZES and text.isascii():
        ways.append(text.encode("ascii"))
    if not ways:
        raise ProtocolError("a key has 32, 48 or 64 hex digits, or is 16, 24 or 32 characters long")
    return tuple(ways)


def keys_for(options: Options) -> Keys:
    """Return the keys a line or a command names; ProtocolError with one sentence if they cannot be had."""
    if "key" in options:
        return Keys({}, read_key(options["key"]))
    return _read_file(options["keys"]) if "keys" in options else Keys({})


@cache
def _read_file(name: str) -> Keys:
    """Return the keys in a file, read once: a line at work does not lose its keys to a half-written file."""
    try:
        rows = tomllib.loads(Path(name).read_text(encoding="utf-8"))
    except OSError as problem:
        raise ProtocolError(f"the keys file {name} cannot be read: {problem.strerror or problem}") from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ProtocolError(f"the keys file {name} is not TOML: {problem}") from problem
    read = {account.upper(): _read_row(name, account, key) for account, key in rows.items()}
    default = read.pop(_DEFAULT.upper(), ())
    return Keys(read, default)


def _read_row(name: str, account: str, key: object) -> tuple[bytes, ...]:
    if account != _DEFAULT and not re.fullmatch(r"[0-9A-Fa-f]{1,16}", account):
        raise ProtocolError(f"in the keys file {name}, {account!r} is neither an account (hex digits) nor default")
    if not isinstance(key, str):
        raise ProtocolError(f"in the keys file {name}, the key of {account} is not in quotation marks")
    try:
        return read_key(key)
    except ProtocolError as problem:
        raise ProtocolError(f"in the keys file {name}, the key of {account} is wrong: {problem}") from problem


@lru_cache(maxsize=4096)
def _cipher(key: bytes) -> Cipher[modes.CBC]:
    return Cipher(algorithms.AES(key), _IV)


def encrypt(key: bytes, clear: bytes) -> bytes:
    """Return the cipher text of bytes whose number is a multiple of 16."""
    work = _cipher(key).encryptor()
    return work.update(clear) + work.finalize()


def decrypt(key: bytes, cipher: bytes) -> bytes:
    """Return the clear text of a cipher text whose length is a multiple of 16."""
    work = _cipher(key).decryptor()
    return work.update(cipher) + work.finalize()
