"""What users may import from `kcore` is pinned: adding or removing a name is a decision."""

import subprocess
import sys

import kcore


def test_every_public_name_is_there():
    assert [name for name in kcore.__all__ if not hasattr(kcore, name)] == []


def test_star_import_gives_exactly_the_public_names():
    namespace = {}

    exec("from kcore import *", namespace)

    assert {name for name in namespace if name != "__builtins__"} == set(kcore.__all__)


def test_importing_kcore_builds_no_typed_view():
    """Typed views cost a second of import; they load on first use."""
    code = (
        "import sys, kcore; "
        "print([name for name in sys.modules if name == 'pydantic' or name.endswith('.models')])"
    )

    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout

    assert output.strip() == "[]"
