/* A trie on the hashes of texts, copied path by path: what a text leads to.
 *
 * Five bits of the hash choose among 32 slots of a branch, which stores only those taken. Where no
 * bits are left, nodes are lists of entries with equal hashes.
 */
#include "postings.h"

static Py_hash_t hash_mask = -1; /* Tests make hashes collide with it. */

void trie_hash_limit(int bits) {
    hash_mask = bits >= 64 ? -1 : (Py_hash_t)(((uint64_t)1 << bits) - 1);
}

/* The hash of an exact str, which remembers it; it cannot fail. */
Py_hash_t text_hash(PyObject *text) { return PyObject_Hash(text) & hash_mask; }

static int texts_equal(PyObject *a, PyObject *b) {
    if (a == b) {
        return 1;
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(a);
    if (length != PyUnicode_GET_LENGTH(b) || PyUnicode_KIND(a) != PyUnicode_KIND(b)) {
        return 0;
    }
    return memcmp(PyUnicode_DATA(a), PyUnicode_DATA(b), (size_t)length * PyUnicode_KIND(a)) == 0;
}

static int entry_is(const Entry *entry, PyObject *text, Py_hash_t hash) {
    return entry->hash == hash && texts_equal(entry->text, text);
}

static uint32_t slot_bit(Py_hash_t hash, int shift) {
    return (uint32_t)1 << ((uint64_t)hash >> shift & 31);
}

static uint32_t slot_index(const Branch *branch, uint32_t bit) {
    return (uint32_t)__builtin_popcount(branch->bits & (bit - 1));
}

/* --- life ------------------------------------------------------------------------------------------ */

static Entry *entry_new(PyObject *text, Py_hash_t hash) {
    Entry *entry = PyMem_Malloc(sizeof(Entry));
    if (entry != NULL) {
        *entry = (Entry){1, 0, hash, Py_NewRef(text), NULL, NULL};
    }
    return entry;
}

static void entry_drop(Entry *entry) {
    if (--entry->use_count > 0) {
        return;
    }
    if (entry->set != NULL) {
        set_drop(entry->set);
    }
    branch_drop(entry->below);
    Py_DECREF(entry->text); /* An exact str: no user code runs. */
    PyMem_Free(entry);
}

Branch *branch_use(Branch *branch) {
    if (branch != NULL) {
        branch->use_count++;
    }
    return branch;
}

static void child_drop(Child child) {
    if (is_entry(child)) {
        entry_drop(child_entry(child));
    } else {
        branch_drop(child_branch(child));
    }
}

void branch_drop(Branch *branch) {
    if (branch == NULL || --branch->use_count > 0) {
        return;
    }
    for (uint32_t i = 0; i < branch->child_count; i++) {
        child_drop(branch->children[i]);
    }
    PyMem_Free(branch);
}

static Branch *branch_alloc(uint32_t capacity) {
    Branch *branch = PyMem_Malloc(sizeof(Branch) + capacity * sizeof(Child));
    if (branch != NULL) {
        *branch = (Branch){1, 0, capacity, 0};
    }
    return branch;
}

/* --- reading --------------------------------------------------------------------------------------- */

/* The entry of a text, or NULL. */
Entry *trie_find(Branch *branch, PyObject *text, Py_hash_t hash) {
    for (int shift = 0; branch != NULL; shift += TRIE_BITS) {
        if (shift > TRIE_SHIFT_MAX) {
            for (uint32_t i = 0; i < branch->child_count; i++) {
                if (entry_is(child_entry(branch->children[i]), text, hash)) {
                    return child_entry(branch->children[i]);
                }
            }
            return NULL;
        }
        uint32_t bit = slot_bit(hash, shift);
        if ((branch->bits & bit) == 0) {
            return NULL;
        }
        Child child = branch->children[slot_index(branch, bit)];
        if (is_entry(child)) {
            return entry_is(child_entry(child), text, hash) ? child_entry(child) : NULL;
        }
        branch = child_branch(child);
    }
    return NULL;
}

/* Visit every entry, in an order that means nothing, until a visit does not return 0. */
int trie_each(const Branch *branch, int (*visit)(Entry *entry, void *context), void *context) {
    int status = 0;
    for (uint32_t i = 0; branch != NULL && status == 0 && i < branch->child_count; i++) {
        Child child = branch->children[i];
        status = is_entry(child) ? visit(child_entry(child), context)
                                 : trie_each(child_branch(child), visit, context);
    }
    return status;
}

/* --- writing --------------------------------------------------------------------------------------- */

/* Let *place be a branch of nobody else's with room for `more` children; -1 without memory. */
static int branch_own(Branch **place, uint32_t more) {
    Branch *branch = *place;
    uint32_t needed = branch->child_count + more;
    if (branch->use_count == 1 && needed <= branch->capacity) {
        return 0;
    }
    uint32_t capacity = needed <= branch->capacity ? branch->capacity : needed + needed / 2;
    if (branch->use_count == 1) {
        branch = PyMem_Realloc(branch, sizeof(Branch) + capacity * sizeof(Child));
        if (branch == NULL) {
            return -1;
        }
        branch->capacity = capacity;
        *place = branch;
        return 0;
    }
    Branch *twin = branch_alloc(capacity);
    if (twin == NULL) {
        return -1;
    }
    twin->child_count = branch->child_count;
    twin->bits = branch->bits;
    for (uint32_t i = 0; i < branch->child_count; i++) {
        Child child = twin->children[i] = branch->children[i];
        uint32_t *uses = is_entry(child) ? &child_entry(child)->use_count
                                         : &child_branch(child)->use_count;
        ++*uses;
    }
    branch->use_count--;
    *place = twin;
    return 0;
}

static Entry *entry_own(Child *place) {
    Entry *entry = child_entry(*place);
    if (entry->use_count == 1) {
        return entry;
    }
    Entry *twin = entry_new(entry->text, entry->hash);
    if (twin == NULL) {
        return NULL;
    }
    twin->set = entry->set == NULL ? NULL : set_use(entry->set);
    twin->below = branch_use(entry->below);
    entry->use_count--;
    *place = (Child)twin | 1;
    return twin;
}

static Entry *entry_insert(Branch **place, uint32_t index, uint32_t bit, PyObject *text,
                           Py_hash_t hash) {
    Entry *entry = branch_own(place, 1) < 0 ? NULL : entry_new(text, hash);
    if (entry == NULL) {
        return NULL;
    }
    Branch *branch = *place;
    memmove(branch->children + index + 1, branch->children + index,
            (branch->child_count - index) * sizeof(Child));
    branch->children[index] = (Child)entry | 1;
    branch->child_count++;
    branch->bits |= bit;
    return entry;
}

/* 0 when there is an entry, which the caller may change; else -1: no memory. */
static int give(Entry *entry, Entry **found) {
    *found = entry;
    return entry == NULL ? -1 : 0;
}

static int list_own(Branch **place, PyObject *text, Py_hash_t hash, int makes, Entry **found) {
    if (branch_own(place, 0) < 0) {
        return -1;
    }
    for (uint32_t i = 0; i < (*place)->child_count; i++) {
        if (entry_is(child_entry((*place)->children[i]), text, hash)) {
            return give(entry_own(&(*place)->children[i]), found);
        }
    }
    return makes ? give(entry_insert(place, (*place)->child_count, 0, text, hash), found) : 0;
}

/* Put a branch between an entry and its parent, for a second entry that shares the slot. */
static int push_down(Child *place, int shift) {
    Branch *branch = branch_alloc(2);
    if (branch == NULL) {
        return -1;
    }
    branch->child_count = 1;
    branch->bits = shift > TRIE_SHIFT_MAX ? 0 : slot_bit(child_entry(*place)->hash, shift);
    branch->children[0] = *place;
    *place = (Child)branch;
    return 0;
}

/* Let *found be the entry of a text, and nobody else's with all on the way to it.
 *
 * Where there is none it is made, or (`makes` 0) *found is NULL. -1 without memory: then the trie
 * is as it was, perhaps with copies of its own on the way.
 */
int trie_own(Branch **place, PyObject *text, Py_hash_t hash, int makes, Entry **found) {
    *found = NULL;
    if (*place == NULL && (!makes || (*place = branch_alloc(2)) == NULL)) {
        return makes ? -1 : 0;
    }
    for (int shift = 0; shift <= TRIE_SHIFT_MAX; shift += TRIE_BITS) {
        if (branch_own(place, 0) < 0) {
            return -1;
        }
        uint32_t bit = slot_bit(hash, shift), index = slot_index(*place, bit);
        if (((*place)->bits & bit) == 0) {
            return makes ? give(entry_insert(place, index, bit, text, hash), found) : 0;
        }
        Child *child = &(*place)->children[index];
        if (is_entry(*child)) {
            if (entry_is(child_entry(*child), text, hash)) {
                return give(entry_own(child), found);
            }
            if (!makes || push_down(child, shift + TRIE_BITS) < 0) {
                return makes ? -1 : 0;
            }
        }
        place = (Branch **)child;
    }
    return list_own(place, text, hash, makes, found);
}

static void child_remove(Branch *branch, uint32_t index, uint32_t bit) {
    child_drop(branch->children[index]);
    branch->child_count--;
    memmove(branch->children + index, branch->children + index + 1,
            (branch->child_count - index) * sizeof(Child));
    branch->bits &= ~bit;
}

/* Take out the entry that `trie_own` has just given, and every branch that is empty without it. */
void trie_remove(Branch **place, PyObject *text, Py_hash_t hash) {
    Branch *path[TRIE_SHIFT_MAX / TRIE_BITS + 2], *branch = *place;
    int depth = 0;
    for (;; branch = child_branch(branch->children[slot_index(branch, slot_bit(hash, depth++ * TRIE_BITS))])) {
        CHECK(branch->use_count == 1);
        path[depth] = branch;
        if (depth * TRIE_BITS > TRIE_SHIFT_MAX ||
            is_entry(branch->children[slot_index(branch, slot_bit(hash, depth * TRIE_BITS))])) {
            break;
        }
    }
    if (depth * TRIE_BITS > TRIE_SHIFT_MAX) {
        uint32_t index = 0;
        while (!entry_is(child_entry(branch->children[index]), text, hash)) {
            index++;
        }
        child_remove(branch, index, 0);
        if (branch->child_count > 0) {
            return;
        }
        depth--;
    }
    for (; depth >= 0; depth--) {
        uint32_t bit = slot_bit(hash, depth * TRIE_BITS);
        child_remove(path[depth], slot_index(path[depth], bit), bit);
        if (path[depth]->child_count > 0) {
            return;
        }
    }
    branch_drop(*place);
    *place = NULL;
}

static int entry_check(const Entry *entry, int shift, uint64_t path) {
    uint64_t known = shift > TRIE_SHIFT_MAX ? ~(uint64_t)0 : ((uint64_t)1 << shift) - 1;
    return entry->use_count > 0 && ((uint64_t)entry->hash & known) == (path & known) &&
           text_hash(entry->text) == entry->hash && (entry->set != NULL || entry->below != NULL) &&
           (entry->set == NULL || (entry->set->count > 0 && set_check(entry->set))) &&
           (entry->below == NULL || trie_check(entry->below, 0, 0));
}

/* Whether all entries stand where their hashes say, with sound sets that are not empty. */
int trie_check(const Branch *branch, int shift, uint64_t path) {
    if (branch->use_count == 0 || branch->child_count == 0 || branch->child_count > branch->capacity ||
        (shift <= TRIE_SHIFT_MAX && (uint32_t)__builtin_popcount(branch->bits) != branch->child_count)) {
        return 0;
    }
    uint32_t index = 0;
    for (uint64_t slot = 0; shift <= TRIE_SHIFT_MAX && slot < 32; slot++) {
        if ((branch->bits >> slot & 1) == 0) {
            continue;
        }
        Child child = branch->children[index++];
        uint64_t below = path | slot << shift;
        if (is_entry(child) ? !entry_check(child_entry(child), shift + TRIE_BITS, below)
                            : !trie_check(child_branch(child), shift + TRIE_BITS, below)) {
            return 0;
        }
    }
    for (; index < branch->child_count; index++) {
        if (!is_entry(branch->children[index]) ||
            !entry_check(child_entry(branch->children[index]), shift, path)) {
            return 0;
        }
    }
    return 1;
}
