#include "item/item.h"

#include "item/layout.h"

static void assert_is_item(slice item)
{
    assert_that(item.size >= MEMBERS_OFFSET);
    assert_that(item.data[0] == ITEM_FORMAT);
}

bool item_attribute(slice item, slice name, slice *value)
{
    if (!item_exists(item))
        return false;
    assert_is_item(item);
    return entries_find(item, name, value);
}

uint32_t item_attribute_count(slice item)
{
    if (!item_exists(item))
        return 0;
    assert_is_item(item);
    return bytes_get_u32(item.data + COUNT_OFFSET);
}

size_t item_charged_bytes(slice item)
{
    if (!item_exists(item))
        return 0;
    assert_is_item(item);
    return bytes_get_u32(item.data + CHARGED_BYTES_OFFSET);
}

void item_cursor_init(struct item_cursor *cursor, slice item)
{
    *cursor = (struct item_cursor){.left = item_attribute_count(item)};
    if (cursor->left > 0)
        cursor->next = item.data + MEMBERS_OFFSET;
}

bool item_cursor_next(struct item_cursor *cursor, slice *name, slice *value)
{
    if (cursor->left == 0)
        return false;
    cursor->left--;
    cursor->next = entry_get(cursor->next, name, value);
    return true;
}
