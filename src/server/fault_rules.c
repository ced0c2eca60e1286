#include "server/fault_rules.h"

#include "json/reader.h"
#include "partiql/statement.h"

enum {
    COUNT_MAX = 1000000,
    DELAY_MS_MAX = 600000,
    PROCESSED_MAX = 99, /* a batch has 100 items at most */
};

/* ---- which faults there are, and what can meet them ---- */

/* Groups of operations; an operation that stands in no row below is of none. */
enum group {
    GROUP_ALL = 1,
    GROUP_DATA = 2,
    GROUP_WRITE_OF_ONE = 4,
    GROUP_TRANSACTION = 8,
    GROUP_BATCH = 16,
};

static const struct {
    slice operation;
    unsigned groups;
} operation_groups[] = {
    {{"GetItem", 7}, GROUP_DATA},
    {{"PutItem", 7}, GROUP_DATA | GROUP_WRITE_OF_ONE},
    {{"UpdateItem", 10}, GROUP_DATA | GROUP_WRITE_OF_ONE},
    {{"DeleteItem", 10}, GROUP_DATA | GROUP_WRITE_OF_ONE},
    {{"Query", 5}, GROUP_DATA},
    {{"Scan", 4}, GROUP_DATA},
    {{"BatchGetItem", 12}, GROUP_DATA | GROUP_BATCH},
    {{"BatchWriteItem", 14}, GROUP_DATA | GROUP_BATCH},
    {{"TransactGetItems", 16}, GROUP_DATA | GROUP_TRANSACTION},
    {{"TransactWriteItems", 18}, GROUP_DATA | GROUP_TRANSACTION},
    {{"ExecuteStatement", 16}, GROUP_DATA | GROUP_WRITE_OF_ONE},
    {{"ExecuteTransaction", 18}, GROUP_DATA | GROUP_TRANSACTION},
};

static unsigned groups_of(const struct operation *operation)
{
    for (size_t i = 0; i < sizeof operation_groups / sizeof operation_groups[0]; i++) {
        if (slice_equal(operation->name, operation_groups[i].operation))
            return GROUP_ALL | operation_groups[i].groups;
    }
    return GROUP_ALL;
}

bool fault_operation_is_transaction(const struct operation *operation)
{
    return groups_of(operation) & GROUP_TRANSACTION;
}

bool fault_operation_is_data(const struct operation *operation)
{
    return groups_of(operation) & GROUP_DATA;
}

/* Source: service model, the errors of each operation. */
static const struct {
    slice name;
    unsigned groups; /* those that can meet it */
} kinds[REHEARSE_COUNT] = {
    [REHEARSE_CONFLICT] = {{"TransactionConflict", 19}, GROUP_WRITE_OF_ONE | GROUP_TRANSACTION},
    [REHEARSE_THROUGHPUT] = {{"ProvisionedThroughputExceeded", 29}, GROUP_DATA},
    [REHEARSE_THROTTLING] = {{"Throttling", 10}, GROUP_ALL},
    [REHEARSE_INTERNAL] = {{"InternalServerError", 19}, GROUP_ALL},
    [REHEARSE_LATENCY] = {{"Latency", 7}, GROUP_ALL},
    [REHEARSE_PARTIAL_BATCH] = {{"PartialBatch", 12}, GROUP_BATCH},
};

static bool can_meet(enum fault_kind kind, const struct operation *operation)
{
    return groups_of(operation) & kinds[kind].groups;
}

/* ---- reading a document ---- */

/* One rule while it is read; what is absent is NULL or not given. */
struct spelled {
    slice kind, operation, table;
    int64_t skip, count, delay_ms, processed; /* -1: not given */
    bool applied;
    bool applied_given;
};

enum member_form { FORM_TEXT, FORM_NUMBER, FORM_BOOLEAN };

