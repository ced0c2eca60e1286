/*
 * UpdateTimeToLive: let items expire by one of their attributes, or no longer.
 *
 * Source: AWS API Reference, UpdateTimeToLive; the control plane measured on the service.
 */
#include "base/limits.h"
#include "db/expiry/expiry.h"
#include "ops/decode.h"
#include "ops/operation.h"

struct specification {
    struct optional_boolean enabled;
    slice attribute;
};

static const struct field specification_fields[] = {
    FIELD(struct specification, attribute, "AttributeName", FIELD_STRING, REQUIRED, .min = 1,
          .max = EXPIRY_ATTRIBUTE_CHARACTERS_MAX),
    FIELD(struct specification, enabled, "Enabled", FIELD_BOOLEAN, REQUIRED),
};
static const struct structure specification_structure = STRUCTURE(
    struct specification, specification_fields, .shape = SLICE("TimeToLiveSpecification"));

struct input {
    struct table_name table_name;
    const struct specification *specification;
};

static const struct field fields[] = {
    FIELD(struct input, table_name, "TableName", FIELD_TABLE_NAME, REQUIRED, .min = 1),
    FIELD(struct input, specification, "TimeToLiveSpecification", FIELD_STRUCTURE, REQUIRED,
          .structure = &specification_structure),
};
static const struct structure structure = STRUCTURE(struct input, fields);

static error run(struct request *request, const void *decoded)
{
    const struct input *in = decoded;
    struct json_writer *out = request->out;
    bool enabled = in->specification->enabled.value;
    slice attribute = in->specification->attribute;
    TRY(table_switch_expiry(request->session, in->table_name.name, enabled, attribute));
    json_write_object_begin(out);
    json_write_name(out, SLICE("TimeToLiveSpecification"));
    json_write_object_begin(out);
    json_write_name(out, SLICE("Enabled"));
    json_write_bool(out, enabled);
    json_write_name(out, SLICE("AttributeName"));
    json_write_string(out, attribute);
    json_write_object_end(out);
    json_write_object_end(out);
    return NULL;
}

const struct operation operation_update_time_to_live = {SLICE("UpdateTimeToLive"), &structure, run};
