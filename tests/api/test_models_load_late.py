"""Typed views cost import time: nothing loads them, or pydantic, before somebody asks."""

import subprocess
import sys

import pytest

import kcore.api.core_v1

LOADED = "print(sorted(name for name in sys.modules if name.split('.')[0] == 'pydantic')[:1])"
LATE = f"import sys; {{}}; {LOADED}"


def loaded_after(code):
    command = [sys.executable, "-c", LATE.format(code)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.slow
@pytest.mark.parametrize(
    "code",
    [
        "import kcore, kcore.api; kcore.Cluster(nodes=1)",
        "import kcore.api; kcore.api.core_v1; kcore.api.apps_v1",
        "import kcore.api.core_v1 as core; hasattr(core, 'no_such_name')",
        "import kcore; kcore.Cluster(nodes=1).apply('examples/bookshop.yaml')",
    ],
)
def test_pydantic_is_not_loaded(code, repository, monkeypatch):
    monkeypatch.chdir(repository)

    assert loaded_after(code) == "[]"


@pytest.mark.slow
@pytest.mark.parametrize(
    "code", ["from kcore.api.core_v1 import Pod", "import kcore.api; kcore.api.core_v1.Pod"]
)
def test_asking_for_a_view_loads_it(code):
    assert loaded_after(code) == "['pydantic']"


@pytest.mark.slow
def test_schemas_are_built_on_first_use():
    code = (
        "from kcore.api.core_v1 import Pod, Node; print(Pod.__pydantic_complete__); "
        "Pod.model_validate({}); print(Pod.__pydantic_complete__, Node.__pydantic_complete__)"
    )

    assert loaded_after(code).split("\n")[:2] == ["False", "True False"]


@pytest.mark.slow
def test_a_family_of_views_is_loaded_alone():
    code = (
        "from kcore.api.core_v1 import ConfigMap; from kcore.api.core_v1.models import Node; "
        "print(sorted(name.rpartition('_')[2] for name in sys.modules if '.models_' in name))"
    )

    assert loaded_after(code).split("\n")[0] == "['node', 'other', 'shared']"


def test_unknown_names_are_attribute_errors():
    with pytest.raises(AttributeError, match=r"'kcore.api.core_v1' has no attribute 'Podd'"):
        _ = kcore.api.core_v1.Podd
    with pytest.raises(AttributeError, match=r"'kcore.api' has no attribute 'core_v9'"):
        _ = kcore.api.core_v9
    with pytest.raises(ImportError, match="Field"):
        exec("from kcore.api.core_v1 import Field")


def test_views_are_listed():
    assert {"Pod", "PodSpec"} <= set(dir(kcore.api.core_v1))
