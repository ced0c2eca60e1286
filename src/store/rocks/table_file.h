/*
 * The end of a table file, looked at before RocksDB does.
 *
 * Why not leave it to RocksDB: it parses a table's properties before it looks at their checksum,
 * because files made elsewhere may have had them changed. One bit of their last number says that
 * an index by hash precedes it, which is read next. Properties never have one; when damage sets
 * that bit, an assertion of Debian's RocksDB ends the process at every start, and no line says which
 * file it was. Any other damage RocksDB finds itself, and names the file
 * (damage_test.c, damaged_properties_of_a_table_are_refused_by_name).
 *
 * Source: RocksDB, table/format.cc (footer), table/meta_blocks.cc, table/block_based/block.cc.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"

/* `damaged` is left false where the file is not whole: RocksDB tells, if it needs it. Errors: STORAGE
   when it cannot be read. */
error table_file_inspect(struct arena *arena, const char *path, bool *damaged) MUST_CHECK;
