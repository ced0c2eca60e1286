#include "ops/decode.h"

#include "tests/test.h"
#include "tests/unit/ops/fixture.h"

/* ---- an operation with one member of each kind ---- */

static const slice color_names[] = {SLICE("RED"), SLICE("GREEN")};
static const struct choices color_choices = CHOICES(color_names);
enum color { COLOR_ABSENT, COLOR_RED, COLOR_GREEN };

struct part {
    slice name;
    enum color color;
};
static const struct field part_fields[] = {
    FIELD(struct part, name, "PartName", FIELD_STRING, REQUIRED, .min = 1, .max = 5),
    FIELD(struct part, color, "Color", FIELD_ENUM, OPTIONAL, .choices = &color_choices),
};
static const struct structure part_structure =
    STRUCTURE(struct part, part_fields, .shape = SLICE("Part"));

struct named_part {
    slice key;
    slice name;
};
static const struct field named_part_fields[] = {
    FIELD(struct named_part, name, "PartName", FIELD_STRING, REQUIRED),
};
static const struct structure named_part_structure =
    STRUCTURE(struct named_part, named_part_fields, .shape = SLICE("Part"));

struct input {
    slice text;
    slice name;
    enum color color;
    struct table_name table_name;
    struct optional_boolean flag;
    struct optional_integer count;
    struct optional_integer total;
    struct item_input item;
    const struct value_input *value;
    struct placeholders placeholders;
    struct decoded_list words;
    struct decoded_list values;
    const struct part *part;
    struct decoded_list parts;
    struct decoded_list part_map;
};
static const struct field fields[] = {
    FIELD(struct input, text, "Text", FIELD_STRING, OPTIONAL, .max = 3),
    FIELD(struct input, name, "Name", FIELD_STRING, OPTIONAL, .is_name = true, .min = 3),
    FIELD(struct input, color, "Color", FIELD_ENUM, OPTIONAL, .choices = &color_choices),
    FIELD(struct input, table_name, "TableName", FIELD_TABLE_NAME, OPTIONAL, .min = 1),
    FIELD(struct input, flag, "Flag", FIELD_BOOLEAN, OPTIONAL),
    FIELD(struct input, count, "Count", FIELD_INTEGER, OPTIONAL, .min = 1, .max = 100),
    FIELD(struct input, total, "Total", FIELD_LONG, OPTIONAL, .min = 1, .wording = WORDING_GENERIC),
    FIELD(struct input, item, "Item", FIELD_ITEM, OPTIONAL),
    FIELD(struct input, value, "Value", FIELD_VALUE, OPTIONAL),
    FIELD(struct input, placeholders, "Names", FIELD_NAMES, OPTIONAL),
    FIELD(struct input, placeholders, "Values", FIELD_VALUES, OPTIONAL),
    FIELD(struct input, words, "Words", FIELD_STRING_LIST, OPTIONAL, .min = 1,
          .element_max = 4),
    FIELD(struct input, values, "ValueList", FIELD_VALUE_LIST, OPTIONAL),
    FIELD(struct input, part, "Part", FIELD_STRUCTURE, OPTIONAL, .structure = &part_structure),
    FIELD(struct input, parts, "Parts", FIELD_STRUCTURE_LIST, OPTIONAL, .max = 2,
          .structure = &part_structure),
    FIELD(struct input, part_map, "PartMap", FIELD_STRUCTURE_MAP, OPTIONAL,
          .structure = &named_part_structure),
    NOT_BUILT("Later", FIELD_STRUCTURE_LIST, .structure = SHAPE("Late")),
};
static const struct structure structure = STRUCTURE(struct input, fields);

static error decode_body(struct arena *arena, const struct structure *of, const char *body,
                         const void **decoded)
{
    return decode(arena, SLICE("Build"), of, quoted(arena, body), decoded);
}

static const struct input *decoded(struct arena *arena, const char *body)
{
    const void *input = NULL;
    CHECK_OK(decode_body(arena, &structure, body, &input));
    return input;
}

struct refusal {
    const char *body;
    const char *message;
};

