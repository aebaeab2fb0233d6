"""Links between pages, and paths in prose, lead somewhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/**/*.md")]
)
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)")
PATH = re.compile(r"`((?:kcore|tests|docs|benchmarks|examples)/[\w./-]+)`")


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files(page):
    path = ROOT / page
    targets = LINK.findall(path.read_text(encoding="utf-8"))

    assert [target for target in targets if not (path.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_paths_in_prose_exist(page):
    named = PATH.findall((ROOT / page).read_text(encoding="utf-8"))
    generated = {"docs/decisions/", "benchmarks/baselines/NAME.json"}

    assert [name for name in named if name not in generated and not (ROOT / name).exists()] == []
