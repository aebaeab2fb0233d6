/* Texts of maps and lists that are written again and again.
 *
 * Values share what they have in common: the containers of a thousand pods of one template are one
 * list.  Once such a part is written for the second time its text is kept, with the part, and is
 * copied from then on.  Which part it is, is a matter of its address alone: what is kept is held, so
 * nothing else comes to lie there.
 */
#include "frozen_json.h"

enum {
    PLACE_COUNT = 256, /* What a busy world writes has some dozens of such parts. */
    WRITTEN_BYTES_MIN = 32, /* Less is as soon written as looked up. */
    WRITTEN_BYTES_MAX = 4096,
};

typedef struct {
    const PyObject *seen; /* What was written last; it may be gone, and another lie there. */
    PyObject *part;       /* Owned; NULL: nothing is kept here. */
    char *text;
    size_t length;
} Written;

static Written places[PLACE_COUNT];

static Written *place_of(const PyObject *part) {
    uintptr_t mixed = (uintptr_t)part / sizeof(void *) * UINT64_C(0x9E3779B97F4A7C15);
    return &places[mixed >> 32 & (PLACE_COUNT - 1)];
}

/* The text of a map or list if it is kept, else NULL. */
const char *written_find(const PyObject *part, size_t *length) {
    const Written *place = place_of(part);
    if (place->part != part) {
        return NULL;
    }
    *length = place->length;
    return place->text;
}

static void written_clear(Written *place) {
    PyObject *part = place->part;
    PyMem_Free(place->text);
    *place = (Written){0};
    Py_XDECREF(part);
}

/* A map or list was written: keep its text if it was the last of its place, too. */
void written_offer(PyObject *part, const char *text, size_t length) {
    Written *place = place_of(part);
    if (length < WRITTEN_BYTES_MIN || length > WRITTEN_BYTES_MAX) {
        return;
    }
    if (place->seen != part) {
        place->seen = part;
        return;
    }
    char *copy = PyMem_Malloc(length);
    if (copy == NULL) {
        return; /* What is not kept is written again. */
    }
    memcpy(copy, text, length);
    written_clear(place);
    *place = (Written){.seen = part, .part = Py_NewRef(part), .text = copy, .length = length};
}

void written_release(void) {
    for (int i = 0; i < PLACE_COUNT; i++) {
        written_clear(&places[i]);
    }
}

/* Whether what is kept lies in its place and is what would be written; -1 with an error if not. */
int written_check(void) {
    for (int i = 0; i < PLACE_COUNT; i++) {
        Written place = places[i];
        if (place.part == NULL) {
            continue;
        }
        places[i] = (Written){0}; /* Or the text would be copied. */
        PyObject *text = json_write(place.part, 0);
        int is_right = text != NULL && place_of(place.part) == &places[i] &&
                       (size_t)PyBytes_GET_SIZE(text) == place.length &&
                       memcmp(PyBytes_AS_STRING(text), place.text, place.length) == 0;
        Py_XDECREF(text);
        written_clear(&places[i]);
        places[i] = place;
        if (!is_right) {
            PyErr_SetString(PyExc_AssertionError, "a kept text is not what would be written");
            return -1;
        }
    }
    return 0;
}
