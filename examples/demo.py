"""The main job of kcore in a minute: run an application, roll it, lose a node, and prove it.

    python examples/demo.py [MANIFEST] [--seed N] [--nodes N]

1. Applies the manifest to hollow nodes and waits until everything is as it asks to be.
2. Rolls the largest Deployment to a new image and shows each step.
3. Fails the busiest node on a *fork*: what would move where, and does it still fit?
4. Shows that the parent is untouched, that the same seed gives the same run, and that another
   seed gives another order but the same end.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

import kcore

BOOKSHOP = Path(__file__).parent / "bookshop.yaml"
console = Console()


def main() -> int:
    """Run the four acts; 0 when the application settled, 2 when it cannot."""
    parser = argparse.ArgumentParser(description="kcore's main job in a minute")
    parser.add_argument("manifest", nargs="?", type=Path, default=BOOKSHOP)
    parser.add_argument("--nodes", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    cluster, settled = run(options.manifest, options.nodes, options.seed, show=True)
    roll(cluster)
    lose_a_node(cluster)
    compare_seeds(options.manifest, options.nodes, options.seed)
    return 0 if settled else 2


def run(manifest: Path, nodes: int, seed: int, *, show: bool) -> tuple[kcore.Cluster, bool]:
    """Apply a manifest and settle."""
    cluster = kcore.Cluster(nodes=nodes, seed=seed)
    report = cluster.apply(manifest)
    result = cluster.settle()
    if show:
        console.rule(f"1. {manifest.name} on {nodes} nodes")
        console.print(f"{len(report.applied)} objects applied")
        console.print(deployments_table(cluster))
        console.print(pods_table(cluster))
        for sentence in cluster.not_modelled():
            console.print(f"[yellow]not modelled[/]: {sentence}")
        for unmet in result.unmet:
            console.print(f"[red]cannot settle[/]: {unmet}")
        if result.settled:
            console.print(f"[green]settled[/] after {seconds(cluster)} of virtual time")
    return cluster, result.settled


def roll(cluster: kcore.Cluster) -> None:
    """Give the largest Deployment a new image and print every change of its ReplicaSets."""
    console.rule("2. a rolling update, step by step")
    deployments = cluster.client.list("deployments")
    if not deployments:
        console.print("the manifest has no Deployment to roll")
        return
    deployment = max(deployments, key=lambda d: d.at("spec", "replicas", default=1))
    namespace, name = deployment.metadata.namespace, deployment.metadata.name
    image = deployment.at("spec", "template", "spec", "containers", 0, "image").partition(":")[0]
    update = {"op": "replace", "path": "/spec/template/spec/containers/0/image"}
    cluster.client.patch(
        "deployments",
        name,
        [update | {"value": f"{image}:next"}],
        namespace,
        patch_type="application/json-patch+json",
    )
    table = Table("virtual time", "old wanted", "old ready", "new wanted", "new ready")
    last: tuple[int, ...] = ()

    def progress(world: kcore.Cluster) -> tuple[int, ...]:
        return rollout(world, namespace, name)

    def changed(world: kcore.Cluster) -> bool:
        return progress(world) != last

    while cluster.run_until(changed, timeout="10m"):
        last = progress(cluster)
        table.add_row(seconds(cluster), *map(str, last))
    console.print(f"[bold]{namespace}/{name}[/] -> {image}:next")
    console.print(table)
    console.print("settled" if cluster.settle() else f"[red]{cluster.unmet()}[/]")


def rollout(cluster: kcore.Cluster, namespace: str, name: str) -> tuple[int, ...]:
    """Wanted and ready pods of the old and the new ReplicaSet."""
    old_and_new = [[0, 0], [0, 0]]
    owned = [
        replica_set
        for replica_set in cluster.client.list("replicasets", namespace)
        if replica_set.at("metadata", "ownerReferences", 0, "name") == name
    ]
    for replica_set in owned:
        image = replica_set.at("spec", "template", "spec", "containers", 0, "image")
        row = old_and_new[image.endswith(":next")]
        row[0] += replica_set.at("spec", "replicas", default=1)
        row[1] += replica_set.at("status", "readyReplicas", default=0)
    return (*old_and_new[0], *old_and_new[1])


def lose_a_node(cluster: kcore.Cluster) -> None:
    """Fail the busiest node on a fork and print what moves; the parent must not notice."""
    console.rule("3. what if a node fails? (on a fork)")
    before = cluster.trace.digest
    load = Counter(pod.spec.nodeName for pod in cluster.client.list("pods") if pod.spec.nodeName)
    if not load:
        console.print("no pod runs on any node")
        return
    victim, count = max(load.items(), key=lambda item: (item[1], item[0]))

    fork = cluster.fork()
    fork.fail_node(victim)
    fork.run_for("7m")
    fork.settle()

    table = Table("workload", "was on", "moves to", "state")
    lost = {pod.metadata.name: pod for pod in cluster.client.list("pods")}
    for pod in fork.client.list("pods"):
        if pod.metadata.name not in lost:
            workload = pod.at("metadata", "ownerReferences", 0, "name", default=pod.metadata.name)
            phase = pod.at("status", "phase", default="Pending")
            table.add_row(workload, victim, pod.spec.nodeName or "nowhere", phase)
    console.print(f"{victim} had {count} pods; seven minutes after its kubelet stopped:")
    console.print(table)
    held = sum(
        1
        for pod in fork.client.list("pods", field_selector=f"spec.nodeName={victim}")
        if pod.metadata.deletionTimestamp
    )
    if held:
        console.print(
            f"{held} pods stay Terminating: only {victim}'s kubelet could confirm their end"
        )
    homeless = fork.client.list("pods", field_selector="spec.nodeName=")
    for pod in homeless:
        console.print(f"[red]does not fit[/]: {pod.metadata.name}: {fork.explain(pod).message}")
    if not homeless:
        console.print("[green]everything still fits[/] on the nodes that are left")
    untouched = cluster.trace.digest == before
    console.print(f"parent untouched: {untouched}  (revision, pods and trace as before the fork)")


def compare_seeds(manifest: Path, nodes: int, seed: int) -> None:
    """Run again with the same and with another seed."""
    console.rule("4. one seed, one trace")
    runs = [run(manifest, nodes, number, show=False)[0] for number in (seed, seed, seed + 1)]
    for number, world in zip((seed, seed, seed + 1), runs, strict=True):
        console.print(f"seed {number}: trace digest [bold]{world.trace.digest}[/]", end="")
        console.print(f" over {len(world.trace)} actions")
    console.print(f"running pods at the end: {end_state(runs[0])}")
    console.print(f"same seed, same digest: {same(runs, lambda world: world.trace.digest)[0]}")
    console.print(f"other seed, same end state: {same(runs, end_state)[1]}")


def same(runs: list[kcore.Cluster], view: Callable[[kcore.Cluster], str]) -> tuple[bool, bool]:
    """Whether the second run looks like the first, and the third like the first."""
    first, second, third = map(view, runs)
    return first == second, first == third


def end_state(cluster: kcore.Cluster) -> str:
    """What a user sees, without generated names and places: ready pods by workload."""
    ready = Counter(
        pod.at("metadata", "labels", "app", default=pod.metadata.name)
        for pod in cluster.client.list("pods")
        if pod.at("status", "phase") == "Running"
    )
    return " ".join(f"{name}={count}" for name, count in sorted(ready.items()))


def deployments_table(cluster: kcore.Cluster) -> Table:
    """Deployments with ready and wanted replicas."""
    table = Table("deployment", "ready", "up to date", "available")
    for obj in cluster.client.list("deployments"):
        ready = f"{obj.at('status', 'readyReplicas', default=0)}/{obj.spec.replicas}"
        table.add_row(
            f"{obj.metadata.namespace}/{obj.metadata.name}",
            ready,
            str(obj.at("status", "updatedReplicas", default=0)),
            str(obj.at("status", "availableReplicas", default=0)),
        )
    return table


def pods_table(cluster: kcore.Cluster) -> Table:
    """Which pods are on which node."""
    table = Table("node", "pods", "workloads")
    by_node: dict[str, Counter[str]] = {}
    for pod in cluster.client.list("pods"):
        workload = pod.at("metadata", "ownerReferences", 0, "name", default=pod.metadata.name)
        by_node.setdefault(pod.spec.nodeName or "(none)", Counter())[
            workload.rpartition("-")[0] or workload
        ] += 1
    for node, workloads in sorted(by_node.items()):
        names = ", ".join(f"{name} x{count}" for name, count in sorted(workloads.items()))
        table.add_row(node, str(workloads.total()), names)
    return table


def seconds(cluster: kcore.Cluster) -> str:
    """Virtual time since the beginning."""
    return f"{cluster.elapsed_ns / 1e9:.2f}s"


if __name__ == "__main__":
    sys.exit(main())
