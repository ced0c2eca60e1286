/*
 * ListTagsOfResource: the tags of a table, by its ARN; they fit one page, so that no token is given
 * and every one is of the first page.
 *
 * Source: AWS API Reference, ListTagsOfResource; the control plane measured on the service.
 */
#include "base/limits.h"
#include "db/table/tagging.h"
#include "ops/resource_arn.h"

struct input {
    slice arn;
    slice token;
};

static const struct field fields[] = {
    FIELD(struct input, arn, "ResourceArn", FIELD_STRING, REQUIRED, .min = 1,
          .max = RESOURCE_ARN_CHARACTERS_MAX),
    FIELD(struct input, token, "NextToken", FIELD_STRING, OPTIONAL),
};
static const struct structure structure = STRUCTURE(struct input, fields);

static error find(struct request *request, slice name, const struct table **table)
{
    TRY(table_describe(request->session, name, table));
    if (table_status_at(*table, db_now_ms(request->session->db)) == TABLE_CREATING)
        return FAILURE(ERROR_RESOURCE_NOT_FOUND, "Requested resource not found");
    return NULL;
}

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    struct json_writer *out = request->out;
    slice name;
    const struct table *table;
    TRY(resource_arn_parse(request, in->arn, &name));
    TRY(resource_arn_failure(request->arena, in->arn, find(request, name, &table)));

    uint32_t count;
    const struct table_tag *tags = table_tags_at(table, db_now_ms(request->session->db), &count);
    json_write_object_begin(out);
    json_write_name(out, SLICE("Tags"));
    json_write_array_begin(out);
    for (uint32_t i = 0; i < count; i++) {
        json_write_object_begin(out);
        json_write_name(out, SLICE("Key"));
        json_write_string(out, tags[i].key);
        json_write_name(out, SLICE("Value"));
        json_write_string(out, tags[i].value);
        json_write_object_end(out);
    }
    json_write_array_end(out);
    json_write_object_end(out);
    return NULL;
}

const struct operation operation_list_tags_of_resource = {SLICE("ListTagsOfResource"), &structure,
                                                          run};