static void check_refusals(enum error_kind kind, const struct refusal *refusals, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        SCOPED_ARENA(arena);
        const void *input;
        error failed = decode_body(&arena, &structure, refusals[i].body, &input);
        test_check(failed && failed->kind == kind, refusals[i].body, __FILE__, __LINE__);
        test_check_slice(failed ? failed->message : SLICE_NONE,
                         slice_of_string(refusals[i].message), refusals[i].body, __FILE__,
                         __LINE__);
    }
}
#define CHECK_REFUSALS(kind, table) check_refusals((kind), (table), sizeof(table) / sizeof *(table))

/* ---- what is read ---- */

TEST(decode_reads_one_member_of_each_kind)
{
    SCOPED_ARENA(arena);
    const struct input *in =
        decoded(&arena, "{'Text':'abc','Color':'GREEN','TableName':'Music','Flag':true,"
                        "'Count':7,'Total':5000000000,'Item':{'a':{'S':'x'}},"
                        "'Value':{'N':'1'},'Names':{'#a':'b'},'Values':{':v':{'S':'w'}},"
                        "'Words':['p','q'],'ValueList':[{'BOOL':true}],"
                        "'Part':{'PartName':'one'},"
                        "'Parts':[{'PartName':'two','Color':'RED'}],"
                        "'PartMap':{'k':{'PartName':'three'}}}");

    CHECK_SLICE(in->text, SLICE("abc"));
    CHECK(!is_given(in->name));
    CHECK(in->color == COLOR_GREEN);
    CHECK_SLICE(in->table_name.name, SLICE("Music"));
    CHECK(in->flag.present && in->flag.value);
    CHECK(in->count.present && in->count.value == 7);
    CHECK(in->total.value == 5000000000);
    CHECK(in->item.present && item_attribute_count(in->item.item) == 1);
    CHECK(value_type_of(in->value->value) == VALUE_N);
    CHECK(in->placeholders.names_present && in->placeholders.name_count == 1);
    CHECK_SLICE(in->placeholders.names[0].name, SLICE("b"));
    CHECK(in->placeholders.values_present && in->placeholders.value_count == 1);
    const slice *words = in->words.elements;
    CHECK(in->words.count == 2);
    CHECK_SLICE(words[1], SLICE("q"));
    CHECK(in->values.count == 1);
    CHECK_SLICE(in->part->name, SLICE("one"));
    const struct part *parts = in->parts.elements;
    CHECK(in->parts.count == 1 && parts[0].color == COLOR_RED);
    const struct named_part *entries = in->part_map.elements;
    CHECK_SLICE(entries[0].key, SLICE("k"));
    CHECK_SLICE(entries[0].name, SLICE("three"));
}

TEST(decode_takes_null_and_unknown_members_for_absent)
{
    SCOPED_ARENA(arena);
    const struct input *in = decoded(&arena, "{'Text':null,'Count':null,'Flag':null,"
                                             "'Item':null,'Part':null,'Parts':null,'Later':null,"
                                             "'Names':{'#a':null},'Other':[{'x':1},null]}");
    CHECK(!is_given(in->text));
    CHECK(!in->count.present);
    CHECK(!in->flag.present);
    CHECK(!in->item.present && !in->part && !in->parts.present);
    CHECK(in->placeholders.names_present && in->placeholders.name_count == 0);
}

TEST(decode_tells_an_empty_string_from_none)
{
    SCOPED_ARENA(arena);
    const struct input *in = decoded(&arena, "{'Text':''}");
    CHECK(is_given(in->text) && in->text.size == 0);
}

TEST(decode_takes_the_last_of_members_with_one_name)
{
    SCOPED_ARENA(arena);
    CHECK_SLICE(decoded(&arena, "{'Text':'a','Text':'b'}")->text, SLICE("b"));
    CHECK_SLICE(decoded(&arena, "{'Text':'a','Text':null}")->text, SLICE("a"));
    CHECK(decoded(&arena, "{'Count':0,'Text':'a','Count':1}")->count.value == 1);
    const struct input *in = decoded(&arena, "{'Words':['a','b'],'Words':['c']}");
    CHECK(in->words.count == 1);
    CHECK_SLICE(*(const slice *)in->words.elements, SLICE("c"));
}

