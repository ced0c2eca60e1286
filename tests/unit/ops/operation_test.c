#include "ops/operation.h"

#include "ops/decode.h"
#include "tests/unit/ops/fixture.h"

TEST(operation_find_knows_every_operation_of_the_service)
{
    uint32_t count = 0;
    while (operation_at(count)) {
        const struct operation *operation = operation_at(count);
        CHECK(operation_find(operation->name) == operation);
        count++;
    }
    CHECK(count == 66); /* 62 and the 4 of streams */
    CHECK(operation_find(SLICE("MakeCoffee")) == NULL);
}

TEST(four_operations_are_those_of_streams)
{
    uint32_t count = 0;
    for (uint32_t i = 0; operation_at(i); i++)
        count += operation_is_of_streams(operation_at(i));
    CHECK(count == 4);
    CHECK(operation_is_of_streams(operation_find(SLICE("GetRecords"))));
    CHECK(!operation_is_of_streams(operation_find(SLICE("GetItem"))));
}

TEST(operation_run_refuses_by_name_what_is_known_but_not_built)
{
    struct fixture fixture;
    fixture_open(&fixture);
    CHECK_SLICE(answer(&fixture, "CreateGlobalTable", "{}"),
                SLICE("UnknownOperationException: Stator does not offer CreateGlobalTable yet."));
    CHECK_SLICE(answer(&fixture, "ListGlobalTables", "[]"),
                SLICE("UnknownOperationException: Stator does not offer ListGlobalTables yet."));
    fixture_close(&fixture);
}

static bool is_list(enum field_type type)
{
    return type >= FIELD_STRUCTURE_LIST;
}

static void check_structure(const struct structure *structure, bool inner)
{
    CHECK(structure->field_count <= 64);
    CHECK(is_given(structure->shape) == inner);
    for (uint32_t i = 0; i < structure->field_count; i++) {
        const struct field *field = &structure->fields[i];
        CHECK(field->name.size > 0);
        CHECK((field->type == FIELD_ENUM) == (field->choices != NULL));
        bool has_structure = field->type == FIELD_STRUCTURE || is_list(field->type);
        CHECK(has_structure == (field->structure != NULL));
        CHECK(field->offset < structure->size);
        for (uint32_t j = 0; j < i; j++)
            CHECK(!slice_equal(structure->fields[j].name, field->name));
        if (has_structure)
            check_structure(field->structure, true);
    }
}

TEST(field_tables_are_whole)
{
    for (uint32_t i = 0; operation_at(i) && operation_at(i)->input; i++)
        check_structure(operation_at(i)->input, false);
}
