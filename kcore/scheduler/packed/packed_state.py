"""Everything the engine keeps between searches, in one value that can be copied."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from kcore.scheduler.framework.handle import Handle, NominatedPods
from kcore.scheduler.packed.columns import Columns
from kcore.scheduler.packed.kernels import PeakSearch, Search
from kcore.scheduler.packed.losses import LossTables
from kcore.scheduler.packed.node_rows import SCALAR_COLUMNS_COUNT_MAX, NodeRows, RowChange
from kcore.scheduler.packed.pod_class import PodClass
from kcore.scheduler.packed.profile_plan import ProfilePlan
from kcore.scheduler.packed.promises import Guests, Promises
from kcore.scheduler.packed.recipe import Recipe, Ties, kind_of, ties_key
from kcore.scheduler.packed.relations import Relations
from kcore.scheduler.packed.surroundings import Surroundings
from kcore.scheduler.packed.volume_rows import VolumeRows
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.snapshot import Snapshot

if TYPE_CHECKING:
    from kcore.scheduler.packed.pod_counts import PodCountsBook

# Columns of classes may take about this many bytes; the class used least recently goes first.
CLASSES_BYTES_MAX: Final = 256 * 1024 * 1024
CLASSES_COUNT_MIN: Final = 16
CLASSES_COPIED_MAX: Final = 32
_ROW_BYTES: Final = 12
KNOWN_KINDS_COUNT_MAX: Final = 20_000
KNOWN_PODS_COUNT_MAX: Final = 4096


class _Classes:
    """Classes by key, and the rows whose verdicts they must ask for again."""

    def __init__(self) -> None:
        self.by_key: dict[int, PodClass] = {}
        self._seen: dict[int, int] = {}
        self._changed: list[int] = []
        """Rows whose node, ports or images changed, in order; of rare resources, too, if any class
        asks for one."""
        self._has_rare_needs = False
        self.version = 0
        """Changes when a class must be asked for again by its key."""

    def rearrange(self, sources: Any) -> None:
        """Follow the rows. O(classes * rows)."""
        self.version += 1
        if self._changed:
            places = {source: row for row, source in enumerate(sources.tolist()) if source >= 0}
            self._changed = [places[row] for row in self._changed if row in places]
        for key, one in self.by_key.items():
            one.rearrange(sources)
            self._seen[key] = 0

    def rows_changed(self, changes: Sequence[RowChange], others: Sequence[RowChange]) -> None:
        """Write those rows down of which a verdict may depend on what changed."""
        minds_scalars = self._has_rare_needs
        changed = [
            row
            for row, old, new in changes
            if old.facts is not new.facts
            or old.used_ports is not new.used_ports
            or (old.images is not new.images and old.images != new.images)
            or (minds_scalars and old.requested.scalars is not new.requested.scalars)
        ]
        if changed:
            self._changed.extend(changed)
            self.version += 1

    def up_to_date(self, key: int, rows: NodeRows) -> PodClass | None:
        """The class with its verdicts repaired, or None. O(rows changed since its last use)."""
        found = self.by_key.get(key)
        if found is None:
            return None
        if len(self.by_key) > CLASSES_COUNT_MIN:
            # The one used last goes last when there are too many.
            del self.by_key[key]
            self.by_key[key] = found
        seen = self._seen[key]
        if seen < len(self._changed) or found.must_ask_all:
            found.ask_again(rows, list(dict.fromkeys(self._changed[seen:])))
            self._seen[key] = len(self._changed)
        return found

    def enter(self, key: int, pod_class: PodClass, rows: NodeRows) -> None:
        """Keep a new class; the ones not used for longest go when there are too many."""
        count_max = max(CLASSES_COUNT_MIN, CLASSES_BYTES_MAX // (_ROW_BYTES * (len(rows) + 64)))
        while len(self.by_key) >= count_max:
            oldest = next(iter(self.by_key))
            self.version += 1
            del self.by_key[oldest], self._seen[oldest]
        self.by_key[key] = pod_class
        self._has_rare_needs = self._has_rare_needs or bool(pod_class.rare_needs)
        self._seen[key] = len(self._changed)

    def forget_old_changes(self, rows_count: int) -> None:
        """Keep the list of changed rows short: bring everybody up to date by asking all."""
        if len(self._changed) > 4 * rows_count + 1024:
            self._changed = []
            self.by_key, self._seen = {}, {}
            self.version += 1

    def copy(self) -> "_Classes":
        """Independent classes with the same verdicts: those used last, others can be made again."""
        twin = _Classes()
        kept = list(self.by_key)[-CLASSES_COPIED_MAX:]
        twin.by_key = {key: self.by_key[key].copy() for key in kept}
        twin._seen = {key: self._seen[key] for key in kept}
        twin._changed = list(self._changed)
        twin._has_rare_needs = self._has_rare_needs
        return twin


class PackedState:
    """Rows, relations, volumes, classes, and a search to use again."""

    def __init__(self, scalar_columns_count_max: int = SCALAR_COLUMNS_COUNT_MAX) -> None:
        self.rows = NodeRows(scalar_columns_count_max)
        self.relations = Relations(self.rows)
        self.volumes = VolumeRows(self.rows)
        self.promises = Promises(self.rows)
        self.losses = LossTables(self.rows, self.promises)
        self.search, self.peak = Search(), PeakSearch()
        self._classes = _Classes()
        self._observers = (self._classes, self.volumes, self.relations)
        self.counting: tuple[PodCountsBook, ...] = ()
        """Who hears of crowds that changed: nobody as long as nobody counts pods."""
        self.version: tuple[int, ...] = ()
        """Changes when what is known of kinds of pods may not hold any more."""
        self.known: dict[tuple[object, ...], Columns] = {}
        """What searches ran over, by what their pods were like; good while of the same version."""
        self._recipes: dict[Any, Recipe] = {}
        self._ties: dict[Any, Ties] = {}
        # What the state that this one was copied from knew: copied one by one, when asked for.
        self._inherited: dict[Any, Recipe] = {}
        # Small numbers for class keys: a key is long, and hashed at every step.
        self._numbers: dict[Any, int] = {}

    def follow(self, snapshot: Snapshot) -> tuple[int, ...]:
        """Bring everything up to date with the snapshot, classes apart; returns the version.

        Raises:
            OverflowError: an amount of a node is too great for the columns.
        """
        rows = self.rows
        others = rows.table.follow(rows.infos, snapshot.shelf, self.counting)
        if others is not None:
            rows.follow(others, snapshot.nodes, self._observers)
            self._classes.forget_old_changes(len(rows))
            self._renew()
        return self.version

    def remember(self, pod: PodInfo, columns: Columns) -> None:
        """Let these columns be known for pods like this one."""
        if columns.recipe.is_lone:
            return
        if len(self.known) >= KNOWN_PODS_COUNT_MAX:
            self.known = {}
        self.known[pod.like] = columns

    def forget_known(self) -> None:
        """Let go of the world that the columns are of; nothing is lost but time."""
        self.known = {}
        self.promises.let_go()

    def recipe_of(self, plan: ProfilePlan, pod: PodInfo) -> Recipe:
        """What is known of the pod's kind. O(1) for a kind seen before."""
        kind = kind_of(plan, pod)
        if kind is None:
            return self._numbered(Recipe(plan, pod))
        found = self._recipes.get(kind)
        if found is None:
            if len(self._recipes) >= KNOWN_KINDS_COUNT_MAX:
                self._recipes, self._inherited, self._ties = {}, {}, {}
            known = self._inherited.get(kind)
            found = Recipe(plan, pod) if known is None else known.copy()
            found.ties = self._ties.setdefault(ties_key(plan, pod), found.ties)
            self._recipes[kind] = self._numbered(found)
        return found

    def _numbered(self, recipe: Recipe) -> Recipe:
        recipe.number = self._numbers.setdefault(recipe.key, len(self._numbers))
        return recipe

    def class_of(self, recipe: Recipe) -> PodClass:
        """The pod's class, up to date. O(rows) for a new one.

        Raises:
            SelectorError: a preference of the pod cannot be parsed.
            OverflowError: an amount is too great for the columns.
        """
        found = self._classes.up_to_date(recipe.number, self.rows)
        if found is None:
            found = PodClass(recipe.plan, self.rows, recipe.pod, recipe.named_node)
            self._classes.enter(recipe.number, found, self.rows)
        found.demand.refresh(self.rows.table)
        return found

    def columns_of(self, recipe: Recipe, handle: Handle) -> Columns:
        """What a search for a pod of this kind runs over, up to date. O(rows) for a new class.

        Raises:
            SelectorError: a selector or preference of the pod cannot be parsed.
            OverflowError: an amount is too great for the columns.
        """
        pod_class = self.class_of(recipe)
        around = Surroundings(handle, recipe.pod)
        relation = recipe.ties.relation(self.relations, around)
        self._renew()
        return Columns(
            recipe,
            relation,
            self.rows,
            self.relations,
            self.volumes,
            self.promises,
            self.losses,
            pod_class,
            self.search,
            self.peak,
            around,
            self.version,
        )

    def guests(self, nominated: NominatedPods, pod: PodInfo, snapshot: Snapshot) -> Guests | None:
        """Others who count on rows that were promised to them; None when there are none.

        Raises:
            OverflowError: an amount is too great for the columns.
        """
        self.promises.follow(nominated, snapshot)
        return self.promises.guests(nominated, pod)

    def copy(self) -> "PackedState":
        """Independent columns with the same content. O(rows * (classes + counts))."""
        twin = object.__new__(PackedState)
        twin.rows = self.rows.copy()
        twin.relations = self.relations.copy(twin.rows)
        twin.volumes = self.volumes.copy(twin.rows)
        twin.promises = Promises(twin.rows)
        twin.losses = LossTables(twin.rows, twin.promises)
        twin.search, twin.peak = Search(), PeakSearch()
        twin.version, twin.known = (), {}
        twin._classes = self._classes.copy()
        twin._observers = (twin._classes, twin.volumes, twin.relations)
        twin.counting = twin.relations.counting
        twin._numbers = dict(self._numbers)
        twin._recipes, twin._ties = {}, {}
        twin._inherited = {**self._inherited, **self._recipes}
        return twin

    def check_invariants(self, snapshot: Snapshot) -> None:
        """Raise AssertionError unless everything is what the snapshot says. O(everything)."""
        self.rows.check_invariants(snapshot)
        self.relations.check_invariants()
        self.volumes.check_invariants()
        for key in list(self._classes.by_key):
            found = self._classes.up_to_date(key, self.rows)
            assert found is not None
            found.check_invariants(self.rows)
        self._renew()
        assert self.counting == self.relations.counting, "pods are counted unheard"
        for columns in self.known.values():
            self._check_known(columns)

    def _renew(self) -> None:
        """Forget what is known of kinds of pods, if it may not hold any more; see who counts."""
        self.counting = self.relations.counting
        version = (self._classes.version, *self.relations.version)
        if version != self.version:
            self.version, self.known = version, {}

    def _check_known(self, columns: Columns) -> None:
        recipe, around = columns.recipe, columns.surroundings
        assert columns.version is self.version, "columns of another time are known"
        assert self._classes.by_key[recipe.number] is columns.pod_class, "a class is known twice"
        if around.is_the_same(around.handle):
            relation = recipe.ties.relation(self.relations, around)
            assert relation is columns.relation, "a relation is known twice"
