"""Defaults of PodCertificateRequest."""

from typing import Final

from kcore.api.filling import fill, map_child
from kcore.machinery.frozen import FrozenMap

EXPIRATION_S_MAX: Final = 86_400


def default_certificate_request(request: FrozenMap) -> FrozenMap:
    """Valid for at most a day."""
    return map_child(
        request, "spec", lambda spec: fill(spec, {"maxExpirationSeconds": EXPIRATION_S_MAX})
    )
