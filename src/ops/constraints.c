/*
 * Constraints of single members and the uniform text that reports them.
 * Source: error texts captured from the service.
 */
#include "base/limits.h"
#include "ops/decode_private.h"
#include <inttypes.h>

#define NAME_PATTERN "[a-zA-Z0-9_.-]+"

static bool is_name(slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        unsigned char letter = byte | 0x20;
        bool allowed = (letter >= 'a' && letter <= 'z') || (byte >= '0' && byte <= '9') ||
                       byte == '_' || byte == '.' || byte == '-';
        if (!allowed)
            return false;
    }
    return text.size > 0;
}

/* Lengths of strings are counted in characters, as UTF-16 has them. */
static size_t length_of(slice text)
{
    size_t length = 0;
    for (size_t i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        length += (byte & 0xC0) != 0x80;
        length += byte >= 0xF0;
    }
    return length;
}

/* What a message shows of a request is bounded: a large one would be repeated many times over. */
enum { SHOWN_BYTES_MAX = 64 * 1024 };

static void append_shown(struct buffer *text, slice shown)
{
    if (shown.size > SHOWN_BYTES_MAX) {
        shown.size = SHOWN_BYTES_MAX;
        while (((unsigned char)shown.data[shown.size] & 0xC0) == 0x80)
            shown.size--;
    }
    buffer_append(text, shown);
}

static void append_member(struct buffer *path, slice name, enum field_wording wording)
{
    char first = name.data[0];
    if (wording == WORDING_ECHO && first >= 'A' && first <= 'Z')
        first = (char)(first | 0x20);
    buffer_append_byte(path, first);
    buffer_append(path, slice_from(name, 1));
}

/* `wording` is that of the member at the end of the path. */
static void append_path(struct buffer *path, const struct place *place, enum field_wording wording)
{
    if (place->outer) {
        append_path(path, place->outer, wording);
        buffer_append_byte(path, '.');
    }
    append_member(path, place->field->name, wording);
    if (is_given(place->key)) {
        buffer_append_byte(path, '.');
        append_shown(path, place->key);
        buffer_append(path, SLICE(".member"));
    }
    if (place->element > 0)
        buffer_append(path, arena_format(path->arena, ".%" PRIu32 ".member", place->element));
}

static struct violation *add(struct violations *violations)
{
    uint32_t count = violations->count;
    if (count - violations->field_first >= VIOLATIONS_MAX)
        return NULL;
    if ((count & (count - 1)) == 0) {
        struct violation *list =
            arena_new_array(violations->arena, struct violation, count == 0 ? 1 : 2 * count);
        if (count > 0)
            memcpy(list, violations->list, count * sizeof *list);
        violations->list = list;
    }
    violations->count++;
    return &violations->list[count];
}

/* `value` is absent for a missing member. */
static void violate(struct violations *violations, const struct place *place, slice value,
                    slice constraint)
{
    enum field_wording wording = place->field->wording;
    if (wording == WORDING_BARE) {
        violations->alone = fail(violations->arena, ERROR_VALIDATION,
                                 "Failed to satisfy constraint: %.*s", SLICE_ARGS(constraint));
        return;
    }
    struct violation *violation = add(violations);
    if (!violation)
        return;
    struct buffer text;
    buffer_init(&text, violations->arena);
    buffer_append(&text, SLICE("Value "));
    if (wording == WORDING_ECHO && is_given(value)) {
        buffer_append_byte(&text, '\'');
        append_shown(&text, value);
        buffer_append(&text, SLICE("' "));
    } else if (wording == WORDING_ECHO) {
        buffer_append(&text, SLICE("null "));
    }
    buffer_append(&text, SLICE("at '"));
    append_path(&text, place, wording);
    buffer_append(&text, SLICE("' failed to satisfy constraint: "));
    buffer_append(&text, constraint);
    *violation = (struct violation){
        .is_table_name = place->field->type == FIELD_TABLE_NAME,
        .is_missing = !is_given(value),
        .text = buffer_slice(&text),
    };
}

static void violate_bound(struct violations *violations, const struct place *place, slice value,
                          const char *what, const char *side, int64_t bound)
{
    slice constraint = arena_format(
        violations->arena, "Member must have %s %s than or equal to %" PRId64, what, side, bound);
    violate(violations, place, value, constraint);
}

