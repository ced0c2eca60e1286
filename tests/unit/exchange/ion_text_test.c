#include "exchange/ion_text.h"
#include "tests/test.h"
#include "tests/unit/exchange/fixture.h"

static const struct {
    slice json; /* of an item with the one attribute a */
    slice ion;
} values[] = {
    {SLICE("{\"S\":\"x\"}"), SLICE("{a:\"x\"}")},
    {SLICE("{\"S\":\"\"}"), SLICE("{a:\"\"}")},
    {SLICE("{\"S\":\"a\\\"b\\\\c\\n\\u0001é\"}"), SLICE("{a:\"a\\\"b\\\\c\\x0a\\x01é\"}")},
    {SLICE("{\"N\":\"103\"}"), SLICE("{a:103.}")},
    {SLICE("{\"N\":\"600\"}"), SLICE("{a:6d2}")},
    {SLICE("{\"N\":\"-12.50\"}"), SLICE("{a:-12.5}")},
    {SLICE("{\"N\":\"0\"}"), SLICE("{a:0.}")},
    {SLICE("{\"N\":\"0.001\"}"), SLICE("{a:1d-3}")},
    {SLICE("{\"N\":\"1e125\"}"), SLICE("{a:1d125}")},
    {SLICE("{\"N\":\"12345678901234567890123456789012345678\"}"),
     SLICE("{a:12345678901234567890123456789012345678.}")},
    {SLICE("{\"B\":\"AQID\"}"), SLICE("{a:{{AQID}}}")},
    {SLICE("{\"BOOL\":true}"), SLICE("{a:true}")},
    {SLICE("{\"NULL\":true}"), SLICE("{a:null}")},
    {SLICE("{\"SS\":[\"b\",\"a\"]}"), SLICE("{a:$dynamodb_SS::[\"a\",\"b\"]}")},
    {SLICE("{\"NS\":[\"2\",\"10\"]}"), SLICE("{a:$dynamodb_NS::[2.,1d1]}")},
    {SLICE("{\"BS\":[\"AQ==\"]}"), SLICE("{a:$dynamodb_BS::[{{AQ==}}]}")},
    {SLICE("{\"L\":[]}"), SLICE("{a:[]}")},
    {SLICE("{\"L\":[{\"S\":\"x\"},{\"NULL\":true}]}"), SLICE("{a:[\"x\",null]}")},
    {SLICE("{\"M\":{\"b c\":{\"N\":\"1\"},\"d\":{\"M\":{}}}}"), SLICE("{a:{'b c':1.,d:{}}}")},
    {SLICE("{\"M\":{\"null\":{\"N\":\"1\"}}}"), SLICE("{a:{'null':1.}}")},
    {SLICE("{\"M\":{\"$7\":{\"N\":\"1\"}}}"), SLICE("{a:{'$7':1.}}")},
    {SLICE("{\"M\":{\"7\":{\"N\":\"1\"}}}"), SLICE("{a:{'7':1.}}")},
    {SLICE("{\"M\":{\"it's\":{\"N\":\"1\"}}}"), SLICE("{a:{'it\\'s':1.}}")},
};

TEST(every_type_has_its_ion_text)
{
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        SCOPED_ARENA(arena);
        struct buffer text;
        buffer_init(&text, &arena);
        slice json = arena_format(&arena, "{\"a\":%.*s}", SLICE_ARGS(values[i].json));
        ion_write_item(&text, fixture_item(&arena, json));
        CHECK_SLICE(buffer_slice(&text), values[i].ion);
    }
}
