"""KubeSchedulerConfiguration: merged with the defaults; what cannot be is refused by name."""

import pytest

from kcore.errors import ManifestError
from kcore.machinery.frozen import freeze
from kcore.scheduler.configuration import API_VERSION, KIND, options_from
from kcore.scheduler.framework.runner import Runner


def config(**fields):
    return freeze({"apiVersion": API_VERSION, "kind": KIND, **fields})


def runner(profile):
    options = options_from(config(profiles=[profile]))
    return Runner(options.profiles[0], options.registry)


def test_without_anything_it_is_upstreams_default():
    options = options_from(config())

    assert options.profiles[0].scheduler_name == "default-scheduler"
    assert (options.backoff.initial_s, options.backoff.max_s) == (1, 10)
    weights = {
        entry.name: entry.weight
        for entry in Runner(options.profiles[0], options.registry).points["score"]
    }
    assert weights["TaintToleration"] == 3
    assert weights["NodeResourcesFit"] == 1


def test_a_disabled_score_is_gone_and_its_filter_stays():
    built = runner({"plugins": {"score": {"disabled": [{"name": "NodeResourcesFit"}]}}})

    assert "NodeResourcesFit" not in {entry.name for entry in built.points["score"]}
    assert "NodeResourcesFit" in built.filter_names


def test_a_plugin_named_again_keeps_its_place_with_its_new_weight():
    built = runner(
        {"plugins": {"multiPoint": {"enabled": [{"name": "NodeAffinity", "weight": 7}]}}}
    )
    names = [entry.name for entry in built.points["score"]]

    assert names.index("NodeAffinity") == 1
    assert next(one.weight for one in built.points["score"] if one.name == "NodeAffinity") == 7


def build(value):
    options = options_from(value)
    return [Runner(profile, options.registry) for profile in options.profiles]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"podInitialBackoffSeconds": 0},
            "podInitialBackoffSeconds: Invalid value: 0: must be greater than 0",
        ),
        (
            {"percentageOfNodesToScore": 101},
            "percentageOfNodesToScore: Invalid value: 101: not in valid range [0-100]",
        ),
        ({"extenders": [{"urlPrefix": "http://x"}]}, "extenders: webhook extenders are not"),
        (
            {"profiles": [{"plugins": {"filter": {"enabled": [{"name": "Nope"}]}}}]},
            'creating profile for scheduler name default-scheduler: FilterPlugin "Nope" does not',
        ),
        (
            {"profiles": [{"plugins": {"sort": {}}}]},
            'strict decoding error: unknown field "profiles[0].plugins.sort"',
        ),
        ({"profiles": [{}, {}]}, "profiles[0].schedulerName: Required value"),
    ],
)
def test_mistakes_are_named(fields, words):
    with pytest.raises(ManifestError) as caught:
        build(config(**fields))

    assert words in str(caught.value)


def test_another_kind_is_refused():
    with pytest.raises(ManifestError, match='no kind "Pod" is registered for version "v1"'):
        options_from(freeze({"apiVersion": "v1", "kind": "Pod"}))
