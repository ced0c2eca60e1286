#include "tool/heat_notes.h"

enum {
    WRITE_WEIGHT = 3,
    LOAD_MIN = 100, /* read units, before anything is said of keys */
    FEW_KEYS_MAX = 8,
    SCANNED_MIN = 1000, /* items, before anything is said of filters */
    SCANNED_PER_RETURNED = 10,
};
static const double HOT_SHARE = 0.5;
static const double FEW_KEYS_SHARE = 0.9;
static const double DATES_SHARE = 0.5;

double heat_load(const struct heat_partition *partition)
{
    return partition->read_units + WRITE_WEIGHT * partition->write_units;
}

/* All partitions together. */
struct sums {
    double load;
    double keys_load;  /* of the keys that are named */
    double dates_load; /* of those that are dates */
    double hottest_load;
    slice hottest;
    uint32_t key_count;
    int64_t scanned_items;
    int64_t returned_items;
    int64_t throttled;
    int64_t would_throttle;
};

/* Begins as 2026-11-22 or 20261122 does, or has such a date behind a '#'. */
static bool is_date_at(slice key)
{
    static const char *const forms[] = {"dddd-dd-dd", "dddddddd"};
    for (size_t form = 0; form < sizeof forms / sizeof *forms; form++) {
        size_t i = 0;
        for (; i < key.size && forms[form][i]; i++) {
            bool is_digit = key.data[i] >= '0' && key.data[i] <= '9';
            if (forms[form][i] == 'd' ? !is_digit : key.data[i] != forms[form][i])
                break;
        }
        bool ends = i == key.size || key.data[i] < '0' || key.data[i] > '9';
        bool is_recent =
            key.size > 2 && (memcmp(key.data, "19", 2) == 0 || memcmp(key.data, "20", 2) == 0);
        if (!forms[form][i] && ends && is_recent)
            return true;
    }
    return false;
}

static bool is_date(slice key)
{
    const char *hash = key.size > 0 ? memchr(key.data, '#', key.size) : NULL;
    return is_date_at(key) || (hash && is_date_at(slice_from(key, (size_t)(hash + 1 - key.data))));
}

static void add_keys(struct sums *sums, const struct heat_partition *partition)
{
    for (uint32_t i = 0; i < partition->hot_key_count; i++) {
        const struct heat_key *key = &partition->hot_keys[i];
        double load = key->share * heat_load(partition);
        sums->keys_load += load;
        sums->key_count++;
        if (is_date(key->key))
            sums->dates_load += load;
        if (load > sums->hottest_load) {
            sums->hottest_load = load;
            sums->hottest = key->key;
        }
    }
}

static struct sums sum_up(const struct heat_place *place)
{
    struct sums sums = {.load = 0};
    for (uint32_t i = 0; i < place->partition_count; i++) {
        const struct heat_partition *partition = &place->partitions[i];
        sums.load += heat_load(partition);
        sums.scanned_items += partition->scanned_items;
        sums.returned_items += partition->returned_items;
        sums.throttled += partition->throttled;
        sums.would_throttle += partition->would_throttle;
        add_keys(&sums, partition);
    }
    return sums;
}

void heat_append_notes(struct arena *arena, struct buffer *text, const struct heat_place *place)
{
    struct sums sums = sum_up(place);
    if (sums.load >= LOAD_MIN && sums.dates_load > DATES_SHARE * sums.load)
        buffer_append(text,
                      SLICE("  note: dates as partition keys: each day one partition has all the "
                            "work. Put the date in the sort key, or a shard number before it.\n"));
    else if (sums.load >= LOAD_MIN && sums.key_count <= FEW_KEYS_MAX &&
             sums.keys_load > FEW_KEYS_SHARE * sums.load)
        buffer_append(text, arena_format(arena,
                                         "  note: few partition keys: %u of them have nearly all "
                                         "the work, and one partition takes no more than 3000 "
                                         "reads or 1000 writes a second. Choose a key with more "
                                         "values, or add a shard number.\n",
                                         sums.key_count));
    else if (sums.load >= LOAD_MIN && sums.hottest_load > HOT_SHARE * sums.load)
        buffer_append(text, SLICE("  note: one hot key: splitting a partition does not help it. "
                                  "Read it from a cache, or spread its writes over several "
                                  "keys.\n"));
    if (sums.scanned_items >= SCANNED_MIN &&
        sums.scanned_items > SCANNED_PER_RETURNED * sums.returned_items)
        buffer_append(text,
                      arena_format(arena,
                                   "  note: scans with filters: %lld items were read to "
                                   "return %lld, and what a filter drops is paid for. A "
                                   "key or an index that fits the question reads less.\n",
                                   (long long)sums.scanned_items, (long long)sums.returned_items));
}