static const struct member {
    slice name;
    enum member_form form;
    uint32_t minimum;
    uint32_t maximum;
    size_t offset;
} members[] = {
    {{"Fault", 5}, FORM_TEXT, 0, 0, offsetof(struct spelled, kind)},
    {{"Operation", 9}, FORM_TEXT, 0, 0, offsetof(struct spelled, operation)},
    {{"Table", 5}, FORM_TEXT, 0, 0, offsetof(struct spelled, table)},
    {{"Skip", 4}, FORM_NUMBER, 0, COUNT_MAX, offsetof(struct spelled, skip)},
    {{"Count", 5}, FORM_NUMBER, 1, COUNT_MAX, offsetof(struct spelled, count)},
    {{"Milliseconds", 12}, FORM_NUMBER, 1, DELAY_MS_MAX, offsetof(struct spelled, delay_ms)},
    {{"Processed", 9}, FORM_NUMBER, 1, PROCESSED_MAX, offsetof(struct spelled, processed)},
    {{"Applied", 7}, FORM_BOOLEAN, 0, 0, offsetof(struct spelled, applied)},
};

static const struct member *find_member(slice name)
{
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (slice_equal(members[i].name, name))
            return &members[i];
    }
    return NULL;
}

/* Digits alone, so that no rule means something else than it says. */
static bool read_number(struct json_reader *reader, const struct member *member, int64_t *number)
{
    slice spelled = json_peek(reader) == JSON_NUMBER ? json_read_number(reader) : SLICE_NONE;
    if (spelled.size == 0 || spelled.size > 9)
        return false;
    *number = 0;
    for (size_t i = 0; i < spelled.size; i++) {
        if (spelled.data[i] < '0' || spelled.data[i] > '9')
            return false;
        *number = *number * 10 + (spelled.data[i] - '0');
    }
    return *number >= member->minimum && *number <= member->maximum;
}

static error read_member(struct arena *arena, struct json_reader *reader,
                         const struct member *member, struct spelled *spelled)
{
    void *to = (char *)spelled + member->offset;
    enum json_kind kind = json_peek(reader);
    switch (member->form) {
    case FORM_TEXT:
        if (kind != JSON_STRING)
            return fail(arena, ERROR_USAGE, "%.*s takes a text.", SLICE_ARGS(member->name));
        *(slice *)to = json_read_string(reader);
        return NULL;
    case FORM_NUMBER:
        if (!read_number(reader, member, to))
            return fail(arena, ERROR_USAGE, "%.*s takes a whole number from %u to %u.",
                        SLICE_ARGS(member->name), member->minimum, member->maximum);
        return NULL;
    case FORM_BOOLEAN:
        if (kind != JSON_TRUE && kind != JSON_FALSE)
            return fail(arena, ERROR_USAGE, "%.*s takes true or false.", SLICE_ARGS(member->name));
        *(bool *)to = json_read_bool(reader);
        spelled->applied_given = true;
        return NULL;
    }
    return NULL;
}

static error read_spelled(struct arena *arena, struct json_reader *reader, struct spelled *spelled)
{
    *spelled = (struct spelled){.skip = -1, .count = -1, .delay_ms = -1, .processed = -1};
    if (json_peek(reader) != JSON_OBJECT)
        return FAILURE(ERROR_USAGE, "Faults takes objects.");
    json_object_begin(reader);
    slice name;
    unsigned given = 0;
    while (json_object_next(reader, &name)) {
        const struct member *member = find_member(name);
        if (!member)
            return fail(arena, ERROR_USAGE,
                        "A fault has no member \"%.*s\", but Fault, Operation, Table, Skip, Count, "
                        "Milliseconds, Processed and Applied.",
                        SLICE_ARGS(name));
        if (given & (1U << (member - members)))
            return fail(arena, ERROR_USAGE, "%.*s stands twice in one fault.", SLICE_ARGS(name));
        given |= 1U << (member - members);
        TRY(read_member(arena, reader, member, spelled));
    }
    return NULL;
}

