/* A folder that stands for buckets, gone with its arena; and what its files hold. */
#pragma once
#include "base/arena.h"

/* The path of a new, empty folder below the system's for temporary files. */
slice fixture_folder(struct arena *arena);
/* All of a file, compressed or not. */
slice fixture_read(struct arena *arena, slice folder, slice name);
/* An item spelled in JSON. */
slice fixture_item(struct arena *arena, slice json);