/* ---- kinds of members ---- */

void constrain_missing(struct violations *violations, const struct place *place)
{
    violate(violations, place, SLICE_NONE, SLICE("Member must not be null"));
}

void constrain_number(struct violations *violations, const struct place *place, int64_t value)
{
    const struct field *field = place->field;
    if (value >= field->min && (field->max == 0 || value <= field->max))
        return;
    slice shown = arena_format(violations->arena, "%" PRId64, value);
    if (value < field->min)
        violate_bound(violations, place, shown, "value", "greater", field->min);
    else
        violate_bound(violations, place, shown, "value", "less", field->max);
}

static void constrain_bounds(struct violations *violations, const struct place *place,
                             size_t length, slice shown)
{
    const struct field *field = place->field;
    if (length < (size_t)field->min)
        violate_bound(violations, place, shown, "length", "greater", field->min);
    if (field->max > 0 && length > (size_t)field->max)
        violate_bound(violations, place, shown, "length", "less", field->max);
}

void constrain_string(struct violations *violations, const struct place *place, slice text)
{
    const struct field *field = place->field;
    if (field->is_name && !is_name(text))
        violate(violations, place, text,
                SLICE("Member must satisfy regular expression pattern: " NAME_PATTERN));
    if (field->pattern && !field->pattern->matches(text))
        violate(violations, place, text,
                arena_format(violations->arena,
                             "Member must satisfy regular expression pattern: %.*s",
                             SLICE_ARGS(field->pattern->shown)));
    if (field->min > 0 || field->max > 0)
        constrain_bounds(violations, place, length_of(text), text);
}

/* Choices are few; the text of a wrong one is made only then. */
void constrain_enum(struct violations *violations, const struct place *place, slice text)
{
    const struct choices *choices = place->field->choices;
    struct buffer set;
    buffer_init(&set, violations->arena);
    buffer_append(&set, SLICE("Member must satisfy enum value set: "));
    buffer_append(&set, choices->shown);
    for (uint32_t i = 0; i < choices->count && !is_given(choices->shown); i++) {
        buffer_append(&set, i == 0 ? SLICE("[") : SLICE(", "));
        buffer_append(&set, choices->names[i]);
    }
    if (!is_given(choices->shown))
        buffer_append_byte(&set, ']');
    violate(violations, place, text, buffer_slice(&set));
}

/*
 * The member takes a name or an ARN, so the model bounds it at 1 and 1024; a name is then checked
 * for itself, one thing at a time: an empty name reports its length only.
 */
void constrain_table_name(struct violations *violations, const struct place *place,
                          const struct table_name *table_name)
{
    slice given = table_name->given;
    bool is_arn = table_name->name.data != given.data;
    size_t max = is_arn ? TABLE_ARN_BYTES_MAX : TABLE_NAME_BYTES_MAX;
    if (given.size < (size_t)place->field->min)
        violate_bound(violations, place, given, "length", "greater", place->field->min);
    else if (given.size > max)
        violate_bound(violations, place, given, "length", "less", (int64_t)max);
    else if (!is_name(table_name->name))
        violate(violations, place, given,
                SLICE("Member must satisfy regular expression pattern: " NAME_PATTERN));
}

/* ---- lists and maps, shown as the service's own language prints its objects ---- */

static void append_list(struct buffer *text, const struct structure *structure, slice json);

static void append_members(struct buffer *text, slice json)
{
    struct json_reader reader;
    json_reader_init(&reader, text->arena, json);
    slice name;
    bool is_first = true;
    buffer_append_byte(text, '{');
    json_object_begin(&reader);
    while (json_object_next(&reader, &name)) {
        if (!is_first)
            buffer_append(text, SLICE(", "));
        is_first = false;
        buffer_append(text, name);
        buffer_append_byte(text, '=');
        buffer_append(text, json_raw(&reader));
    }
    buffer_append_byte(text, '}');
}

static slice member_of(struct arena *arena, slice json, slice wanted)
{
    struct json_reader reader;
    json_reader_init(&reader, arena, json);
    slice name;
    slice member = SLICE("null");
    json_object_begin(&reader);
    while (json_object_next(&reader, &name)) {
        if (slice_equal(name, wanted))
            member = json_raw(&reader);
        else
            json_skip(&reader);
    }
    return member;
}

