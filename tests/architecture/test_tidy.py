"""House style that no linter knows, checked on every source file of the repository.

Rules are few and mechanical. An exception stands in a table below, with its reason.
"""

import ast
import re

import pytest

# Written by tools/generate_models.py: as long as upstream's API.
GENERATED = re.compile(r"kcore/api/\w+/models(_\w+)?\.py")
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60

# Started by people and tools, not imported by anything inside.
ENTRY_MODULES = {"kcore", "kcore.__main__", "kcore.cli.main"}
# Chosen by name while the program runs (kernels and their twins), or there for users to import.
REACHED_FROM_OUTSIDE = re.compile(
    r"kcore\._native\.\w+|kcore\._native\.reference\.\w+|kcore\.api\.\w+|kcore\.testing\.\w+"
)
# Imported by users' code alone; each with what they use it for.
FOR_USERS = {
    "kcore.apiserver.body_protobuf": "bodies in protobuf, for a server",
    "kcore.api.core_v1.quota": "what an object uses of a quota; no controller counts it yet",
    "kcore.client.retry": "their own read-change-write loops",
    "kcore.machinery.apply.client_upgrade": "moving from client-side to server-side apply",
    "kcore.machinery.protobuf.watch_frames": "protobuf watches, read and written",
    "kcore.machinery.typed_json": "objects as upstream's encoder writes them",
    "kcore.printing.representation": "answers as tables or as metadata alone, for a server",
    "kcore.machinery.patch.document_text": "patches of JSON texts, where there is no API",
    "kcore.machinery.model": "the base of generated typed views, and of views of custom kinds",
    "kcore.controllers.deployment.rollback": "undoing a rollout",
    "kcore.machinery.equality": "whether two objects mean the same",
    "kcore.scheduler.configuration": "KubeSchedulerConfiguration files",
    "kcore.scheduler.packed.filling": "placing a great many pods at once, in thought",
    "kcore.apiserver.body_text": "request bodies that arrive as text, for a server",
    "kcore.machinery.object_stream": "objects of a stream of documents, one after another",
    "kcore.testing.history.check": "whether a recorded history is lawful",
    "kcore.store.etcd.process": "etcd servers in loops of their own",
    "kcore.store.etcd_snapshot.restore": "etcd servers made of snapshot files",
    "kcore.store.etcd_snapshot.status": "what `etcdutl snapshot status` says of a file",
}
LIMIT_UNITS = re.compile(
    r"(_(NS|MS|S|MINUTES|BYTES|COUNT|PERCENT|RATIO|MILLI|LINES|CHARACTERS|LENGTH))(_(MAX|MIN|DEFAULT))?$"
)
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
# `reconcile/manager.py` is upstream's own word.
VAGUE_NAMES_ALLOWED = {"kcore/reconcile/manager.py"}
ASYNC_ALLOWED = {"kcore/httpd/server.py"}  # the only socket


def python_files(root, *folders):
    return sorted(
        path
        for folder in folders
        for path in (root / folder).rglob("*.py")
        if "__pycache__" not in path.parts and not GENERATED.fullmatch(relative(path, root))
    )


def relative(path, root):
    return path.relative_to(root).as_posix()


def lines_of(path):
    return path.read_text(encoding="utf-8").count("\n")


@pytest.fixture(scope="module")
def sources(repository):
    """Path (as text) -> syntax tree, for all of kcore."""
    return {
        relative(path, repository): ast.parse(path.read_text(encoding="utf-8"))
        for path in python_files(repository, "kcore")
    }


def functions(tree):
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for node in ast.walk(tree) if isinstance(node, kinds)]


def test_no_file_is_longer_than_a_reader_can_hold(repository):
    kernels = [
        path
        for path in (repository / "kcore" / "_native").rglob("*")
        if path.suffix in {".pyx", ".c", ".h"}
    ]
    files = python_files(repository, "kcore", "tests", "benchmarks", "examples", "tools")
    too_long = {
        relative(path, repository): lines_of(path)
        for path in [*files, *kernels]
        if lines_of(path) > FILE_LINES_MAX
    }

    assert too_long == {}


