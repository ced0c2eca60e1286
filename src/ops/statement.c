#include "ops/statement.h"

#include "db/index/index_change.h"
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

error statement_find_index(struct arena *arena, const struct statement *statement,
                           const struct table *table, const struct index **index)
{
    *index = NULL;
    if (statement->index.size == 0)
        return NULL;
    *index = table_index(table, statement->index);
    if (!*index || index_is_leaving(*index))
        return FAILURE(ERROR_VALIDATION, "The table does not have the specified index");
    if ((*index)->keys.hash_count > 1 || (*index)->keys.range_count > 1)
        return FAILURE(ERROR_VALIDATION,
                       "PartiQL statements cannot be executed on tables with multi-attribute HASH "
                       "keys or multi-attribute RANGE keys.");
    return index_check_built(arena, *index);
}

error statement_single_key(struct arena *arena, const struct statement *statement,
                           const struct table *table, slice operation, slice *key)
{
    const struct index *index;
    TRY(statement_find_index(arena, statement, table, &index));
    if (statement->bad_column)
        return statement->bad_column;
    struct where_key found;
    where_key_find(arena, statement->where, &table->keys, true, &found);
    *key = found.key;
    if (!index && found.is_complete && !found.rest)
        return NULL;
    struct key_parts keys = index_key_parts(table, NULL);
    struct key_reads reads;
    if (!index)
        TRY(key_reads_find(arena, statement->where, &keys, &reads));
    return fail(arena, ERROR_VALIDATION,
                "Select statements within %.*s must specify the primary key in the where clause.",
                SLICE_ARGS(operation));
}
