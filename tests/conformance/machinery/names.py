"""`names/*`: the rules for texts and the names made of them."""

from kcore.machinery import formats, names
from kcore.machinery.field_errors import FieldErrors
from kcore.machinery.frozen import freeze
from tests.conformance.registry import Registry

registry = Registry("machinery")

VALIDATORS = {
    "IsDNS1123Label": formats.dns1123_label,
    "IsDNS1123Subdomain": formats.dns1123_subdomain,
    "IsDNS1123SubdomainWithUnderscore": formats.dns1123_subdomain_with_underscore,
    "IsDNS1035Label": formats.dns1035_label,
    "IsWildcardDNS1123Subdomain": formats.wildcard_dns1123_subdomain,
    "IsQualifiedName": formats.qualified_name,
    "IsValidLabelValue": formats.label_value,
    "IsEnvVarName": formats.env_var_name,
    "IsRelaxedEnvVarName": formats.relaxed_env_var_name,
    "IsHTTPHeaderName": formats.http_header_name,
    "IsConfigMapKey": formats.config_map_key,
    "IsValidPortName": formats.port_name,
    "IsValidPercent": formats.percent,
    "IsCIdentifier": formats.c_identifier,
    "IsValidPortNum": formats.port_number,
    "IsValidGroupID": formats.group_id,
    "IsValidUserID": formats.user_id,
}
NAME_RULES = {
    "NameIsDNSSubdomain": names.subdomain_name,
    "NameIsDNSLabel": names.label_name,
    "NameIsDNS1035Label": names.label_1035_name,
    "ValidateNamespaceName": names.label_name,
    "ValidateServiceAccountName": names.subdomain_name,
    "ValidatePathSegmentName": names.path_segment,
}


def described(errors):
    return [
        {"type": one.type, "field": one.field, "detail": one.detail, "text": str(one)}
        for one in errors
    ]


def register_validator(name, validator):
    @registry.answers(f"names/{name}")
    def answer(given):
        return {"errors": validator(given["value"])}


def register_rule(name, rule):
    @registry.answers(f"names/{name}")
    def answer(given):
        return {"errors": rule(given["value"], False)}

    @registry.answers(f"names/{name}/prefix")
    def answer_prefix(given):
        return {"errors": rule(given["value"], True)}


for name, validator in VALIDATORS.items():
    register_validator(name, validator)
for name, rule in NAME_RULES.items():
    register_rule(name, rule)


@registry.answers("names/IsInRange")
def in_range(given):
    return {"errors": formats.in_range(given["value"], given["min"], given["max"])}


@registry.answers("names/generate")
def generate(given):
    suffix = "x" * names.RANDOM_SUFFIX_LENGTH
    prefix = names.generate_name(given["base"], suffix).removesuffix(suffix)
    # A cut inside a character leaves one byte for each part of it.
    length = len(prefix.replace("\ufffd", "?").encode()) + len(suffix)
    return {"length": length, "prefix": prefix.replace("\ufffd", "?"), "randomLength": len(suffix)}


@registry.answers("names/safeEncode")
def safe_encode(given):
    return {"value": names.safe_encode(given["value"]).replace("\0", "\\0")}


__all__ = ["FieldErrors", "freeze", "registry"]