TEST(decode_takes_the_last_of_entries_with_one_key_in_the_place_of_the_first)
{
    SCOPED_ARENA(arena);
    const struct placeholders *few =
        &decoded(&arena, "{'Names':{'#a':'x','#b':'y','#a':'z'}}")->placeholders;
    CHECK(few->name_count == 2);
    CHECK_SLICE(few->names[0].placeholder, SLICE("#a"));
    CHECK_SLICE(few->names[0].name, SLICE("z"));
    CHECK_SLICE(few->names[1].name, SLICE("y"));

    struct buffer body;
    buffer_init(&body, &arena);
    for (int i = 0; i < 40; i++)
        buffer_append(&body, arena_format(&arena, "%s'#%d':'%d'", i ? "," : "{'Names':{", i % 20, i));
    buffer_append(&body, SLICE("}}\0"));
    const struct placeholders *many = &decoded(&arena, buffer_slice(&body).data)->placeholders;
    CHECK(many->name_count == 20);
    for (uint32_t i = 0; i < many->name_count; i++) {
        CHECK_SLICE(many->names[i].placeholder, arena_format(&arena, "#%u", i));
        CHECK_SLICE(many->names[i].name, arena_format(&arena, "%u", i + 20));
    }
}

TEST(decode_takes_the_service_s_words_for_truth_values)
{
    static const char *const on[] = {"'true'", "'TRUE'", "'1'", "'Yes'", "true"};
    static const char *const off[] = {"'false'", "'0'", "'nO'", "false"};
    for (size_t i = 0; i < sizeof on / sizeof *on; i++) {
        SCOPED_ARENA(arena);
        slice body = arena_format(&arena, "{'Flag':%s}%c", on[i], 0);
        CHECK(decoded(&arena, body.data)->flag.value);
    }
    for (size_t i = 0; i < sizeof off / sizeof *off; i++) {
        SCOPED_ARENA(arena);
        slice body = arena_format(&arena, "{'Flag':%s}%c", off[i], 0);
        CHECK(!decoded(&arena, body.data)->flag.value);
    }
}

TEST(decode_cuts_fractions_and_stops_at_the_type_s_bounds)
{
    static const struct {
        const char *body;
        int64_t value;
    } longs[] = {
        {"{'Total':1.9}", 1},
        {"{'Total':1e3}", 1000},
        {"{'Total':999999999999999999}", 999999999999999999},
        {"{'Total':9223372036854775807}", INT64_MAX},
        {"{'Total':99999999999999999999999}", INT64_MAX},
        {"{'Total':1e400}", INT64_MAX},
    };
    for (size_t i = 0; i < sizeof longs / sizeof *longs; i++) {
        SCOPED_ARENA(arena);
        CHECK(decoded(&arena, longs[i].body)->total.value == longs[i].value);
    }
    SCOPED_ARENA(arena);
    CHECK(decoded(&arena, "{'Count':99.5}")->count.value == 99);
}

TEST(decode_takes_an_arn_for_the_table_s_name)
{
    SCOPED_ARENA(arena);
    const struct input *in =
        decoded(&arena, "{'TableName':'arn:aws:dynamodb:eu-west-2:123456789012:table/Music'}");
    CHECK_SLICE(in->table_name.name, SLICE("Music"));
    CHECK_SLICE(in->table_name.given, SLICE("arn:aws:dynamodb:eu-west-2:123456789012:table/Music"));
}

/* ---- what is refused ---- */

#define AT(path) " at '" path "' failed to satisfy constraint: "
#define ONE "1 validation error detected: Value "

