"""Security contexts of pods and containers: ids, profiles, Windows options, sysctls."""

import re
from typing import Any, Final

from kcore.api.core_v1.mount_rules import validate_descending_path
from kcore.machinery.field_errors import FieldErrors, child, index
from kcore.machinery.formats import dns1123_subdomain, in_range
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.internal_text import rendered_internal

ID_MAX: Final = 2**31 - 1
_PROFILES: Final = ("Localhost", "RuntimeDefault", "Unconfined")
_PROC_MOUNTS: Final = ("Default", "Unmasked")
_USER_BAD: Final = re.compile(r'["/\\:;|=,+*?<>@\[\]]')
_USER_LENGTH_MAX: Final = 104
_DOMAIN_LENGTH_MAX: Final = 256
_CREDENTIAL_BYTES_MAX: Final = 64 * 1024
_SYSCTL: Final = re.compile(
    r"([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?", re.ASCII
)
_SYSCTL_RULE: Final = (
    "must have at most 253 characters and match regex "
    r"^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$"
)
_SYSCTL_LENGTH_MAX: Final = 253
_IPC_SYSCTLS: Final = ("kernel.shm", "kernel.msg", "fs.mqueue.")
_CONTEXT: Final = "core/v1.SecurityContext"


def validate_id(value: int | None, errors: FieldErrors, path: str) -> None:
    """A user or group."""
    if value is not None:
        errors.invalid_each(path, value, in_range(value, 0, ID_MAX))


def validate_container_security(
    context: FrozenMap, host_users: bool | None, errors: FieldErrors, path: str
) -> None:
    """The security context of one container."""
    for name in ("runAsUser", "runAsGroup"):
        validate_id(context.get(name), errors, child(path, name))
    proc_mount = context.get("procMount")
    if proc_mount is not None:
        here = child(path, "procMount")
        if proc_mount not in _PROC_MOUNTS:
            errors.not_supported(here, proc_mount, _PROC_MOUNTS)
        if host_users is not False and proc_mount == "Unmasked":
            errors.invalid(here, proc_mount, "`hostUsers` must be false to use `Unmasked`")
    _validate_seccomp(context.get("seccompProfile"), errors, child(path, "seccompProfile"))
    if context.get("allowPrivilegeEscalation") is False:
        _validate_escalation(context, errors, path)
    validate_windows_options(context.get("windowsOptions"), errors, child(path, "windowsOptions"))
    _validate_app_armor(context.get("appArmorProfile"), errors, child(path, "appArmorProfile"))


def _validate_escalation(context: FrozenMap, errors: FieldErrors, path: str) -> None:
    if context.get("privileged"):
        detail = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"
        errors.invalid(path, rendered_internal(context, _CONTEXT), detail)
    added = (context.get("capabilities") or EMPTY_MAP).get("add") or EMPTY_LIST
    if "CAP_SYS_ADMIN" in added:
        detail = (
            "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"
        )
        errors.invalid(path, rendered_internal(context, _CONTEXT), detail)


def _validate_seccomp(profile: FrozenMap | None, errors: FieldErrors, path: str) -> None:
    if profile is None:
        return
    kind, local = profile.get("type") or "", profile.get("localhostProfile")
    here = child(path, "localhostProfile")
    if kind == "Localhost":
        if local is None:
            errors.required(here, "must be set when seccomp type is Localhost")
        else:
            validate_descending_path(local, errors, here)
    elif local is not None:
        detail = "can only be set when seccomp type is Localhost"
        errors.invalid(here, rendered_internal(profile, "core/v1.SeccompProfile"), detail)
    _validate_profile_type(kind, "seccompProfile", errors, path)


def _validate_profile_type(kind: str, noun: str, errors: FieldErrors, path: str) -> None:
    if not kind:
        errors.required(child(path, "type"), f"type is required when {noun} is set")
    elif kind not in _PROFILES:
        errors.not_supported(child(path, "type"), kind, _PROFILES)


def _validate_app_armor(profile: FrozenMap | None, errors: FieldErrors, path: str) -> None:
    if profile is None:
        return
    kind, local = profile.get("type") or "", profile.get("localhostProfile")
    here = child(path, "localhostProfile")
    if kind == "Localhost":
        if local is None or not local.strip():
            errors.required(here, "must be set when AppArmor type is Localhost")
        elif local != local.strip():
            errors.invalid(here, local, "must not be padded with whitespace")
    elif local is not None and kind in _PROFILES:
        errors.invalid(here, local, "can only be set when AppArmor type is Localhost")
    _validate_profile_type(kind, "appArmorProfile", errors, path)


