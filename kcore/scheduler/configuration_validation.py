"""What a filled-in KubeSchedulerConfiguration must not say; paths and words are upstream's."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from kcore.machinery.durations import parse_duration
from kcore.machinery.field_errors import FieldErrors, child, index
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap

_NODE_OPERATORS: Final = ("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt")
_ACTIONS: Final = ("DoNotSchedule", "ScheduleAnyway")
_PERCENTAGE: Final = "not in valid range [0-100]"


def validate(config: FrozenMap) -> FieldErrors:
    """Every mistake, in upstream's order."""
    errors = FieldErrors()
    if config["parallelism"] <= 0:
        rule = "should be an integer value greater than zero"
        errors.invalid("parallelism", config["parallelism"], rule)
    _check_election(errors, config["leaderElection"])
    names: list[str] = []
    for position, profile in enumerate(config["profiles"]):
        path = index("profiles", position)
        _check_profile(errors, path, profile)
        name = profile.get("schedulerName") or ""
        if name in names:
            # Upstream's text has lost the value.
            errors.duplicate(child(path, "schedulerName"), EMPTY_MAP)
        names.append(name)
    _check_percentage(errors, "percentageOfNodesToScore", config["percentageOfNodesToScore"])
    initial, highest = config["podInitialBackoffSeconds"], config["podMaxBackoffSeconds"]
    if initial <= 0:
        errors.invalid("podInitialBackoffSeconds", initial, "must be greater than 0")
    if highest < initial:
        rule = "must be greater than or equal to PodInitialBackoffSeconds"
        errors.invalid("podMaxBackoffSeconds", highest, rule)
    return errors


def _check_election(errors: FieldErrors, election: FrozenMap) -> None:
    if not election.get("leaderElect"):
        return
    lease, renew = election["leaseDuration"], election["renewDeadline"]
    if parse_duration(lease) <= parse_duration(renew):
        rule = "must be greater than `RenewDeadline`"
        # Upstream shows the other value here.
        errors.invalid("leaderElection.leaseDuration", renew, rule)
    lock = election.get("resourceLock")
    if lock != "leases":
        rule = 'resourceLock value must be "leases"'
        errors.invalid("leaderElection.resourceLock", lock, rule)


def _check_profile(errors: FieldErrors, path: str, profile: FrozenMap) -> None:
    if not profile.get("schedulerName"):
        errors.required(child(path, "schedulerName"))
    own = profile.get("percentageOfNodesToScore")
    if own is not None:
        _check_percentage(errors, child(path, "percentageOfNodesToScore"), own)
    seen: set[str] = set()
    for position, item in enumerate(profile.get("pluginConfig") or EMPTY_LIST):
        here = index(child(path, "pluginConfig"), position)
        if item["name"] in seen:
            errors.duplicate(here, item["name"])
        seen.add(item["name"])
        check = _ARGS.get(item["name"])
        if check is not None:
            check(errors, child(here, "args"), item["args"])


def _check_percentage(errors: FieldErrors, path: str, value: int) -> None:
    if not 0 <= value <= 100:
        errors.invalid(path, value, _PERCENTAGE)


def _pod_affinity(errors: FieldErrors, path: str, args: FrozenMap) -> None:
    weight = args["hardPodAffinityWeight"]
    if not 0 <= weight <= 100:
        errors.invalid(child(path, "hardPodAffinityWeight"), weight, "not in valid range [0, 100]")


def _spread(errors: FieldErrors, path: str, args: FrozenMap) -> None:
    constraints = args.get("defaultConstraints") or EMPTY_LIST
    if args["defaultingType"] == "System" and constraints:
        rule = "when .defaultConstraints are not empty"
        errors.invalid(child(path, "defaultingType"), "System", rule)
    for position, constraint in enumerate(constraints):
        here = index(child(path, "defaultConstraints"), position)
        skew = constraint.get("maxSkew") or 0
        if skew <= 0:
            errors.invalid(child(here, "maxSkew"), skew, "not in valid range (0, inf)")
        if not constraint.get("topologyKey"):
            errors.required(child(here, "topologyKey"), "can not be empty")
        action = constraint.get("whenUnsatisfiable") or ""
        if action not in _ACTIONS:
            errors.not_supported(child(here, "whenUnsatisfiable"), action, _ACTIONS)
        if constraint.get("labelSelector") is not None:
            rule = "constraint must not define a selector, as they deduced for each pod"
            errors.forbidden(child(here, "labelSelector"), rule)


def _preemption(errors: FieldErrors, path: str, args: FrozenMap) -> None:
    percentage, absolute = (
        args["minCandidateNodesPercentage"],
        args["minCandidateNodesAbsolute"],
    )
    percentage_path = child(path, "minCandidateNodesPercentage")
    absolute_path = child(path, "minCandidateNodesAbsolute")
    if not 0 <= percentage <= 100:
        errors.invalid(percentage_path, percentage, "not in valid range [0, 100]")
    if absolute < 0:
        errors.invalid(absolute_path, absolute, "not in valid range [0, inf)")
    if percentage == 0 and absolute == 0:
        rule = "cannot be zero at the same time as minCandidateNodes"
        errors.invalid(percentage_path, 0, f"{rule}Absolute")
        errors.invalid(absolute_path, 0, f"{rule}Percentage")


def _volume_binding(errors: FieldErrors, path: str, args: FrozenMap) -> None:
    timeout = args["bindTimeoutSeconds"]
    if timeout < 0:
        rule = "invalid BindTimeoutSeconds, should not be a negative value"
        errors.invalid(child(path, "bindTimeoutSeconds"), timeout, rule)


def _balanced(errors: FieldErrors, path: str, args: FrozenMap) -> None:
    for position, item in enumerate(args["resources"]):
        if item["weight"] != 1:
            here = index(child(path, "resources"), position)
            errors.invalid(child(here, "weight"), item["weight"], "must be 1")


def _node_affinity(errors: FieldErrors, path: str, args: FrozenMap) -> None:
    steps = ("addedAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
    terms = args.at(*steps, "nodeSelectorTerms", default=EMPTY_LIST)
    for position, term in enumerate(terms):
        here = index(child(path, *steps, "nodeSelectorTerms"), position)
        for place, expression in enumerate(term.get("matchExpressions") or EMPTY_LIST):
            operator = expression.get("operator") or ""
            if operator not in _NODE_OPERATORS:
                at = child(index(child(here, "matchExpressions"), place), "operator")
                errors.not_supported(at, operator, _NODE_OPERATORS)


_ARGS: Final[Mapping[str, Callable[[FieldErrors, str, Any], None]]] = {
    "InterPodAffinity": _pod_affinity,
    "PodTopologySpread": _spread,
    "DefaultPreemption": _preemption,
    "VolumeBinding": _volume_binding,
    "NodeResourcesBalancedAllocation": _balanced,
    "NodeAffinity": _node_affinity,
}