TEST(decode_refuses_wrong_json_types_in_the_service_s_words)
{
    static const struct refusal refusals[] = {
        {"[]", ""},
        {"'text'", ""},
        {"{'Text':1}", "NUMBER_VALUE cannot be converted to String"},
        {"{'Text':1.5}", "DECIMAL_VALUE cannot be converted to String"},
        {"{'Text':true}", "TRUE_VALUE cannot be converted to String"},
        {"{'Color':false}", "FALSE_VALUE cannot be converted to String"},
        {"{'TableName':[]}", "Unrecognized collection type class java.lang.String"},
        {"{'Text':{}}", "Start of structure or map found where not expected"},
        {"{'Count':'1'}", "STRING_VALUE cannot be converted to Integer"},
        {"{'Total':'1'}", "STRING_VALUE cannot be converted to Long"},
        {"{'Total':true}", "TRUE_VALUE cannot be converted to Long"},
        {"{'Flag':'maybe'}", "Unexpected token received from parser"},
        {"{'Flag':1}", "NUMBER_VALUE cannot be converted to Boolean"},
        {"{'Flag':[]}", "Unrecognized collection type class java.lang.Boolean"},
        {"{'Words':'a'}", "Unexpected field type"},
        {"{'Words':{}}", "Start of structure or map found where not expected"},
        {"{'Words':[1]}", "NUMBER_VALUE cannot be converted to String"},
        {"{'Part':1}", "Unexpected field type"},
        {"{'Part':[]}", "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.Part"},
        {"{'Parts':[1]}", "Unexpected value type in payload"},
        {"{'Parts':[[]]}",
         "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.Part"},
        {"{'PartMap':[]}", "Unrecognized collection type java.util.Map<java.lang.String, "
                           "com.amazonaws.dynamodb.v20120810.Part>"},
        {"{'PartMap':{'k':true}}", "Unexpected value type in payload"},
        {"{'Names':[]}",
         "Unrecognized collection type java.util.Map<java.lang.String, java.lang.String>"},
        {"{'Names':7}", "Unexpected field type"},
        {"{'Names':{'#a':7}}", "NUMBER_VALUE cannot be converted to String"},
        {"{'Values':[]}", "Unrecognized collection type java.util.Map<java.lang.String, "
                          "com.amazonaws.dynamodb.v20120810.AttributeValue>"},
        {"{'Values':{':v':7}}", "Unexpected value type in payload"},
        {"{'Item':7}", "Unexpected field type"},
        {"{'Value':7}", "Unexpected field type"},
        {"{'Later':7}", "Unexpected field type"},
        {"{'Later':[7]}", "Unexpected value type in payload"},
        /* members of structures before scalars of the input, wherever they stand */
        {"{'Text':1,'Parts':[1]}", "Unexpected value type in payload"},
        {"{'Text':1,'Flag':1}", "NUMBER_VALUE cannot be converted to String"},
        /* and all of them before constraints */
        {"{'Name':'','Flag':1}", "NUMBER_VALUE cannot be converted to Boolean"},
    };
    CHECK_REFUSALS(ERROR_SERIALIZATION, refusals);
}

