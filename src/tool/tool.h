/*
 * Commands beside the server: they talk to a running one, or only reckon. Each takes the words
 * behind its name and prints its answer on standard output.
 *   Errors: USAGE for the words; SERVICE_UNAVAILABLE for a server that cannot be reached.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"

/* How many partitions a table of a size and throughput has on the service, and why. */
error plan_run(struct arena *arena, int word_count, char **words) MUST_CHECK;

/* Where the load of a table of a running server falls, drawn for a terminal. */
error heat_run(struct arena *arena, int word_count, char **words) MUST_CHECK;

/* Puts the items of the files in a directory into a table. */
error import_run(struct arena *arena, int word_count, char **words) MUST_CHECK;

/* The items of a table, in files as exports to S3 have them. */
error export_run(struct arena *arena, int word_count, char **words) MUST_CHECK;
