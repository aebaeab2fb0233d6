/* Transactions of a store: whether comparisons hold, then one branch of operations. */
#include "ledger.h"

/* Fields of words. */
enum { BUCKET, KEY, VALUE, TARGET = 2, RELATION, OPERAND };

static const char *const target_names[] = {"version", "create", "mod", "value"};
static const char *const relation_names[] = {"=", "!=", ">", "<"};
static const int relation_operations[] = {Py_EQ, Py_NE, Py_GT, Py_LT};
enum { TARGET_COUNT = 4, VALUE_TARGET = 3, RELATION_COUNT = 4 };
static PyObject *targets[TARGET_COUNT], *relations[RELATION_COUNT];

/* Intern what comparisons are written with; -1 with MemoryError. */
int txn_prepare(void) {
    for (int i = 0; i < TARGET_COUNT; i++) {
        targets[i] = PyUnicode_InternFromString(target_names[i]);
        relations[i] = PyUnicode_InternFromString(relation_names[i]);
        if (targets[i] == NULL || relations[i] == NULL) {
            return -1;
        }
    }
    return 0;
}

/* Which of some words this is; -1: none. */
static int index_of(PyObject *const *words, int count, PyObject *word) {
    for (int i = 0; i < count; i++) {
        if (words[i] == word) {
            return i;
        }
    }
    for (int i = 0; i < count && PyUnicode_Check(word); i++) {
        if (PyUnicode_Compare(words[i], word) == 0) {
            return i;
        }
    }
    return -1;
}

static int truth_of(PyObject *outcome) {
    int truth = outcome == NULL ? -1 : PyObject_IsTrue(outcome);
    Py_XDECREF(outcome);
    return truth;
}

static int value_holds(PyObject *relation, PyObject *operand, const Entry *entry) {
    if (entry == NULL) {
        return 0;
    }
    int wanted = index_of(relations, RELATION_COUNT, relation);
    int is_equal = truth_of(PyObject_RichCompare(entry->value, operand, Py_EQ));
    return is_equal < 0 ? -1 : wanted == 0 ? is_equal : wanted == 1 && !is_equal;
}

/* Whether a comparison is true of what its key holds (NULL: nothing); -1 with an exception. */
static int holds(const Words *compare, const Entry *entry) {
    PyObject *operand = compare->fields[OPERAND];
    int target = index_of(targets, TARGET_COUNT, compare->fields[TARGET]);
    if (target == VALUE_TARGET) {
        return value_holds(compare->fields[RELATION], operand, entry);
    }
    int64_t found = 0;
    if (entry != NULL) {
        if (target < 0) {
            PyErr_SetObject(PyExc_KeyError, compare->fields[TARGET]);
            return -1;
        }
        found = target == 0 ? entry->version
                : target == 1 ? entry->create_revision
                              : entry->mod_revision;
    }
    int relation = index_of(relations, RELATION_COUNT, compare->fields[RELATION]);
    if (relation < 0) {
        PyErr_SetObject(PyExc_KeyError, compare->fields[RELATION]);
        return -1;
    }
    PyObject *number = PyLong_FromLongLong(found);
    int truth = number == NULL
                    ? -1
                    : truth_of(PyObject_RichCompare(number, operand,
                                                    relation_operations[relation]));
    Py_XDECREF(number);
    return truth;
}

/* Whether all comparisons of a fast sequence hold; -1 with an exception. */
static int all_hold(Store *store, PyObject *compares) {
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(compares); i++) {
        PyObject *compare = PySequence_Fast_GET_ITEM(compares, i);
        if (!Py_IS_TYPE(compare, &Compare_Type)) {
            PyErr_Format(PyExc_TypeError, "a Compare is wanted, not %.100s",
                         Py_TYPE(compare)->tp_name);
            return -1;
        }
        Words *words = (Words *)Py_NewRef(compare); /* Comparing may run code. */
        Entry *entry = NULL;
        int truth = store_find(store, words->fields[BUCKET], words->fields[KEY], &entry);
        truth = truth < 0 ? -1 : holds(words, entry);
        Py_XDECREF(entry);
        Py_DECREF(words);
        if (truth <= 0) {
            return truth;
        }
    }
    return 1;
}

