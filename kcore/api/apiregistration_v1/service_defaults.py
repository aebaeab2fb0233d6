"""Defaults of APIService."""

from kcore.api.admissionregistration_v1.admission_defaults import default_client_config
from kcore.api.filling import map_child
from kcore.machinery.frozen import FrozenMap


def default_api_service(api_service: FrozenMap) -> FrozenMap:
    """Its service is called on 443."""
    return map_child(api_service, "spec", default_client_config)
