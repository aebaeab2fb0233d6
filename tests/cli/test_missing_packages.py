"""Without the packages of the command line, the program says how to get them."""

import subprocess
import sys


def answer_without(module):
    program = f"import sys; sys.modules[{module!r}] = None; import kcore.__main__"
    return subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )


def test_the_extra_is_named():
    answer = answer_without("typer")
    assert answer.returncode == 1
    assert answer.stderr == "kcore: the command line is an extra: pip install 'kcore[cli]'\n"


def test_any_other_missing_package_is_an_error_of_the_installation():
    answer = answer_without("yaml")
    assert answer.returncode == 1
    assert "ModuleNotFoundError: import of yaml halted" in answer.stderr
