#include "tests/unit/db/index/index_fixture.h"

static const slice included_e[] = {SLICE("e")};
static const slice included_d_e[] = {SLICE("e"), SLICE("d")};

#define PK {SLICE("pk"), VALUE_S}
#define SK {SLICE("sk"), VALUE_N}
#define A {SLICE("a"), VALUE_S}
#define B {SLICE("b"), VALUE_N}
#define C {SLICE("c"), VALUE_B}
#define D {SLICE("d"), VALUE_S}

const struct index index_definitions[INDEX_COUNT] = {
    {.name = SLICE("local-a"), .kind = INDEX_LOCAL, .keys = {{PK}, 1, {A}, 1}},
    {.name = SLICE("global-a"), .kind = INDEX_GLOBAL, .keys = {{A}, 1, {}, 0}},
    {.name = SLICE("local-b"),
     .kind = INDEX_LOCAL,
     .keys = {{PK}, 1, {B}, 1},
     .projection = PROJECTION_KEYS_ONLY},
    {.name = SLICE("global-b-c"),
     .kind = INDEX_GLOBAL,
     .keys = {{B}, 1, {C}, 1},
     .projection = PROJECTION_INCLUDE,
     .included = included_d_e,
     .included_count = 2},
    {.name = SLICE("local-c"),
     .kind = INDEX_LOCAL,
     .keys = {{PK}, 1, {C}, 1},
     .projection = PROJECTION_INCLUDE,
     .included = included_e,
     .included_count = 1},
    {.name = SLICE("global-ab-cd"),
     .kind = INDEX_GLOBAL,
     .keys = {{A, B}, 2, {C, D}, 2},
     .projection = PROJECTION_KEYS_ONLY},
    {.name = SLICE("global-d-pk"), .kind = INDEX_GLOBAL, .keys = {{D}, 1, {PK}, 1}},
    {.name = SLICE("global-sk-abcd"), .kind = INDEX_GLOBAL, .keys = {{SK}, 1, {A, B, C, D}, 4}},
};

void create_indexed_table(struct fixture *fixture)
{
    struct caller caller;
    caller_open(&caller, fixture);
    struct table_definition definition = {
        .name = SLICE("T"),
        .keys = {.hash = PK, .range = SK, .has_range = true},
        .indexes = index_definitions,
        .index_count = INDEX_COUNT,
        .settings = {.billing_mode = BILLING_PAY_PER_REQUEST},
    };
    const struct table *table;
    CHECK_OK(table_create(&caller.session, &definition, &table));
    caller_close(&caller);
}

static slice number_value(struct arena *arena, slice text)
{
    struct number number;
    CHECK(number_parse(text, &number) == NUMBER_OK);
    return value_make_number(arena, &number);
}

slice random_key(struct arena *arena, struct random *random, uint32_t *pk, uint32_t *sk)
{
    *pk = (uint32_t)random_below(random, PARTITIONS);
    *sk = (uint32_t)random_below(random, ITEMS_PER_PARTITION);
    slice names[] = {SLICE("pk"), SLICE("sk")};
    slice values[] = {value_make_string(arena, arena_format(arena, "p%u", *pk)),
                      number_value(arena, arena_format(arena, "%d", (int)*sk - 3))};
    return item_make(arena, names, values, 2);
}

slice random_value(struct arena *arena, struct random *random, char name)
{
    static const slice texts[] = {SLICE("x"), SLICE("x\0"), SLICE("x\0y"), SLICE("xy"),
                                  SLICE("\xC3\xA9")};
    static const slice numbers[] = {SLICE("-1e5"), SLICE("-2"), SLICE("0"), SLICE("0.5"),
                                    SLICE("12")};
    static const slice bytes[] = {SLICE("\0"), SLICE("\0\xFF"), SLICE("\0\x01"), SLICE("\xFF"),
                                  SLICE("\x01")};
    uint64_t which = random_below(random, 5);
    slice seven = number_value(arena, SLICE("7"));
    switch (name) {
    case 'b':
        return number_value(arena, numbers[which]);
    case 'c':
        return value_make_binary(arena, bytes[which]);
    case 'e': /* no index has it as a key: any type */
        return which < 2 ? value_make_list(arena, &seven, 1)
                         : value_make_string(arena, texts[which]);
    default:
        return value_make_string(arena, texts[which]);
    }
}

slice random_item(struct arena *arena, struct random *random, slice key)
{
    slice names[7] = {SLICE("pk"), SLICE("sk")};
    slice values[7];
    uint32_t count = 2;
    CHECK(item_attribute(key, names[0], &values[0]));
    CHECK(item_attribute(key, names[1], &values[1]));
    for (char name = 'a'; name <= 'e'; name++) {
        if (random_below(random, 4) == 0)
            continue;
        names[count] = arena_copy(arena, slice_of(&name, 1));
        values[count++] = random_value(arena, random, name);
    }
    return item_make(arena, names, values, count);
}

bool key_values(slice item, const struct key_attribute *attributes, uint32_t count, slice *values)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!item_attribute(item, attributes[i].name, &values[i]))
            return false;
    }
    return true;
}

static bool has_name(const struct key_attribute *attributes, uint32_t count, slice name)
{
    for (uint32_t i = 0; i < count; i++) {
        if (slice_equal(attributes[i].name, name))
            return true;
    }
    return false;
}

static bool is_projected(const struct index *index, slice name)
{
    bool included = index->projection == PROJECTION_ALL;
    for (uint32_t i = 0; i < index->included_count; i++)
        included = included || slice_equal(index->included[i], name);
    return included || slice_equal(name, SLICE("pk")) || slice_equal(name, SLICE("sk")) ||
           has_name(index->keys.hash, index->keys.hash_count, name) ||
           has_name(index->keys.range, index->keys.range_count, name);
}

slice implied_entry(struct arena *arena, const struct index *index, slice item)
{
    slice names[7];
    slice values[7];
    uint32_t count = 0;
    if (!item_exists(item) ||
        !key_values(item, index->keys.hash, index->keys.hash_count, values) ||
        !key_values(item, index->keys.range, index->keys.range_count, values))
        return ITEM_ABSENT;
    struct item_cursor cursor;
    item_cursor_init(&cursor, item);
    slice name;
    slice value;
    while (item_cursor_next(&cursor, &name, &value)) {
        if (!is_projected(index, name))
            continue;
        names[count] = name;
        values[count++] = value;
    }
    return item_make(arena, names, values, count);
}
