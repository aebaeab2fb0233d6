"""mypy knows the types of views and of the calls that return them, with and without plugin."""

import subprocess
import sys
from pathlib import Path

import pytest

USERS_CODE = Path(__file__).with_name("typed_views.py")
PLAIN = "[mypy]\nstrict = true\n"
WITH_PLUGIN = """[mypy]
strict = true
plugins = pydantic.mypy
[pydantic-mypy]
init_forbid_extra = true
init_typed = true
"""


@pytest.mark.slow
@pytest.mark.parametrize("configuration", [PLAIN, WITH_PLUGIN], ids=["plain", "plugin"])
def test_mypy_accepts_good_code_and_finds_mistakes(tmp_path, repository, configuration):
    (tmp_path / "mypy.ini").write_text(configuration, encoding="utf-8")
    command = [
        *(sys.executable, "-m", "mypy", "--config-file", tmp_path / "mypy.ini"),
        *("--cache-dir", tmp_path / "cache", "--follow-imports", "silent", USERS_CODE),
    ]

    answer = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)

    assert answer.returncode == 0, answer.stdout + answer.stderr