static error find_kind(struct arena *arena, slice name, enum fault_kind *kind)
{
    for (*kind = 0; *kind < REHEARSE_COUNT; (*kind)++) {
        if (slice_equal(kinds[*kind].name, name))
            return NULL;
    }
    return fail(arena, ERROR_USAGE,
                "Fault is TransactionConflict, ProvisionedThroughputExceeded, Throttling, "
                "InternalServerError, Latency or PartialBatch, not \"%.*s\".",
                SLICE_ARGS(name));
}

/* A member that belongs to one kind of fault alone. */
static error check_belongs(struct arena *arena, const char *member, bool given,
                           enum fault_kind kind, enum fault_kind owner)
{
    if (!given || kind == owner)
        return NULL;
    return fail(arena, ERROR_USAGE, "%s belongs to the fault %.*s alone.", member,
                SLICE_ARGS(kinds[owner].name));
}

static error check_members(struct arena *arena, const struct spelled *spelled,
                           enum fault_kind kind)
{
    TRY(check_belongs(arena, "Milliseconds", spelled->delay_ms >= 0, kind, REHEARSE_LATENCY));
    TRY(check_belongs(arena, "Processed", spelled->processed >= 0, kind, REHEARSE_PARTIAL_BATCH));
    TRY(check_belongs(arena, "Applied", spelled->applied_given, kind, REHEARSE_INTERNAL));
    if (kind == REHEARSE_LATENCY && spelled->delay_ms < 0)
        return FAILURE(ERROR_USAGE, "The fault Latency needs Milliseconds.");
    return NULL;
}

static error set_operation(struct arena *arena, slice name, struct fault_rule *rule)
{
    if (!name.data)
        return NULL;
    rule->operation = operation_find(name);
    if (!rule->operation)
        return fail(arena, ERROR_USAGE, "There is no operation \"%.*s\".", SLICE_ARGS(name));
    if (!can_meet(rule->kind, rule->operation))
        return fail(arena, ERROR_USAGE, "%.*s cannot meet the fault %.*s.", SLICE_ARGS(name),
                    SLICE_ARGS(kinds[rule->kind].name));
    return NULL;
}

static error set_table(slice name, struct fault_rule *rule)
{
    if (!name.data)
        return NULL;
    if (name.size == 0 || name.size > FAULT_TABLE_BYTES_MAX)
        return FAILURE(ERROR_USAGE, "Table takes a table's name.");
    memcpy(rule->table, name.data, name.size);
    rule->table_size = (uint8_t)name.size;
    return NULL;
}

static uint32_t or_else(int64_t given, uint32_t otherwise)
{
    return given >= 0 ? (uint32_t)given : otherwise;
}

static error read_rule(struct arena *arena, struct json_reader *reader, struct fault_rule *rule)
{
    struct spelled spelled;
    TRY(read_spelled(arena, reader, &spelled));
    *rule = (struct fault_rule){.skip = or_else(spelled.skip, 0),
                                .count = or_else(spelled.count, 1),
                                .delay_ms = or_else(spelled.delay_ms, 0),
                                .processed = or_else(spelled.processed, 1),
                                .applied = spelled.applied};
    if (!spelled.kind.data)
        return FAILURE(ERROR_USAGE, "Each fault needs the member Fault.");
    TRY(find_kind(arena, spelled.kind, &rule->kind));
    TRY(check_members(arena, &spelled, rule->kind));
    TRY(set_operation(arena, spelled.operation, rule));
    return set_table(spelled.table, rule);
}

static error read_rules(struct arena *arena, struct json_reader *reader, struct fault_rules *rules)
{
    if (json_peek(reader) != JSON_ARRAY)
        return FAILURE(ERROR_USAGE, "Faults takes an array.");
    json_array_begin(reader);
    while (json_array_next(reader)) {
        if (rules->count == FAULT_RULES_MAX)
            return fail(arena, ERROR_USAGE, "Faults takes %u rules at most.", FAULT_RULES_MAX);
        TRY(read_rule(arena, reader, &rules->rules[rules->count++]));
    }
    return NULL;
}

