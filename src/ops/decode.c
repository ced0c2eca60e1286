/*
 * The decoder: one walk over a body, guided by field tables.
 *
 * Constraints are checked as values pass by and collected; see constraints.c. Only what must wait
 * for its turn is kept: the first wrongly typed scalar of the input itself (members of structures
 * are reported before it) and the first parameter that is not built.
 */
#include "ops/decode_private.h"

#include "base/assert.h"
#include "ops/growing_list.h"
#include <math.h>
#include <stdlib.h>

struct decoder {
    struct json_reader reader;
    struct arena *arena;
    slice operation;
    enum value_layer layer;
    struct violations violations;
    error scalar_mistyped; /* of the input itself */
    error required_first;  /* a missing member that is asked for before any constraint */
    error not_built;
};

/* The recursion is as deep as the tables nest. */
static error decode_members(struct decoder *decoder, const struct structure *structure,
                            const struct place *outer, void *decoded);

/* ---- scalars ---- */

static error read_string(struct decoder *decoder, slice *text)
{
    if (json_peek(&decoder->reader) != JSON_STRING)
        return mistyped_scalar(&decoder->reader, "String");
    *text = json_read_string(&decoder->reader);
    if (!text->data)
        *text = SLICE("");
    return NULL;
}

static const struct {
    slice word;
    bool value;
} boolean_words[] = {
    {SLICE("true"), true},   {SLICE("1"), true},  {SLICE("yes"), true},
    {SLICE("false"), false}, {SLICE("0"), false}, {SLICE("no"), false},
};

static error read_boolean(struct decoder *decoder, struct optional_boolean *boolean)
{
    boolean->present = true;
    enum json_kind kind = json_peek(&decoder->reader);
    if (kind == JSON_TRUE || kind == JSON_FALSE) {
        boolean->value = json_read_bool(&decoder->reader);
        return NULL;
    }
    if (kind != JSON_STRING)
        return mistyped_scalar(&decoder->reader, "Boolean");
    slice word = json_read_string(&decoder->reader);
    for (size_t i = 0; i < sizeof boolean_words / sizeof *boolean_words; i++) {
        if (slice_equal_ignoring_case(word, boolean_words[i].word)) {
            boolean->value = boolean_words[i].value;
            return NULL;
        }
    }
    return FAILURE(ERROR_SERIALIZATION, "Unexpected token received from parser");
}

/* Fractions are cut off; what is beyond the type ends at its bound. */
static int64_t integer_of(struct arena *arena, slice spelling, int64_t min, int64_t max)
{
    char *text = arena_alloc_bytes(arena, spelling.size + 1);
    memcpy(text, spelling.data, spelling.size);
    text[spelling.size] = '\0';
    char *end;
    int64_t value = strtoll(text, &end, 10); /* ends at the bounds of 64 bits */
    if (*end != '\0') {
        double real = floor(strtod(text, NULL));
        if (real >= 0x1p63)
            return max;
        if (real < -0x1p63)
            return min;
        value = (int64_t)real;
    }
    if (value > max)
        return max;
    return value < min ? min : value;
}

static error read_integer(struct decoder *decoder, enum field_type type,
                          struct optional_integer *integer)
{
    bool is_long = type == FIELD_LONG;
    if (json_peek(&decoder->reader) != JSON_NUMBER)
        return mistyped_scalar(&decoder->reader, is_long ? "Long" : "Integer");
    slice spelling = json_read_number(&decoder->reader);
    integer->present = true;
    integer->value = integer_of(decoder->arena, spelling, is_long ? INT64_MIN : INT32_MIN,
                                is_long ? INT64_MAX : INT32_MAX);
    return NULL;
}

/* Seconds and a fraction; half a million years are time enough. */
static error read_timestamp(struct decoder *decoder, struct optional_integer *epoch_ms)
{
    static const double SECONDS_MAX = 16e12;
    if (json_peek(&decoder->reader) != JSON_NUMBER)
        return mistyped_scalar(&decoder->reader, "Date");
    slice spelling = json_read_number(&decoder->reader);
    const char *text = arena_format(decoder->arena, "%.*s%c", SLICE_ARGS(spelling), 0).data;
    double seconds = fmin(fmax(strtod(text, NULL), -SECONDS_MAX), SECONDS_MAX);
    *epoch_ms = (struct optional_integer){.present = true, .value = llround(seconds * 1000)};
    return NULL;
}

