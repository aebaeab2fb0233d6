"""The long form of objects: what a reader looks for is there, in sections."""

from kcore.machinery.frozen import freeze
from kcore.machinery.timestamps import parse_time
from kcore.printing.describe import describe

NOW_NS = parse_time("2026-01-01T12:00:00Z")
CREATED = "2026-01-01T11:55:00Z"


def meta(name, uid, **extra):
    return {"name": name, "namespace": "shop", "uid": uid, "creationTimestamp": CREATED, **extra}


POD = freeze(
    {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": meta("web-1", "pod-1", labels={"app": "web"}),
        "spec": {
            "nodeName": "node-1",
            "containers": [
                {
                    "name": "main",
                    "image": "web:1",
                    "ports": [{"containerPort": 8080}],
                    "env": [
                        {"name": "COLOR", "value": "blue"},
                        {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "s"}}},
                    ],
                    "envFrom": [{"configMapRef": {"name": "settings"}}],
                    "resources": {"requests": {"memory": "64Mi", "cpu": "100m"}},
                    "readinessProbe": {"httpGet": {"port": 8080, "path": "/ready"}},
                }
            ],
            "tolerations": [
                {"key": "gpu", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 30}
            ],
        },
        "status": {
            "phase": "Running",
            "podIP": "10.0.0.1",
            "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [
                {"name": "main", "ready": True, "state": {"running": {"startedAt": CREATED}}}
            ],
        },
    }
)
EVENT = freeze(
    {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": meta("e", "event-1"),
        "involvedObject": {"uid": "pod-1"},
        "type": "Normal",
        "reason": "Pulled",
        "message": "Image is present",
        "firstTimestamp": "2026-01-01T11:56:00Z",
        "lastTimestamp": "2026-01-01T11:59:00Z",
        "count": 4,
        "source": {"component": "kubelet"},
    }
)


def fields(text):
    """`title -> value` of the lines that hold both; later ones win."""
    pairs = (line.strip().partition(":") for line in text.splitlines())
    return {title: value.strip() for title, _, value in pairs if value.strip()}


def test_a_pod_shows_where_it_runs_and_what_it_asks_for():
    shown = fields(describe(POD, [POD], NOW_NS))

    assert shown["Node"] == "node-1"
    assert shown["Status"] == "Running"
    assert shown["Created"] == f"{CREATED} (5m ago)"
    assert shown["Requests"] == "cpu=100m, memory=64Mi"
    assert shown["Ports"] == "8080/TCP"
    assert shown["Environment"] == "COLOR=blue, PASSWORD=<secretKeyRef>, ConfigMap settings"
    assert shown["Tolerations"] == "gpu op=Exists:NoExecute for 30s"
    assert shown["Readiness"].startswith("http-get :8080/ready delay=0s timeout=1s period=10s")
    assert shown["State"] == f"Running (startedAt={CREATED})"


def test_events_of_the_object_are_listed_with_their_repeats():
    other = EVENT.set(("involvedObject", "uid"), "pod-2").set(("reason",), "Killing")

    text = describe(POD, [POD, EVENT, other], NOW_NS)

    assert "60s (x4 over 4m)" in text
    assert "Image is present" in text
    assert "Killing" not in text


def test_without_events_it_says_so():
    assert describe(POD, [POD], NOW_NS).splitlines()[-1].split() == ["Events:", "<none>"]


def test_an_unknown_kind_is_shown_as_an_outline():
    widget = freeze(
        {
            "apiVersion": "example.com/v1",
            "kind": "Widget",
            "metadata": meta("w", "w-1"),
            "spec": {"size": 3, "parts": ["a", "b"], "nothing": {}},
        }
    )

    text = describe(widget, [widget], NOW_NS)

    lines = [line.rstrip() for line in text.splitlines()]
    assert "spec:" in lines
    assert any(line.split() == ["size:", "3"] for line in lines)
    assert any(line.split() == ["-:", "a"] for line in lines)


def test_a_service_tells_ready_from_waiting_endpoints():
    service = freeze(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": meta("web", "s-1"),
            "spec": {"type": "ClusterIP", "clusterIPs": ["10.96.0.9"], "ports": [{"port": 80}]},
        }
    )
    endpoints = freeze(
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": meta("web-x", "x", labels={"kubernetes.io/service-name": "web"}),
            "endpoints": [
                {"addresses": ["10.0.0.1"], "conditions": {"ready": True}},
                {"addresses": ["10.0.0.2"], "conditions": {"ready": False}},
            ],
        }
    )
    stranger = endpoints.set(("metadata", "namespace"), "other")

    shown = fields(describe(service, [service, endpoints, stranger], NOW_NS))

    assert shown["IP"] == "10.96.0.9"
    assert shown["Endpoints"] == "10.0.0.1"
    assert shown["Not Ready"] == "10.0.0.2"


def test_a_deployment_tells_old_from_new_replica_sets():
    def replica_set(name, revision, replicas):
        return freeze(
            {
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "metadata": meta(
                    name,
                    name,
                    annotations={"deployment.kubernetes.io/revision": revision},
                    ownerReferences=[{"kind": "Deployment", "name": "web", "uid": "d-1"}],
                ),
                "spec": {
                    "replicas": replicas,
                    "template": {
                        "spec": {"containers": [{"name": "m", "image": f"web:{revision}"}]}
                    },
                },
                "status": {"replicas": replicas},
            }
        )

    deployment = freeze(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": meta("web", "d-1", annotations={"deployment.kubernetes.io/revision": "2"}),
            "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "web"}}},
            "status": {"replicas": 4, "updatedReplicas": 1, "availableReplicas": 3},
        }
    )
    objects = [deployment, replica_set("web-a", "1", 3), replica_set("web-b", "2", 1)]

    shown = fields(describe(deployment, objects, NOW_NS))

    assert shown["OldReplicaSets"] == "web-a (3/3 replicas, web:1)"
    assert shown["NewReplicaSet"] == "web-b (1/1 replicas, web:2)"
    assert shown["Replicas"].startswith("3 desired | 1 updated | 4 total | 3 available")


def test_a_node_sums_what_its_pods_ask_for():
    node = freeze(
        {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": "node-1", "uid": "n-1", "creationTimestamp": CREATED},
            "spec": {"taints": [{"key": "gpu", "value": "yes", "effect": "NoSchedule"}]},
            "status": {"allocatable": {"cpu": "1", "pods": "10"}},
        }
    )
    done = POD.set(("status", "phase"), "Succeeded")

    text = describe(node, [node, POD, done], NOW_NS)

    shown = fields(text)
    assert shown["Taints"] == "gpu=yes:NoSchedule"
    assert "Pods (1):" in text
    rows = [line.split() for line in text.splitlines()]
    assert ["cpu", "100m", "1", "10%"] in rows
    assert ["pods", "1", "10", "10%"] in rows
