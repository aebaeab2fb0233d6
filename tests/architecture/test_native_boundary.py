"""Kernels know no kcore: import-linter cannot look into compiled sources, so this test does."""

import re

import pytest

KERNEL_SUFFIXES = {".pyx", ".pxd", ".c", ".h"}
IMPORT_OF_KCORE = re.compile(
    r"""^\s*(c?import|from)\s+kcore(?!\._native)\b      # Cython
      | PyImport_\w+\s*\(\s*"kcore(?!\._native)          # the C API
      | \#\s*include\s+[<"]kcore""",
    re.MULTILINE | re.VERBOSE,
)


def kernel_sources(repository):
    folder = repository / "kcore" / "_native"
    return sorted(path for path in folder.rglob("*") if path.suffix in KERNEL_SUFFIXES)


def test_no_kernel_imports_anything_above_it(repository):
    offenders = [
        f"{path.relative_to(repository)}: {found.group(0).strip()}"
        for path in kernel_sources(repository)
        for found in IMPORT_OF_KCORE.finditer(path.read_text(encoding="utf-8"))
    ]

    assert offenders == []


@pytest.mark.parametrize(
    "line",
    [
        "from kcore.store import tree",
        "    import kcore",
        "from kcore cimport x",
        'module = PyImport_ImportModule("kcore.machinery");',
    ],
)
def test_the_pattern_sees_an_import_of_kcore(line):
    assert IMPORT_OF_KCORE.search(line)


@pytest.mark.parametrize(
    "line",
    ["from kcore._native cimport heap", "from libc.stdint cimport int64_t", "# see kcore.store"],
)
def test_the_pattern_lets_other_lines_pass(line):
    assert not IMPORT_OF_KCORE.search(line)


def test_every_kernel_has_a_stub_and_a_readable_twin(repository):
    folder = repository / "kcore" / "_native"
    kernels = sorted(path.stem for path in folder.glob("*.pyx"))
    missing = [
        name
        for stem in kernels
        for name in (f"{stem}.pyi", f"reference/{stem}.py")
        if not (folder / name).exists()
    ]

    assert missing == []
