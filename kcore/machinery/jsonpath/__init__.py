"""kubectl's JSONPath templates."""

from kcore.machinery.jsonpath.evaluator import JsonPath
from kcore.machinery.jsonpath.parser import JsonPathError
from kcore.machinery.jsonpath.relaxed import relaxed_template

__all__ = ["JsonPath", "JsonPathError", "relaxed_template"]