def validate_windows_options(options: FrozenMap | None, errors: FieldErrors, path: str) -> None:
    """Group-managed credentials and the user's name."""
    if options is None:
        return
    name = options.get("gmsaCredentialSpecName")
    if name is not None:
        here = child(path, "gmsaCredentialSpecName")
        errors.invalid_each(here, name, dns1123_subdomain(name))
    spec = options.get("gmsaCredentialSpec")
    if spec is not None:
        here = child(path, "gmsaCredentialSpec")
        if not spec:
            errors.invalid(here, spec, "gmsaCredentialSpec cannot be an empty string")
        elif len(spec) > _CREDENTIAL_BYTES_MAX:
            detail = f"gmsaCredentialSpec size must be under {_CREDENTIAL_BYTES_MAX // 1024} KiB"
            errors.invalid(here, "", detail)
    user = options.get("runAsUserName")
    if user is not None:
        _validate_windows_user(user, errors, child(path, "runAsUserName"))


def _validate_windows_user(name: str, errors: FieldErrors, path: str) -> None:
    if not name:
        errors.invalid(path, name, "runAsUserName cannot be an empty string")
        return
    if re.search("[\x00-\x1f\x7f]", name):
        errors.invalid(path, name, "runAsUserName cannot contain control characters")
        return
    parts = name.split("\\")
    if len(parts) > 2:
        errors.invalid(path, name, "runAsUserName cannot contain more than one backslash")
        return
    domain, user = ("", parts[0]) if len(parts) == 1 else parts
    if len(parts) == 2:
        if not domain:
            detail = "runAsUserName's Domain doesn't match the NetBIOS nor the DNS format"
            errors.invalid(path, name, detail)
        if len(domain) >= _DOMAIN_LENGTH_MAX:
            detail = f"runAsUserName's Domain length must be under {_DOMAIN_LENGTH_MAX} characters"
            errors.invalid(path, name, detail)
    if not user:
        errors.invalid(path, name, "runAsUserName's User cannot be empty")
    elif len(user) > _USER_LENGTH_MAX:
        detail = (
            f"runAsUserName's User length must not be longer than {_USER_LENGTH_MAX} characters"
        )
        errors.invalid(path, name, detail)
    if _USER_BAD.search(user):
        detail = "runAsUserName's User cannot contain the following characters: \"/\\:;|=,+*?<>@[]"
        errors.invalid(path, name, detail)


def validate_pod_security(spec: FrozenMap, errors: FieldErrors, path: str) -> None:
    """The security context of a pod, and what it shares with its host."""
    context = spec.get("securityContext")
    if context is None:
        return
    here = child(path, "securityContext")
    for name in ("fsGroup", "runAsUser", "runAsGroup"):
        validate_id(context.get(name), errors, child(here, name))
    for position, group in enumerate(context.get("supplementalGroups") or EMPTY_LIST):
        validate_id(group, errors, index(child(here, "supplementalGroups"), position))
    if spec.get("shareProcessNamespace") and spec.get("hostPID"):
        detail = "ShareProcessNamespace and HostPID cannot both be enabled"
        errors.invalid(child(path, "shareProcessNamespace"), True, detail)
    _validate_sysctls(spec, context.get("sysctls") or EMPTY_LIST, errors, child(here, "sysctls"))
    _validate_word(context, "fsGroupChangePolicy", ("Always", "OnRootMismatch"), errors, here)
    _validate_seccomp(context.get("seccompProfile"), errors, child(here, "seccompProfile"))
    validate_windows_options(context.get("windowsOptions"), errors, child(here, "windowsOptions"))
    _validate_app_armor(context.get("appArmorProfile"), errors, child(here, "appArmorProfile"))
    _validate_word(context, "supplementalGroupsPolicy", ("Merge", "Strict"), errors, here)
    _validate_word(context, "seLinuxChangePolicy", ("MountOption", "Recursive"), errors, here)


def _validate_word(
    context: FrozenMap, name: str, words: tuple[str, ...], errors: FieldErrors, path: str
) -> None:
    value = context.get(name)
    if value is not None and value not in words:
        errors.not_supported(child(path, name), value, words)


def _validate_sysctls(spec: FrozenMap, sysctls: Any, errors: FieldErrors, path: str) -> None:
    seen: list[str] = []
    for position, sysctl in enumerate(sysctls):
        here = child(index(path, position), "name")
        name = sysctl.get("name") or ""
        if not name:
            errors.required(here)
        elif len(name) > _SYSCTL_LENGTH_MAX or not _SYSCTL.fullmatch(name):
            errors.invalid(here, name, _SYSCTL_RULE)
        elif name in seen:
            errors.duplicate(here, name)
        dotted = name.replace("/", ".")
        if spec.get("hostNetwork") and dotted.startswith("net."):
            errors.invalid(here, name, "may not be specified when 'hostNetwork' is true")
        if spec.get("hostIPC") and dotted.startswith(_IPC_SYSCTLS):
            errors.invalid(here, name, "may not be specified when 'hostIPC' is true")
        seen.append(name)
