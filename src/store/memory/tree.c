#include "store/memory/tree.h"

#include "base/assert.h"
#include "base/memory.h"
#include <stdatomic.h>
#include <stdlib.h>

/* A change copies a node of each level and counts all it names: 16 wrote faster than 32. */
enum { FANOUT = 16, FEW = FANOUT / 4, MERGED_MAX = FANOUT * 3 / 4 };

struct blob {
    _Atomic uint32_t references;
    size_t size;
    char bytes[];
};

struct tree {
    _Atomic uint32_t references;
    uint16_t level; /* 0: a leaf */
    uint16_t count;
    struct blob *keys[FANOUT]; /* above the leaves: separators, [0] is not compared */
    union {
        struct blob *values[FANOUT];
        struct tree *children[FANOUT];
    };
};

/* ---- references ---- */

static struct blob *blob_new(slice bytes)
{
    struct blob *blob = memory_alloc(sizeof *blob + bytes.size);
    atomic_init(&blob->references, 1);
    blob->size = bytes.size;
    memcpy(blob->bytes, bytes.data, bytes.size);
    return blob;
}

static struct blob *blob_retain(struct blob *blob)
{
    atomic_fetch_add_explicit(&blob->references, 1, memory_order_relaxed);
    return blob;
}

static void blob_release(struct blob *blob)
{
    if (atomic_fetch_sub_explicit(&blob->references, 1, memory_order_acq_rel) == 1)
        free(blob);
}

static slice blob_slice(const struct blob *blob)
{
    return slice_of(blob->bytes, blob->size);
}

static struct tree *node_new(uint16_t level)
{
    struct tree *node = memory_alloc(sizeof *node);
    atomic_init(&node->references, 1);
    node->level = level;
    node->count = 0;
    return node;
}

struct tree *tree_new(void)
{
    return node_new(0);
}

void tree_retain(struct tree *tree)
{
    atomic_fetch_add_explicit(&tree->references, 1, memory_order_relaxed);
}

static void release_entry(struct tree *node, uint32_t index)
{
    blob_release(node->keys[index]);
    if (node->level == 0)
        blob_release(node->values[index]);
    else
        tree_release(node->children[index]);
}

/* Recursion goes down a level each time: at most TREE_LEVELS_MAX. */
void tree_release(struct tree *tree)
{
    if (atomic_fetch_sub_explicit(&tree->references, 1, memory_order_acq_rel) != 1)
        return;
    for (uint32_t i = 0; i < tree->count; i++)
        release_entry(tree, i);
    free(tree);
}

/* ---- entries of a node ---- */

/* Append the other node's entries from `first` on; both then hold what they name. */
static void append_entries(struct tree *node, const struct tree *other, uint32_t first)
{
    assert_that(node->level == other->level);
    assert_that(node->count + other->count - first <= FANOUT);
    for (uint32_t i = first; i < other->count; i++, node->count++) {
        node->keys[node->count] = blob_retain(other->keys[i]);
        if (node->level == 0) {
            node->values[node->count] = blob_retain(other->values[i]);
        } else {
            tree_retain(other->children[i]);
            node->children[node->count] = other->children[i];
        }
    }
}

/* Open a gap for an entry; the caller fills it. */
static void open_entry(struct tree *node, uint32_t index)
{
    assert_that(node->count < FANOUT);
    size_t after = (node->count - index) * sizeof(void *);
    memmove(&node->keys[index + 1], &node->keys[index], after);
    memmove(&node->children[index + 1], &node->children[index], after);
    node->count++;
}

static void remove_entry(struct tree *node, uint32_t index)
{
    release_entry(node, index);
    size_t after = (node->count - index - 1) * sizeof(void *);
    memmove(&node->keys[index], &node->keys[index + 1], after);
    memmove(&node->children[index], &node->children[index + 1], after);
    node->count--;
}

