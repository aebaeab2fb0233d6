"""The extension points by name, and what a profile must not say about them.

Messages are upstream's; a profile that breaks a rule is refused before the first pod.
"""

from collections.abc import Container, Mapping
from typing import Any, Final

from kcore.errors import ManifestError
from kcore.scheduler.framework.interfaces import (
    BindPlugin,
    FilterPlugin,
    PermitPlugin,
    Plugin,
    PostBindPlugin,
    PostFilterPlugin,
    PreBindPlugin,
    PreEnqueuePlugin,
    PreFilterPlugin,
    PreScorePlugin,
    QueueSortPlugin,
    ReservePlugin,
    ScorePlugin,
)
from kcore.scheduler.framework.profile import MULTI_POINT, EnabledPlugin, Profile

# In the order in which upstream looks at them.
POINT_PROTOCOLS: Final[Mapping[str, Any]] = {
    "preFilter": PreFilterPlugin,
    "filter": FilterPlugin,
    "postFilter": PostFilterPlugin,
    "reserve": ReservePlugin,
    "preScore": PreScorePlugin,
    "score": ScorePlugin,
    "preBind": PreBindPlugin,
    "bind": BindPlugin,
    "postBind": PostBindPlugin,
    "permit": PermitPlugin,
    "preEnqueue": PreEnqueuePlugin,
    "queueSort": QueueSortPlugin,
}
# Weights times 100, added up, must fit 63 bits.
_TOTAL_SCORE_MAX: Final = 2**63 - 1
_SCORE_MAX: Final = 100


def check_points(
    profile: Profile,
    plugins: Mapping[str, Plugin],
    points: Mapping[str, tuple[EnabledPlugin, ...]],
) -> None:
    """Refuse a profile that cannot work.

    Raises:
        ManifestError: a plugin is named at a point it does not take part in, or twice; not
            exactly one queue sort; no bind plugin; weights that overflow.
    """
    for point, protocol in POINT_PROTOCOLS.items():
        words = protocol.__name__
        seen: set[str] = set()
        for entry in profile.point(point).enabled:
            if not isinstance(plugins[entry.name], protocol):
                _refuse(profile, f'plugin "{entry.name}" does not extend {words} plugin')
            _check_once(profile, entry.name, seen, words)
    for point, protocol in POINT_PROTOCOLS.items():
        seen = set()
        own = profile.point(point)
        for entry in profile.point(MULTI_POINT).enabled:
            takes_part = isinstance(plugins[entry.name], protocol)
            if takes_part and not own.disables(entry.name):
                _check_once(profile, entry.name, seen, protocol.__name__)
    _check_totals(profile, points)


def check_known(profile: Profile, known: Container[str]) -> None:
    """Refuse a profile that names a plugin nobody has registered.

    Raises:
        ManifestError: the plugin and the point at which it is named.
    """
    for point, protocol in POINT_PROTOCOLS.items():
        for entry in (*profile.point(point).enabled, *profile.point(MULTI_POINT).enabled):
            if entry.name not in known:
                _refuse(profile, f'{protocol.__name__} "{entry.name}" does not exist')


def _check_once(profile: Profile, name: str, seen: set[str], words: str) -> None:
    if name in seen:
        _refuse(profile, f'plugin "{name}" already registered as "{words}"')
    seen.add(name)


def _check_totals(profile: Profile, points: Mapping[str, tuple[EnabledPlugin, ...]]) -> None:
    name = f'profile with scheduler name "{profile.scheduler_name}"'
    total = sum(max(entry.weight, 1) * _SCORE_MAX for entry in points["score"])
    if total > _TOTAL_SCORE_MAX or any(entry.weight < 0 for entry in points["score"]):
        _refuse(profile, "score plugins: total score of Score plugins could overflow")
    sorts_count = len(points["queueSort"])
    if sorts_count != 1:
        _refuse(profile, f"only one queue sort plugin required for {name}, but got {sorts_count}")
    if not points["bind"]:
        _refuse(profile, f"at least one bind plugin is needed for {name}")


def creating(profile: Profile) -> str:
    """What upstream says it is doing when a profile turns out to be wrong."""
    return f"initializing profiles: creating profile for scheduler name {profile.scheduler_name}"


def _refuse(profile: Profile, rule: str) -> None:
    raise ManifestError(f"{creating(profile)}: {rule}")
