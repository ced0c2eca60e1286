/*
 * ListContributorInsights: the tables and global indexes for which hot keys are asked for, or were
 * a moment ago; not those for which they are not.
 *
 * Source: AWS API Reference, ListContributorInsights; the control plane measured on the service.
 */
#include "ops/insights_members.h"

enum { LIST_INSIGHTS_MAX = 100, TABLES_AT_ONCE = 16, NEXT_TOKEN_BYTES_MAX = 1024 };

struct input {
    struct table_name table_name;
    slice next_token;
    struct optional_integer limit;
};

static const struct field fields[] = {
    FIELD(struct input, table_name, "TableName", FIELD_TABLE_NAME, OPTIONAL, .min = 1),
    FIELD(struct input, next_token, "NextToken", FIELD_STRING, OPTIONAL),
    FIELD(struct input, limit, "MaxResults", FIELD_INTEGER, OPTIONAL, .min = 1,
          .max = LIST_INSIGHTS_MAX),
};
static const struct structure structure = STRUCTURE(struct input, fields);

/* A page on its way. A token is the name of a table and, behind a slash, that of an index. */
struct listing {
    struct request *request;
    slice after_table;
    slice after_index; /* empty: behind the table itself, before its indexes */
    bool is_inside;    /* the table `after_table` has more to come */
    uint32_t left;
    slice last_table; /* what was listed last */
    slice last_index;
    bool is_full; /* and there is more */
};

static error read_token(slice token, struct listing *listing)
{
    if (token.size == 0)
        return NULL;
    const char *slash = memchr(token.data, '/', token.size);
    if (token.size > NEXT_TOKEN_BYTES_MAX || !slash)
        return FAILURE(ERROR_VALIDATION, "Invalid NextToken");
    listing->after_table = slice_first(token, (size_t)(slash - token.data));
    listing->after_index = slice_from(token, listing->after_table.size + 1);
    listing->is_inside = true;
    return NULL;
}

static void list_one(struct listing *listing, const struct table *table, const struct index *index)
{
    struct json_writer *out = listing->request->out;
    struct arena *arena = listing->request->session->arena;
    struct insights_state state = insights_state_of(listing->request->session->db, table, index);
    if (state.status == INSIGHTS_DISABLED || listing->is_full)
        return;
    if (listing->left == 0) {
        listing->is_full = true;
        return;
    }
    listing->left--;
    listing->last_table = arena_copy(arena, table->name);
    listing->last_index = index ? arena_copy(arena, index->name) : SLICE_NONE;
    json_write_object_begin(out);
    response_insights(out, &state);
    json_write_object_end(out);
}

/* The table and its indexes, or those of its indexes that a page before did not have. */
static void list_table(struct listing *listing, const struct table *table)
{
    bool goes_on = listing->is_inside && slice_equal(table->name, listing->after_table);
    bool waits = goes_on && listing->after_index.size > 0;
    if (!goes_on)
        list_one(listing, table, NULL);
    for (uint32_t i = 0; i < table->index_count; i++) {
        const struct index *index = &table->indexes[i];
        if (index->kind == INDEX_GLOBAL && !waits)
            list_one(listing, table, index);
        waits = waits && !slice_equal(index->name, listing->after_index);
    }
}

static error list_named(struct listing *listing, slice name)
{
    const struct table *table;
    TRY(table_describe(listing->request->session, name, &table));
    list_table(listing, table);
    return NULL;
}

static void list_all(struct listing *listing)
{
    struct db_session *session = listing->request->session;
    const struct table *tables[TABLES_AT_ONCE];
    slice after = listing->after_table;
    uint32_t count;
    const struct table *table;
    if (listing->is_inside && !table_describe(session, after, &table))
        list_table(listing, table);
    do {
        count = table_list(session->db, after, tables, TABLES_AT_ONCE);
        for (uint32_t i = 0; i < count; i++) {
            if (tables[i]->deleting_ms == 0)
                list_table(listing, tables[i]);
            after = arena_copy(session->arena, tables[i]->name);
            table_release(tables[i]);
        }
    } while (count == TABLES_AT_ONCE && !listing->is_full);
}

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    struct json_writer *out = request->out;
    struct listing listing = {.request = request,
                              .left = in->limit.present ? (uint32_t)in->limit.value
                                                        : LIST_INSIGHTS_MAX};
    TRY(read_token(in->next_token, &listing));
    json_write_object_begin(out);
    json_write_name(out, SLICE("ContributorInsightsSummaries"));
    json_write_array_begin(out);
    if (in->table_name.name.size > 0)
        TRY(list_named(&listing, in->table_name.name));
    else
        list_all(&listing);
    json_write_array_end(out);
    if (listing.is_full) {
        json_write_name(out, SLICE("NextToken"));
        json_write_string(out, arena_format(request->session->arena, "%.*s/%.*s",
                                            SLICE_ARGS(listing.last_table),
                                            SLICE_ARGS(listing.last_index)));
    }
    json_write_object_end(out);
    return NULL;
}

const struct operation operation_list_contributor_insights = {SLICE("ListContributorInsights"),
                                                              &structure, run};
