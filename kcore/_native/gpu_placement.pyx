# cython: cdivision=True
# distutils: include_dirs = kcore/_native
# distutils: depends = kcore/_native/gpu_devices.h
"""Placing pods that share GPUs: the compiled kernel; `reference/gpu_placement.py` explains it.

Nodes are columns of C numbers. The scores of each kind of pod are a column too, made when the kind
comes first and repaired from the log of changed nodes when it comes again.
"""

from libc.math cimport exp
from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy

from kcore._native.reference import gpu_placement as _twin

POLICIES, WHOLE_GPU_MILLI = _twin.POLICIES, _twin.WHOLE_GPU_MILLI
MAX_GPUS, MAX_KINDS = _twin.MAX_GPUS, _twin.MAX_KINDS
INFEASIBLE = _twin.INFEASIBLE

cdef extern from "gpu_devices.h":
    bint gpu_is_share(int32_t gpus, int32_t milli) noexcept nogil
    int gpu_total_left(const int32_t *left, int gpus) noexcept nogil
    int gpu_fitting(const int32_t *left, int gpus, int32_t milli) noexcept nogil
    void gpu_take_whole(int32_t *left, int gpus, int count) noexcept nogil

cdef enum:
    DEVICES = 8
    WHOLE = 1000
    LARGEST_GPU = 8000
    TOP = 100
    NONE = -1

cdef double LARGEST_CPU = 128000.0

cdef enum Policy:
    RANDOM = 0
    DOT_PROD = 1
    GPU_CLUSTERING = 2
    GPU_PACKING = 3
    BEST_FIT = 4
    FGD = 5

ctypedef struct Pod:
    int32_t cpu
    int32_t memory
    int32_t gpus
    int32_t milli
    int64_t models

ctypedef struct Node:
    int32_t cpu
    int32_t memory
    int32_t left[DEVICES]
    int32_t gpus
    int32_t model
    int32_t tags
    double fragments

ctypedef struct Typical:
    Pod pod
    double share


cdef inline int _affinity(const Pod *pod) noexcept nogil:
    return 0 if gpu_is_share(pod.gpus, pod.milli) else pod.gpus


