"""`kcore version` says what runs, and how."""

from kcore.cli.commands.version import kernels
from kcore.machinery import frozen


def test_version_names_kcore_kubernetes_and_the_kernels(kcore):
    lines = kcore("version").out.splitlines()

    assert lines[0].startswith("kcore ")
    assert lines[1] == "Kubernetes semantics: v1.37.2"
    assert lines[3] == f"kernels: {kernels()}"


def test_pure_python_is_said_clearly(monkeypatch):
    monkeypatch.setattr(frozen, "COMPILED", ())

    assert kernels().startswith("pure Python")


def test_compiled_kernels_are_named(monkeypatch):
    monkeypatch.setattr(frozen, "COMPILED", ("frozen", "heap"))

    assert kernels() == "compiled (frozen, heap)"
