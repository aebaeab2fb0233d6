/* Nodes: their slots, search and joining.
 *
 * Nothing here counts references: a slot moves from node to node together with the birth of its
 * references.
 */
#include "btree.h"

Py_ssize_t nodes_live;

size_t node_bytes(const Node *node) {
    size_t slot_bytes = sizeof(Slot) + sizeof(int64_t) + sizeof(uint64_t);
    if (node->height == 0) {
        return sizeof *node + node->capacity * slot_bytes;
    }
    slot_bytes += sizeof(int64_t) + sizeof(Py_ssize_t);
    return sizeof *node + PIVOT_WORDS * sizeof(int64_t) + node->capacity * slot_bytes;
}

/* An empty node; NULL with MemoryError. */
Node *node_new(unsigned height, unsigned capacity, uint64_t birth) {
    Node frame = {.height = (uint8_t)height, .capacity = (uint16_t)capacity};
    void *block = PyMem_Malloc(node_bytes(&frame) + LINE_BYTES - 1);
    if (block == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    Node *node = (Node *)(((uintptr_t)block + LINE_BYTES - 1) & ~(uintptr_t)(LINE_BYTES - 1));
    node->birth = birth;
    node->run = NULL;
    node->block = block;
    node->count = 0;
    node->capacity = (uint16_t)capacity;
    node->height = (uint8_t)height;
    node->prefix_length = 0;
    memset(node->tags, 0, sizeof node->tags);
    heads_finish(node);
    nodes_live++;
    region_fill(block, node_bytes(node));
    return node;
}

void node_free(Node *node) {
    PyObject *run = node->run;
    PyMem_Free(node->block);
    nodes_live--;
    Py_XDECREF(run);
}

/* A column of one node and how wide it is. */
typedef struct {
    char *start;
    size_t bytes;
} Column;

enum { COLUMN_COUNT = 5 };

static unsigned columns_of(const Node *node, Column columns[COLUMN_COUNT]) {
    columns[0] = (Column){(char *)node_slots(node), sizeof(Slot)};
    columns[1] = (Column){(char *)node_highs(node), sizeof(int64_t)};
    columns[2] = (Column){(char *)node_births(node), sizeof(uint64_t)};
    if (node->height == 0) {
        return 3;
    }
    columns[3] = (Column){(char *)node_lows(node), sizeof(int64_t)};
    columns[4] = (Column){(char *)node_sizes(node), sizeof(Py_ssize_t)};
    return COLUMN_COUNT;
}

/* Copy slots [from, to) of one node behind the last of another that has room for them. */
void node_append(Node *node, const Node *source, unsigned from, unsigned to) {
    Column targets[COLUMN_COUNT], sources[COLUMN_COUNT];
    unsigned count = columns_of(node, targets), at = node->count;
    columns_of(source, sources);
    for (unsigned i = 0; i < count; i++) {
        size_t bytes = targets[i].bytes;
        memcpy(targets[i].start + at * bytes, sources[i].start + from * bytes, (to - from) * bytes);
    }
    node->count = (uint16_t)(at + to - from);
}

/* Move the slots from `index` on one place up, or those behind `index` one place down. */
static void shift_slots(Node *node, unsigned index, int is_up) {
    Column columns[COLUMN_COUNT];
    unsigned count = columns_of(node, columns);
    for (unsigned i = 0; i < count; i++) {
        size_t bytes = columns[i].bytes;
        char *place = columns[i].start + index * bytes;
        if (is_up) {
            memmove(place + bytes, place, (node->count - index) * bytes);
        } else {
            memmove(place, place + bytes, (node->count - index - 1) * bytes);
        }
    }
    if (node->height == 0) {
        uint8_t *tag = node->tags + index;
        memmove(tag + is_up, tag + !is_up, node->count - index - !is_up);
    }
}

/* The same node with another capacity or birth; NULL with MemoryError. */
Node *node_copy(const Node *node, unsigned capacity, uint64_t birth) {
    Node *copy = node_new(node->height, capacity, birth);
    if (copy != NULL) {
        node_append(copy, node, 0, node->count);
        copy->prefix_length = node->prefix_length;
        memcpy(copy->prefix, node->prefix, node->prefix_length);
        if (node->height > 0) {
            memcpy(copy->words, node->words, PIVOT_WORDS * sizeof(int64_t));
        } else {
            memcpy(copy->tags, node->tags, sizeof node->tags);
        }
    }
    return copy;
}

/* Entries in and below a node. */
Py_ssize_t node_size(const Node *node) {
    if (node->height == 0) {
        return node->count;
    }
    Py_ssize_t size = 0;
    for (unsigned i = 0; i < node->count; i++) {
        size += node_sizes(node)[i];
    }
    return size;
}

/* Put a slot at `index`; there is room. `size`: the entries below a child. */
void node_insert(Node *node, unsigned index, Slot slot, uint64_t birth, Py_ssize_t size) {
    CHECK(node->count < node->capacity && index <= node->count);
    shift_slots(node, index, 1);
    node_slots(node)[index] = slot;
    node_births(node)[index] = birth;
    if (node->height > 0) {
        node_sizes(node)[index] = size;
    }
    node->count++;
    if (slot.key == NULL) {
        heads_refresh(node);
    } else {
        heads_set(node, index);
    }
}

/* Take the slot at `index` out. */
void node_remove(Node *node, unsigned index) {
    CHECK(index < node->count);
    shift_slots(node, index, 0);
    node->count--;
    node_highs(node)[node->count] = INT64_MAX;
    if (node->height > 0) {
        heads_pivot(node);
    } else {
        node->tags[node->count] = 0;
    }
}

/* Let a separator be another text. */
void node_rekey(Node *node, unsigned index, PyObject *key, uint64_t birth) {
    node_slots(node)[index].key = key;
    node_births(node)[index] = birth;
    heads_set(node, index);
}

/* Two neighbours in one node, which may be larger than FAN_OUT; an inner node takes the separator
 * in.  NULL with MemoryError. */
Node *node_join(const Cut *halves, uint64_t birth) {
    const Node *left = halves->left, *right = halves->right;
    unsigned count = (unsigned)left->count + right->count;
    Node *node = node_new(left->height, capacity_for(count), birth);
    if (node != NULL) {
        node_append(node, left, 0, left->count);
        node_append(node, right, 0, right->count);
        if (node->height > 0) {
            node_slots(node)[left->count].key = halves->key;
            node_births(node)[left->count] = halves->birth;
        }
        heads_refresh(node);
    }
    return node;
}

/* Where a key that does not begin as all of a node's goes: to one of its ends. */
static unsigned lower_outside(const Node *node, const Probe *probe) {
    size_t common = node->prefix_length;
    common = (size_t)probe->length < common ? (size_t)probe->length : common;
    return memcmp(probe->bytes, node->prefix, common) > 0 ? node->count : node_first(node);
}

/* Whether the heads of two slots are equal, as far as the node keeps them. */
static int has_head_of(const Node *node, unsigned index, unsigned other) {
    return node_highs(node)[index] == node_highs(node)[other] &&
           (node->height == 0 || node_lows(node)[index] == node_lows(node)[other]);
}

/* Fetch what comparing a key reads: its length and its text may be in two lines. */
static inline void fetch_key(PyObject *key) {
    prefetch((const char *)key + offsetof(PyASCIIObject, length));
    prefetch((const char *)key + sizeof(PyASCIIObject));
}

/* Fetch the keys that the next three steps of a search between two slots may compare. */
static void fetch_keys(const Node *node, unsigned low, unsigned high) {
    for (unsigned eighth = 1; eighth < 8; eighth++) {
        fetch_key(node_key(node, low + (high - low) * eighth / 8));
    }
}

/* The first slot from `low` on with a key not below; the head of the one at `low` is the key's. */
static unsigned lower_by_keys(const Node *node, unsigned low, PyObject *key, int *is_equal) {
    unsigned high = low + 1;
    while (high < node->count && has_head_of(node, high, low)) {
        high++;
    }
    for (unsigned step = 0; low < high; step++) {
        if (step % 3 == 0 && high - low > 2) {
            fetch_keys(node, low, high);
        }
        unsigned middle = (low + high) / 2;
        int order = text_compare(node_key(node, middle), key);
        if (order == 0) {
            *is_equal = 1;
            return middle;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Slot 0 of an inner node counts as below all keys, and padding as above them. */
static inline unsigned inner_lower(const Node *node, const Probe *probe, int *is_equal) {
    unsigned offset = node->prefix_length;
    *is_equal = 0;
    if (!has_prefix(probe->bytes, probe->length, node->prefix, offset)) {
        return lower_outside(node, probe);
    }
    Head head = {word_at(probe->bytes, probe->length, offset),
                 word_at(probe->bytes, probe->length, (Py_ssize_t)offset + 8)};
    unsigned low = rank_heads(node, head);
    low = low > 1 ? low : 1;
    if (low >= node->count) {
        return node->count;
    }
    int is_tie = node_lows(node)[low] == head.low && node_highs(node)[low] == head.high;
    return is_tie ? lower_by_keys(node, low, probe->key, is_equal) : low;
}

static unsigned leaf_lower(const Node *leaf, const Probe *probe, int *is_equal) {
    unsigned offset = leaf->prefix_length;
    *is_equal = 0;
    if (!has_prefix(probe->bytes, probe->length, leaf->prefix, offset)) {
        return lower_outside(leaf, probe);
    }
    int64_t high = word_at(probe->bytes, probe->length, offset);
    unsigned low = rank_highs(leaf, high);
    if (low >= leaf->count) {
        return leaf->count;
    }
    int is_tie = node_highs(leaf)[low] == high;
    return is_tie ? lower_by_keys(leaf, low, probe->key, is_equal) : low;
}

/* The first slot with a key not below the probe's, and whether it is that key. */
unsigned node_lower(const Node *node, const Probe *probe, int *is_equal) {
    return node->height > 0 ? inner_lower(node, probe, is_equal)
                            : leaf_lower(node, probe, is_equal);
}

/* The child below which a key belongs. */
unsigned inner_route(const Node *inner, const Probe *probe) {
    int is_equal;
    unsigned index = inner_lower(inner, probe, &is_equal);
    return index - !is_equal;
}

/* Where a leaf has the probe's key; -1: it has not.  Reads nothing of the header.
 *
 * Of two slots whose tags agree one is a stranger, and to read its key from memory is dear: whoever
 * asks with the very object that was written never does. */
int leaf_find(const Node *leaf, const Probe *probe) {
    const Slot *slots = leaf_slots(leaf);
    uint64_t equal = tags_equal(leaf->tags, probe_tag(probe));
    for (uint64_t rest = equal; rest != 0; rest &= rest - 1) {
        unsigned index = lowest_bit(rest);
        if (slots[index].key == probe->key) {
            return (int)index;
        }
        fetch_key(slots[index].key);
        prefetch_to_write(slots[index].value.object);
    }
    for (uint64_t rest = equal; rest != 0; rest &= rest - 1) {
        unsigned index = lowest_bit(rest);
        if (text_compare(slots[index].key, probe->key) == 0) {
            return (int)index;
        }
    }
    return -1;
}
