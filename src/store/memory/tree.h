/*
 * A copy-on-write ordered tree (a B+tree of counted nodes).
 *
 * A tree is its root node. Whoever holds a reference to it sees it unchanged for ever: a writer
 * copies the nodes it changes, from the root down, unless its own reference is the only one. So a
 * reference is a snapshot, and a group of writes copies each node at most once.
 *
 * Invariants (tree_verify): leaves are at one depth; keys ascend; the separator before a child is
 * above every key to its left and at or below every key in the child; only a root may be empty.
 */
#pragma once
#include "base/slice.h"

struct tree;

struct tree *tree_new(void); /* empty, one reference */
void tree_retain(struct tree *tree);
void tree_release(struct tree *tree);

/* The value lives as long as the tree; size 0: absent. Values are never empty. */
slice tree_get(const struct tree *tree, slice key);

/* Change the caller's reference; key and value are copied. */
void tree_put(struct tree **tree, slice key, slice value);
void tree_delete(struct tree **tree, slice key);

enum { TREE_LEVELS_MAX = 16 };

/* A place between two rows. Valid while the tree is held. */
struct tree_cursor {
    const struct tree *nodes[TREE_LEVELS_MAX]; /* the way from the root; [0] is the leaf */
    uint32_t places[TREE_LEVELS_MAX];          /* child taken; in the leaf: rows before the place */
    uint32_t root_level;
};

/* Stand before the first row at or above the key. */
void tree_seek(const struct tree *tree, slice key, struct tree_cursor *cursor);
/* Pass over one row and give it; false at the end. */
bool tree_next(struct tree_cursor *cursor, slice *key, slice *value);
bool tree_previous(struct tree_cursor *cursor, slice *key, slice *value);

/* Whether every invariant holds. */
bool tree_verify(const struct tree *tree);
