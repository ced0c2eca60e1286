#include "ops/statement.h"

#include "partiql/key_reads.h"
#include "partiql/where_key.h"

error statement_check_parameters(const struct statement_input *in)
{
    const struct value_input *parameters = in->parameters.elements;
    for (uint32_t i = 0; i < in->parameters.count; i++) {
        if (parameters[i].invalid)
            return parameters[i].invalid;
    }
    return NULL;
}

error statement_input_parse(struct arena *arena, const struct statement_input *in,
                            const struct statement **statement)
{
    return statement_parse(arena, in->text, in->parameters.elements, in->parameters.count,
                           statement);
}

error statement_single_key(struct arena *arena, const struct statement *statement,
                           const struct table *table, slice operation, slice *key)
{
    if (statement->bad_column)
        return statement->bad_column;
    struct where_key found;
    where_key_find(arena, statement->where, &table->keys, true, &found);
    *key = found.key;
    if (statement->index.size == 0 && found.is_complete && !found.rest)
        return NULL;
    struct key_parts keys = index_key_parts(table, NULL);
    struct key_reads reads;
    if (statement->index.size == 0)
        TRY(key_reads_find(arena, statement->where, &keys, &reads));
    return fail(arena, ERROR_VALIDATION,
                "Select statements within %.*s must specify the primary key in the where clause.",
                SLICE_ARGS(operation));
}
