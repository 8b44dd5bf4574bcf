"""How a server is set up: plain data, given once when it starts."""

from dataclasses import dataclass
from pathlib import Path

KIB = 1024


@dataclass(frozen=True, slots=True)
class Settings:
    """What a server allows.

    Args:
        body_limit: The largest body of a request, in bytes.
        batch_limit: The largest body of a request that brings many jobs, in bytes.
        bundle_limit: The largest body of a request that brings a bundle, in bytes.
        rate: How many requests a second one API key may make for long, over all processes.
        burst: How many it may make at once.
        strangers: How many refused requests a second one address may make for long, over all processes.
        cors_origins: Web pages of these origins may call the API; none by default.
        cache: A folder that keeps trained recognisers by content, or None.
        encoder: The sentence encoder that words are heard with besides, or ''.
    """

    body_limit: int = 64 * KIB
    batch_limit: int = 1024 * KIB
    bundle_limit: int = 4096 * KIB
    rate: float = 200.0
    burst: float = 400.0
    strangers: float = 20.0
    cors_origins: frozenset[str] = frozenset()
    cache: Path | None = None
    encoder: str = ""
