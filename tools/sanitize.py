"""Run the kernel tests under AddressSanitizer and UndefinedBehaviorSanitizer.

The kernels are built with assertions in a scratch copy, so the working tree and its fast kernels
stay as they are. Leaks are not looked for: an interpreter keeps much until it ends (the tests of
leaks count objects instead).

Usage: `python tools/sanitize.py [PYTEST ARGUMENT ...]`; by default `tests/native`.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
COPIED = ("kcore", "tests", "setup.py", "pyproject.toml", "README.md", "LICENSE")
NOT_COPIED = shutil.ignore_patterns("*.so", "__pycache__", ".*")
SANITIZERS = "-fsanitize=address,undefined"
RUNTIMES = ("libasan.so", "libubsan.so")


def main() -> int:
    """Copy, build, test; the exit status of the first step that fails."""
    with tempfile.TemporaryDirectory(prefix="kcore-sanitize-") as folder:
        scratch = Path(folder)
        copy_sources(scratch)
        built = subprocess.run(
            [sys.executable, "setup.py", "--quiet", "build_ext", "--inplace"],
            cwd=scratch,
            env=build_environment(),
            check=False,
        )
        if built.returncode:
            return built.returncode
        tests = sys.argv[1:] or ["tests/native"]
        # pytest's fault handler would take the signals the sanitizers report.
        options = ["-q", "-p", "no:faulthandler", "-p", "no:cacheprovider"]
        return subprocess.run(
            [sys.executable, "-m", "pytest", *options, *tests],
            cwd=scratch,
            env=test_environment(scratch),
            check=False,
        ).returncode


def copy_sources(scratch: Path) -> None:
    """What a build and its tests need, without anything that was built."""
    for name in COPIED:
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(source, scratch / name, ignore=NOT_COPIED)
        else:
            shutil.copy(source, scratch / name)


def build_environment() -> dict[str, str]:
    """The compiler's flags; an undefined operation ends the process."""
    flags = f"{SANITIZERS} -fno-sanitize-recover=undefined -fno-omit-frame-pointer"
    return {**os.environ, "KCORE_DEBUG": "1", "CFLAGS": flags, "LDFLAGS": SANITIZERS}


def test_environment(scratch: Path) -> dict[str, str]:
    """The sanitizers first in the process, every object allocated where they see it."""
    return {
        **os.environ,
        "KCORE_PURE": "0",
        "LD_PRELOAD": " ".join(map(runtime, RUNTIMES)),
        "ASAN_OPTIONS": "detect_leaks=0",
        "UBSAN_OPTIONS": "print_stacktrace=1",
        "PYTHONMALLOC": "malloc",
        "PYTHONPATH": str(scratch),
    }


def runtime(library: str) -> str:
    """Where the compiler keeps a sanitizer's library.

    Raises:
        SystemExit: it has none.
    """
    compiler = os.environ.get("CC", "cc")
    found = subprocess.run(
        [compiler, f"-print-file-name={library}"], capture_output=True, text=True, check=True
    ).stdout.strip()
    if not Path(found).is_absolute():
        raise SystemExit(f"{compiler} has no {library}: install its sanitizers")
    return found


if __name__ == "__main__":
    sys.exit(main())
