"""A small application, and a way to run one command line in this process."""

from dataclasses import dataclass

import pytest

WEB = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  color: blue
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: web
        image: example.com/web:1
        resources:
          requests: {cpu: 100m}
"""


@dataclass(frozen=True)
class Outcome:
    """What a command line ended with."""

    code: int
    out: str
    err: str


@pytest.fixture
def kcore(capsys):
    """Run one command line: `kcore("run", path)`."""
    # The tests of other layers must not need the command line's libraries.
    from kcore.cli.main import main  # noqa: PLC0415

    def run(*arguments):
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return run


@pytest.fixture
def web(tmp_path):
    """The path of a manifest that settles."""
    path = tmp_path / "web.yaml"
    path.write_text(WEB, encoding="utf-8")
    return path