static PyObject *run(Bucket *bucket, const Words *words, int64_t revision) {
    if (Py_IS_TYPE(words, &Put_Type)) {
        return bucket_put(bucket, words->fields[KEY], words->fields[VALUE], revision, ANYTHING);
    }
    if (Py_IS_TYPE(words, &Delete_Type)) {
        return bucket_delete(bucket, words->fields[KEY], revision, ANYTHING);
    }
    return bucket_get(bucket, words->fields[KEY]);
}

/* Run one operation, and note the revision if it changed anything. */
static PyObject *run_in(Store *store, PyObject *operation, int64_t revision) {
    if (!Py_IS_TYPE(operation, &Put_Type) && !Py_IS_TYPE(operation, &Delete_Type) &&
        !Py_IS_TYPE(operation, &Get_Type)) {
        return PyErr_Format(PyExc_TypeError, "a Put, Delete or Get is wanted, not %.100s",
                            Py_TYPE(operation)->tp_name);
    }
    const Words *words = (const Words *)operation;
    Bucket *bucket = store_writable(store, words->fields[BUCKET]);
    Log *log = bucket == NULL ? NULL : bucket_log(bucket);
    PyObject *response = NULL;
    if (log != NULL) {
        int64_t end = log->end;
        Py_INCREF(log);
        response = run(bucket, words, revision);
        if (response != NULL && log->end != end) {
            store->revision = revision;
        }
        Py_DECREF(log);
    }
    Py_XDECREF(bucket);
    return response;
}

static PyObject *run_all(Store *store, PyObject *operations, int64_t revision) {
    Py_ssize_t count = PySequence_Fast_GET_SIZE(operations);
    PyObject *responses = PyTuple_New(count);
    for (Py_ssize_t i = 0; responses != NULL && i < count; i++) {
        if (i >= PySequence_Fast_GET_SIZE(operations)) {
            PyErr_SetString(PyExc_RuntimeError, "the operations changed while they ran");
            Py_CLEAR(responses);
            break;
        }
        PyObject *operation = Py_NewRef(PySequence_Fast_GET_ITEM(operations, i));
        PyObject *response = run_in(store, operation, revision);
        Py_DECREF(operation);
        if (response == NULL) {
            Py_CLEAR(responses);
        } else {
            PyTuple_SET_ITEM(responses, i, response);
        }
    }
    return responses;
}

static PyObject *result_new(int succeeded, int64_t revision, PyObject *responses) {
    PyObject *number = PyLong_FromLongLong(revision);
    PyObject *fields[] = {succeeded ? Py_True : Py_False, number, responses};
    PyObject *result = number == NULL ? NULL : words_new(&TxnResult_Type, fields, 3);
    Py_XDECREF(number);
    return result;
}

/* Compare and run fast sequences. */
static PyObject *transact(Store *store, PyObject *compares, PyObject *then, PyObject *otherwise) {
    int succeeded = all_hold(store, compares);
    if (succeeded < 0) {
        return NULL;
    }
    PyObject *responses = run_all(store, succeeded ? then : otherwise, store->revision + 1);
    PyObject *result =
        responses == NULL ? NULL : result_new(succeeded, store->revision, responses);
    Py_XDECREF(responses);
    return result;
}

static int is_single(PyObject *sequence) { return PySequence_Fast_GET_SIZE(sequence) <= 1; }

/* txn(compares, then, otherwise=()) */
PyObject *store_txn(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names) {
    static const char *const fields[] = {"compares", "then", "otherwise"};
    PyObject *found[3], *parts[3] = {NULL, NULL, NULL}, *result = NULL;
    if (arguments_sort("txn", fields, (Shape){2, 3, 3}, args, count, names, found) < 0) {
        return NULL;
    }
    for (int i = 0; i < 3 && (found[i] != NULL || i == 2); i++) {
        parts[i] = found[i] == NULL ? PyTuple_New(0)
                                    : PySequence_Fast(found[i], "operations are a sequence");
        if (parts[i] == NULL) {
            goto done;
        }
    }
    if (!is_single(parts[0]) || !is_single(parts[1]) || !is_single(parts[2])) {
        PyObject *checked =
            PyObject_CallMethod(self, "_check", "OOO", parts[0], parts[1], parts[2]);
        if (checked == NULL) {
            goto done;
        }
        Py_DECREF(checked);
    }
    result = transact((Store *)self, parts[0], parts[1], parts[2]);
done:
    for (int i = 0; i < 3; i++) {
        Py_XDECREF(parts[i]);
    }
    return result;
}
