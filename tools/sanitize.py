"""Runs the kernel tests under AddressSanitizer and UndefinedBehaviorSanitizer.

Builds the kernels in place with assertions and sanitizers, runs the tests that stand on them, and
removes the instrumented kernels again, so that the next `make build` makes plain ones. Python
itself is not instrumented: the sanitizer's library is loaded first, and leaks are not judged
(`tests/native` counts what kernels keep).
"""

import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent
KERNELS = REPOSITORY / "kcore" / "_native"
FLAGS = "-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer"
TESTS = ["tests/native"]


def library(compiler: str, name: str) -> str:
    """Where the compiler keeps a runtime library."""
    found = subprocess.run(
        [compiler, f"-print-file-name={name}"], capture_output=True, text=True, check=True
    )
    return found.stdout.strip()


def run(arguments: list[str], **variables: str) -> int:
    """Run a command in the repository with these variables set; return its exit code."""
    environment = {**os.environ, **variables}
    return subprocess.run(arguments, cwd=REPOSITORY, env=environment, check=False).returncode


def main() -> int:
    """Build, test, clean; the exit code of what failed first."""
    compiler = os.environ.get("CC", "gcc")
    build = [sys.executable, "setup.py", "--quiet", "build_ext", "--inplace", "--force"]
    status = run(build, KCORE_DEBUG="1", CFLAGS=f"{FLAGS} -g -O1", LDFLAGS=FLAGS)
    try:
        if status:
            return status
        return run(
            [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *TESTS],
            KCORE_PURE="0",
            LD_PRELOAD=f"{library(compiler, 'libasan.so')} {library(compiler, 'libubsan.so')}",
            ASAN_OPTIONS="detect_leaks=0:allocator_may_return_null=1",
            UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1",
            PYTHONMALLOC="malloc",
        )
    finally:
        for kernel in KERNELS.glob("*.so"):
            kernel.unlink()


if __name__ == "__main__":
    sys.exit(main())
