#include "store/rocks/row_cache.h"

#include "base/memory.h"
#include <pthread.h>
#include <stdlib.h>
#include <xxhash.h>

enum {
    SHARD_COUNT = 4096,  /* a power of two: a group's writes close few of them to fills */
    BUCKET_COUNT = 512,  /* a shard of the usual size holds a few hundred rows */
    ROW_BYTES_MAX = 8192, /* larger rows are not worth a copy */
};

struct entry {
    struct entry *next; /* of the bucket */
    struct entry *older; /* the ring that the clock's hand goes round */
    struct entry *newer;
    uint64_t hash;
    uint32_t key_size;
    uint32_t value_size;
    bool used;    /* since the hand last passed */
    bool writing; /* its key is in a group under way: not served */
    char bytes[]; /* key, value */
};

struct shard {
    pthread_mutex_t mutex; /* guards the rest */
    struct entry *buckets[BUCKET_COUNT];
    struct entry *hand;
    size_t bytes;
    uint64_t writes;       /* groups that have touched the shard, begun or ended */
    uint32_t under_way;    /* writes begun and not ended */
    uint64_t hits;
    uint64_t misses;
};

struct row_cache {
    size_t shard_bytes_max;
    struct shard shards[SHARD_COUNT];
};

struct row_cache *row_cache_new(size_t bytes_max)
{
    struct row_cache *cache = memory_alloc_zeroed(sizeof *cache);
    cache->shard_bytes_max = bytes_max / SHARD_COUNT;
    /* Zeroed is what PTHREAD_MUTEX_INITIALIZER makes: the shards need no touch, and cost no memory
       until rows come. */
    return cache;
}

static struct shard *shard_of(struct row_cache *cache, uint64_t hash)
{
    return &cache->shards[hash & (SHARD_COUNT - 1)];
}

static struct entry **bucket_of(struct shard *shard, uint64_t hash)
{
    return &shard->buckets[(hash >> 32) & (BUCKET_COUNT - 1)];
}

enum { CACHE_LINE_BYTES = 64 };

/* The bucket comes from memory while the mutex does. */
static void fetch_bucket(struct shard *shard, uint64_t hash)
{
    __builtin_prefetch(bucket_of(shard, hash));
}

/* A small row comes from memory whole while its head does; of a larger one, the beginning. */
static void fetch_entry(const struct entry *entry)
{
    enum { LINES = 6 };
    for (int i = 1; entry && i < LINES; i++)
        __builtin_prefetch((const char *)entry + (size_t)i * CACHE_LINE_BYTES);
}

static struct entry **find_locked(struct shard *shard, uint64_t hash, slice key)
{
    struct entry **link = bucket_of(shard, hash);
    while (*link && !((*link)->hash == hash &&
                      slice_equal(slice_of((*link)->bytes, (*link)->key_size), key)))
        link = &(*link)->next;
    return link;
}

static size_t entry_bytes(size_t key_size, size_t value_size)
{
    enum { MALLOC_BYTES = 16 };
    return sizeof(struct entry) + MALLOC_BYTES + key_size + value_size;
}

static void remove_locked(struct shard *shard, struct entry **link)
{
    struct entry *entry = *link;
    *link = entry->next;
    if (entry->newer == entry) {
        shard->hand = NULL;
    } else {
        entry->older->newer = entry->newer;
        entry->newer->older = entry->older;
        if (shard->hand == entry)
            shard->hand = entry->newer;
    }
    shard->bytes -= entry_bytes(entry->key_size, entry->value_size);
    free(entry);
}

/* The clock: the hand takes out what was not used since it last passed. */
static void make_room_locked(struct row_cache *cache, struct shard *shard, size_t bytes)
{
    while (shard->hand && shard->bytes + bytes > cache->shard_bytes_max) {
        struct entry *entry = shard->hand;
        shard->hand = entry->newer;
        if (entry->used) {
            entry->used = false;
            continue;
        }
        remove_locked(shard,
                      find_locked(shard, entry->hash, slice_of(entry->bytes, entry->key_size)));
    }
}

static void add_locked(struct row_cache *cache, struct shard *shard, uint64_t hash, slice key,
                       slice value)
{
    size_t bytes = entry_bytes(key.size, value.size);
    if (bytes > cache->shard_bytes_max || value.size > ROW_BYTES_MAX)
        return;
    make_room_locked(cache, shard, bytes);
    struct entry *entry = memory_alloc(sizeof *entry + key.size + value.size);
    *entry = (struct entry){.hash = hash,
                            .key_size = (uint32_t)key.size,
                            .value_size = (uint32_t)value.size};
    memcpy(entry->bytes, key.data, key.size);
    memcpy(entry->bytes + key.size, value.data, value.size);
    struct entry **bucket = bucket_of(shard, hash);
    entry->next = *bucket;
    *bucket = entry;
    if (!shard->hand) {
        entry->older = entry->newer = entry;
        shard->hand = entry;
    } else { /* just behind the hand: it comes there last */
        entry->newer = shard->hand;
        entry->older = shard->hand->older;
        entry->older->newer = entry;
        entry->newer->older = entry;
    }
    shard->bytes += bytes;
}

