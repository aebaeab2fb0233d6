"""`kcore run` tells by its exit code how it ended, and says why."""

GIANT = """\
apiVersion: v1
kind: Pod
metadata: {name: giant}
spec:
  containers:
  - name: main
    image: x
    resources: {requests: {cpu: "1000"}}
"""


def test_settled_is_0(kcore, web):
    outcome = kcore("run", web, "--nodes", 2)

    assert outcome.code == 0
    assert "settled after" in outcome.out
    assert "2 objects applied: 2 created" in outcome.out
    assert outcome.err == ""


def test_a_pod_that_fits_nowhere_is_2_with_its_reasons(kcore, tmp_path):
    path = tmp_path / "giant.yaml"
    path.write_text(GIANT, encoding="utf-8")

    outcome = kcore("run", path, "--nodes", 3)

    assert outcome.code == 2
    assert "CANNOT SETTLE" in outcome.out
    assert "Pod default/giant: 0/3 nodes are available: 3 Insufficient cpu" in outcome.out


def test_no_nodes_is_2(kcore, web):
    outcome = kcore("run", web, "--nodes", 0)

    assert outcome.code == 2
    assert "no nodes available to schedule pods" in outcome.out


def test_bad_arguments_are_1(kcore, web):
    for arguments in (["run"], ["run", web, "--nodes", "few"], ["run", web, "-o", "xml"], ["fly"]):
        outcome = kcore(*arguments)

        assert outcome.code == 1, arguments
        assert outcome.err.startswith("kcore: "), arguments
        assert outcome.out == ""


def test_a_bad_duration_or_timeline_is_1_before_anything_runs(kcore, web, tmp_path):
    for arguments in (["--for", "soon"], ["--for", "0s"], ["--timeline", tmp_path / "lives.gif"]):
        outcome = kcore("run", web, *arguments)

        assert outcome.code == 1, arguments
        assert str(arguments[1]) in outcome.err
        assert outcome.out == ""


def test_help_is_0(kcore):
    outcome = kcore("--help")

    assert outcome.code == 0
    assert "explain-pod" in outcome.out


def test_for_runs_that_long(kcore, web):
    outcome = kcore("run", web, "--for", "90s")

    assert outcome.code == 0
    assert "settled after 90.000 s of virtual time (2026-01-01T00:01:30Z)" in outcome.out


def test_too_short_a_run_reports_what_is_missing(kcore, web):
    outcome = kcore("run", web, "--for", "1ms")

    assert outcome.code == 2
    assert "Deployment default/web" in outcome.out
