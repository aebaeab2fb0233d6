"""Kinds that the server gained from CustomResourceDefinitions, found when somebody asks for one.

A client knows the built-in kinds by heart. As kubectl does, it asks the server again only when it
meets a name that it does not know.
"""

from collections.abc import Iterable
from typing import Final

from kcore.api.custom_kind import custom_kind
from kcore.machinery.frozen import FrozenMap
from kcore.machinery.scheme import Scheme

DEFINITIONS: Final = "customresourcedefinitions.apiextensions.k8s.io"


def custom_scheme(definitions: Iterable[FrozenMap]) -> Scheme:
    """The kinds that these definitions define. O(definitions)."""
    return Scheme(
        version.info
        for definition in definitions
        for version in custom_kind(definition).versions.values()
    )