cdef class Placement:
    """Nodes being filled with pods of known kinds under one policy."""

    cdef Node *_nodes
    cdef Pod *_pods
    cdef Typical *_typical
    cdef uint8_t *_made
    cdef int32_t **_scores
    cdef Py_ssize_t *_seen
    cdef Py_ssize_t _node_count, _pod_count, _typical_count
    cdef list _capacities, _changes
    cdef Policy _policy

    def __cinit__(self, str policy, nodes, pods, typical=()):
        nodes, pods, typical = list(nodes), list(pods), list(typical)
        _twin.Placement(policy, nodes[:0], pods, typical)  # The same checks, the same words.
        for node in nodes:
            _twin._check_node(node)
        self._policy = <Policy><int>POLICIES.index(policy)
        self._node_count, self._pod_count = len(nodes), len(pods)
        self._typical_count = len(typical)
        self._capacities, self._changes = nodes, []
        self._nodes = <Node *>calloc(max(len(nodes), 1), sizeof(Node))
        self._pods = <Pod *>calloc(max(len(pods), 1), sizeof(Pod))
        self._typical = <Typical *>calloc(max(len(typical), 1), sizeof(Typical))
        self._scores = <int32_t **>calloc(max(len(pods), 1), sizeof(int32_t *))
        self._seen = <Py_ssize_t *>calloc(max(len(pods), 1), sizeof(Py_ssize_t))
        if not (self._nodes and self._pods and self._typical and self._scores and self._seen):
            raise MemoryError()
        self._fill(nodes, pods, typical)

    cdef void _fill(self, list nodes, list pods, list typical) except *:
        cdef Node *row
        cdef Py_ssize_t index
        cdef int device
        for index in range(self._pod_count):
            pod = pods[index]
            self._pods[index] = Pod(pod[0], pod[1], pod[2], pod[3], pod[4])
        for index in range(self._typical_count):
            self._typical[index].pod = self._pods[<Py_ssize_t>typical[index][0]]
            self._typical[index].share = typical[index][1]
        for index in range(self._node_count):
            cpu, memory, gpus, model = nodes[index]
            row = &self._nodes[index]
            row.cpu, row.memory, row.gpus, row.model = cpu, memory, gpus, model
            for device in range(row.gpus):
                row.left[device] = WHOLE
            row.fragments = self._fragment(row, row.cpu, row.left)

    def __dealloc__(self):
        cdef Py_ssize_t kind
        if self._scores:
            for kind in range(self._pod_count):
                free(self._scores[kind])
        free(self._scores)
        free(self._seen)
        free(self._typical)
        free(self._pods)
        free(self._nodes)

    def candidates(self, Py_ssize_t kind):
        cdef int32_t *scores = self._repaired(kind)
        cdef int32_t top = self._top(scores)
        cdef Py_ssize_t node, count = 0
        if top < 0:
            return 0
        for node in range(self._node_count):
            count += scores[node] == top
        return count

    def place(self, Py_ssize_t kind, Py_ssize_t candidate, Py_ssize_t device=0):
        cdef Py_ssize_t index = self._candidate(kind, candidate)
        cdef Node *node = &self._nodes[index]
        cdef const Pod *pod = &self._pods[kind]
        cdef int found
        if gpu_is_share(pod.gpus, pod.milli):
            found = self._shared_device(node, pod, device)
            node.left[found] -= pod.milli
        else:
            gpu_take_whole(node.left, node.gpus, pod.gpus)
        node.cpu -= pod.cpu
        node.memory -= pod.memory
        if pod.gpus:
            node.tags |= 1 << _affinity(pod)
        node.fragments = self._fragment(node, node.cpu, node.left)
        self._changes.append(index)
        return index

    def occupy(self, Py_ssize_t node, left, int tags):
        cdef Node *row = self._node(node)
        if len(left) != row.gpus or not all(0 <= one <= WHOLE for one in left):
            raise ValueError(f"left: {list(left)} is not what {row.gpus} GPUs can have")
        for device, one in enumerate(left):
            row.left[<int>device] = one
        row.tags = tags
        row.fragments = self._fragment(row, row.cpu, row.left)
        self._changes.append(node)

    def device_choices(self, Py_ssize_t kind, Py_ssize_t candidate):
        cdef Node *node = &self._nodes[self._candidate(kind, candidate)]
        cdef const Pod *pod = &self._pods[kind]
        if self._policy != RANDOM or not gpu_is_share(pod.gpus, pod.milli):
            return 1
        return gpu_fitting(node.left, node.gpus, pod.milli)

    def idle_gpu_milli(self):
        cdef Py_ssize_t index
        cdef int64_t total = 0
        for index in range(self._node_count):
            total += gpu_total_left(self._nodes[index].left, self._nodes[index].gpus)
        return total

    def fragmented_gpu_milli(self):
        cdef Py_ssize_t index
        cdef double total = 0.0
        for index in range(self._node_count):
            total += self._nodes[index].fragments
        return total

    def left(self, Py_ssize_t node):
        cdef Node *row = self._node(node)
        return row.cpu, row.memory, tuple(row.left[device] for device in range(row.gpus))

    def score(self, Py_ssize_t kind, Py_ssize_t node):
        self._check_kind(kind)
        return self._score(self._node(node), &self._pods[kind])

    def check_invariants(self):
        cdef Node *row
        for node, (cpu, memory, gpus, _) in enumerate(self._capacities):
            row = &self._nodes[<Py_ssize_t>node]
            assert 0 <= row.cpu <= cpu and 0 <= row.memory <= memory and row.gpus == gpus
            assert all(0 <= row.left[<int>device] <= WHOLE for device in range(row.gpus))
            assert row.fragments == self._fragment(row, row.cpu, row.left)
        for kind in range(self._pod_count):
            if self._scores[<Py_ssize_t>kind] == NULL:
                continue
            stale = set(self._changes[self._seen[<Py_ssize_t>kind]:])
            for node in range(self._node_count):
                known = self._scores[<Py_ssize_t>kind][<Py_ssize_t>node]
                assert node in stale or known == self.score(kind, node)

    cdef Node *_node(self, Py_ssize_t node) except NULL:
        if not 0 <= node < self._node_count:
            raise IndexError(f"node: {node} of {self._node_count}")
        return &self._nodes[node]

    cdef int _check_kind(self, Py_ssize_t kind) except -1:
        if not 0 <= kind < self._pod_count:
            raise ValueError(f"kind: {kind} of {self._pod_count}")
        return 0

    cdef Py_ssize_t _candidate(self, Py_ssize_t kind, Py_ssize_t candidate) except -1:
        cdef int32_t *scores = self._repaired(kind)
        cdef int32_t top = self._top(scores)
        cdef Py_ssize_t node, count = 0
        if top >= 0 and candidate >= 0:
            for node in range(self._node_count):
                if scores[node] == top:
                    if count == candidate:
                        return node
                    count += 1
        raise ValueError(f"candidate: {candidate} of {count}")

    cdef int32_t _top(self, const int32_t *scores) noexcept:
        cdef int32_t top = NONE
        cdef Py_ssize_t node
        for node in range(self._node_count):
            top = scores[node] if scores[node] > top else top
        return top

    cdef int32_t *_repaired(self, Py_ssize_t kind) except NULL:
        cdef Py_ssize_t index, node
        cdef int32_t *scores
        self._check_kind(kind)
        scores = self._scores[kind]
        if scores == NULL:
            scores = <int32_t *>malloc(max(self._node_count, 1) * sizeof(int32_t))
            if scores == NULL:
                raise MemoryError()
            self._scores[kind] = scores
            for node in range(self._node_count):
                scores[node] = self._score(&self._nodes[node], &self._pods[kind])
        else:
            for index in range(self._seen[kind], len(self._changes)):
                node = self._changes[index]
                scores[node] = self._score(&self._nodes[node], &self._pods[kind])
        self._seen[kind] = len(self._changes)
        return scores

    cdef int32_t _score(self, const Node *node, const Pod *pod) noexcept nogil:
        if node.cpu < pod.cpu or node.memory < pod.memory:
            return NONE
        if pod.models and not pod.models >> node.model & 1:
            return NONE
        if pod.gpus and gpu_fitting(node.left, node.gpus, pod.milli) < pod.gpus:
            return NONE
        if self._policy == DOT_PROD:
            return _dot_product(node, pod)
        if self._policy == GPU_CLUSTERING:
            return _clustering(node, pod)
        if self._policy == GPU_PACKING:
            return _packing(node, pod)
        if self._policy == BEST_FIT:
            return _best_fit(node, pod)
        if self._policy == FGD:
            return self._descent(node, pod, NULL)
        return 0

    cdef int32_t _descent(self, const Node *node, const Pod *pod, int *device) noexcept nogil:
        """The best score over devices; the first that reaches it into `device`."""
        cdef int32_t left[DEVICES]
        cdef int32_t score, best = NONE
        cdef int index, earlier
        memcpy(left, node.left, sizeof(left))
        if not gpu_is_share(pod.gpus, pod.milli):
            gpu_take_whole(left, node.gpus, pod.gpus)
            return self._shrinkage(node, pod, left)
        for index in range(node.gpus):
            if node.left[index] < pod.milli:
                continue
            earlier = 0
            while node.left[earlier] != node.left[index]:
                earlier += 1
            if earlier < index:
                continue  # As full as one that was tried.
            left[index] -= pod.milli
            score = self._shrinkage(node, pod, left)
            left[index] += pod.milli
            if score > best:
                best = score
                if device != NULL:
                    device[0] = index
        return best

    cdef int32_t _shrinkage(
        self, const Node *node, const Pod *pod, const int32_t *left
    ) noexcept nogil:
        cdef double after = self._fragment(node, node.cpu - pod.cpu, left)
        return <int32_t>(TOP * (1.0 / (1.0 + exp(-((node.fragments - after) / 1000.0)))))

    cdef double _fragment(
        self, const Node *node, int32_t cpu, const int32_t *left
    ) noexcept nogil:
        cdef int idle = gpu_total_left(left, node.gpus)
        cdef double total = 0.0
        cdef Py_ssize_t index
        cdef int device, fits, unusable
        cdef const Pod *pod
        for index in range(self._typical_count):
            pod = &self._typical[index].pod
            fits = unusable = 0
            for device in range(node.gpus):
                if left[device] >= pod.milli:
                    fits += 1
                else:
                    unusable += left[device]
            if not (
                0 < pod.gpus <= fits
                and cpu >= pod.cpu
                and (not pod.models or pod.models >> node.model & 1)
            ):
                unusable = idle
            total += self._typical[index].share * unusable
        return total

    cdef int _shared_device(self, const Node *node, const Pod *pod, Py_ssize_t device) except -1:
        cdef int index, found = NONE
        cdef Py_ssize_t skipped = device
        if self._policy == FGD:
            self._descent(node, pod, &found)
            return found
        for index in range(node.gpus):
            if node.left[index] < pod.milli:
                continue
            if self._policy == RANDOM:
                if skipped == 0:
                    return index
                skipped -= 1
            elif found < 0 or node.left[index] < node.left[found]:
                found = index
        if found < 0:
            raise ValueError(f"device: {device} of {gpu_fitting(node.left, node.gpus, pod.milli)}")
        return found


