"""A user without a home folder that can be written to: a service, a container, a locked-down laptop."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

LOOK = """
import os
from pathlib import Path
from kamplay.home_folder import HOME, need_home
own = need_home()
print(own, os.environ.get(HOME), Path.home(), os.environ.get("MPLCONFIGDIR"), os.environ.get("IPYTHONDIR"))
"""


def looked(home: str | None, **more: str) -> list[str]:
    """The temporary home, the home of the process, the home Python finds, and where libraries write."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "SYSTEMROOT") if name in os.environ}
    about = {**kept, **more, **({"HOME": home, "USERPROFILE": home} if home else {})}
    told = subprocess.run([sys.executable, "-c", LOOK], env=about, capture_output=True, text=True, check=True)
    return told.stdout.split()


def test_a_home_that_can_be_written_to_is_left_alone(tmp_path: Path) -> None:
    assert looked(str(tmp_path)) == ["None", str(tmp_path), str(tmp_path), "None", "None"]


def test_without_a_home_there_is_one_as_long_as_the_process_lives(tmp_path: Path) -> None:
    own, home, found, matplotlib, ipython = looked(str(tmp_path / "none"))
    assert own == home == found
    assert {Path(matplotlib).parent, Path(ipython).parent} == {Path(own)}
    assert not Path(own).exists()


def test_who_names_a_place_for_a_library_keeps_it(tmp_path: Path) -> None:
    own, *_, matplotlib, ipython = looked(str(tmp_path / "none"), MPLCONFIGDIR=str(tmp_path))
    assert matplotlib == str(tmp_path)
    assert Path(ipython).parent == Path(own)


@pytest.mark.skipif(os.name == "nt", reason="a folder is made read-only otherwise there")
def test_a_home_that_is_read_only_is_still_read(tmp_path: Path) -> None:
    look = "import os; os.access = lambda *_: False\n" + LOOK  # root may write everywhere
    kept = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", look]
    told = subprocess.run(command, env=kept, capture_output=True, text=True, check=True).stdout.split()
    assert told[1] == str(tmp_path)
    assert Path(told[3]).parent == Path(told[0])
