"""`names/*`: the rules for texts and the names made of them."""

from kcore.machinery import domain_names, formats, ip_address, meta, names
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


def collected(validate, *arguments, **options):
    """What a validator adds to a collector, described."""
    errors = FieldErrors()
    validate(*arguments, errors, **options)
    return {"errors": described(errors)}


def each_invalid(rule):
    """A validator that says each of a rule's messages of the value."""
    return lambda value, errors, path: errors.invalid_each(path, value, rule(value))


COLLECTORS = {
    "IsFullyQualifiedName": (domain_names.validate_fully_qualified_name, "spec.value"),
    "IsFullyQualifiedDomainName": (domain_names.validate_fully_qualified_domain_name, "spec.value"),
    "IsDomainPrefixedPath": (domain_names.validate_domain_prefixed_path, "spec.value"),
    "IsDomainPrefixedKey": (domain_names.validate_domain_prefixed_key, "spec.value"),
    "ValidateFinalizerName": (each_invalid(formats.label_key), "metadata.finalizers"),
    "ValidateLabelName": (each_invalid(formats.label_key), "spec.key"),
    "ValidateDNS1123Label": (each_invalid(formats.dns1123_label), "spec.name"),
    "IsValidIP": (ip_address.validate_ip, "spec.value"),
    "IsValidCIDR": (ip_address.validate_cidr, "spec.value"),
    "IsValidInterfaceAddress": (ip_address.validate_interface_address, "spec.value"),
}
OLD_IPS = ("010.1.2.3", "::ffff:1.2.3.4", "bogus")
LEGACY_OPTIONS = {
    "": {},
    "/strict": {"strict": True},
    "/strict-old": {"strict": True, "old": OLD_IPS},
}


def register_collector(topic, validate, path, options):
    @registry.answers(f"names/{topic}")
    def answer(given):
        return collected(validate, given["value"], path=path, **options)


for name, (validate, path) in COLLECTORS.items():
    register_collector(name, validate, path, {})
for suffix, options in LEGACY_OPTIONS.items():
    register_collector(
        f"IsValidIPForLegacyField{suffix}", ip_address.validate_legacy_ip, "spec.ip", options
    )
    register_collector(
        f"IsValidCIDRForLegacyField{suffix}", ip_address.validate_legacy_cidr, "spec.cidr", options
    )


@registry.answers("names/GetWarningsForIP")
def ip_warnings(given):
    return {"warnings": ip_address.ip_warnings(given["value"], "spec.ip")}


@registry.answers("names/GetWarningsForCIDR")
def cidr_warnings(given):
    return {"warnings": ip_address.cidr_warnings(given["value"], "spec.cidr")}


@registry.answers("names/ValidateAnnotations")
def annotations(given):
    repeat = given["repeat"]
    found = freeze({repeat["key"]: "v" * repeat["valueLength"]})
    return collected(meta.validate_annotations, found, path="metadata.annotations")


@registry.answers("names/ValidateObjectMeta")
def object_meta(given):
    rule = NAME_RULES[given["nameFn"]]
    return collected(
        meta.validate_object_meta, freeze(given["metadata"]), given["namespaced"], rule
    )


@registry.answers("names/ValidateObjectMetaUpdate")
def object_meta_update(given):
    return collected(meta.validate_object_meta_update, freeze(given["new"]), freeze(given["old"]))