TEST(decode_words_every_constraint_as_the_service_does)
{
    static const struct refusal refusals[] = {
        {"{'Text':'abcd'}",
         ONE "'abcd'" AT("text") "Member must have length less than or equal to 3"},
        {"{'Name':'ab'}",
         ONE "'ab'" AT("name") "Member must have length greater than or equal to 3"},
        {"{'Name':'a b'}",
         ONE "'a b'" AT("name") "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"},
        {"{'Color':'BLUE'}",
         ONE "'BLUE'" AT("color") "Member must satisfy enum value set: [RED, GREEN]"},
        {"{'TableName':''}",
         ONE "''" AT("tableName") "Member must have length greater than or equal to 1"},
        {"{'TableName':'a;b'}",
         ONE "'a;b'" AT("tableName") "Member must satisfy regular expression "
                                     "pattern: [a-zA-Z0-9_.-]+"},
        {"{'TableName':'arn:aws:x'}",
         ONE "'arn:aws:x'" AT("tableName") "Member must satisfy regular "
                                           "expression pattern: "
                                           "[a-zA-Z0-9_.-]+"},
        {"{'Count':0}", ONE "'0'" AT("count") "Member must have value greater than or equal to 1"},
        {"{'Count':101}",
         ONE "'101'" AT("count") "Member must have value less than or equal to 100"},
        {"{'Count':99999999999}",
         ONE "'2147483647'" AT("count") "Member must have value less than or equal to 100"},
        {"{'Total':0}", ONE "at 'Total' failed to satisfy constraint: Member must have value "
                            "greater than or equal to 1"},
        {"{'Words':['abcd','abcde','']}",
         ONE "'[abcd, abcde, ]'" AT("words") "Member must satisfy constraint: [Member must "
                                                   "have length less than or equal to 4, Member "
                                                   "must have length greater than or equal to 1]"},
        {"{'Words':[]}",
         ONE "'[]'" AT("words") "Member must have length greater than or equal to 1"},
        {"{'Part':{}}", ONE "null" AT("part.partName") "Member must not be null"},
        {"{'Parts':[{'PartName':'a'},{'PartName':''}]}", ONE
         "''" AT("parts.2.member.partName") "Member must have length greater than or equal to 1"},
        {"{'Parts':[null]}", ONE "null" AT("parts.1.member") "Member must not be null"},
        {"{'PartMap':{'k':{}}}",
         ONE "null" AT("partMap.k.member.partName") "Member must not be null"},
        {"{'Parts':[{'PartName':'a','Color':'RED'},{'PartName':'b'},{'PartName':'c'}]}",
         ONE "'[Part(partName=a, color=RED), Part(partName=b, color=null), Part(partName=c, "
             "color=null)]'" AT("parts") "Member must have length less than or equal to 2"},
    };
    CHECK_REFUSALS(ERROR_VALIDATION, refusals);
}

TEST(decode_reports_all_constraints_in_the_order_of_the_table)
{
    static const struct refusal refusals[] = {
        {"{'Parts':[{'Color':'X'}],'Count':0,'Name':';','Text':'long'}",
         "6 validation errors detected: "
         "Value 'long'" AT(
             "text") "Member must have length less than or equal to 3; "
                     "Value ';'" AT("name") "Member must satisfy regular expression pattern: "
                                            "[a-zA-Z0-9_.-]+; "
                                            "Value ';'" AT(
                                                "name") "Member must have length greater than "
                                                        "or equal to 3; "
                                                        "Value '0'" AT(
                                                            "count") "Member must have value "
                                                                     "greater than or equal to "
                                                                     "1; "
                                                                     "Value null" AT(
                                                                         "parts.1.member."
                                                                         "partName") "Member "
                                                                                     "must not "
                                                                                     "be null; "
                                                                                     "Value "
                                                                                     "'X'" AT(
                                                                                         "parts."
                                                                                         "1."
                                                                                         "member"
                                                                                         ".colo"
                                                                                         "r") "M"
                                                                                              "e"
                                                                                              "m"
                                                                                              "b"
                                                                                              "e"
                                                                                              "r"
                                                                                              " "
                                                                                              "m"
                                                                                              "u"
                                                                                              "s"
                                                                                              "t"
                                                                                              " "
                                                                                              "s"
                                                                                              "a"
                                                                                              "t"
                                                                                              "i"
                                                                                              "s"
                                                                                              "f"
                                                                                              "y"
                                                                                              " "
                                                                                              "e"
                                                                                              "n"
                                                                                              "u"
                                                                                              "m"
                                                                                              " "
                                                                                              "v"
                                                                                              "a"
                                                                                              "l"
                                                                                              "u"
                                                                                              "e"
                                                                                              " "
                                                                                              "s"
                                                                                              "e"
                                                                                              "t"
                                                                                              ":"
                                                                                              " "
                                                                                              "["
                                                                                              "R"
                                                                                              "E"
                                                                                              "D"
                                                                                              ","
                                                                                              " "
                                                                                              "G"
                                                                                              "R"
                                                                                              "E"
                                                                                              "E"
                                                                                              "N"
                                                                                              "]"},
    };
    CHECK_REFUSALS(ERROR_VALIDATION, refusals);
}

