"""The key ring: personal data sealed by field, found by keyed hash, and what the ledger is signed with.

A sealed value is bound to its table, column and row: moved elsewhere it does
not open. Rotation puts a new key in front; older ones still open what they
sealed. The last (founding) key of the ring makes look-up hashes and the
ledger's signatures, and so stays as long as the data.
"""

import base64
import binascii
import hmac
import os
from collections.abc import Mapping
from functools import cached_property

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from engine.records.errors import NoKey, SealBroken

VARIABLE = "CALLWRIGHT_KEY"


class KeyRing:
    """Keys by id, the first being the one new values are sealed with.

    Raises:
        NoKey: There is none, or one is not 32 bytes long.
    """

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        if not keys:
            raise NoKey(f"set `{VARIABLE}` to a key: an id, a colon and 32 random bytes in base64")
        for name, key in keys.items():
            if len(key) != 32 or not name.isalnum() or len(name) > 32:
                raise NoKey(f"key `{name}` must have a short plain name and 32 bytes")
        self._ciphers = {name: AESGCM(_derive(key, b"seal")) for name, key in keys.items()}
        self._first = next(iter(keys))
        founding = list(keys.values())[-1]
        self._blind = _derive(founding, b"look-up")
        self._signing = _derive(founding, b"ledger")

    @classmethod
    def read(cls, text: str) -> "KeyRing":
        """Return the ring written as ``id:base64,id:base64``, newest first; a single key may go without its id."""
        keys: dict[str, bytes] = {}
        for part in filter(None, (p.strip() for p in text.split(","))):
            name, colon, encoded = part.rpartition(":")
            try:
                keys[name if colon else "k1"] = base64.b64decode(encoded, validate=True)
            except binascii.Error as error:
                raise NoKey(f"key `{name or 'k1'}` is not written in base64") from error
        return cls(keys)

    @classmethod
    def from_environment(cls) -> "KeyRing":
        """Return the ring in the environment variable ``CALLWRIGHT_KEY``."""
        return cls.read(os.environ.get(VARIABLE, ""))

    def seal(self, table: str, column: str, row: str, plain: bytes) -> bytes:
        """Return *plain* encrypted for one place (AES-256-GCM, random nonce)."""
        nonce = os.urandom(12)
        name = self._first.encode()
        sealed = self._ciphers[self._first].encrypt(nonce, plain, _place(table, column, row))
        return bytes((len(name),)) + name + nonce + sealed

    def open(self, table: str, column: str, row: str, sealed: bytes) -> bytes:
        """Return what was sealed for this place.

        Raises:
            SealBroken: It was changed, sealed for another place, or its key is not on the ring.
        """
        name = sealed[1 : 1 + sealed[0]].decode("ascii", "replace") if sealed else ""
        cipher = self._ciphers.get(name)
        if cipher is None:
            raise SealBroken(f"{table}.{column} of {row} was sealed with key `{name}`, which is not on the ring")
        start = 1 + sealed[0]
        if len(sealed) < start + 12 + 16:
            raise SealBroken(f"{table}.{column} of {row} was cut short")
        try:
            return cipher.decrypt(sealed[start : start + 12], sealed[start + 12 :], _place(table, column, row))
        except InvalidTag as error:
            raise SealBroken(f"{table}.{column} of {row} was changed or moved") from error

    def blind(self, scope: str, value: str) -> str:
        """Return the look-up hash of *value*: equal for equal values of one scope, and nothing else is known of it."""
        return hmac.digest(self._blind, f"{scope}|{value}".encode(), "sha256").hex()[:32]

    def mac(self, data: bytes) -> bytes:
        """Return a keyed checksum of *data*."""
        return hmac.digest(self._signing, data, "sha256")

    @cached_property
    def _signer(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self._signing)

    def sign(self, data: bytes) -> bytes:
        """Return the ed25519 signature of *data*."""
        return self._signer.sign(data)

    @property
    def public(self) -> bytes:
        """The 32 bytes with which anyone can check a signature."""
        return self._signer.public_key().public_bytes_raw()


def signed_by(public: bytes, signature: bytes, data: bytes) -> bool:
    """Return whether *signature* over *data* was made by the owner of *public*."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"callwright " + purpose).derive(key)


def _place(table: str, column: str, row: str) -> bytes:
    return f"{table}|{column}|{row}".encode()
