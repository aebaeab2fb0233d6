"""What users write with typed views. A test lets mypy read this file.

Each `type: ignore` marks a mistake that mypy must find; one that it does not find fails too.
"""

from typing import assert_type

import kcore.api.core_v1 as core
from kcore import Client, FrozenMap
from kcore.api.apps_v1 import Deployment, DeploymentSpec
from kcore.api.core_v1 import Container, ContainerPort, Pod, PodSpec, PodTemplateSpec
from kcore.api.meta_v1 import LabelSelector, ObjectMeta
from kcore.machinery.model import KindModel


class Database(KindModel):
    """A custom kind of one's own."""

    api_version: str = "example.com/v1"
    kind: str = "Database"
    metadata: ObjectMeta | None = None


def deployment(name: str, replicas: int) -> Deployment:
    labels = {"app": name}
    main = Container(name="main", image="nginx", ports=[ContainerPort(container_port=80)])
    pod = PodSpec(containers=[main], restart_policy="Always")
    return Deployment(
        metadata=ObjectMeta(name=name),
        spec=DeploymentSpec(
            replicas=replicas,
            selector=LabelSelector(match_labels=labels),
            template=PodTemplateSpec(metadata=ObjectMeta(labels=labels), spec=pod),
        ),
    )


def calls_give_what_they_were_asked_for(client: Client) -> None:
    assert_type(client.get(Pod, "web", namespace="default"), Pod)
    assert_type(client.list(Deployment, "default"), tuple[Deployment, ...])
    assert_type(client.get(Database, "main", "default"), Database)
    assert_type(client.get("pods", "web", "default"), FrozenMap)
    assert_type(client.list("pods"), tuple[FrozenMap, ...])
    assert_type(client.create(deployment("web", 3)), FrozenMap)
    typed = client.typed(Deployment)
    assert_type(typed.create(deployment("web", 3)), Deployment)
    assert_type(typed.patch("web", {"spec": {"replicas": 2}}), Deployment)
    assert_type(typed.list("app=web"), tuple[Deployment, ...])


def fields_have_types(pod: Pod) -> None:
    assert_type(pod.to_frozen(), FrozenMap)
    if pod.spec is not None:
        assert_type(pod.spec.containers, list[Container])
        assert_type(pod.spec.containers[0].image, str | None)
        assert_type(pod.spec.node_name, str | None)
        assert_type(pod.spec.termination_grace_period_seconds, int | None)


def mistakes_are_found(client: Client) -> None:
    Container(nickname="main")  # type: ignore[call-arg]
    Container(name=1)  # type: ignore[arg-type]
    ContainerPort(container_port=80, protocol="TPC")  # type: ignore[arg-type]
    PodSpec(containers=[], restart_policy="Sometimes")  # type: ignore[arg-type]
    PodSpec()  # type: ignore[call-arg]
    client.get(PodSpec, "web")  # type: ignore[type-var]
    client.typed(Pod).create(deployment("web", 1))  # type: ignore[arg-type]
    client.get(Pod, "web").spec.containers.clear()  # type: ignore[union-attr]
    core.Podd()  # type: ignore[attr-defined]
