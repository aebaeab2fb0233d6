"""A cache of selectors knows at every step whom the cached services select, in forks too."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.client.informer import Informer
from kcore.client.selector_cache import SelectorCache
from kcore.forking import ForkMemo
from kcore.machinery.frozen import freeze
from kcore.machinery.labels import from_set

SELECTORS = st.one_of(
    st.none(),
    st.dictionaries(st.sampled_from(["app", "env"]), st.sampled_from(["x", "y"]), max_size=2),
)
STEPS = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c"]), st.one_of(st.none(), SELECTORS), st.booleans()),
    max_size=10,
)
ASKED = [{}, {"app": "x"}, {"app": "x", "env": "y"}, {"env": "y", "other": "z"}]


def selector_of(service):
    selector = service.at("spec", "selector")
    return from_set(selector) if selector else None


def service(name, selector):
    spec = {"ports": [{"port": 80}]}
    return freeze(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": name, "namespace": "default"},
            "spec": {**spec, "selector": selector} if selector else spec,
        }
    )


def write(client, steps, after):
    for name, selector, deletes in steps:
        known = next(
            (one for one in client.list("services", "default") if one.metadata.name == name), None
        )
        if known is not None:
            client.delete("services", name, "default")
        if not deletes:
            client.create(service(name, selector))
        after()


def agree(informer, cache):
    for labels in ASKED:
        wanted = [
            f"default/{one.metadata.name}"
            for one in informer.lister.list("default")
            if selector_of(one) is not None and selector_of(one).matches(labels)
        ]
        assert cache.matching("default", labels) == wanted
        assert cache.matching("other", labels) == []


def drain(informer):
    while informer.ready():
        informer.step()


@settings(max_examples=25)
@given(STEPS, STEPS)
def test_it_follows_its_informer(make_api, before, after):
    api = make_api()
    informer, cache = Informer(api.client, "services"), SelectorCache(selector_of)
    informer.add_handler(cache)
    drain(informer)

    def follow():
        if informer.ready():
            informer.step()
        agree(informer, cache)

    write(api.client, before, follow)
    drain(informer)
    memo = ForkMemo()
    twin, twin_cache = memo(informer), memo(cache)
    write(api.client, after, follow)
    drain(informer)
    agree(informer, cache)
    agree(twin, twin_cache)


def test_who_selects_nothing_is_not_kept(make_api):
    cache = SelectorCache(selector_of)
    cache.on_add(service("a", {"app": "x"}))
    assert len(cache) == 1
    cache.on_update(service("a", {"app": "x"}), service("a", None))
    assert len(cache) == 0
