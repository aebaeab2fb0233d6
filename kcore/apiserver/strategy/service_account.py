"""Service accounts: what their secrets are called is all that is kept of the references."""

from typing import Final

from kcore.apiserver.context import ServerContext
from kcore.apiserver.strategy.base import Hooks
from kcore.machinery.frozen import FrozenMap


def _born(account: FrozenMap, context: ServerContext) -> FrozenMap:
    return _with_names_only(account)


def _updated(new: FrozenMap, old: FrozenMap, context: ServerContext) -> FrozenMap:
    return _with_names_only(new)


def _with_names_only(account: FrozenMap) -> FrozenMap:
    secrets = account.get("secrets")
    if not secrets:
        return account
    names = [{"name": secret["name"]} if secret.get("name") else {} for secret in secrets]
    return account.set("secrets", names)


SERVICE_ACCOUNT: Final = Hooks(at_birth=_born, at_update=_updated)
