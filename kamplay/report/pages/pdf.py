"""report.<language>.pdf: the page as a browser of this machine prints it, without a network."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "msedge",
)
OF_A_MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
OF_WINDOWS = ("Google/Chrome/Application/chrome.exe", "Microsoft/Edge/Application/msedge.exe")
LONGEST = 180  # seconds that a page may take
WRITTEN = re.compile(rb"/(CreationDate|ModDate) ?\(D:[^)]*\)")


def find_browser() -> str | None:
    """A Chromium, Chrome or Edge of this machine; None without one."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    places = [Path(place) for place in OF_A_MAC] if sys.platform == "darwin" else []
    if sys.platform == "win32":
        roots = [os.environ.get(name) for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")]
        places = [Path(root) / place for root in roots if root for place in OF_WINDOWS]
    return next((str(place) for place in places if place.is_file()), None)


def print_page(page: Path, target: Path) -> bool:
    """Print ``page`` into ``target``; whether it could be done. The same page gives the same bytes, as far as
    one browser prints it: the dates of printing are taken out.
    """
    browser = find_browser()
    if browser is None:
        return False
    with tempfile.TemporaryDirectory(prefix="kamplay-print-", ignore_cleanup_errors=True) as own:
        made = Path(own) / "page.pdf"
        command = [
            browser,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--no-first-run",
            "--no-pdf-header-footer",
            f"--user-data-dir={Path(own) / 'profile'}",
            f"--print-to-pdf={made}",
            page.resolve().as_uri(),
        ]
        try:
            subprocess.run(command, capture_output=True, timeout=LONGEST, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return False
        if not made.is_file():
            return False
        target.write_bytes(WRITTEN.sub(_still, made.read_bytes()))
    return True


def _still(found: re.Match[bytes]) -> bytes:
    """The date of 2000-01-01 in as many bytes, so that nothing after it moves."""
    digits = re.sub(rb"\d", b"0", found[0])
    return digits.replace(b"D:00000000", b"D:20000101")
