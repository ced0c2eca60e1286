/*
 * The end of a table file, looked at before RocksDB does.
 *
 * Why not leave it to RocksDB: it parses a table's properties before it looks at their checksum,
 * because files made elsewhere may have had them changed; ours never have. Where damage sorts them
 * wrongly it names no file, or a wrong one; where it sets the bit that says that an index by hash
 * precedes their last number, an assertion of Debian's RocksDB ends the process at every start. So
 * their checksum is looked at here. Any other damage RocksDB finds itself, and names the file
 * (damage_test.c, damaged_properties_of_a_table_are_refused_by_name).
 *
 * Source: RocksDB, table/format.cc (footer, checksums), table/meta_blocks.cc,
 * table/block_based/block.cc.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"

/* The kind of checksum that our tables have, as RocksDB numbers them. */
enum { TABLE_FILE_XXH3 = 4 };

/*
 * `damaged` is left false where the file is not whole, or has another kind of checksum: RocksDB
 * tells, if it needs it. Errors: STORAGE when it cannot be read.
 */
error table_file_inspect(struct arena *arena, const char *path, bool *damaged) MUST_CHECK;
