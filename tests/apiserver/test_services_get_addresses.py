"""Cluster IPs and node ports: allocated, kept, released; and what is refused."""

import pytest

from kcore.runtime.choice import FairSource


def spec(obj):
    return obj["spec"]


def test_a_service_gets_an_address_of_the_range(door, make):
    created = spec(door.create("services", make.service("s")))

    assert created["clusterIP"].startswith("10.96.")
    assert created["clusterIPs"] == [created["clusterIP"]]
    assert created["ipFamilies"] == ["IPv4"]
    assert created["ipFamilyPolicy"] == "SingleStack"


def test_addresses_differ_and_come_back_after_a_deletion(door, make):
    door.create("services", make.service("a", clusterIP="10.96.7.7"))

    taken = door.refusal(door.create, "services", make.service("b", clusterIP="10.96.7.7"))
    door.delete("services", "a")

    assert taken.message == (
        'Service "b" is invalid: spec.clusterIPs: Invalid value: ["10.96.7.7"]: failed to '
        "allocate IP 10.96.7.7: provided IP is already allocated"
    )
    assert door.create("services", make.service("b", clusterIP="10.96.7.7"))


@pytest.mark.parametrize("address", ["10.200.0.1", "10.96.0.0", "10.96.255.255"])
def test_an_address_outside_is_refused(door, make, address):
    refusal = door.refusal(door.create, "services", make.service("c", clusterIP=address))

    assert refusal.code == 422
    assert "the provided network does not match the current range" in refusal.message


def test_headless_services_stay_headless(door, make):
    created = spec(door.create("services", make.service("h", clusterIP="None")))

    assert created["clusterIPs"] == ["None"]


def test_headless_without_selector_names_both_families(door, make):
    body = make.service("h", clusterIP="None")
    del body["spec"]["selector"]

    created = spec(door.create("services", body))

    assert created["ipFamilies"] == ["IPv4", "IPv6"]
    assert created["ipFamilyPolicy"] == "RequireDualStack"


def test_external_names_hold_nothing(door):
    body = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "e"},
        "spec": {"type": "ExternalName", "externalName": "x.example.com"},
    }

    assert "clusterIP" not in spec(door.create("services", body))


def test_dual_stack_is_refused_by_a_single_stack_cluster(door, make):
    refusal = door.refusal(
        door.create, "services", make.service("s", ipFamilyPolicy="RequireDualStack")
    )

    assert "this cluster is not configured for dual-stack services" in refusal.message


def test_an_update_without_addresses_keeps_them(door, make):
    created = door.create("services", make.service("s", type="NodePort"))

    updated = door.update("services", make.service("s", type="NodePort"))

    assert updated == created


def test_changes_of_type_take_and_give_back(door, make):
    created = spec(door.create("services", make.service("s")))

    as_node_port = spec(door.patch("services", "s", {"spec": {"type": "NodePort"}}))
    back = spec(door.patch("services", "s", {"spec": {"type": "ClusterIP"}}))
    external = {"spec": {"type": "ExternalName", "externalName": "x.y"}}
    outside = spec(door.patch("services", "s", external))

    port = as_node_port["ports"][0]["nodePort"]
    assert 30_000 <= port <= 32_767
    assert as_node_port["clusterIP"] == created["clusterIP"]
    assert "nodePort" not in back["ports"][0]
    assert "clusterIP" not in outside
    again = {"spec": {"type": "ClusterIP", "externalName": None}}
    assert spec(door.patch("services", "s", again))["clusterIP"].startswith("10.96.")


def test_node_ports_are_unique_and_in_range(door, make):
    ports = [{"port": 80, "nodePort": 30_080}]
    door.create("services", make.service("a", type="NodePort", ports=ports))

    taken = door.refusal(door.create, "services", make.service("b", type="NodePort", ports=ports))
    outside = door.refusal(
        door.create,
        "services",
        make.service("c", type="NodePort", ports=[{"port": 80, "nodePort": 80}]),
    )

    assert taken.message.endswith(
        "spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated"
    )
    assert "The range of valid ports is 30000-32767" in outside.message


