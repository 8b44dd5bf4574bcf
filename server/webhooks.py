"""What the host is told by itself: signed messages from the outbox, at least once, over days if need be.

Source: Standard Webhooks 1.0 (standardwebhooks.com): ``webhook-id``, ``webhook-timestamp`` and
``webhook-signature`` over ``id.timestamp.body``; several signatures while a secret is being changed.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from random import SystemRandom
from threading import Event
from urllib.parse import urlsplit

import httpx
from standardwebhooks import Webhook

from engine.records.errors import StoreAway
from engine.records.outbox import Message, Outbox
from server.logs import told

#: How long to wait after each try, in seconds; after the last the message is given up.
WAITS = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
TIMEOUT = 10.0
_HERE = ("localhost", "127.0.0.1", "::1")


class BadWebhook(ValueError):
    """The webhook cannot be used; the message says why."""


class Webhooks:
    """Delivers one store's outbox to one place.

    Args:
        outbox: What is to be delivered.
        url: Where to; ``https``, or this machine.
        secrets: ``whsec_…``, the newest first; a message carries a signature for each.
        client: What sends.
    """

    def __init__(
        self, outbox: Outbox, url: str, secrets: Iterable[str], client: httpx.Client | None = None
    ) -> None:
        check_address(url)
        self._outbox = outbox
        self._url = url
        self._signers = tuple(Webhook(secret) for secret in secrets)
        if not self._signers:
            raise BadWebhook("messages are signed: give a secret, `whsec_` and 24 to 64 random bytes in base64")
        self._client = client or httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False)

    def run(self, stop: Event, poll: float = 1.0) -> None:
        """Deliver until told to stop."""
        while not stop.is_set():
            try:
                delivered = self.deliver()
            except StoreAway:
                delivered = 0
            if not delivered:
                stop.wait(poll * SystemRandom().uniform(0.5, 1.5))
        self._client.close()

    def deliver(self) -> int:
        """Try every message that is due, up to ten; return how many were tried."""
        messages = self._outbox.take()
        for message in messages:
            self._settle(message, self._send(message))
        return len(messages)

    def _send(self, message: Message) -> int:
        """Return the status of the answer, or 0 for none."""
        now = datetime.now(UTC)
        body = json.dumps({"type": message.kind, "subject": message.subject, "data": message.payload}, sort_keys=True)
        headers = {
            "content-type": "application/json",
            "webhook-id": message.id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(one.sign(message.id, now, body) for one in self._signers),
        }
        try:
            return self._client.post(self._url, content=body.encode(), headers=headers).status_code
        except httpx.HTTPError:
            return 0

    def _settle(self, message: Message, status: int) -> None:
        if 200 <= status < 300:
            self._outbox.delivered(message.id)
        elif status == 410 or message.tries > len(WAITS):
            self._outbox.give_up(message.id)
        else:
            wait = WAITS[message.tries - 1] * SystemRandom().uniform(0.8, 1.2)
            self._outbox.put_off(message.id, timedelta(seconds=wait))
        told("webhook", kind=message.kind, message_id=message.id, tries=message.tries, status=status)


def check_address(url: str) -> None:
    """Refuse an address to which signed messages should not go.

    Raises:
        BadWebhook: It is neither ``https`` nor of this machine.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise BadWebhook(f"`{url}` is no address of the form https://host/path")
    if parts.scheme == "http" and parts.hostname not in _HERE:
        raise BadWebhook("messages go over https; http is only for this machine")
