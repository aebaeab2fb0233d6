"""Topics `arith/*`: formulas alone."""

import math

from kcore.machinery.frozen import freeze
from kcore.scheduler.framework.scores import piecewise_linear, round_half_away
from kcore.scheduler.node_info import ImageState
from kcore.scheduler.plugins.balanced_allocation import balance_change
from kcore.scheduler.plugins.image_locality import priority, scaled_size
from kcore.scheduler.plugins.node_resources_fit import (
    RequestedToCapacityRatio,
    least_allocated,
    most_allocated,
)
from kcore.scheduler.plugins.pod_topology_spread import domain_weight, score_for_count
from kcore.scheduler.plugins.volume_binding import capacity_score
from kcore.scheduler.pod_facts import normalized_image_name
from kcore.scheduler.pod_requests import pod_requests


def balanced(given):
    rows = [
        (before, after, total)
        for before, after, total in zip(
            given["requestedBefore"],
            given["requestedWithPod"],
            given["allocatable"],
            strict=True,
        )
        if total
    ]
    fractions = [[min(row[position] / row[2], 1.0) for row in rows] for position in range(2)]
    return {"score": balance_change(*fractions)}


def fit(given):
    rows = [
        row
        for row in zip(given["requested"], given["allocatable"], given["weights"], strict=True)
        if row[1]
    ]
    shape = tuple((point["utilization"], point["score"] * 10) for point in given["shape"])
    return {
        "leastAllocated": least_allocated(rows),
        "mostAllocated": most_allocated(rows),
        "requestedToCapacityRatio": RequestedToCapacityRatio(shape)(rows),
    }


def shape(given):
    points = [(point["utilization"], point["score"] * given["scale"]) for point in given["shape"]]
    return {"scores": [piecewise_linear(points, value) for value in given["utilization"]]}


def image(given):
    scaled = [
        scaled_size(ImageState(one["size"], one["nodesHaving"]), given["totalNodes"])
        for one in given["imagesPresent"]
    ]
    total = sum(scaled)
    return {"scaled": scaled, "sum": total, "score": priority(total, given["imageCount"])}


def image_name(given):
    return {"names": [normalized_image_name(name) for name in given["names"]]}


def _near(value, expected):
    wanted = float.fromhex(expected["hex"])
    return expected if abs(value - wanted) <= math.ulp(wanted) else {"hex": value.hex()}


def spread(given, expected):
    """Go's logarithm and C's differ in the last bit now and then: one unit is allowed."""
    weight = domain_weight(given["domains"])
    scores = [score_for_count(one["count"], one["maxSkew"], weight) for one in given["constraints"]]
    total = 0.0
    for score in scores:
        total += score
    return {
        "weight": _near(weight, expected["weight"]),
        "scores": [
            _near(score, wanted) for score, wanted in zip(scores, expected["scores"], strict=True)
        ],
        "sum": _near(total, expected["sum"]),
        "rounded": round_half_away(total),
    }


def requests(given):
    found = pod_requests(freeze(given["pod"]))
    out = {
        "milliCPU": found.requested.milli_cpu,
        "memory": found.requested.memory,
        "ephemeralStorage": found.requested.ephemeral_storage,
        "nonZeroMilliCPU": found.non_zero.milli_cpu,
        "nonZeroMemory": found.non_zero.memory,
    }
    if found.requested.scalars:
        out["scalar"] = dict(found.requested.scalars)
    return out


def volume_capacity(given):
    points = [(point["utilization"], point["score"] * given["scale"]) for point in given["shape"]]
    usage = {name: (one["requested"], one["capacity"]) for name, one in given["classes"].items()}
    return {"score": capacity_score(usage, points)}


ANSWERS = {
    "arith/volumeCapacity": volume_capacity,
    "arith/balanced": balanced,
    "arith/fit": fit,
    "arith/shape": shape,
    "arith/image": image,
    "arith/imageName": image_name,
    "arith/podRequests": requests,
}
