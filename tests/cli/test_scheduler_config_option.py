"""`kcore run --scheduler-config`: pods go where the configuration says, or it is refused."""

import json

PACKING = """\
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
- pluginConfig:
  - name: NodeResourcesFit
    args: {scoringStrategy: {type: MostAllocated}}
  plugins:
    score:
      disabled: [{name: "*"}]
      enabled: [{name: NodeResourcesFit}]
"""


def places(kcore, web, *options):
    outcome = kcore("run", web, "--nodes", 4, "-o", "json", *options)
    assert outcome.code == 0
    found = json.loads(outcome.out)["objects"]
    return {obj["spec"]["nodeName"] for obj in found if obj["kind"] == "Pod"}


def test_a_configuration_decides_where_pods_go(kcore, web, tmp_path):
    path = tmp_path / "scheduler.yaml"
    path.write_text(PACKING, encoding="utf-8")

    assert len(places(kcore, web)) == 2
    assert len(places(kcore, web, "--scheduler-config", path)) == 1


def test_a_wrong_one_is_refused_in_upstreams_words(kcore, web, tmp_path):
    path = tmp_path / "scheduler.yaml"
    path.write_text(PACKING.replace("score:", "sort:"), encoding="utf-8")

    outcome = kcore("run", web, "--scheduler-config", path)

    assert outcome.code == 1
    assert 'strict decoding error: unknown field "profiles[0].plugins.sort"' in outcome.err


def test_a_missing_file_is_named(kcore, web, tmp_path):
    outcome = kcore("run", web, "--scheduler-config", tmp_path / "none.yaml")

    assert outcome.code == 1
    assert "none.yaml: cannot be read" in outcome.err
