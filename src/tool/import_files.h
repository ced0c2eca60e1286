/* What `stator import` makes of the names in a directory. */
#pragma once
#include "exchange/item_reader.h"

/* A file's format and compression by the ends of its name: `.csv.gz`; without any, DynamoDB JSON.
 */
void import_file_kind(slice name, enum exchange_format *format, enum compression *compression);

/*
 * Leaves those that hold items: of an export in the service's layout the files below `data/`, else
 * all of them. Returns how many.
 */
uint32_t import_choose_files(slice *names, uint32_t count);