/* A structure has bounded levels: those of the field tables. */
static void append_value(struct buffer *text, const struct structure *structure, slice json)
{
    struct json_reader reader;
    json_reader_init(&reader, text->arena, json);
    enum json_kind kind = json_peek(&reader);
    if (kind == JSON_ARRAY) {
        append_list(text, structure, json);
    } else if (kind == JSON_OBJECT && !structure) {
        append_members(text, json);
    } else if (kind != JSON_OBJECT) {
        buffer_append(text, kind == JSON_STRING ? json_read_string(&reader) : json);
    } else {
        buffer_append(text, structure->shape);
        buffer_append_byte(text, '(');
        for (uint32_t i = 0; i < structure->field_count; i++) {
            const struct field *field = &structure->fields[i];
            if (i > 0)
                buffer_append(text, SLICE(", "));
            append_member(text, field->name, WORDING_ECHO);
            buffer_append_byte(text, '=');
            append_value(text, field->structure, member_of(text->arena, json, field->name));
        }
        buffer_append_byte(text, ')');
    }
}

static void append_list(struct buffer *text, const struct structure *structure, slice json)
{
    struct json_reader reader;
    json_reader_init(&reader, text->arena, json);
    bool is_first = true;
    buffer_append_byte(text, '[');
    json_array_begin(&reader);
    while (json_array_next(&reader)) {
        if (!is_first)
            buffer_append(text, SLICE(", "));
        is_first = false;
        append_value(text, structure, json_raw(&reader));
    }
    buffer_append_byte(text, ']');
}

static slice list_text(struct arena *arena, const struct field *field, slice json)
{
    struct buffer text;
    buffer_init(&text, arena);
    append_list(&text, field->structure, json);
    return buffer_slice(&text);
}

void constrain_length(struct violations *violations, const struct place *place, uint32_t length,
                      slice json)
{
    const struct field *field = place->field;
    if (length >= field->min && (field->max == 0 || length <= field->max))
        return;
    constrain_bounds(violations, place, length, list_text(violations->arena, field, json));
}

void constrain_elements(struct violations *violations, const struct place *place,
                        const struct decoded_list *list, slice json)
{
    const struct field *field = place->field;
    const slice *elements = list->elements;
    for (uint32_t i = 0; i < list->count; i++) {
        size_t length = length_of(elements[i]);
        if (length >= 1 && length <= (size_t)field->element_max)
            continue;
        slice constraint = arena_format(violations->arena,
                                        "Member must satisfy constraint: [Member must have length "
                                        "less than or equal to %" PRId64 ", Member must have "
                                        "length greater than or equal to 1]",
                                        field->element_max);
        violate(violations, place, list_text(violations->arena, field, json), constraint);
        return;
    }
}

/* ---- maps of tables ---- */

void table_map_check_key(struct table_map_faults *faults, const struct table_name *table_name)
{
    slice given = table_name->given;
    bool is_arn = table_name->name.data != given.data;
    size_t max = is_arn ? TABLE_ARN_BYTES_MAX : TABLE_NAME_BYTES_MAX;
    if (given.size < TABLE_NAME_BYTES_MIN || given.size > max || !is_name(table_name->name))
        faults->has_bad_key = true;
}

void table_map_check_length(struct table_map_faults *faults, const struct field *field,
                            uint32_t length)
{
    if (length < field->min || length > field->max)
        faults->has_bad_length = true;
}

/* Without the blanks between its tokens. */
static slice compact_json(struct arena *arena, slice json)
{
    struct buffer text;
    buffer_init(&text, arena);
    bool within_string = false;
    for (size_t i = 0; i < json.size; i++) {
        char byte = json.data[i];
        bool is_blank = byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
        if (within_string && byte == '\\')
            buffer_append_byte(&text, json.data[i++]);
        else if (byte == '"')
            within_string = !within_string;
        if (within_string || !is_blank)
            buffer_append_byte(&text, json.data[i]);
    }
    return buffer_slice(&text);
}

