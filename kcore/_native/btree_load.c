/* Bulk load: sorted pairs are appended at the right edge without searching for their place. */
#include "btree.h"

/* Key and value of one item, borrowed from `*owner`; -1 with an exception. */
static int unpack(PyObject *item, PyObject **owner, PyObject **key, PyObject **value) {
    *owner = PyTuple_CheckExact(item) ? Py_NewRef(item) : PySequence_Tuple(item);
    if (*owner == NULL) {
        return -1;
    }
    if (PyTuple_GET_SIZE(*owner) != 2) {
        PyErr_SetString(PyExc_ValueError, "pairs of key and value are wanted");
        return -1;
    }
    *key = PyTuple_GET_ITEM(*owner, 0);
    *value = PyTuple_GET_ITEM(*owner, 1);
    return 0;
}

static int append(Tree *tree, Path *path, PyObject *item) {
    PyObject *pair, *key, *value, *exact = NULL;
    int status = -1;
    if (unpack(item, &pair, &key, &value) < 0 || (exact = key_exact(key)) == NULL) {
        goto done;
    }
    Step *leaf = path_leaf(path);
    if (leaf->index > 0) {
        PyObject *last = node_key(leaf->node, leaf->index - 1);
        if (text_compare(last, exact) >= 0) {
            PyErr_Format(PyExc_ValueError, "key %R does not follow %R", exact, last);
            goto done;
        }
    }
    if (PyObject_IS_GC(value)) {
        epoch_track(tree->epoch);
    }
    status = path_insert(path, tree->epoch, exact, value);
    path_leaf(path)->index = path_leaf(path)->node->count;
done:
    Py_XDECREF(exact);
    Py_XDECREF(pair);
    return status;
}

/* BTree.load(pairs): nobody sees the tree before it is complete. */
PyObject *tree_load(PyObject *Py_UNUSED(type), PyObject *pairs) {
    PyObject *iterator = PyObject_GetIter(pairs);
    if (iterator == NULL) {
        return NULL;
    }
    Tree *tree = tree_new();
    if (tree == NULL || tree_writable(tree, NULL) == NULL) {
        goto failed;
    }
    Path path;
    path_to_edge(&path, tree->epoch->root, 1);
    PyObject *item;
    while ((item = PyIter_Next(iterator)) != NULL) {
        int status = append(tree, &path, item);
        Py_DECREF(item);
        if (status < 0) {
            goto failed;
        }
    }
    if (PyErr_Occurred()) {
        goto failed;
    }
    if (tree->epoch->is_tracked) {
        PyObject_GC_Track((PyObject *)tree);
    }
    Py_DECREF(iterator);
    return (PyObject *)tree;
failed:
    Py_XDECREF(tree);
    Py_DECREF(iterator);
    return NULL;
}