static error read_enum(struct decoder *decoder, const struct place *place, uint32_t *value)
{
    slice text;
    TRY(read_string(decoder, &text));
    const struct choices *choices = place->field->choices;
    for (uint32_t i = 0; i < choices->count; i++) {
        if (slice_equal(text, choices->names[i])) {
            *value = i + 1;
            return NULL;
        }
    }
    constrain_enum(&decoder->violations, place, text);
    return NULL;
}

/* arn:aws:dynamodb:REGION:ACCOUNT:table/NAME stands for NAME; every region and account is ours. */
static slice name_of_arn(slice given)
{
    if (!slice_begins_with(given, SLICE("arn:")))
        return given;
    uint32_t colons = 0;
    slice rest = given;
    while (rest.size > 0 && colons < 5) {
        colons += rest.data[0] == ':';
        rest = slice_from(rest, 1);
    }
    slice resource = SLICE("table/");
    return slice_begins_with(rest, resource) ? slice_from(rest, resource.size) : given;
}

struct table_name table_name_of(slice given)
{
    return (struct table_name){given, name_of_arn(given)};
}

static error read_table_name(struct decoder *decoder, const struct place *place,
                             struct table_name *table_name)
{
    slice given = SLICE_NONE;
    TRY(read_string(decoder, &given));
    *table_name = table_name_of(given);
    constrain_table_name(&decoder->violations, place, table_name);
    return NULL;
}

/* ---- lists and maps ---- */

static error list_begin(struct json_reader *reader, bool is_element)
{
    if (json_peek(reader) != JSON_ARRAY)
        return mistyped_list(reader, is_element);
    json_array_begin(reader);
    return NULL;
}

static bool skip_null(struct json_reader *reader)
{
    if (json_peek(reader) != JSON_NULL)
        return false;
    json_read_null(reader);
    return true;
}

/* The next entry of a map; null ones are none. */
static bool next_entry(struct json_reader *reader, slice *key)
{
    bool found = json_object_next(reader, key);
    while (found && skip_null(reader))
        found = json_object_next(reader, key);
    return found;
}

static error read_names(struct decoder *decoder, struct placeholders *placeholders)
{
    struct json_reader *reader = &decoder->reader;
    if (json_peek(reader) != JSON_OBJECT)
        return mistyped_map(reader, SLICE("java.lang.String"));
    struct growing_list list = {0};
    slice placeholder;
    json_object_begin(reader);
    while (next_entry(reader, &placeholder)) {
        struct placeholder_name *entry = growing_list_append(decoder->arena, &list, sizeof *entry);
        entry->placeholder = placeholder;
        TRY(read_string(decoder, &entry->name));
    }
    growing_list_keep_last(decoder->arena, &list, sizeof(struct placeholder_name));
    placeholders->names_present = true;
    placeholders->names = list.elements;
    placeholders->name_count = list.count;
    return NULL;
}

static error read_values(struct decoder *decoder, struct placeholders *placeholders)
{
    struct json_reader *reader = &decoder->reader;
    if (json_peek(reader) != JSON_OBJECT)
        return mistyped_map(reader, SLICE(SHAPES "AttributeValue"));
    struct growing_list list = {0};
    slice placeholder;
    json_object_begin(reader);
    while (next_entry(reader, &placeholder)) {
        struct placeholder_value *entry = growing_list_append(decoder->arena, &list, sizeof *entry);
        entry->placeholder = placeholder;
        TRY(value_read_json(reader, decoder->arena, decoder->layer, &entry->input));
    }
    growing_list_keep_last(decoder->arena, &list, sizeof(struct placeholder_value));
    placeholders->values_present = true;
    placeholders->values = list.elements;
    placeholders->value_count = list.count;
    return NULL;
}

/* A struct of its own for an element of a list or an entry of a map. */
static error read_element(struct decoder *decoder, const struct place *place, void *element)
{
    switch (place->field->type) {
    case FIELD_STRING_LIST:
        return read_string(decoder, element);
    case FIELD_VALUE_LIST:
        return value_read_json(&decoder->reader, decoder->arena, decoder->layer, element);
    case FIELD_ITEM_LIST: {
        enum json_kind kind = json_peek(&decoder->reader);
        if (kind != JSON_OBJECT && kind != JSON_ARRAY)
            return mistyped_list(&decoder->reader, true);
        return item_read_json(&decoder->reader, decoder->arena, decoder->layer, element);
    }
    default:
        if (json_peek(&decoder->reader) != JSON_OBJECT)
            return mistyped_structure(&decoder->reader, place->field->structure, true);
        return decode_members(decoder, place->field->structure, place, element);
    }
}

