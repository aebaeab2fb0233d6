"""What kube-apiserver's storage layer says when it cannot: texts and Go types."""


class StorageError(Exception):
    """A call failed; `kind` is the Go type of the error."""

    def __init__(self, text, kind):
        super().__init__(text)
        self.kind = kind


def _storage_error(text, code, key, more="<nil>"):
    details = f"Code: {code}, Key: {key}, ResourceVersion: 0, AdditionalErrorMsg: {more}"
    return StorageError(f"StorageError: {text}, {details}", "*storage.StorageError")


def not_found(key):
    return _storage_error("key not found", 1, key)


def exists(key):
    return _storage_error("key exists", 2, key)


def invalid(key, why):
    return _storage_error("invalid object", 4, key, why)


def status(text):
    return StorageError(text, "*errors.StatusError")


def too_large(asked, current):
    return status(f"Timeout: Too large resource version: {asked}, current: {current}")


LIST_TOO_OLD = "The resourceVersion for the provided list is too old."
WATCH_TOO_OLD = "The resourceVersion for the provided watch is too old."
TOKEN_TOO_OLD = (
    "The provided continue parameter is too old to display a consistent list result. "
    "You can start a new list without the continue parameter, or use the continue token in this "
    "response to retrieve the remainder of the results. Continuing with the provided token results "
    "in an inconsistent list - objects that were created, modified, or deleted between the time "
    "the first chunk was returned and now may show up in the list."
)
