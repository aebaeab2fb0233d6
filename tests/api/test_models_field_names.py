"""Fields of typed views are called in Python as people would call them."""

import pytest

from tools.generate_models import python_name


@pytest.mark.parametrize(
    ("wire", "name"),
    [
        ("nodeName", "node_name"),
        ("podIP", "pod_ip"),
        ("podIPs", "pod_ips"),
        ("hostPID", "host_pid"),
        ("nonResourceURLs", "non_resource_urls"),
        ("serverAddressByClientCIDRs", "server_address_by_client_cidrs"),
        ("insecureSkipTLSVerify", "insecure_skip_tls_verify"),
        ("targetWWNs", "target_wwns"),
        ("fieldsV1", "fields_v1"),
        ("openAPIV3Schema", "open_apiv3_schema"),
        ("x-kubernetes-list-type", "x_kubernetes_list_type"),
        ("$ref", "ref"),
        ("$schema", "schema_"),
        ("Port", "port"),
        ("from", "from_"),
        ("continue", "continue_"),
        ("json", "json_"),
        ("copy", "copy_"),
        ("bool", "bool_"),
        ("string", "string"),
    ],
)
def test_wire_name_in_python(wire, name):
    assert python_name(wire) == name