error fault_rules_parse(struct arena *arena, slice document, struct fault_rules *rules)
{
    static const struct failure no_document = {
        .kind = ERROR_USAGE, .message = {"PUT takes {\"Faults\": [ ... ]} and nothing else.", 48}};
    *rules = (struct fault_rules){.count = 0};
    if (document.size == 0 || !json_check(document))
        return &no_document;
    struct json_reader reader;
    json_reader_init(&reader, arena, document);
    slice name;
    if (json_peek(&reader) != JSON_OBJECT)
        return &no_document;
    json_object_begin(&reader);
    if (!json_object_next(&reader, &name) || !slice_equal(name, SLICE("Faults")))
        return &no_document;
    TRY(read_rules(arena, &reader, rules));
    return json_object_next(&reader, &name) ? &no_document : NULL;
}

/* ---- writing it ---- */

static void write_number(struct json_writer *out, slice name, uint32_t number)
{
    json_write_name(out, name);
    json_write_integer(out, number);
}

static void write_rule(struct json_writer *out, const struct fault_rule *rule)
{
    uint32_t skipped = rule->matched < rule->skip ? rule->matched : rule->skip;
    json_write_object_begin(out);
    json_write_name(out, SLICE("Fault"));
    json_write_string(out, kinds[rule->kind].name);
    if (rule->operation) {
        json_write_name(out, SLICE("Operation"));
        json_write_string(out, rule->operation->name);
    }
    if (rule->table_size > 0) {
        json_write_name(out, SLICE("Table"));
        json_write_string(out, slice_of(rule->table, rule->table_size));
    }
    write_number(out, SLICE("Skip"), rule->skip);
    write_number(out, SLICE("Count"), rule->count);
    if (rule->kind == REHEARSE_LATENCY)
        write_number(out, SLICE("Milliseconds"), rule->delay_ms);
    if (rule->kind == REHEARSE_PARTIAL_BATCH)
        write_number(out, SLICE("Processed"), rule->processed);
    if (rule->kind == REHEARSE_INTERNAL) {
        json_write_name(out, SLICE("Applied"));
        json_write_bool(out, rule->applied);
    }
    write_number(out, SLICE("Skipped"), skipped);
    write_number(out, SLICE("Met"), rule->matched - skipped);
    json_write_object_end(out);
}

void fault_rules_write(struct json_writer *out, const struct fault_rules *rules)
{
    json_write_object_begin(out);
    json_write_name(out, SLICE("Faults"));
    json_write_array_begin(out);
    for (uint32_t i = 0; i < rules->count; i++)
        write_rule(out, &rules->rules[i]);
    json_write_array_end(out);
    json_write_object_end(out);
}

/* ---- what a request names ---- */

/* arn:aws:dynamodb:REGION:ACCOUNT:table/NAME names NAME. */
static slice name_in_arn(slice name)
{
    static const char mark[] = ":table/";
    if (!slice_begins_with(name, SLICE("arn:")))
        return name;
    const char *at = memmem(name.data, name.size, mark, sizeof mark - 1);
    if (!at)
        return name;
    slice rest = slice_from(name, (size_t)(at - name.data) + sizeof mark - 1);
    const char *end = memchr(rest.data, '/', rest.size);
    return end ? slice_first(rest, (size_t)(end - rest.data)) : rest;
}

static void add_table(struct fault_target *target, slice name)
{
    if (target->table_count < FAULT_TABLES_MAX)
        target->tables[target->table_count++] = name_in_arn(name);
}

static slice read_text(struct json_reader *reader)
{
    if (json_peek(reader) == JSON_STRING)
        return json_read_string(reader);
    json_skip(reader);
    return SLICE_NONE;
}

