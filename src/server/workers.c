#include "server/workers.h"

#include "base/assert.h"
#include "base/memory.h"
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

struct workers {
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t work;
    struct task *first;
    struct task **end;
    bool closing;
    unsigned busy_count;
    unsigned waiting_count;
    int niceness;
    unsigned thread_count;
    pthread_t threads[];
};

static struct task *next_task(struct workers *workers, bool was_busy)
{
    pthread_mutex_lock(&workers->mutex);
    workers->busy_count -= was_busy;
    while (!workers->first && !workers->closing)
        pthread_cond_wait(&workers->work, &workers->mutex);
    struct task *task = workers->first;
    if (task) {
        workers->first = task->next;
        workers->busy_count++;
        workers->waiting_count--;
        if (!workers->first)
            workers->end = &workers->first;
    }
    pthread_mutex_unlock(&workers->mutex);
    return task;
}

void thread_stand_back(int niceness)
{
    if (niceness == 0)
        return;
    pid_t thread = (pid_t)syscall(SYS_gettid);
    setpriority(PRIO_PROCESS, (id_t)thread, niceness); /* refused: then it does not */
}

static void *work(void *argument)
{
    struct workers *workers = argument;
    thread_stand_back(workers->niceness);
    struct task *task = next_task(workers, false);
    for (; task; task = next_task(workers, true))
        task->run(task);
    return NULL;
}

struct workers *workers_open(unsigned thread_count, int niceness)
{
    struct workers *workers =
        memory_alloc_zeroed(sizeof *workers + thread_count * sizeof workers->threads[0]);
    pthread_mutex_init(&workers->mutex, NULL);
    workers->niceness = niceness;
    pthread_cond_init(&workers->work, NULL);
    workers->end = &workers->first;
    workers->thread_count = thread_count;
    for (unsigned i = 0; i < thread_count; i++) {
        int failed = pthread_create(&workers->threads[i], NULL, work, workers);
        assert_that(!failed);
    }
    return workers;
}

void workers_close(struct workers *workers)
{
    pthread_mutex_lock(&workers->mutex);
    workers->closing = true;
    pthread_cond_broadcast(&workers->work);
    pthread_mutex_unlock(&workers->mutex);
    for (unsigned i = 0; i < workers->thread_count; i++)
        pthread_join(workers->threads[i], NULL);
    pthread_cond_destroy(&workers->work);
    pthread_mutex_destroy(&workers->mutex);
    free(workers);
}

void workers_run(struct workers *workers, struct task *task)
{
    task->next = NULL;
    pthread_mutex_lock(&workers->mutex);
    *workers->end = task;
    workers->end = &task->next;
    workers->waiting_count++;
    pthread_cond_signal(&workers->work);
    pthread_mutex_unlock(&workers->mutex);
}

void workers_measure(struct workers *workers, struct workers_figures *figures)
{
    pthread_mutex_lock(&workers->mutex);
    *figures = (struct workers_figures){.threads = workers->thread_count,
                                        .busy = workers->busy_count,
                                        .waiting = workers->waiting_count};
    pthread_mutex_unlock(&workers->mutex);
}