/* A map of structures is echoed as JSON, a map of lists as {table=[…], …}. */
static slice table_map_text(struct arena *arena, const struct field *field, slice json)
{
    if (field->type == FIELD_TABLE_MAP)
        return compact_json(arena, json);
    struct buffer text;
    buffer_init(&text, arena);
    struct json_reader reader;
    json_reader_init(&reader, arena, json);
    slice name;
    buffer_append_byte(&text, '{');
    json_object_begin(&reader);
    while (json_object_next(&reader, &name)) {
        if (text.size > 1)
            buffer_append(&text, SLICE(", "));
        buffer_append(&text, name);
        buffer_append_byte(&text, '=');
        append_value(&text, field->structure, json_raw(&reader));
    }
    buffer_append_byte(&text, '}');
    return buffer_slice(&text);
}

static void move_last_to(struct violations *violations, uint32_t to)
{
    struct violation moved = violations->list[violations->count - 1];
    for (uint32_t i = violations->count - 1; i > to; i--)
        violations->list[i] = violations->list[i - 1];
    violations->list[to] = moved;
}

void constrain_table_map(struct violations *violations, const struct place *place, uint32_t first,
                         const struct table_map_faults *faults, struct json_reader map)
{
    const struct field *field = place->field;
    if (!faults->has_bad_key && !faults->has_bad_length)
        return;
    slice lengths = arena_format(violations->arena,
                                 "Map value must satisfy constraint: [Member must have length less "
                                 "than or equal to %" PRId64 ", Member must have length greater "
                                 "than or equal to %" PRId64 "]",
                                 field->max, field->min);
    const struct {
        bool is_broken;
        slice text;
    } constraints[] = {
        {faults->has_bad_key,
         SLICE("Map keys must satisfy constraint: [Member must have length less than or equal to "
               "255, Member must have length greater than or equal to 3, Member must satisfy "
               "regular expression pattern: " NAME_PATTERN "]")},
        {faults->has_bad_length, lengths},
    };
    slice shown = table_map_text(violations->arena, field, json_raw(&map));
    for (uint32_t i = 0; i < 2; i++) {
        uint32_t count = violations->count;
        if (!constraints[i].is_broken)
            continue;
        violate(violations, place, shown, constraints[i].text);
        if (violations->count == count)
            return;
        violations->list[count].yields = field->yields;
        move_last_to(violations, first++);
    }
}

/* What yields goes when something else is wrong. */
static void drop_yielding(struct violations *violations)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < violations->count; i++) {
        if (!violations->list[i].yields)
            violations->list[kept++] = violations->list[i];
    }
    if (kept > 0)
        violations->count = kept;
}

/* ---- all of them ---- */

/* By insertion: there are few, and those of one field must keep their order. */
void violations_sort(struct violations *violations, uint32_t first)
{
    struct violation *list = violations->list;
    for (uint32_t i = first + 1; i < violations->count; i++) {
        struct violation moved = list[i];
        uint32_t to = i;
        for (; to > first && list[to - 1].position > moved.position; to--)
            list[to] = list[to - 1];
        list[to] = moved;
    }
}

void violations_forget(struct violations *violations, uint32_t first, uint32_t position)
{
    uint32_t count = first;
    for (uint32_t i = first; i < violations->count; i++) {
        if (violations->list[i].position != position)
            violations->list[count++] = violations->list[i];
    }
    violations->count = count;
}

static const struct violation *table_name_violation(const struct violations *violations)
{
    const struct violation *found = NULL;
    for (uint32_t i = 0; i < violations->count; i++) {
        const struct violation *violation = &violations->list[i];
        if (violation->is_table_name)
            found = violation;
        else if (violation->is_missing)
            return NULL;
    }
    return found;
}

error violations_error(struct violations *violations, const struct structure *input)
{
    if (violations->alone)
        return violations->alone;
    if (violations->count == 0)
        return NULL;
    drop_yielding(violations);
    const struct violation *shown = violations->list;
    uint32_t count = violations->count < VIOLATIONS_MAX ? violations->count : VIOLATIONS_MAX;
    const struct violation *table_name = table_name_violation(violations);
    if (input->table_name_alone && table_name) {
        shown = table_name;
        count = 1;
    }
    struct buffer text;
    buffer_init(&text, violations->arena);
    buffer_append(&text, arena_format(violations->arena,
                                      "%" PRIu32 " validation error%s detected: ", count,
                                      count == 1 ? "" : "s"));
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_append(&text, SLICE("; "));
        buffer_append(&text, shown[i].text);
    }
    struct failure *failure = arena_new(violations->arena, struct failure);
    failure->kind = ERROR_VALIDATION;
    failure->message = buffer_slice(&text);
    return failure;
}
