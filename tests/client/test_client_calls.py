"""The client names resources as kubectl does, and meets faults where they are injected."""

import pytest

from kcore.client.retry import retry_on_conflict
from kcore.errors import ApiError, conflict, internal_error
from kcore.machinery.frozen import FrozenMap
from kcore.runtime.faults import Effect, Fault, LostResponseError
from kcore.runtime.process import ActorCrashed
from kcore.testing.builders import deployment, pod


@pytest.mark.parametrize("word", ["deployments", "deploy", "Deployment", "deployments.apps"])
def test_resources_go_by_every_name_kubectl_takes(api, word) -> None:
    api.client.create(deployment("web"))
    assert api.client.get(word, "web", "default").metadata.name == "web"


def test_an_unknown_resource_is_named(api) -> None:
    with pytest.raises(ApiError, match='"gadgets" not found'):
        api.client.get("gadgets", "x")
    with pytest.raises(AttributeError, match="no resource is called 'gadgets'"):
        _ = api.client.gadgets


def test_an_unknown_kind_is_named(api) -> None:
    gadget = {"apiVersion": "example.com/v1", "kind": "Gadget", "metadata": {"name": "x"}}
    with pytest.raises(ApiError, match='no matches for kind "Gadget" in version'):
        api.client.create(gadget)
    with pytest.raises(ApiError, match="Object 'Kind' is missing"):
        api.client.create({"metadata": {"name": "x"}})


def test_what_is_no_object_is_refused(api) -> None:
    with pytest.raises(TypeError, match="must be a mapping, not list"):
        api.client.create([1])


def test_short_forms_use_the_default_namespace(api) -> None:
    api.client.pods.create(pod("web"))
    assert isinstance(api.client.pods.get("web"), FrozenMap)
    assert [obj.metadata.name for obj in api.client.pods.list("app=web")] == ["web"]
    assert api.client.pods.namespace("kube-system").list() == ()
    assert len(api.client.namespaces.list()) == 4


def test_a_refused_request_does_nothing(api) -> None:
    refusal = internal_error("by order")
    api.faults.inject(Fault("tester/create/pods", Effect.REFUSE, error=refusal))
    with pytest.raises(ApiError, match="by order"):
        api.client.create(pod("web"))
    assert api.client.list("pods") == ()


def test_a_lost_response_leaves_the_write(api) -> None:
    api.faults.inject(Fault("tester/create/pods", Effect.DROP_RESPONSE))
    with pytest.raises(LostResponseError):
        api.client.create(pod("web"))
    assert len(api.client.list("pods")) == 1


def test_a_crash_comes_after_the_write_it_names(api) -> None:
    api.faults.inject(Fault("tester/create/pods", Effect.CRASH, first=2))
    api.client.create(pod("a"))
    with pytest.raises(ActorCrashed, match="tester/create/pods"):
        api.client.create(pod("b"))
    assert len(api.client.list("pods")) == 2


def test_bind_assigns_the_pod(api) -> None:
    web = api.client.create(pod("web"))
    api.client.bind(web, "node-1")
    assert api.client.pods.get("web").spec.nodeName == "node-1"


def test_conflicts_are_retried_a_bounded_number_of_times() -> None:
    attempts = []

    def failing() -> None:
        attempts.append(1)
        raise conflict("pods", "web", "changed")

    with pytest.raises(ApiError, match="changed"):
        retry_on_conflict(failing)
    assert len(attempts) == 5


def test_other_refusals_are_not_retried() -> None:
    attempts = []

    def failing() -> None:
        attempts.append(1)
        raise internal_error("broken")

    with pytest.raises(ApiError, match="broken"):
        retry_on_conflict(failing)
    assert len(attempts) == 1


def settings(**data) -> dict:
    metadata = {"name": "settings"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def test_fields_are_applied_owned_and_given_up(api) -> None:
    apply_fields = api.client.apply_fields
    apply_fields(settings(color="blue", size="3"))
    with pytest.raises(ApiError, match=r'conflict with "tester": \.data\.size') as refusal:
        apply_fields(settings(size="4"), field_manager="tuner")
    assert refusal.value.code == 409

    forced = apply_fields(settings(size="4"), "default", field_manager="tuner", force=True)
    given_up = apply_fields(settings(size="4"))

    assert forced["data"] == {"color": "blue", "size": "4"}
    assert given_up["data"] == {"size": "4"}
    managers = [row["manager"] for row in given_up["metadata"]["managedFields"]]
    assert managers == ["tester", "tuner"]
