/*
 * Options of a command, read by a table: --name VALUE, --name=VALUE, --flag alone; else from a
 * variable, where the command has those; else as the table says. What begins otherwise is an
 * argument. The text of --help is made from the same table.
 */
#pragma once
#include "base/error.h"

enum option_kind {
    OPTION_TEXT,    /* a slice, borrowed */
    OPTION_INTEGER, /* an int64_t */
    OPTION_FLAG,    /* a bool */
    OPTION_WORD,    /* an enum that counts the words from 0 */
};

struct option {
    slice name; /* without the dashes */
    const char *value_name;
    const char *standard; /* what holds when it is not given; NULL: it must be given */
    enum option_kind kind;
    int64_t minimum; /* of an integer */
    int64_t maximum;
    const char *sentence;
    size_t offset;            /* of its field in what is read into */
    const char *const *words; /* of a word: NULL after the last; else NULL */
};

enum { OPTION_ARGUMENTS_MAX = 8 };

struct option_set {
    const char *command;     /* "stator serve" */
    const char *arguments;   /* how --help names them: "TABLE"; NULL: none are taken */
    uint32_t argument_count; /* how many there must be */
    bool has_variables;      /* STATOR_DATA stands for --data */
    const struct option *options;
    size_t count;
};

struct option_arguments {
    const char *arguments[OPTION_ARGUMENTS_MAX];
    uint32_t count;
    bool asks_for_help; /* --help is among the words, and nothing else was read */
};

/* Where the value of an option is from. */
enum option_origin {
    OPTION_STANDARD,
    OPTION_VARIABLE,
    OPTION_SAID, /* among the words */
};

/*
 * `texts` follow the command's name. Fills the fields of `into`; origins[i], unless NULL, says
 * where the value of option i is from.
 *   Errors: USAGE with a sentence.
 */
error options_read(struct arena *arena, const struct option_set *set, int text_count, char **texts,
                   void *into, struct option_arguments *arguments,
                   enum option_origin *origins) MUST_CHECK;

/*
 * The next variable, from the one numbered `at` on, that begins as those of options do and is none
 * of them, misspelt perhaps; NULL: there is none. `*at` becomes its number.
 */
const char *option_unknown_variable(struct arena *arena, const struct option_set *set, size_t *at);

/* The text of --help. `about` is a paragraph, wrapped at line breaks of its own; may be empty. */
slice option_help(struct arena *arena, const struct option_set *set, const char *about);
