"""DeleteOptions as an object: what a client may ask of a deletion, and what is refused.

`read_delete_options` checks the object as upstream does and gives the options that the server works
with. It decides nothing about an object.
"""

from collections.abc import Mapping
from typing import Any, Final, cast

from kcore.machinery.field_errors import FieldErrors
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenList, FrozenMap
from kcore.machinery.request import DeleteOptions, PropagationPolicy

PROPAGATION_POLICIES: Final = ("Foreground", "Background", "Orphan")
DRY_RUNS: Final = ("All",)

_UNSAFE: Final = "ignoreStoreReadErrorWithClusterBreakingPotential"
_NOT_WITH_UNSAFE: Final = (
    "propagationPolicy",
    "orphanDependents",
    "gracePeriodSeconds",
    "preconditions",
)
# The older way to say it.
_OF_ORPHAN_DEPENDENTS: Final[Mapping[bool, PropagationPolicy]] = {
    True: "Orphan",
    False: "Background",
}


def read_delete_options(body: FrozenMap | None) -> DeleteOptions:
    """The options that a decoded DeleteOptions object asks for; all defaults for none.

    Raises:
        ApiError: 422 with every option that is not allowed.
    """
    options = body or EMPTY_MAP
    policy, orphan = options.get("propagationPolicy"), options.get("orphanDependents")
    errors = FieldErrors()
    if orphan is not None and policy is not None:
        why = "orphanDependents and deletionPropagation cannot be both set"
        errors.invalid("propagationPolicy", policy, why)
    check_propagation(policy, errors)
    dry_run: FrozenList = options.get("dryRun") or EMPTY_LIST
    if any(word not in DRY_RUNS for word in dry_run):
        errors.not_supported("dryRun", dry_run, DRY_RUNS)
    _check_unsafe(options, errors)
    refuse(errors)
    if policy is None and orphan is not None:
        policy = _OF_ORPHAN_DEPENDENTS[orphan]
    preconditions = options.get("preconditions") or EMPTY_MAP
    return DeleteOptions(
        grace_period_s=options.get("gracePeriodSeconds"),
        propagation_policy=cast("PropagationPolicy | None", policy),
        uid=preconditions.get("uid"),
        resource_version=preconditions.get("resourceVersion"),
        dry_run=bool(dry_run),
    )


def check_delete_options(options: DeleteOptions) -> None:
    """Refuse a propagation policy that does not exist.

    Raises:
        ApiError: 422.
    """
    if options.propagation_policy is None:
        return
    errors = FieldErrors()
    check_propagation(options.propagation_policy, errors)
    refuse(errors)


def check_propagation(policy: Any, errors: FieldErrors) -> None:
    """A policy that does not exist is not supported."""
    if policy is not None and policy not in PROPAGATION_POLICIES:
        errors.not_supported("propagationPolicy", policy, (*PROPAGATION_POLICIES, "nil"))


def _check_unsafe(options: FrozenMap, errors: FieldErrors) -> None:
    if not options.get(_UNSAFE):
        return
    for name in _NOT_WITH_UNSAFE:
        if options.get(name) is not None:
            errors.invalid(_UNSAFE, True, f"cannot be set together with .{name}")


def refuse(errors: FieldErrors) -> None:
    """Raise the refusal of options with problems.

    Raises:
        ApiError: 422.
    """
    if len(errors):
        raise errors.to_api_error("DeleteOptions", "meta.k8s.io", "")
