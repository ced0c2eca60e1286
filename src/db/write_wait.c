#include "db/write_wait.h"

#include "base/task.h"
#include <pthread.h>

struct waiting_session {
    struct store_sink sink; /* first */
    struct db_session session;
    pthread_mutex_t mutex;
    pthread_cond_t told;
    bool is_delivered; /* guarded by mutex */
};

static void deliver(struct store_sink *sink, struct store_change_set *first)
{
    (void)first;
    struct waiting_session *waiting = OBJECT_OF(sink, struct waiting_session, sink);
    pthread_mutex_lock(&waiting->mutex);
    waiting->is_delivered = true;
    pthread_cond_signal(&waiting->told);
    pthread_mutex_unlock(&waiting->mutex);
}

static error settle(struct waiting_session *waiting)
{
    if (!waiting->session.submitted)
        return NULL;
    pthread_mutex_lock(&waiting->mutex);
    while (!waiting->is_delivered)
        pthread_cond_wait(&waiting->told, &waiting->mutex);
    pthread_mutex_unlock(&waiting->mutex);
    return db_session_settle(&waiting->session);
}

error db_write_and_wait(struct db *db, struct arena *arena, const struct write_plan *plans,
                        uint32_t count, struct write_result *results)
{
    struct waiting_session waiting = {.sink = {deliver},
                                      .mutex = PTHREAD_MUTEX_INITIALIZER,
                                      .told = PTHREAD_COND_INITIALIZER};
    db_session_init(&waiting.session, db, arena, STORE_ANY, &waiting.sink, NULL);
    waiting.session.is_background = true;
    error failure = db_write(&waiting.session, plans, count, results);
    error unsettled = settle(&waiting);
    pthread_mutex_destroy(&waiting.mutex);
    pthread_cond_destroy(&waiting.told);
    return failure ? failure : unsettled;
}
