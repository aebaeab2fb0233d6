"""The layers of the architecture hold: pyproject.toml declares them, import-linter checks them."""

import os

from importlinter import cli


def test_every_import_contract_is_kept(capsys, repository, monkeypatch):
    monkeypatch.chdir(repository)

    status = cli.lint_imports(no_cache=True)

    assert status == os.EX_OK, capsys.readouterr().out