def test_no_function_is_longer_than_a_screen(sources):
    too_long = {
        f"{name}:{node.lineno} {node.name}": node.end_lineno - node.lineno + 1
        for name, tree in sources.items()
        for node in functions(tree)
        if node.end_lineno - node.lineno + 1 > FUNCTION_LINES_MAX
    }

    assert too_long == {}


def test_every_module_says_what_it_is_for(repository):
    files = python_files(repository, "kcore", "benchmarks", "examples", "tools")
    silent = [
        relative(path, repository)
        for path in files
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]

    assert silent == []


def test_no_module_has_a_vague_name(repository):
    vague = [
        relative(path, repository)
        for path in python_files(repository, "kcore")
        if path.stem in VAGUE_NAMES and relative(path, repository) not in VAGUE_NAMES_ALLOWED
    ]

    assert vague == []


def test_actors_are_step_machines_without_coroutines(sources):
    offenders = [
        f"{name}:{node.lineno}"
        for name, tree in sources.items()
        if name not in ASYNC_ALLOWED
        for node in ast.walk(tree)
        if isinstance(node, (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith))
    ]

    assert offenders == []


def test_nothing_is_ordered_by_hash_or_address(sources):
    """`sorted(..., key=hash)` differs from process to process."""
    offenders = [
        f"{name}:{keyword.value.lineno}"
        for name, tree in sources.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "key"
        and isinstance(keyword.value, ast.Name)
        and keyword.value.id in {"hash", "id"}
    ]

    assert offenders == []


def is_set(node):
    if isinstance(node, (ast.Set, ast.SetComp)):
        return True
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"set", "frozenset"}
    )


def test_no_loop_runs_over_a_set_display(sources):
    """The order of a set of strings differs from process to process: sort it first."""
    loops = (ast.For, ast.comprehension)
    offenders = [
        f"{name}:{node.iter.lineno}"
        for name, tree in sources.items()
        for node in ast.walk(tree)
        if isinstance(node, loops) and is_set(node.iter)
    ]

    assert offenders == []


def test_every_limit_names_its_unit(sources):
    tree = sources["kcore/limits.py"]
    names = [
        node.target.id
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    ]

    assert names
    assert [name for name in names if not LIMIT_UNITS.search(name)] == []


def module_name(path):
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def imports_of(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            for alias in node.names:
                yield f"{node.module}.{alias.name}"


def test_every_module_is_reachable(sources):
    """Code that nothing imports is dead, or waits for somebody who forgot it."""
    modules = {module_name(path) for path in sources}
    texts = " ".join(
        node.value
        for tree in sources.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    reached = {name for tree in sources.values() for name in imports_of(tree)} & modules
    packages = {name for name in modules if any(m.startswith(f"{name}.") for m in modules)}
    unreached = sorted(
        name
        for name in modules - reached - packages - ENTRY_MODULES - FOR_USERS.keys()
        if not REACHED_FROM_OUTSIDE.fullmatch(name) and name not in texts
    )

    assert unreached == []


def test_generated_modules_say_who_wrote_them(repository):
    """And import the base of all views, which therefore counts as reached."""
    generated = [
        path.read_text(encoding="utf-8")
        for path in sorted((repository / "kcore" / "api").rglob("models*.py"))
        if GENERATED.fullmatch(relative(path, repository))
    ]

    assert len(generated) > 20
    assert all("Generated by tools/generate_models.py; do not edit." in text for text in generated)
    bases = ("\nfrom kcore.machinery.model import ", "\nfrom kcore.machinery.lazy_views import ")
    assert all(any(base in text for base in bases) for text in generated)


def test_what_is_said_to_be_for_users_is_there(sources):
    assert FOR_USERS.keys() - {module_name(path) for path in sources} == set()
