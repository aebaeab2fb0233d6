"""Of a service account's secrets only the names are kept."""


def account(**secret) -> dict:
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": "a"},
        "secrets": [{"name": "s", **secret}],
    }


def test_references_lose_all_but_the_name(door):
    created = door.create("serviceaccounts", account(kind="Secret", namespace="x"))
    assert created["secrets"] == ({"name": "s"},)
    updated = door.update("serviceaccounts", account(uid="u", fieldPath="p"))
    assert updated["secrets"] == ({"name": "s"},)
    assert updated["metadata"]["resourceVersion"] == created["metadata"]["resourceVersion"]
