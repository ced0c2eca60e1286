#include "db/table/catalogue.h"

#include "tests/test.h"
#include <pthread.h>
#include <stdatomic.h>

enum { REPLACEMENTS = 20000 };

struct replacing {
    struct catalogue *catalogue;
    struct table fields;
    struct table_gate *gate;
    atomic_bool done;
};

static void *replace_often(void *argument)
{
    struct replacing *replacing = argument;
    for (int i = 0; i < REPLACEMENTS; i++)
        catalogue_put(replacing->catalogue, table_new(&replacing->fields, replacing->gate));
    atomic_store(&replacing->done, true);
    return NULL;
}

/* As a write does: whether the description is still the current one, seen with the gate held. */
static bool is_current(const struct table *table)
{
    struct table_gate *gate = table_gate(table);
    pthread_rwlock_rdlock(&gate->lock);
    bool current = gate->current == table;
    pthread_rwlock_unlock(&gate->lock);
    return current;
}

TEST(who_is_turned_away_at_the_gate_finds_the_newer_description_at_once)
{
    struct replacing replacing = {
        .catalogue = catalogue_new(),
        .fields = {.name = SLICE("T"), .keys = {.hash = {SLICE("pk"), VALUE_S}}}};
    const struct table *first = table_new(&replacing.fields, NULL);
    replacing.gate = table_gate(first);
    catalogue_put(replacing.catalogue, first);
    uint64_t again = 0;
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, replace_often, &replacing) == 0);

    while (!atomic_load(&replacing.done)) {
        const struct table *found = catalogue_find(replacing.catalogue, SLICE("T"));
        bool turned_away = !is_current(found);
        const struct table *next = catalogue_find(replacing.catalogue, SLICE("T"));
        again += turned_away && next == found;
        table_release(found);
        table_release(next);
    }

    CHECK(again == 0);
    pthread_join(thread, NULL);
    catalogue_free(replacing.catalogue);
}