def test_ports_keep_their_number_by_name(door, make):
    ports = [{"name": "a", "port": 80}, {"name": "b", "port": 81}]
    created = door.create("services", make.service("s", type="NodePort", ports=ports))
    held = {port["name"]: port["nodePort"] for port in created["spec"]["ports"]}

    moved = [{"name": "b", "port": 91}, {"name": "c", "port": 92}]
    patched = door.patch("services", "s", {"spec": {"ports": moved}})

    assert patched["spec"]["ports"][0]["nodePort"] == held["b"]
    assert patched["spec"]["ports"][1]["nodePort"] not in held.values()


def test_two_ports_of_one_name_would_get_one_number(door, make):
    created = door.create(
        "services", make.service("s", type="NodePort", ports=[{"name": "a", "port": 80}])
    )
    number = created["spec"]["ports"][0]["nodePort"]
    twice = [{"name": "a", "port": 81}, {"name": "a", "port": 82}]

    refusal = door.refusal(door.patch, "services", "s", {"spec": {"ports": twice}})

    assert (refusal.code, refusal.message) == (500, f"duplicate nodePort: {{TCP {number}}}")


def test_one_number_serves_two_protocols_of_one_service(door, make):
    ports = [
        {"name": "t", "port": 80, "protocol": "TCP"},
        {"name": "u", "port": 80, "protocol": "UDP"},
        {"name": "v", "port": 81},
    ]

    created = spec(door.create("services", make.service("s", type="NodePort", ports=ports)))

    first, second, third = (port["nodePort"] for port in created["ports"])
    assert first == second != third


def test_the_search_goes_on_when_the_drawn_place_is_taken(door, make):
    """A source that counts up draws neighbours; the allocator takes the next free one."""
    context = door.server.context
    context.choices = FairSource()
    names = [f"s{number}" for number in range(5)]

    held = [spec(door.create("services", make.service(name)))["clusterIP"] for name in names]

    assert len(set(held)) == 5


def test_a_fork_allocates_on_its_own(door, make):
    twin = door.fork()

    ours = door.create("services", make.service("s", clusterIP="10.96.9.9"))
    theirs = twin.create("services", make.service("t", clusterIP="10.96.9.9"))

    assert ours["spec"]["clusterIP"] == theirs["spec"]["clusterIP"]


def test_the_servers_own_service_holds_the_first_address(door):
    assert spec(door.get("services", "kubernetes"))["clusterIP"] == "10.96.0.1"


def test_families_are_refused_before_anything_else_is_looked_at(door, make):
    nameless = make.service("x", ipFamilyPolicy="RequireDualStack", ipFamilies=["IPv6"])
    del nameless["metadata"]["name"]
    nameless["spec"]["ports"] = []
    before = door.store.revision
    refusal = door.refusal(door.create, "services", nameless)
    assert (refusal.code, refusal.reason) == (422, "Invalid")
    assert refusal.message == (
        'Service "" is invalid: [spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this '
        "cluster is not configured for dual-stack services, spec.ipFamilies[0]: Invalid value: "
        '"IPv6": not configured on this cluster]'
    )
    assert door.store.revision == before


def test_a_service_without_a_name_needs_one(door, make):
    nameless = make.service("x")
    del nameless["metadata"]["name"]
    refusal = door.refusal(door.create, "services", nameless)
    assert refusal.code == 422
    assert [cause.field for cause in refusal.details.causes] == ["metadata.name"]


def test_one_stack_has_one_family(door, make):
    both = make.service("x", ipFamilyPolicy="SingleStack", ipFamilies=["IPv4", "IPv6"])
    refusal = door.refusal(door.create, "services", both)
    assert refusal.message == (
        'Service "x" is invalid: spec.ipFamilyPolicy: Invalid value: "SingleStack": must be '
        "'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified"
    )
