"""Libraries keep caches and settings in the user's home folder; a service or a container may have none."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

HOME = "USERPROFILE" if os.name == "nt" else "HOME"
OF_LIBRARIES = ("MPLCONFIGDIR", "IPYTHONDIR")  # they write there when they are imported


def need_home() -> Path | None:
    """Where the home folder cannot be written to, give the libraries a temporary one, which goes when this
    process ends; returns it. One that is there but cannot be written to is still read.
    """
    home = Path("~").expanduser() if os.path.expanduser("~") != "~" else None  # noqa: PTH111 - Path raises
    if home and home.is_dir() and os.access(home, os.W_OK):
        return None
    own = Path(tempfile.mkdtemp(prefix="kamplay-home-"))
    atexit.register(shutil.rmtree, own, ignore_errors=True)
    if home is None or not home.is_dir():
        os.environ[HOME] = str(own)
    for name in OF_LIBRARIES:
        (own / name.lower()).mkdir()
        os.environ.setdefault(name, str(own / name.lower()))
    return own