TEST(decode_reports_at_most_ten_constraints)
{
    SCOPED_ARENA(arena);
    struct buffer body;
    buffer_init(&body, &arena);
    buffer_append(&body, SLICE("{\"Text\":\"long\",\"PartMap\":{"));
    for (int i = 0; i < 2000; i++)
        buffer_append(&body, arena_format(&arena, "%s\"k%d\":{}", i ? "," : "", i));
    buffer_append(&body, SLICE("}}"));
    const void *input;
    error failed = decode(&arena, SLICE("Build"), &structure, buffer_slice(&body), &input);
    CHECK(failed && slice_begins_with(failed->message, SLICE("10 validation errors detected: Value "
                                                             "'long' at 'text'")));
    CHECK(failed->message.size < 2000);
}

TEST(decode_refuses_what_is_not_built_by_name_and_last)
{
    static const struct refusal refusals[] = {
        {"{'Later':[{'x':1}]}", "Stator does not support the parameter Later of Build yet."},
        {"{'Later':[{}]}", "Stator does not support the parameter Later of Build yet."},
        {"{'Later':[ ]}", "Stator does not support the parameter Later of Build yet."},
        {"{'Later':[{}],'Count':0}",
         ONE "'0'" AT("count") "Member must have value greater than or equal to 1"},
    };
    CHECK_REFUSALS(ERROR_VALIDATION, refusals);
}

/* ---- what an operation's structure may ask for ---- */

struct pair {
    struct table_name table_name;
    struct item_input key;
    enum color color;
};
static const struct field pair_fields[] = {
    FIELD(struct pair, color, "Color", FIELD_ENUM, OPTIONAL, .choices = &color_choices),
    FIELD(struct pair, table_name, "TableName", FIELD_TABLE_NAME, REQUIRED, .min = 1),
    FIELD(struct pair, key, "Key", FIELD_ITEM, REQUIRED),
};
static const struct structure alone = STRUCTURE(struct pair, pair_fields, .table_name_alone = true);

TEST(decode_reports_a_bad_table_name_by_itself_unless_something_is_missing)
{
    SCOPED_ARENA(arena);
    const void *input;
    CHECK_FAILS(
        decode_body(&arena, &alone, "{'TableName':'','Key':{},'Color':'X'}", &input),
        ERROR_VALIDATION,
        SLICE(ONE "''" AT("tableName") "Member must have length greater than or equal to 1"));
    CHECK_FAILS(decode_body(&arena, &alone, "{'Key':{},'Color':'X'}", &input), ERROR_VALIDATION,
                SLICE(ONE "null" AT("tableName") "Member must not be null"));
    CHECK_FAILS(
        decode_body(&arena, &alone, "{'TableName':'','Color':'X'}", &input), ERROR_VALIDATION,
        SLICE("3 validation errors detected: "
              "Value 'X'" AT(
                  "color") "Member must satisfy enum value set: [RED, GREEN]; "
                           "Value ''" AT(
                               "tableName") "Member must have length greater than or equal to 1; "
                                            "Value null" AT("key") "Member must not be null"));
}

static const struct field first_fields[] = {
    FIELD(struct pair, color, "Color", FIELD_ENUM, OPTIONAL, .choices = &color_choices,
          .wording = WORDING_BARE),
    FIELD(struct pair, table_name, "TableName", FIELD_TABLE_NAME, REQUIRED_FIRST, .min = 1),
    FIELD(struct pair, key, "Key", FIELD_ITEM, REQUIRED),
};
static const struct structure first = STRUCTURE(struct pair, first_fields);

TEST(decode_asks_for_a_required_parameter_before_any_constraint)
{
    SCOPED_ARENA(arena);
    const void *input;
    CHECK_FAILS(decode_body(&arena, &first, "{'Color':'X'}", &input), ERROR_VALIDATION,
                SLICE("The parameter 'TableName' is required but was not present in the request"));
    CHECK_FAILS(decode_body(&arena, &first, "{'TableName':'','Color':'X'}", &input),
                ERROR_VALIDATION,
                SLICE("Failed to satisfy constraint: Member must satisfy enum value set: [RED, "
                      "GREEN]"));
}
