"""Topics `config/*`: a configuration as read, filled in, and what it makes of the profiles."""

import yaml

from kcore.errors import ManifestError
from kcore.machinery.frozen import freeze, thaw
from kcore.scheduler.configuration import InvalidConfigurationError, filled_in, options_from
from kcore.scheduler.framework.runner import Runner
from tests.conformance.registry import UnsupportedError


def answer_config(given):
    """Read, fill in, validate, build."""
    config = freeze(yaml.safe_load(given["yaml"]) or {})
    try:
        out = {"defaulted": thaw(filled_in(config))}
    except ManifestError as error:
        if "extenders" in str(error) or " is missing" in error.rule:
            raise UnsupportedError("extenders, documents without kind") from error
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