static size_t element_size(const struct field *field)
{
    switch (field->type) {
    case FIELD_STRING_LIST:
        return sizeof(slice);
    case FIELD_VALUE_LIST:
        return sizeof(struct value_input);
    case FIELD_ITEM_LIST:
        return sizeof(struct item_input);
    default:
        return field->structure->size;
    }
}

/* Looks ahead: the list's own length is reported before what is wrong inside. */
static void constrain_list(struct decoder *decoder, const struct place *place,
                           struct json_reader ahead)
{
    if (place->field->min == 0 && place->field->max == 0)
        return;
    slice json = json_raw(&ahead);
    struct json_reader list;
    json_reader_init(&list, decoder->arena, json);
    uint32_t length = 0;
    json_array_begin(&list);
    for (; json_array_next(&list); length++)
        json_skip(&list);
    constrain_length(&decoder->violations, place, length, json);
}

static error read_elements(struct decoder *decoder, const struct place *place,
                           struct decoded_list *decoded)
{
    struct json_reader *reader = &decoder->reader;
    struct growing_list list = {0};
    while (json_array_next(reader)) {
        struct place within = *place;
        within.element = list.count + 1;
        void *element = growing_list_append(decoder->arena, &list, element_size(place->field));
        if (skip_null(reader))
            constrain_missing(&decoder->violations, &within);
        else
            TRY(read_element(decoder, &within, element));
    }
    *decoded = (struct decoded_list){true, list.count, list.elements};
    return NULL;
}

static error read_list(struct decoder *decoder, const struct place *place,
                       struct decoded_list *decoded)
{
    struct json_reader begin = decoder->reader;
    TRY(list_begin(&decoder->reader, false));
    constrain_list(decoder, place, begin);
    TRY(read_elements(decoder, place, decoded));
    if (place->field->element_max > 0)
        constrain_elements(&decoder->violations, place, decoded, json_raw(&begin));
    return NULL;
}

static error mistyped_structure_map(struct json_reader *reader, const struct field *field)
{
    bool of_lists = field->type == FIELD_TABLE_LIST_MAP;
    return mistyped_map(reader, arena_format(reader->arena, "%s" SHAPES "%.*s%s",
                                             of_lists ? "java.util.List<" : "",
                                             SLICE_ARGS(field->structure->shape),
                                             of_lists ? ">" : ""));
}

static error read_structure_map(struct decoder *decoder, const struct place *place,
                                struct decoded_list *decoded)
{
    struct json_reader *reader = &decoder->reader;
    if (json_peek(reader) != JSON_OBJECT)
        return mistyped_structure_map(reader, place->field);
    struct growing_list list = {0};
    struct place within = *place;
    json_object_begin(reader);
    while (next_entry(reader, &within.key)) {
        void *entry = growing_list_append(decoder->arena, &list, place->field->structure->size);
        memcpy(entry, &within.key, sizeof within.key);
        TRY(read_element(decoder, &within, entry));
    }
    growing_list_keep_last(decoder->arena, &list, place->field->structure->size);
    *decoded = (struct decoded_list){true, list.count, list.elements};
    return NULL;
}

/* What a map asks of each table: a structure, or a list of structures. */
static error read_table_map(struct decoder *decoder, const struct place *place,
                            struct decoded_list *decoded)
{
    struct json_reader *reader = &decoder->reader;
    struct json_reader begin = *reader;
    const struct field *field = place->field;
    if (json_peek(reader) != JSON_OBJECT)
        return mistyped_structure_map(reader, field);
    bool of_lists = field->type == FIELD_TABLE_LIST_MAP;
    size_t entry_size = of_lists ? sizeof(struct table_list) : field->structure->size;
    uint32_t violation_first = decoder->violations.count;
    struct table_map_faults faults = {0};
    struct growing_list list = {0};
    struct place within = *place;
    json_object_begin(reader);
    while (next_entry(reader, &within.key)) {
        void *entry = growing_list_append(decoder->arena, &list, entry_size);
        struct table_name table_name = table_name_of(within.key);
        memcpy(entry, &table_name, sizeof table_name);
        table_map_check_key(&faults, &table_name);
        if (of_lists) {
            struct table_list *of_table = entry;
            TRY(list_begin(reader, true));
            TRY(read_elements(decoder, &within, &of_table->list));
            table_map_check_length(&faults, field, of_table->list.count);
        } else {
            TRY(read_element(decoder, &within, entry));
        }
    }
    growing_list_keep_last(decoder->arena, &list, entry_size);
    constrain_table_map(&decoder->violations, place, violation_first, &faults, begin);
    *decoded = (struct decoded_list){true, list.count, list.elements};
    return NULL;
}

