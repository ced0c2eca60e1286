/* Random wire items: any type, any nesting, names out of order. */
#pragma once
#include "base/random.h"
#include "json/writer.h"

void random_item_write(struct json_writer *writer, struct random *random);