bool row_cache_get(struct row_cache *cache, struct arena *arena, slice key, slice *value,
                   struct row_cache_ticket *ticket)
{
    ticket->hash = XXH3_64bits(key.data, key.size);
    struct shard *shard = shard_of(cache, ticket->hash);
    fetch_bucket(shard, ticket->hash);
    pthread_mutex_lock(&shard->mutex);
    ticket->writes = shard->writes;
    fetch_entry(*bucket_of(shard, ticket->hash));
    struct entry *entry = *find_locked(shard, ticket->hash, key);
    bool served = entry && !entry->writing;
    if (served) {
        entry->used = true;
        *value = arena_copy(arena, slice_of(entry->bytes + entry->key_size, entry->value_size));
    }
    shard->hits += served;
    shard->misses += !served;
    pthread_mutex_unlock(&shard->mutex);
    return served;
}

void row_cache_fill(struct row_cache *cache, slice key, slice value,
                    struct row_cache_ticket ticket)
{
    struct shard *shard = shard_of(cache, ticket.hash);
    pthread_mutex_lock(&shard->mutex);
    if (shard->under_way == 0 && shard->writes == ticket.writes &&
        !*find_locked(shard, ticket.hash, key))
        add_locked(cache, shard, ticket.hash, key, value);
    pthread_mutex_unlock(&shard->mutex);
}

typedef void step_locked(struct row_cache *cache, struct shard *shard, uint64_t hash,
                         const struct store_final_write *write);

/* A step of the write of every row. */
static void step_rows(struct row_cache *cache, const struct store_final_write *writes,
                      uint32_t write_count, step_locked *step)
{
    for (uint32_t i = 0; i < write_count; i++) {
        if (writes[i].area != STORE_ROWS)
            continue;
        uint64_t hash = XXH3_64bits(writes[i].key.data, writes[i].key.size);
        struct shard *shard = shard_of(cache, hash);
        pthread_mutex_lock(&shard->mutex);
        shard->writes++;
        step(cache, shard, hash, &writes[i]);
        pthread_mutex_unlock(&shard->mutex);
    }
}

static void begin_locked(struct row_cache *cache, struct shard *shard, uint64_t hash,
                         const struct store_final_write *write)
{
    (void)cache;
    shard->under_way++;
    struct entry *entry = *find_locked(shard, hash, write->key);
    if (entry)
        entry->writing = true;
}

void row_cache_write_begin(struct row_cache *cache, const struct store_final_write *writes,
                           uint32_t write_count)
{
    step_rows(cache, writes, write_count, begin_locked);
}

/* The row as it stands now takes the place of the one that was cached; others are not let in. */
static void end_locked(struct row_cache *cache, struct shard *shard, uint64_t hash,
                       const struct store_final_write *write)
{
    shard->under_way--;
    struct entry **link = find_locked(shard, hash, write->key);
    struct entry *entry = *link;
    if (!entry)
        return;
    if (entry->value_size == write->value.size) {
        memcpy(entry->bytes + entry->key_size, write->value.data, write->value.size);
        entry->writing = false;
        return;
    }
    remove_locked(shard, link);
    if (write->value.size > 0)
        add_locked(cache, shard, hash, write->key, write->value);
}

void row_cache_write_end(struct row_cache *cache, const struct store_final_write *writes,
                         uint32_t write_count)
{
    step_rows(cache, writes, write_count, end_locked);
}

static void clear_locked(struct shard *shard)
{
    for (unsigned i = 0; i < BUCKET_COUNT; i++) {
        while (shard->buckets[i])
            remove_locked(shard, &shard->buckets[i]);
    }
}

void row_cache_clear_begin(struct row_cache *cache)
{
    for (unsigned i = 0; i < SHARD_COUNT; i++) {
        struct shard *shard = &cache->shards[i];
        pthread_mutex_lock(&shard->mutex);
        shard->writes++;
        shard->under_way++;
        clear_locked(shard);
        pthread_mutex_unlock(&shard->mutex);
    }
}

void row_cache_clear_end(struct row_cache *cache)
{
    for (unsigned i = 0; i < SHARD_COUNT; i++) {
        struct shard *shard = &cache->shards[i];
        pthread_mutex_lock(&shard->mutex);
        shard->writes++;
        shard->under_way--;
        pthread_mutex_unlock(&shard->mutex);
    }
}

void row_cache_measure(struct row_cache *cache, uint64_t *bytes, uint64_t *hits, uint64_t *misses)
{
    *bytes = *hits = *misses = 0;
    for (unsigned i = 0; i < SHARD_COUNT; i++) {
        struct shard *shard = &cache->shards[i];
        pthread_mutex_lock(&shard->mutex);
        *bytes += shard->bytes;
        *hits += shard->hits;
        *misses += shard->misses;
        pthread_mutex_unlock(&shard->mutex);
    }
}

void row_cache_free(struct row_cache *cache)
{
    for (unsigned i = 0; i < SHARD_COUNT; i++) {
        clear_locked(&cache->shards[i]);
        pthread_mutex_destroy(&cache->shards[i].mutex);
    }
    free(cache);
}
