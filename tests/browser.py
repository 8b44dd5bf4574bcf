"""A real browser for tests: the system's Chromium, else one that is installed now; a test never goes without."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def chromium() -> str | None:
    """Return the path of a Chromium, installing one if need be; None is Playwright's own.

    Raises:
        RuntimeError: There is none and none can be installed; the text says what to do.
    """
    found = _on_path()
    if found:
        return found
    tried = []
    if os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-qq"], capture_output=True, check=False)
        done = subprocess.run(
            ["apt-get", "install", "-y", "-qq", "chromium"], capture_output=True, text=True, check=False
        )
        tried.append(done.stderr.strip()[-200:])
        if found := _on_path():
            return found
    done = subprocess.run(
        [sys.executable, "-m", "playwright", "install", "chromium"], capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return None
    tried.append(done.stderr.strip()[-200:])
    raise RuntimeError(
        "no Chromium: run `apt-get install chromium` as root, or `playwright install chromium`\n" + "\n".join(tried)
    )


@contextmanager
def browser() -> Iterator[Browser]:
    """Yield a running browser."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        try:
            yield running
        finally:
            running.close()


def _on_path() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)
