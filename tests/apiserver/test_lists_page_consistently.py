"""All pages of one list show one revision, whatever is written meanwhile."""

from kcore.apiserver.continue_token import ContinueToken, decode_token


def fill(door, make, names="abcde"):
    for name in names:
        door.create("configmaps", make.config_map(name, labels={"n": name}))


def test_pages_are_of_the_first_pages_revision(door, make):
    fill(door, make)
    first = door.list("configmaps", limit=2)
    door.create("configmaps", make.config_map("bb"))
    door.delete("configmaps", "d")

    second = door.list("configmaps", limit=2, continue_token=first["metadata"]["continue"])
    third = door.list("configmaps", limit=2, continue_token=second["metadata"]["continue"])

    pages = [[obj["metadata"]["name"] for obj in page["items"]] for page in (first, second, third)]
    assert pages == [["a", "b"], ["c", "d"], ["e"]]
    versions = {page["metadata"]["resourceVersion"] for page in (first, second, third)}
    assert len(versions) == 1
    assert "continue" not in third["metadata"]


def test_what_remains_is_counted_except_under_a_selector(door, make):
    fill(door, make)

    first = door.list("configmaps", limit=2)
    second = door.list("configmaps", limit=1, continue_token=first["metadata"]["continue"])
    selected = door.list("configmaps", limit=1, label_selector="n")

    assert first["metadata"]["remainingItemCount"] == 3
    assert second["metadata"]["remainingItemCount"] == 2
    assert "remainingItemCount" not in selected["metadata"]
    assert "continue" in selected["metadata"]


def test_pages_across_namespaces_follow_key_order(door, make):
    door.create("namespaces", {"metadata": {"name": "a-b"}})
    door.create("namespaces", {"metadata": {"name": "a"}})
    for namespace in ("a", "a-b"):
        door.create("configmaps", make.config_map("x"), namespace=namespace)

    first = door.list("configmaps", namespace="", limit=1)
    second = door.list(
        "configmaps", namespace="", limit=1, continue_token=first["metadata"]["continue"]
    )

    spaces = [page["items"][0]["metadata"]["namespace"] for page in (first, second)]
    assert spaces == ["a-b", "a"]  # "-" sorts before "/".


def test_pages_of_resources_without_namespaces_go_on(door, make):
    for name in ("a", "b", "c"):
        door.create("namespaces", {"metadata": {"name": name, "labels": {"paged": "yes"}}})

    for selector in ({"label_selector": "paged"}, {}):
        names, token = [], ""
        while True:
            page = door.list("namespaces", limit=2, continue_token=token, **selector)
            names += [obj["metadata"]["name"] for obj in page["items"]]
            token = page["metadata"].get("continue") or ""
            if not token:
                break
        assert names == door.names("namespaces", **selector)
        assert names[:3] == ["a", "b", "c"]


def test_a_token_that_is_none_is_refused(door):
    refusal = door.refusal(door.list, "configmaps", continue_token="e30=")

    assert (refusal.code, refusal.message) == (
        400,
        "invalid continue token: continue key is not valid: illegal base64 data at input byte 3",
    )


def test_a_token_outside_the_list_is_refused(door):
    token = ContinueToken(1, "../a\0").encode()

    assert door.refusal(door.list, "configmaps", continue_token=token).code == 400


def test_a_version_beside_a_token_is_refused(door, make):
    fill(door, make)
    token = door.list("configmaps", limit=2)["metadata"]["continue"]

    refusal = door.refusal(door.list, "configmaps", continue_token=token, resource_version="5")

    assert refusal.message == "specifying resource version is not allowed when using continue"


def test_a_compacted_token_expires_and_offers_an_inconsistent_rest(door, make):
    fill(door, make)
    first = door.list("configmaps", limit=2)
    door.delete("configmaps", "c")
    door.store.compact(door.store.revision)

    refusal = door.refusal(
        door.list, "configmaps", limit=2, continue_token=first["metadata"]["continue"]
    )

    assert (refusal.code, refusal.reason) == (410, "Expired")
    offered = refusal.to_status()["metadata"]["continue"]
    assert door.names("configmaps", continue_token=offered) == ["d", "e"]


def test_tokens_read_back():
    token = ContinueToken(17, "web\0", 4)

    assert decode_token(token.encode()) == token
