/* Touching every byte of a stored item through the public calls. */
#pragma once
#include "item/item.h"

/* Asserts what always holds of an item that passed item_check. */
void walk_item(struct arena *arena, slice item);
