/*
 * Ion text, as the service writes items in it: S a string, N a decimal, B a blob, BOOL and NULL as
 * they are, L a list, M a struct, and the sets lists that are annotated with their type.
 *
 * Source: Developer Guide, "DynamoDB table export output format"; the Ion specification.
 */
#pragma once
#include "base/buffer.h"
#include "item/item.h"

/* The value, or all attributes of the item as a struct. On one line. */
void ion_write_value(struct buffer *to, slice value);
void ion_write_item(struct buffer *to, slice item);

/* A decimal without a fraction: `12.`. */
void ion_write_integer(struct buffer *to, int64_t integer);