/* RequestItems: its members' names. */
static void read_names(struct json_reader *reader, struct fault_target *target)
{
    slice name;
    json_object_begin(reader);
    while (json_object_next(reader, &name)) {
        add_table(target, name);
        json_skip(reader);
    }
}

/* {"TableName": ...} of an action. */
static slice read_table_name(struct json_reader *reader)
{
    slice table = SLICE_NONE;
    slice name;
    json_object_begin(reader);
    while (json_object_next(reader, &name)) {
        if (slice_equal(name, SLICE("TableName")))
            table = read_text(reader);
        else
            json_skip(reader);
    }
    return table;
}

/*
 * One of TransactItems, {"Put": {"TableName": ...}}, or of the statements of a batch or transaction,
 * {"Statement": ...}. Without a table it counts all the same.
 */
static void read_action(struct json_reader *reader, struct fault_target *target)
{
    slice table = SLICE_NONE;
    slice name;
    if (json_peek(reader) != JSON_OBJECT) {
        json_skip(reader);
        add_table(target, table);
        return;
    }
    json_object_begin(reader);
    while (json_object_next(reader, &name)) {
        if (slice_equal(name, SLICE("Statement")))
            table = statement_table(reader->arena, read_text(reader));
        else if (json_peek(reader) == JSON_OBJECT)
            table = read_table_name(reader);
        else
            json_skip(reader);
    }
    add_table(target, table);
}

static void read_actions(struct json_reader *reader, struct fault_target *target)
{
    json_array_begin(reader);
    while (json_array_next(reader))
        read_action(reader, target);
}

void fault_target_read(struct arena *arena, const struct operation *operation, slice body,
                       struct fault_target *target)
{
    *target = (struct fault_target){.operation = operation};
    struct json_reader reader;
    json_reader_init(&reader, arena, body);
    if (json_peek(&reader) != JSON_OBJECT)
        return;
    slice name;
    json_object_begin(&reader);
    while (json_object_next(&reader, &name)) {
        enum json_kind kind = json_peek(&reader);
        if (slice_equal(name, SLICE("TableName")) && kind == JSON_STRING)
            add_table(target, json_read_string(&reader));
        else if (slice_equal(name, SLICE("Statement")) && kind == JSON_STRING)
            add_table(target, statement_table(arena, json_read_string(&reader)));
        else if (slice_equal(name, SLICE("RequestItems")) && kind == JSON_OBJECT)
            read_names(&reader, target);
        else if ((slice_equal(name, SLICE("TransactItems")) ||
                  slice_equal(name, SLICE("TransactStatements")) ||
                  slice_equal(name, SLICE("Statements"))) &&
                 kind == JSON_ARRAY)
            read_actions(&reader, target);
        else
            json_skip(&reader);
    }
}

/* ---- matching ---- */

bool fault_rule_has_table(const struct fault_rule *rule, slice table)
{
    return rule->table_size == 0 || slice_equal(table, slice_of(rule->table, rule->table_size));
}

static bool matches(const struct fault_rule *rule, const struct fault_target *target)
{
    if (rule->operation ? rule->operation != target->operation
                        : !can_meet(rule->kind, target->operation))
        return false;
    if (rule->kind == REHEARSE_CONFLICT && target->table_count == 0 &&
        fault_operation_is_transaction(target->operation))
        return false; /* there is no action for the reason to stand at */
    if (rule->table_size == 0)
        return true;
    for (uint32_t i = 0; i < target->table_count; i++) {
        if (fault_rule_has_table(rule, target->tables[i]))
            return true;
    }
    return false;
}

const struct fault_rule *fault_rules_take(struct fault_rules *rules,
                                          const struct fault_target *target)
{
    for (uint32_t i = 0; i < rules->count; i++) {
        struct fault_rule *rule = &rules->rules[i];
        if (rule->matched == rule->skip + rule->count || !matches(rule, target))
            continue;
        if (rule->matched++ >= rule->skip)
            return rule;
    }
    return NULL;
}