static error read_structure(struct decoder *decoder, const struct place *place, void *decoded)
{
    const struct structure *structure = place->field->structure;
    if (json_peek(&decoder->reader) != JSON_OBJECT)
        return mistyped_structure(&decoder->reader, structure, false);
    void *inner = arena_alloc_zeroed(decoder->arena, structure->size);
    memcpy(decoded, &inner, sizeof inner);
    return decode_members(decoder, structure, place, inner);
}

/* ---- parameters that are not built ---- */

/* Where their values go. */
union unwanted {
    struct item_input item;
    struct placeholders placeholders;
    struct decoded_list list;
    struct table_name table_name;
};

static void refuse(struct decoder *decoder, const struct field *field)
{
    if (decoder->not_built)
        return;
    decoder->not_built =
        fail(decoder->arena, ERROR_VALIDATION,
             "Stator does not support the parameter %.*s of %.*s yet.", SLICE_ARGS(field->name),
             SLICE_ARGS(decoder->operation));
}

/* ---- members ---- */

static error read_member(struct decoder *decoder, const struct place *place, void *decoded)
{
    switch (place->field->type) {
    case FIELD_STRING: {
        slice *text = decoded;
        TRY(read_string(decoder, text));
        constrain_string(&decoder->violations, place, *text);
        return NULL;
    }
    case FIELD_ENUM:
        return read_enum(decoder, place, decoded);
    case FIELD_TABLE_NAME:
        return read_table_name(decoder, place, decoded);
    case FIELD_BOOLEAN:
        return read_boolean(decoder, decoded);
    case FIELD_INTEGER:
    case FIELD_LONG: {
        struct optional_integer *integer = decoded;
        TRY(read_integer(decoder, place->field->type, integer));
        constrain_number(&decoder->violations, place, integer->value);
        return NULL;
    }
    case FIELD_TIMESTAMP:
        return read_timestamp(decoder, decoded);
    case FIELD_ITEM:
        return item_read_json(&decoder->reader, decoder->arena,
                              place->field->layer ? place->field->layer : decoder->layer, decoded);
    case FIELD_VALUE: {
        enum json_kind kind = json_peek(&decoder->reader);
        if (kind != JSON_OBJECT && kind != JSON_ARRAY)
            return FAILURE(ERROR_SERIALIZATION, "Unexpected field type");
        struct value_input *value = arena_new(decoder->arena, struct value_input);
        memcpy(decoded, &value, sizeof value);
        return value_read_json(&decoder->reader, decoder->arena, decoder->layer, value);
    }
    case FIELD_NAMES:
        return read_names(decoder, decoded);
    case FIELD_VALUES:
        return read_values(decoder, decoded);
    case FIELD_STRING_LIST:
    case FIELD_VALUE_LIST:
    case FIELD_ITEM_LIST:
    case FIELD_STRUCTURE_LIST:
        return read_list(decoder, place, decoded);
    case FIELD_STRUCTURE:
        return read_structure(decoder, place, decoded);
    case FIELD_STRUCTURE_MAP:
        return read_structure_map(decoder, place, decoded);
    case FIELD_TABLE_MAP:
    case FIELD_TABLE_LIST_MAP:
        return read_table_map(decoder, place, decoded);
    }
    unreachable("every type of field has a case");
}

