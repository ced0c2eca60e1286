#include "tests/unit/db/partition/load_fixture.h"

#include <stdio.h>

static void find_keys(struct load *load, const struct table *table)
{
    for (uint32_t found = 0, i = 0; found < (1u << LOAD_KEYS) - 1; i++) {
        char json[64];
        snprintf(json, sizeof json, "{'pk':{'S':'%u'},'a':{'S':'%u'}}", i, i);
        slice item = item_of(&load->arena, json);
        slice row_key = row_key_of_item(&load->arena, &table->keys, table->space, item);
        uint8_t sixteenth = (uint8_t)row_key.data[ROW_HASH_OFFSET] >> 4;
        load->keys[sixteenth] = item;
        found |= 1u << sixteenth;
    }
}

void load_open(struct load *load, uint32_t partition_count, struct table_settings settings,
               struct index index)
{
    fixture_open(&load->fixture);
    load->fixture.throughput = THROUGHPUT_ENFORCE;
    load->fixture.partition_count = partition_count;
    fixture_reopen(&load->fixture);
    arena_init(&load->arena, NULL);
    index.name = SLICE("x");
    index.kind = INDEX_GLOBAL;
    index.keys = (struct key_parts){.hash = {{SLICE("a"), VALUE_S}}, .hash_count = 1};
    struct table_definition definition = {.name = SLICE("T"),
                                          .keys = {.hash = {SLICE("pk"), VALUE_S}},
                                          .indexes = &index,
                                          .index_count = 1,
                                          .settings = settings};
    struct caller caller;
    caller_open(&caller, &load->fixture);
    const struct table *table;
    CHECK_OK(table_create(&caller.session, &definition, &table));
    CHECK(partition_count == 0 || table->partitions.count == partition_count);
    find_keys(load, table);
    caller_close(&caller);
    load->now_ms = clock_now_ms(&load->fixture.clock);
}

void load_close(struct load *load)
{
    arena_fini(&load->arena);
    fixture_close(&load->fixture);
}

struct served load_ask(struct load *load, enum usage_kind kind, bool of_index, int seconds,
                       const int64_t *units_per_second)
{
    enum { UNITS = 10, STEPS = 20 };
    struct caller caller;
    caller_open(&caller, &load->fixture);
    const struct table *table = find_table(&caller);
    struct served served = {.sum = 0};
    slice row_keys[LOAD_KEYS];
    for (int k = 0; k < LOAD_KEYS; k++)
        row_keys[k] = row_key_of_item(&load->arena, &table->keys, table->space, load->keys[k]);
    int64_t due[LOAD_KEYS] = {0};
    for (int64_t step = 0; step < (int64_t)seconds * STEPS; step++) {
        clock_set_ms(&load->fixture.clock, load->now_ms += 1000 / STEPS);
        struct caller one;
        caller_open(&one, &load->fixture);
        for (int k = 0; k < LOAD_KEYS; k++) {
            for (due[k] += units_per_second[k]; due[k] >= UNITS * STEPS; due[k] -= UNITS * STEPS) {
                struct charge charge = {.table = table,
                                        .index = of_index ? &table->indexes[0] : NULL,
                                        .kind = kind,
                                        .row_key = row_keys[k],
                                        .half_units = 2 * UNITS};
                error refusal = charge_note(&one.session, &charge);
                served.units[k] += refusal ? 0 : UNITS;
                served.sum += refusal ? 0 : UNITS;
                if (refusal)
                    served.refusal =
                        fail(&load->arena, refusal->kind, "%.*s", SLICE_ARGS(refusal->members));
            }
        }
        charges_settle(&one.session, NULL);
        caller_close(&one);
    }
    caller_close(&caller);
    return served;
}

int64_t load_ask_evenly(struct load *load, enum usage_kind kind, int minutes,
                        int64_t units_per_second)
{
    int64_t each[LOAD_KEYS];
    for (int k = 0; k < LOAD_KEYS; k++)
        each[k] = units_per_second / LOAD_KEYS;
    return load_ask(load, kind, false, 60 * minutes, each).sum / 60 / minutes;
}

void load_wait(struct load *load, int64_t seconds)
{
    clock_set_ms(&load->fixture.clock, load->now_ms += seconds * 1000);
}

bool is_about(int64_t got, int64_t wanted)
{
    bool is = got >= wanted - wanted / 20 && got <= wanted + wanted / 20;
    if (!is)
        printf("got %lld, wanted %lld\n", (long long)got, (long long)wanted);
    return is;
}
