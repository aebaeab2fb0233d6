"""What no controller does is said by name."""

from kcore.controllers.catalog import unmodelled_work
from kcore.machinery.frozen import freeze


def obj(kind, name="x", **spec):
    metadata = {"name": name, "namespace": "default"}
    return freeze({"kind": kind, "metadata": metadata, "spec": spec})


def test_a_missing_controller_is_named_with_what_it_would_do():
    sentences = unmodelled_work(
        [
            obj("StatefulSet", "cassandra", replicas=3),
            obj("StatefulSet", "one"),
            obj("Service", "lb", type="LoadBalancer"),
            obj("CronJob", "nightly", schedule="0 0 * * *"),
        ]
    )

    assert sentences == [
        "StatefulSet default/cassandra: the StatefulSet controller is not part of kcore yet, "
        "its 3 pods are not created",
        "StatefulSet default/one: the StatefulSet controller is not part of kcore yet, "
        "its 1 pod is not created",
        "Service default/lb: no cloud provider is part of kcore, it gets no external address",
        "CronJob default/nightly: the CronJob controller is not part of kcore yet, "
        'no Job is started on its schedule "0 0 * * *"',
    ]


def test_what_needs_nobody_is_not_mentioned():
    objects = [
        obj("Deployment"),
        obj("StatefulSet", replicas=0),
        obj("Service", type="ClusterIP"),
        obj("Job", suspend=True),
        obj("PersistentVolumeClaim", volumeName="pv"),
    ]

    assert unmodelled_work(objects) == []
