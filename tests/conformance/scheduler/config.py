"""Topics `config/*`: a configuration as read, filled in, and what it makes of the profiles."""

from kcore.errors import ManifestError
from kcore.machinery.frozen import thaw
from kcore.scheduler.configuration import (
    InvalidConfigurationError,
    filled_in,
    options_from,
    read_configuration,
)
from kcore.scheduler.framework.runner import Runner
from tests.conformance.registry import UnsupportedError


def answer_config(given):
    """Read, fill in, validate, build."""
    try:
        config = read_configuration(given["yaml"])
        out = {"defaulted": thaw(filled_in(config, given["yaml"]))}
    except ManifestError as error:
        if "extenders" in str(error):
            raise UnsupportedError("extenders") from error
        return {"stage": "decode", "error": error.rule}
    try:
        options = options_from(config)
        runners = [Runner(profile, options.registry) for profile in options.profiles]
    except InvalidConfigurationError as error:
        return {**out, "stage": "validate", "error": error.rule, "errors": list(error.errors)}
    except ManifestError as error:
        return {**out, "stage": "build", "error": error.rule}
    out["effective"] = {runner.scheduler_name: _points(runner) for runner in runners}
    return out


def _points(runner):
    points = {
        name: [one.name for one in entries] for name, entries in runner.points.items() if entries
    }
    points["score"] = [
        {"name": one.name, "weight": one.weight or 1} for one in runner.points["score"]
    ]
    # Off by default in this version; listed by upstream all the same.
    everywhere = runner.profile.point("multiPoint").enabled
    points["placementScore"] = [
        {"name": one.name, "weight": one.weight or 1}
        for one in everywhere
        if one.name == "NodeResourcesFit"
    ]
    points["podGroupPostFilter"] = [
        one.name for one in everywhere if one.name in ("DynamicResources", "DefaultPreemption")
    ]
    return points
