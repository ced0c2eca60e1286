#include "ops/legacy_members.h"

static const slice operator_names[] = {
    SLICE("IN"),          SLICE("NULL"), SLICE("BETWEEN"),  SLICE("LT"), SLICE("NOT_CONTAINS"),
    SLICE("EQ"),          SLICE("GT"),   SLICE("NOT_NULL"), SLICE("NE"), SLICE("LE"),
    SLICE("BEGINS_WITH"), SLICE("GE"),   SLICE("CONTAINS"),
};
static const struct choices operator_choices = CHOICES(operator_names);

struct entry {
    slice attribute;              /* first: the key of the map */
    uint32_t comparison_operator; /* 1 + index in operator_names */
    struct optional_boolean exists;
    const struct value_input *value;
    struct decoded_list list;
};

static const struct field expected_fields[] = {
    FIELD(struct entry, list, "AttributeValueList", FIELD_VALUE_LIST, OPTIONAL),
    FIELD(struct entry, comparison_operator, "ComparisonOperator", FIELD_ENUM, OPTIONAL,
          .choices = &operator_choices),
    FIELD(struct entry, exists, "Exists", FIELD_BOOLEAN, OPTIONAL),
    FIELD(struct entry, value, "Value", FIELD_VALUE, OPTIONAL),
};
const struct structure expected_structure =
    STRUCTURE(struct entry, expected_fields, .shape = SLICE("ExpectedAttributeValue"));

static const struct field condition_fields[] = {
    FIELD(struct entry, list, "AttributeValueList", FIELD_VALUE_LIST, OPTIONAL),
    FIELD(struct entry, comparison_operator, "ComparisonOperator", FIELD_ENUM, REQUIRED,
          .choices = &operator_choices),
};
const struct structure condition_structure =
    STRUCTURE(struct entry, condition_fields, .shape = SLICE("Condition"));

static const slice joined_by_names[] = {SLICE("OR"), SLICE("AND")};
const struct choices joined_by_choices = CHOICES(joined_by_names);
/* Query takes the same two and prints others: error texts captured from the service. */
const struct choices joined_by_choices_of_query = {joined_by_names, 2, SLICE("[ALL, OR]")};

static struct legacy_condition condition_of(const struct entry *entry)
{
    struct legacy_condition condition = {
        .attribute = entry->attribute,
        .has_exists = entry->exists.present,
        .exists = entry->exists.value,
        .has_value = entry->value != NULL,
        .has_list = entry->list.present,
        .list = entry->list.elements,
        .list_count = entry->list.count,
    };
    if (entry->comparison_operator > 0)
        condition.comparison_operator =
            legacy_operator_parse(operator_names[entry->comparison_operator - 1]);
    if (entry->value)
        condition.value = *entry->value;
    return condition;
}

static const struct legacy_condition *conditions_of(struct arena *arena,
                                                    const struct decoded_list *entries)
{
    struct legacy_condition *conditions =
        arena_new_array(arena, struct legacy_condition, entries->count);
    const struct entry *list = entries->elements;
    for (uint32_t i = 0; i < entries->count; i++)
        conditions[i] = condition_of(&list[i]);
    return conditions;
}

error legacy_members_parse(struct arena *arena, enum legacy_parameter parameter,
                           const struct decoded_list *entries, enum joined_by joined_by,
                           const struct condition **condition)
{
    static const enum conditional_operator operators[] = {
        [JOINED_UNSAID] = CONDITIONAL_OPERATOR_NONE,
        [JOINED_BY_OR] = CONDITIONAL_OPERATOR_OR,
        [JOINED_BY_AND] = CONDITIONAL_OPERATOR_AND,
    };
    return legacy_conditions_parse(arena, parameter, conditions_of(arena, entries), entries->count,
                                   operators[joined_by], condition);
}

error legacy_members_parse_keys(struct arena *arena, const struct decoded_list *entries,
                                const struct key_condition_clauses **clauses)
{
    return legacy_key_conditions_parse(arena, conditions_of(arena, entries), entries->count,
                                       clauses);
}
