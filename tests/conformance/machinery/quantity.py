"""`quantity/*`: parse, compute, compare, print."""

from kcore.machinery.go_text import float_text
from kcore.machinery.quantity import BINARY_SI, DECIMAL_SI, Decimal, Quantity, QuantityError
from tests.conformance.machinery.go_json import syntax_error
from tests.conformance.registry import Registry

registry = Registry("machinery")

SCALES = (-9, -6, -3, 0, 1, 2, 3, 6, 9, 12, 15, 18)
ROUND_UP_SCALES = (-9, -3, 0, 3, 6)


def quoted(text):
    return f'"{text}"'


@registry.answers("quantity/parse")
def parse(given):
    try:
        quantity = Quantity.parse(given["s"])
    except QuantityError as error:
        return {"error": str(error)}
    number, suffix = quantity.canonical_parts()
    whole, is_whole = quantity.as_int64()
    rounded = {scale: quantity.rounded_up(scale) for scale in ROUND_UP_SCALES}
    return {
        "string": str(quantity),
        "format": quantity.format,
        "value": quantity.value(),
        "milliValue": quantity.milli_value(),
        "scaledValue": {str(scale): quantity.scaled_value(scale) for scale in SCALES},
        "roundUp": {
            str(scale): {"exact": exact, "string": str(result)}
            for scale, (result, exact) in rounded.items()
        },
        "asApproximateFloat64": float_text(quantity.as_float()),
        "asInt64": {"value": whole, "ok": is_whole},
        "asDec": str(quantity.number),
        "isZero": quantity.is_zero(),
        "sign": quantity.sign(),
        "canonicalNumber": number,
        "canonicalSuffix": suffix,
        "json": quoted(quantity),
    }


def compared(quantity, other):
    """Upstream's comparison leaves its receiver in the unbounded form if one side has it."""
    if quantity.is_decimal or other.is_decimal:
        quantity = quantity.as_decimal()
    return quantity, {"cmp": quantity.compare(other)}


def named(result, name):
    """A result with the answer of the operation under `name`."""
    return result[0], {name: result[1]}


OPERATIONS = {
    "add": lambda one, text: (one + Quantity.parse(text), {}),
    "sub": lambda one, text: (one - Quantity.parse(text), {}),
    "cmp": lambda one, text: compared(one, Quantity.parse(text)),
    "neg": lambda one, _: (-one, {}),
    "string": lambda one, _: (one, {}),
    "mul": lambda one, text: named(one.times(int(text)), "ok"),
    "roundUp": lambda one, text: named(one.rounded_up(int(text)), "exact"),
    "cmpInt64": lambda one, text: (one, {"cmp": one.compare(Quantity.of(int(text)))}),
    "set": lambda one, text: (Quantity(Decimal(int(text)), one.format), {}),
    "setMilli": lambda one, text: (Quantity(Decimal(int(text), -3), one.format), {}),
}


@registry.answers("quantity/arithmetic")
def arithmetic(given):
    quantity = Quantity.parse(given["start"])
    steps = []
    for step in given["ops"]:
        quantity, answer = OPERATIONS[step["op"]](quantity, step.get("arg"))
        steps.append(
            {
                "format": quantity.format,
                "milliValue": quantity.milli_value(),
                "string": str(quantity),
                "value": quantity.value(),
                **answer,
            }
        )
    return {"steps": steps}


@registry.answers("quantity/compare")
def compare(given):
    left, right = Quantity.parse(given["a"]), Quantity.parse(given["b"])
    return {"cmp": left.compare(right), "equal": left == right}


@registry.answers("quantity/json")
def json_field(given):
    raw = given["json"]
    problem = syntax_error(raw)
    if problem:
        return {"error": problem}
    if raw == "null":
        return {"format": "", "json": quoted("0"), "pIsNil": True, "q": "0"}
    text = raw[1:-1] if len(raw) >= 2 and raw[0] == raw[-1] == '"' else raw
    try:
        quantity = Quantity.parse(text.strip())
    except QuantityError as error:
        return {"error": str(error)}
    return {
        "format": quantity.format,
        "json": quoted(quantity),
        "pIsNil": False,
        "q": str(quantity),
    }


@registry.answers("quantity/construct")
def construct(given):
    value = given["value"]
    if given["fn"] == "NewScaledQuantity":
        quantity = Quantity.of(value, DECIMAL_SI, exponent=given["scale"])
    else:
        exponent = -3 if given["fn"] == "NewMilliQuantity" else 0
        quantity = Quantity.of(value, given.get("format", BINARY_SI), exponent=exponent)
    return {
        "asApproximateFloat64": float_text(quantity.as_float()),
        "milliValue": quantity.milli_value(),
        "string": str(quantity),
        "value": quantity.value(),
    }