cdef int32_t _dot_product(const Node *node, const Pod *pod) noexcept nogil:
    cdef double cpu = node.cpu / LARGEST_CPU * (pod.cpu / LARGEST_CPU)
    cdef double left = gpu_total_left(node.left, node.gpus)
    cdef double gpu = left / LARGEST_GPU * (<double>(pod.gpus * pod.milli) / LARGEST_GPU)
    return <int32_t>(TOP * (1.0 - (cpu + gpu) / 2.0))


cdef int32_t _clustering(const Node *node, const Pod *pod) noexcept nogil:
    cdef int fullness, own = 1 << _affinity(pod)
    if not pod.gpus:
        return 0
    fullness = TOP // 4 * (LARGEST_GPU - gpu_total_left(node.left, node.gpus)) // LARGEST_GPU
    if node.tags & own:
        return fullness + (75 if node.tags == own else 50)
    return fullness if node.tags else fullness + 25


cdef int32_t _packing(const Node *node, const Pod *pod) noexcept nogil:
    cdef int32_t chosen[DEVICES]
    cdef int device, place, count = 0, idle = 0, opened = 0, free_percent = 0
    if not pod.gpus:
        return 0
    for device in range(node.gpus):
        idle += node.left[device] == WHOLE
        if node.left[device] < pod.milli:
            continue
        place = count
        while place > 0 and chosen[place - 1] > node.left[device]:
            chosen[place] = chosen[place - 1]
            place -= 1
        chosen[place] = node.left[device]
        count += 1
    if idle == node.gpus:
        return max(TOP // 3 - idle, idle)
    for device in range(pod.gpus):
        opened += chosen[device] == WHOLE
        free_percent += chosen[device] * 100 // WHOLE
    if opened:
        return max(TOP // 2 - opened, TOP // 3)
    return max(TOP - free_percent // 10, TOP // 2)


cdef int32_t _best_fit(const Node *node, const Pod *pod) noexcept nogil:
    cdef double cpu = (node.cpu - pod.cpu) / LARGEST_CPU * 0.5
    cdef double left = gpu_total_left(node.left, node.gpus) - pod.gpus * pod.milli
    return <int32_t>((1.0 - (cpu + left / LARGEST_GPU * 0.5)) * TOP)
