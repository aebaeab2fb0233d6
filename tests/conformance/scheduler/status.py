"""A status in the vectors' words."""


def status(value):
    if value is None:
        return {"code": "Success"}
    data = {"code": value.code.value}
    if value.reasons:
        data["reasons"] = sorted(value.reasons)
    return data
