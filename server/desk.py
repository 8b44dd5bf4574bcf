"""What the views work with: the store, the bundles and the shells, opened once and closed by their owner."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock, Thread
from typing import Any

from flask import current_app

from engine.bundle import CompiledBundle
from engine.calls import Calls, Shelf
from engine.nlu.encoder import encoder_named
from engine.outbound.gate import Gate
from engine.records.errors import StoreAway, UnknownBundle
from engine.records.store import Store
from engine.runtime.prepared import prepare
from engine.source.finding import BundleError
from engine.source.render import to_json
from server.checking import Checked
from server.errors import NotReady
from server.limits import Limits
from server.measured import Measured
from server.memory import Memory
from server.settings import Settings


@dataclass(frozen=True, slots=True)
class Ready:
    """Whether the server can work, and why not."""

    reason: str = ""
    more: Mapping[str, Any] | None = None


class Desk:
    """The parts of one server process.

    Args:
        store: Its store, which it closes.
        settings: What the server allows.
        draining: Tells whether the server is being stopped.
        limits: Who may come how often, for all processes.
        settle: What is done each time a bundle was made ready.
    """

    def __init__(
        self,
        store: Store,
        settings: Settings | None = None,
        draining: Callable[[], bool] | None = None,
        limits: Limits | None = None,
        settle: Callable[[], object] = lambda: None,
    ) -> None:
        self.settings = settings or Settings()
        self.store = store
        self.shelf = Shelf(store, self._taught)
        self.calls = Calls(store, self.shelf)
        self.gate = Gate(self.calls)
        self.draining = draining or (lambda: False)
        self.limits = limits or Limits.of(self.settings)
        self.measured = Measured()
        self.checked: Memory[Checked] = Memory(16)
        self._known: dict[str, Ready] = {}
        self._making = Lock()
        self._settle = settle

    def bundle(self) -> CompiledBundle:
        """Return the bundle that new calls run under, made ready.

        Raises:
            NotReady: None was published, or the one in force does not compile.
            StoreAway: The store cannot be reached.
        """
        try:
            digest = self.store.bundles.current()
        except UnknownBundle as none:
            raise NotReady(str(none)) from none
        state = self.make_ready(digest)
        if state.reason:
            raise NotReady(state.reason, **(state.more or {}))
        return self.shelf.get(digest)

    def make_ready(self, digest: str) -> Ready:
        """Compile a bundle and train what its first turn would otherwise wait for; once a process."""
        known = self._known.get(digest)
        if known is not None:
            return known
        with self._making:
            if digest not in self._known:
                self._known[digest] = self._made(digest)
        return self._known[digest]

    def _taught(self, bundle: CompiledBundle) -> None:
        prepare(bundle, self.settings.cache, encoder_named(self.settings.encoder))

    def _made(self, digest: str) -> Ready:
        try:
            prepare(self.shelf.get(digest)).ear.recogniser()
        except BundleError as error:
            reason = f"the bundle in force, {digest[:12]}, does not compile"
            return Ready(reason, {"findings": [to_json(one) for one in error.findings[:20]]})
        self._settle()
        return Ready()

    def ready(self) -> Ready:
        """Return whether requests can be served now. A bundle that came into force elsewhere is made ready aside."""
        if self.draining():
            return Ready("the server is being stopped")
        try:
            digest = self.store.bundles.current()
        except UnknownBundle as none:
            return Ready(str(none))
        except StoreAway:
            return Ready("the store cannot be reached")
        known = self._known.get(digest)
        if known is None and not self._making.locked():
            Thread(target=self.make_ready, args=(digest,), daemon=True).start()
        return known or Ready("the bundle in force is being made ready")

    def now(self) -> datetime:
        """Return the store's time."""
        return self.calls.now()

    def close(self) -> None:
        """Close the store."""
        self.store.close()


def desk() -> Desk:
    """Return the desk of the server that answers the present request."""
    found = current_app.extensions["callwright"]
    assert isinstance(found, Desk)
    return found
