"""The ledger's chain: each entry's hash covers the hash before it, its place, its head and its sealed body.

The hash covers the ciphertext, never the words: when retention destroys an
entry's key the chain still holds.
"""

from collections.abc import Sequence
from hashlib import sha256

#: What the first entry follows.
GENESIS = bytes(32)


def entry_hash(previous: bytes, seq: int, at: int, head: Sequence[str], body: bytes) -> bytes:
    """Return the hash of an entry.

    Args:
        previous: The hash of the entry before, or `GENESIS`.
        seq: Its number, from 1 without gaps.
        at: When, in microseconds since 1970.
        head: Its unsealed texts; none holds a line break (`check_head`).
        body: Its sealed body.
    """
    return sha256(previous + f"{seq}\n{at}\n{chr(10).join(head)}\n".encode() + body).digest()


def check_head(head: Sequence[str]) -> None:
    """Refuse a head whose texts could be cut elsewhere.

    Raises:
        ValueError: A text holds a line break.
    """
    if any("\n" in part for part in head):
        raise ValueError("a ledger entry's head holds a line break")


def head_statement(seq: int, digest: bytes) -> bytes:
    """Return what is signed to say that the ledger's entry *seq* has the hash *digest*."""
    return b"callwright ledger %d " % seq + digest.hex().encode()
