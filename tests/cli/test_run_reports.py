"""The report of `kcore run`, in each form."""

import json

import yaml


def test_tables_show_workloads_and_pods_by_node(kcore, web):
    lines = kcore("run", web, "--nodes", 2).out.splitlines()

    deployments = lines.index("DEPLOYMENTS")
    assert lines[deployments + 1].split() == [
        "NAMESPACE",
        "NAME",
        "READY",
        "UP-TO-DATE",
        "AVAILABLE",
        "AGE",
    ]
    assert lines[deployments + 2].split()[:5] == ["default", "web", "2/2", "2", "2"]
    pods = lines.index("PODS BY NODE")
    rows = [line.split() for line in lines[pods + 2 : pods + 4]]
    assert [row[1] for row in rows] == ["default", "default"]
    assert {row[0] for row in rows} <= {"node-1", "node-2"}
    assert [row[3:5] for row in rows] == [["1/1", "Running"]] * 2


def test_wide_shows_images_and_replica_sets(kcore, web):
    outcome = kcore("run", web, "-o", "wide")

    assert "example.com/web:1" in outcome.out
    assert "REPLICASETS" in outcome.out


def test_json_is_one_document(kcore, web):
    outcome = kcore("run", web, "-o", "json")

    report = json.loads(outcome.out)
    assert outcome.code == 0
    assert sorted(report) == [
        "applied",
        "digest",
        "notModelled",
        "objects",
        "pending",
        "settled",
        "virtualTime",
        "wallTime",
    ]
    assert report["settled"] is True
    assert report["pending"] == []
    assert report["applied"] == ["configmap/settings created", "deployment.apps/web created"]
    kinds = [obj["kind"] for obj in report["objects"]]
    assert kinds.count("Pod") == 2
    assert "Event" not in kinds


def test_json_lists_what_is_pending(kcore, web):
    outcome = kcore("run", web, "-o", "json", "--nodes", 0)

    report = json.loads(outcome.out)
    assert outcome.code == 2
    assert report["settled"] is False
    pods = [entry for entry in report["pending"] if entry["kind"] == "Pod"]
    assert len(pods) == 2
    assert pods[0]["namespace"] == "default"
    assert pods[0]["reasons"][0].startswith("no nodes available")


def test_events_appear_when_asked_for(kcore, web):
    silent = kcore("run", web)
    told = kcore("run", web, "--events")

    assert "EVENTS" not in silent.out
    assert "SuccessfulCreate" in told.out
    assert "Scheduled" in told.out


def test_same_seed_same_report_but_for_the_time_people_wait(kcore, web):
    reports = [json.loads(kcore("run", web, "-o", "json", "--seed", 9).out) for _ in range(2)]

    for report in reports:
        del report["wallTime"]
    assert reports[0] == reports[1]


def test_another_seed_another_digest(kcore, web):
    digests = {
        json.loads(kcore("run", web, "-o", "json", "--seed", seed).out)["digest"] for seed in (1, 2)
    }

    assert len(digests) == 2


def test_yaml_is_a_list_that_can_be_applied_again(kcore, web):
    document = yaml.safe_load(kcore("run", web, "-o", "yaml").out)

    assert (document["apiVersion"], document["kind"]) == ("v1", "List")
    assert "Deployment" in [obj["kind"] for obj in document["items"]]


def test_names_are_kubectls(kcore, web):
    names = kcore("run", web, "-o", "name").out.split()

    assert "deployment.apps/web" in names
    assert "configmap/settings" in names


def test_a_namespace_for_objects_that_name_none(kcore, tmp_path):
    path = tmp_path / "shop.yaml"
    path.write_text(
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n"
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
        encoding="utf-8",
    )

    report = json.loads(kcore("run", path, "-n", "shop", "-o", "json").out)

    (config,) = [obj for obj in report["objects"] if obj["metadata"]["name"] == "a"]
    assert config["metadata"]["namespace"] == "shop"


def test_a_manifest_from_standard_input(kcore, web, monkeypatch, tmp_path):
    with web.open(encoding="utf-8") as stream:
        monkeypatch.setattr("sys.stdin", stream)
        outcome = kcore("run", "-")

    assert outcome.code == 0
    assert "2 objects applied" in outcome.out
