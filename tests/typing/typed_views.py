"""What a user writes with typed views; a test lets mypy read it."""

from typing import assert_type

from kcore import Cluster, FrozenMap
from kcore.api.apps_v1 import Deployment, DeploymentSpec
from kcore.api.core_v1 import Container, Pod, PodSpec, PodTemplateSpec
from kcore.api.meta_v1 import LabelSelector, ObjectMeta


def deployment(name: str, replicas: int) -> Deployment:
    labels = {"app": name}
    main = Container(name="main", image="nginx")
    return Deployment(
        metadata=ObjectMeta(name=name),
        spec=DeploymentSpec(
            replicas=replicas,
            selector=LabelSelector(match_labels=labels),
            template=PodTemplateSpec(
                metadata=ObjectMeta(labels=labels), spec=PodSpec(containers=[main])
            ),
        ),
    )


def read(cluster: Cluster) -> None:
    client = cluster.client
    assert_type(client.get(Pod, "web", namespace="default"), Pod)
    assert_type(client.list(Deployment, "default"), tuple[Deployment, ...])
    assert_type(client.get("pods", "web", "default"), FrozenMap)
    assert_type(client.list("pods"), tuple[FrozenMap, ...])
    assert_type(client.create(deployment("web", 3)), FrozenMap)
    pod = client.get(Pod, "web", "default")
    if pod.spec is not None:
        assert_type(pod.spec.containers, list[Container])
        assert_type(pod.spec.containers[0].image, str | None)
        assert_type(pod.spec.node_name, str | None)
