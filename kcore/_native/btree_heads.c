/* What a node keeps of its keys to search by: their common prefix, a head of each after it, tags of a
 * leaf, pivots of an inner node.
 *
 * The prefix need not be the longest.  High words at and above `count` are INT64_MAX and that of an
 * inner node's slot 0 is INT64_MIN, so that ranking may run over whole lines.  Tags at and above
 * `count` are 0.
 */
#include "btree.h"

/* From so many bytes on that all keys have in common beyond the prefix, heads are made anew.  A leaf is
 * cut often, and its head of 8 bytes still tells keys apart when 3 are the same everywhere. */
static unsigned growth_bytes_min(const Node *node) { return node->height > 0 ? 1 : 4; }

/* Let the pivots of an inner node be the last heads of its lines. */
void heads_pivot(Node *node) {
    const int64_t *highs = node_highs(node), *lows = node_lows(node);
    for (unsigned i = 0; i < PIVOT_COUNT; i++) {
        unsigned last = i * GRAIN + GRAIN - 1;
        node->words[i] = last < node->count ? highs[last] : INT64_MAX;
        node->words[PIVOT_COUNT + i] = last < node->count ? lows[last] : INT64_MAX;
    }
}

static void set_head(Node *node, unsigned index, const Probe *probe) {
    unsigned offset = node->prefix_length;
    node_highs(node)[index] = word_at(probe->bytes, probe->length, offset);
    if (node->height > 0) {
        node_lows(node)[index] = word_at(probe->bytes, probe->length, offset + 8);
    } else if (index < FAN_OUT) { /* Two leaves joined have no room for all tags. */
        node->tags[index] = probe_tag(probe);
    }
}

/* How many bytes all keys of a node begin with, as far as a node keeps a prefix. */
static unsigned common_length(const Node *node) {
    Probe low, high;
    probe_init(&low, node_key(node, node_first(node)));
    probe_init(&high, node_key(node, node->count - 1u));
    Py_ssize_t shorter = low.length < high.length ? low.length : high.length;
    unsigned length = 0;
    while (length < shorter && length < PREFIX_BYTES_MAX &&
           low.bytes[length] == high.bytes[length]) {
        length++;
    }
    return length;
}

/* Set what is right for free slots, an inner node's first slot and its pivots. */
void heads_finish(Node *node) {
    for (unsigned i = node->count; i < node->capacity; i++) {
        node_highs(node)[i] = INT64_MAX;
    }
    if (node->height > 0) {
        if (node->count > 0) {
            node_highs(node)[0] = node_lows(node)[0] = INT64_MIN;
        }
        heads_pivot(node);
    }
}

/* Find the prefix of all keys anew, their heads after it, and their tags or pivots. O(keys), each
 * of which may have to come from memory. */
void heads_refresh(Node *node) {
    unsigned first = node_first(node), count = node->count;
    node->prefix_length = 0;
    if (count > first) {
        unsigned length = common_length(node);
        Probe probe;
        probe_init(&probe, node_key(node, first));
        node->prefix_length = (uint8_t)length;
        memcpy(node->prefix, probe.bytes, length);
        for (unsigned i = first; i < count; i++) {
            probe_init(&probe, node_key(node, i));
            set_head(node, i, &probe);
        }
    }
    heads_finish(node);
}

/* Let a part of a cut node, its slots from `from` on, search by the prefix, heads and tags they had
 * there: no other key than the outer two is read.  Where all keys have more in common now, heads would
 * tell fewer of them apart, and are made anew. */
void heads_take(Node *part, const Node *whole, unsigned from) {
    if (whole->count > FAN_OUT || part->count <= node_first(part) ||
        common_length(part) - whole->prefix_length >= growth_bytes_min(part)) {
        heads_refresh(part);
        return;
    }
    part->prefix_length = whole->prefix_length;
    memcpy(part->prefix, whole->prefix, whole->prefix_length);
    if (part->height == 0) {
        memcpy(part->tags, whole->tags + from, part->count);
    }
    heads_finish(part);
}

/* Set the head and the tag of a new key, or all if it does not begin as the others. */
void heads_set(Node *node, unsigned index) {
    Probe probe;
    probe_init(&probe, node_key(node, index));
    if (node->count - node_first(node) > 1 &&
        has_prefix(probe.bytes, probe.length, node->prefix, node->prefix_length)) {
        set_head(node, index, &probe);
        if (node->height > 0) {
            heads_pivot(node);
        }
    } else {
        heads_refresh(node);
    }
}
