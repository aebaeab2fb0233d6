"""Every code block of the README and the docs runs: what readers copy works.

Blocks of one page share their names, as in a session, and run in a folder of their own that
holds the repository's `examples` and its small benchmark workloads. A function called `test_...`
is called as well. In `console` blocks each line that starts with `$ kcore` runs in this process
and must succeed; `# exit 2` at its end says otherwise.
"""

import shlex
import shutil
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.myst import CodeBlockParser, PythonCodeBlockParser

from kcore.cli.main import main

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path.relative_to(ROOT).as_posix() for path in [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]
)


def run_console(example):
    """Run the `kcore` lines of a console block."""
    for line in str(example.parsed).splitlines():
        command, _, comment = line.partition("  # ")
        if not command.startswith("$ kcore"):
            continue
        wanted = int(comment.removeprefix("exit ")) if comment.startswith("exit ") else 0
        status = main(shlex.split(command.removeprefix("$ kcore")))
        assert status == wanted, f"{command} ended with {status}"


class ConsoleParser(CodeBlockParser):
    """Finds blocks marked `console`."""

    language = "console"

    def evaluate(self, example):
        run_console(example)


def evaluate(path):
    """Run all examples of a page in order; return how many there were."""
    sybil = Sybil(parsers=[PythonCodeBlockParser(), ConsoleParser()])
    document = sybil.parse(path)
    called = set()
    count = 0
    for example in document.examples():
        example.evaluate()
        count += 1
        for name, value in list(document.namespace.items()):
            if name.startswith("test_") and name not in called:
                called.add(name)
                value()
    return count


@pytest.mark.parametrize("page", PAGES)
def test_the_code_of_a_page_runs(page, tmp_path, monkeypatch):
    for folder in ("examples", "benchmarks/scheduler_perf"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    monkeypatch.chdir(tmp_path)

    evaluate(ROOT / page)


@pytest.mark.parametrize("page", ["README.md", "docs/tutorial.md"])
def test_pages_that_must_have_code_have_some(page):
    text = (ROOT / page).read_text(encoding="utf-8")

    assert text.count("```python") >= 3
    assert "```console" in text


def test_a_failing_block_fails_the_page(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("```python\nassert 1 == 2\n```\n", encoding="utf-8")

    with pytest.raises(AssertionError):
        evaluate(page)


def test_a_failing_command_fails_the_page(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("```console\n$ kcore run missing.yaml\n```\n", encoding="utf-8")

    with pytest.raises(AssertionError, match="ended with 1"):
        evaluate(page)
