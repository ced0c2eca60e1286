/* The options of `stator serve`: from the command line, else from STATOR_… variables, else as in
 * server/options_list.h. */
#pragma once
#include "base/error.h"
#include "base/log.h"
#include "db/db.h"
#include "store/store.h"

enum clock_kind { CLOCK_KIND_REAL, CLOCK_KIND_MANUAL };

/* What each kind of option is read into. */
typedef slice option_TEXT;
typedef int64_t option_INTEGER;
typedef bool option_FLAG;
typedef enum store_sync option_SYNC;
typedef enum clock_kind option_CLOCK;
typedef enum throughput_mode option_THROUGHPUT;
typedef enum log_level option_LOG_LEVEL;

#include "server/options_list.h"
struct options {
#define OPTION(field, kind, name, value, standard, minimum, maximum, sentence) option_##kind field;
    OPTION_LIST(OPTION)
#undef OPTION
    bool region_given; /* on the command line or in the environment */
    bool account_given;
    bool asks_for_help; /* and nothing else was read */
};

/*
 * `arguments` are those after "serve"; text is borrowed from them and from the environment.
 *   Errors: USAGE with a sentence.
 */
error options_parse(struct arena *arena, int argument_count, char **arguments,
                    struct options *options) MUST_CHECK;

/* Say in the log which variables look like options and are none. */
void options_warn(void);

/* The text of `stator serve --help`. */
slice options_help(struct arena *arena);