/* How many keys are below `key`, or with `or_equal` at or below it, from entry `first` on. */
static uint32_t count_below(const struct tree *node, uint32_t first, slice key, bool or_equal)
{
    uint32_t low = first;
    uint32_t high = node->count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        int order = slice_compare(blob_slice(node->keys[middle]), key);
        if (order < 0 || (or_equal && order == 0))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint32_t child_for(const struct tree *node, slice key)
{
    return count_below(node, 1, key, true) - 1;
}

static bool leaf_has(const struct tree *leaf, uint32_t place, slice key)
{
    return place < leaf->count && slice_equal(blob_slice(leaf->keys[place]), key);
}

slice tree_get(const struct tree *tree, slice key)
{
    while (tree->level > 0)
        tree = tree->children[child_for(tree, key)];
    uint32_t place = count_below(tree, 0, key, false);
    return leaf_has(tree, place, key) ? blob_slice(tree->values[place]) : SLICE_NONE;
}

/* ---- changing ---- */

/*
 * Make the node the caller's alone and return it. The caller owns the node that holds `link`, so
 * one reference means that nobody else can reach it.
 */
static struct tree *own(struct tree **link)
{
    struct tree *shared = *link;
    if (atomic_load_explicit(&shared->references, memory_order_acquire) == 1)
        return shared;
    struct tree *copy = node_new(shared->level);
    append_entries(copy, shared, 0);
    tree_release(shared);
    *link = copy;
    return copy;
}

/* Both the parent and the full child are owned; the parent has room. */
static void split_child(struct tree *parent, uint32_t index)
{
    struct tree *left = parent->children[index];
    struct tree *right = node_new(left->level);
    append_entries(right, left, FANOUT / 2);
    while (left->count > FANOUT / 2)
        release_entry(left, --left->count);
    open_entry(parent, index + 1);
    parent->keys[index + 1] = blob_retain(right->keys[0]);
    parent->children[index + 1] = right;
}

static void grow(struct tree **tree)
{
    struct tree *child = *tree;
    assert_that(child->level + 1 < TREE_LEVELS_MAX);
    struct tree *root = node_new((uint16_t)(child->level + 1));
    root->keys[0] = blob_retain(child->keys[0]);
    root->children[0] = child;
    root->count = 1;
    *tree = root;
}

/* Splits full nodes on the way down, so that there is always room above. */
void tree_put(struct tree **tree, slice key, slice value)
{
    assert_that(value.size > 0);
    if (own(tree)->count == FANOUT) {
        grow(tree);
        split_child(*tree, 0);
    }
    struct tree *node = *tree;
    while (node->level > 0) {
        uint32_t index = child_for(node, key);
        if (own(&node->children[index])->count == FANOUT) {
            split_child(node, index);
            index = child_for(node, key);
        }
        node = node->children[index];
    }
    uint32_t place = count_below(node, 0, key, false);
    if (leaf_has(node, place, key)) {
        blob_release(node->values[place]);
    } else {
        open_entry(node, place);
        node->keys[place] = blob_new(key);
    }
    node->values[place] = blob_new(value);
}

static void merge_with_next(struct tree *parent, uint32_t index)
{
    struct tree *left = own(&parent->children[index]);
    const struct tree *right = parent->children[index + 1];
    uint32_t seam = left->count;
    append_entries(left, right, 0);
    if (left->level > 0) {
        /* right's first separator was never compared; the parent's is the true one. */
        blob_release(left->keys[seam]);
        left->keys[seam] = blob_retain(parent->keys[index + 1]);
    }
    remove_entry(parent, index + 1);
}

static void merge_if_small(struct tree *parent, uint32_t index)
{
    uint32_t count = parent->children[index]->count;
    if (count == 0)
        remove_entry(parent, index);
    else if (count >= FEW)
        return;
    else if (index + 1 < parent->count && count + parent->children[index + 1]->count <= MERGED_MAX)
        merge_with_next(parent, index);
    else if (index > 0 && count + parent->children[index - 1]->count <= MERGED_MAX)
        merge_with_next(parent, index - 1);
}

/* The key is there. Recursion goes down a level each time: at most TREE_LEVELS_MAX. */
static void delete_under(struct tree *node, slice key)
{
    if (node->level == 0) {
        remove_entry(node, count_below(node, 0, key, false));
        return;
    }
    uint32_t index = child_for(node, key);
    delete_under(own(&node->children[index]), key);
    merge_if_small(node, index);
}

void tree_delete(struct tree **tree, slice key)
{
    if (tree_get(*tree, key).size == 0)
        return;
    delete_under(own(tree), key);
    while ((*tree)->level > 0 && (*tree)->count == 1) {
        struct tree *only = (*tree)->children[0];
        tree_retain(only);
        tree_release(*tree);
        *tree = only;
    }
}

/* ---- cursors ---- */

void tree_seek(const struct tree *tree, slice key, struct tree_cursor *cursor)
{
    cursor->root_level = tree->level;
    for (; tree->level > 0; tree = cursor->nodes[tree->level - 1]) {
        uint32_t place = child_for(tree, key);
        cursor->nodes[tree->level] = tree;
        cursor->places[tree->level] = place;
        cursor->nodes[tree->level - 1] = tree->children[place];
    }
    cursor->nodes[0] = tree;
    cursor->places[0] = count_below(tree, 0, key, false);
}

/* To the near end of the leaf after this one, or before it; false when there is none. */
static bool move_leaf(struct tree_cursor *cursor, bool forward)
{
    uint32_t level = 1;
    while (level <= cursor->root_level &&
           cursor->places[level] == (forward ? cursor->nodes[level]->count - 1u : 0))
        level++;
    if (level > cursor->root_level)
        return false;
    cursor->places[level] += forward ? 1u : -1u;
    for (; level > 0; level--) {
        const struct tree *child = cursor->nodes[level]->children[cursor->places[level]];
        uint32_t last = level == 1 ? child->count : child->count - 1u;
        cursor->nodes[level - 1] = child;
        cursor->places[level - 1] = forward ? 0 : last;
    }
    return true;
}

static void give(const struct tree_cursor *cursor, uint32_t place, slice *key, slice *value)
{
    *key = blob_slice(cursor->nodes[0]->keys[place]);
    *value = blob_slice(cursor->nodes[0]->values[place]);
}

bool tree_next(struct tree_cursor *cursor, slice *key, slice *value)
{
    if (cursor->places[0] == cursor->nodes[0]->count && !move_leaf(cursor, true))
        return false;
    give(cursor, cursor->places[0]++, key, value);
    return true;
}

bool tree_previous(struct tree_cursor *cursor, slice *key, slice *value)
{
    if (cursor->places[0] == 0 && !move_leaf(cursor, false))
        return false;
    give(cursor, --cursor->places[0], key, value);
    return true;
}

/* ---- checking ---- */

static bool in_bounds(const struct blob *key, const struct blob *low, const struct blob *high)
{
    return (!low || slice_compare(blob_slice(key), blob_slice(low)) >= 0) &&
           (!high || slice_compare(blob_slice(key), blob_slice(high)) < 0);
}

/* `low` is included, `high` excluded; NULL: none. Recursion goes down a level each time. */
static bool verify(const struct tree *node, const struct blob *low, const struct blob *high)
{
    if (node->count == 0 || node->count > FANOUT)
        return false;
    uint32_t first = node->level == 0 ? 0 : 1;
    for (uint32_t i = first; i < node->count; i++) {
        if (!in_bounds(node->keys[i], low, high))
            return false;
        if (i > first &&
            slice_compare(blob_slice(node->keys[i - 1]), blob_slice(node->keys[i])) >= 0)
            return false;
        if (node->level == 0 && node->values[i]->size == 0)
            return false;
    }
    for (uint32_t i = 0; node->level > 0 && i < node->count; i++) {
        const struct tree *child = node->children[i];
        if (child->level + 1 != node->level ||
            !verify(child, i == 0 ? low : node->keys[i],
                    i + 1 < node->count ? node->keys[i + 1] : high))
            return false;
    }
    return true;
}

bool tree_verify(const struct tree *tree)
{
    return (tree->level == 0 && tree->count == 0) ||
           (tree->level < TREE_LEVELS_MAX && verify(tree, NULL, NULL));
}