/* Of the input itself a wrongly typed scalar waits until all structures have been read. */
static error read_input_member(struct decoder *decoder, const struct place *place, void *decoded)
{
    decoder->violations.field_first = decoder->violations.count;
    if (place->field->type > FIELD_TIMESTAMP)
        return read_member(decoder, place, decoded);
    struct json_reader before = decoder->reader;
    error failed = read_member(decoder, place, decoded);
    if (failed) {
        decoder->reader = before;
        json_skip(&decoder->reader);
        if (!decoder->scalar_mistyped)
            decoder->scalar_mistyped = failed;
    }
    return NULL;
}

static error read_field(struct decoder *decoder, const struct place *place, void *decoded)
{
    const struct field *field = place->field;
    union unwanted unwanted = {0};
    bool is_wanted = field->presence != NOT_YET;
    void *member = is_wanted ? (char *)decoded + field->offset : (void *)&unwanted;
    if (place->outer)
        TRY(read_member(decoder, place, member));
    else
        TRY(read_input_member(decoder, place, member));
    if (!is_wanted)
        refuse(decoder, field);
    return NULL;
}

/* The field of that name, looked for from `hint` on: members mostly come in one order. */
static uint32_t find_field(const struct structure *structure, slice name, uint32_t hint)
{
    for (uint32_t i = 0; i < structure->field_count; i++) {
        uint32_t index =
            hint + i < structure->field_count ? hint + i : hint + i - structure->field_count;
        if (slice_equal(structure->fields[index].name, name))
            return index;
    }
    return structure->field_count;
}

static void report_missing(struct decoder *decoder, const struct place *place)
{
    const struct field *field = place->field;
    if (field->presence == REQUIRED) {
        if (!place->outer)
            decoder->violations.field_first = decoder->violations.count;
        constrain_missing(&decoder->violations, place);
    } else if (field->presence == REQUIRED_FIRST) {
        decoder->required_first =
            fail(decoder->arena, ERROR_VALIDATION,
                 "The parameter '%.*s' is required but was not present in the request",
                 SLICE_ARGS(field->name));
    }
}

static void place_violations(struct violations *violations, uint32_t first, uint32_t position)
{
    for (uint32_t i = first; i < violations->count; i++)
        violations->list[i].position = position;
}

/* `outer`: where the structure stands; NULL for the input itself. */
static error decode_members(struct decoder *decoder, const struct structure *structure,
                            const struct place *outer, void *decoded)
{
    struct violations *violations = &decoder->violations;
    uint32_t violation_first = violations->count;
    uint64_t seen = 0;
    uint32_t hint = 0;
    slice name;
    json_object_begin(&decoder->reader);
    while (json_object_next(&decoder->reader, &name)) {
        uint32_t index = find_field(structure, name, hint);
        bool is_read =
            index < structure->field_count && json_peek(&decoder->reader) != JSON_NULL;
        if (!is_read) {
            json_skip(&decoder->reader);
            continue;
        }
        if (seen >> index & 1) /* the last one stands */
            violations_forget(violations, violation_first, index);
        seen |= UINT64_C(1) << index;
        hint = index + 1;
        struct place place = {.outer = outer, .field = &structure->fields[index]};
        uint32_t member_first = violations->count;
        TRY(read_field(decoder, &place, decoded));
        place_violations(violations, member_first, index);
    }
    for (uint32_t i = 0; i < structure->field_count; i++) {
        if (seen >> i & 1)
            continue;
        struct place place = {.outer = outer, .field = &structure->fields[i]};
        uint32_t member_first = violations->count;
        report_missing(decoder, &place);
        place_violations(violations, member_first, i);
    }
    violations_sort(violations, violation_first);
    return NULL;
}

error decode(struct arena *arena, slice operation, const struct structure *structure, slice body,
             const void **input)
{
    assert_that(structure->field_count <= 64);
    struct decoder decoder = {.arena = arena,
                              .operation = operation,
                              .layer = structure->layer,
                              .violations = {.arena = arena}};
    json_reader_init(&decoder.reader, arena, body);
    if (json_peek(&decoder.reader) != JSON_OBJECT)
        return FAILURE(ERROR_SERIALIZATION, "");
    void *decoded = arena_alloc_zeroed(arena, structure->size);
    TRY(decode_members(&decoder, structure, NULL, decoded));
    if (decoder.scalar_mistyped)
        return decoder.scalar_mistyped;
    if (decoder.required_first)
        return decoder.required_first;
    TRY(violations_error(&decoder.violations, structure));
    if (decoder.not_built)
        return decoder.not_built;
    *input = decoded;
    return NULL;
}
