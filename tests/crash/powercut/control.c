/* What the environment and the control socket ask for, and the end of the process. */
#include "tests/crash/powercut/powercut.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static void parse_trigger(const char *text, bool fails, struct trigger *trigger)
{
    *trigger = (struct trigger){0};
    char copy[256], *rest = copy;
    snprintf(copy, sizeof copy, "%s", text);
    const char *kind = strsep(&rest, ":");
    const char *number = rest ? strsep(&rest, ":") : "";
    const char *failure = fails && rest ? strsep(&rest, ":") : "";
    for (int i = 0; i < CALL_KINDS; i++)
        if (strcmp(kind, call_names[i]) == 0) {
            trigger->kind = (enum call_kind)i;
            trigger->set = true;
        }
    trigger->number = strtoull(number, NULL, 10);
    trigger->onward = strchr(number, '+') != NULL;
    trigger->failure = strcmp(failure, "ENOSPC") == 0 ? ENOSPC : EIO;
    snprintf(trigger->suffix, sizeof trigger->suffix, "%s", rest ? rest : "");
    if (!trigger->set || !trigger->number)
        refuse("the trigger", text);
}

/*
 * cut                power fails now
 * hold [SUFFIX]      syncs of such files wait      release   until this
 * fail TRIGGER       as POWERCUT_FAIL              mend      no more failures
 * free BYTES|off     what statvfs answers
 * state              one line of counts
 */
static void obey(int connection, char *line)
{
    char *argument = line;
    const char *verb = strsep(&argument, " ");
    if (!argument)
        argument = line + strlen(line);
    pthread_mutex_lock(&guard);
    if (strcmp(verb, "cut") == 0)
        cut_locked("command");
    if (strcmp(verb, "hold") == 0) {
        snprintf(held_suffix, sizeof held_suffix, "%s", argument);
        held = true;
    } else if (strcmp(verb, "release") == 0) {
        held = false;
        pthread_cond_broadcast(&released);
    } else if (strcmp(verb, "fail") == 0) {
        parse_trigger(argument, true, &fail_trigger);
    } else if (strcmp(verb, "mend") == 0) {
        fail_trigger.set = false;
    } else if (strcmp(verb, "free") == 0) {
        free_set = strcmp(argument, "off") != 0;
        free_bytes = strtoull(argument, NULL, 10);
    }
    char answer[200];
    int size = snprintf(
        answer, sizeof answer, "calls=%lu writes=%lu syncs=%lu renames=%lu waiting=%lu\n",
        (unsigned long)calls[CALL_ANY], (unsigned long)calls[CALL_WRITE],
        (unsigned long)calls[CALL_SYNC], (unsigned long)calls[CALL_RENAME], (unsigned long)waiting);
    pthread_mutex_unlock(&guard);
    syscall(SYS_write, connection, answer, (size_t)size);
}

static void *serve_control(void *unused)
{
    (void)unused;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", getenv("POWERCUT_CONTROL"));
    syscall(SYS_unlinkat, AT_FDCWD, address.sun_path, 0); /* of a launcher that became the server */
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) ||
        listen(listener, 4))
        refuse("the control socket", address.sun_path);
    for (;;) {
        int connection = accept(listener, NULL, NULL);
        char line[256];
        size_t size = 0;
        char byte;
        while (connection >= 0 && syscall(SYS_read, connection, &byte, (size_t)1) == 1) {
            if (byte != '\n') {
                if (size < sizeof line - 1)
                    line[size++] = byte;
                continue;
            }
            line[size] = 0;
            size = 0;
            obey(connection, line);
        }
        if (connection >= 0)
            syscall(SYS_close, connection);
    }
    return NULL;
}

/* Another thread may be amid a call; this one is not, or it would not get here. */
static void cut_at_end(const char *why)
{
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += 2;
    if (pthread_mutex_timedlock(&guard, &deadline) == 0)
        cut_locked(why);
}

static void on_abort(int signal_number)
{
    (void)signal_number;
    cut_at_end("abort");
}

__attribute__((destructor)) static void on_exit_of_process(void)
{
    if (active && cut_at_exit)
        cut_at_end("exit");
}

void _exit(int status)
{
    on_exit_of_process();
    for (;;)
        syscall(SYS_exit_group, status);
}

static uint64_t number_from(const char *variable, uint64_t otherwise)
{
    const char *text = getenv(variable);
    return text ? strtoull(text, NULL, 10) : otherwise;
}

/* Signals are the server's, which blocks and awaits them: in an older thread they would end it. */
static void begin_control(void)
{
    sigset_t all, before;
    pthread_t thread;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    if (pthread_create(&thread, NULL, serve_control, NULL) == 0)
        pthread_detach(thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

__attribute__((constructor)) static void start(void)
{
    const char *directory = getenv("POWERCUT_DIR");
    if (!directory || !realpath(directory, root))
        return;
    snprintf(graveyard, sizeof graveyard, "%s.graveyard.%d", root, getpid());
    syscall(SYS_mkdirat, AT_FDCWD, graveyard, 0755);
    seed = number_from("POWERCUT_SEED", 1);
    sync_delay_us = (unsigned)number_from("POWERCUT_SYNC_DELAY_US", 0);
    cut_at_exit = number_from("POWERCUT_AT_EXIT", 0) != 0;
    if (getenv("POWERCUT_FREE")) {
        free_set = true;
        free_bytes = number_from("POWERCUT_FREE", 0);
    }
    const char *tear_name = getenv("POWERCUT_TEAR");
    for (int i = 0; tear_name && i < 3; i++)
        if (strcmp(tear_name, tear_names[i]) == 0)
            tear = (enum tear)i;
    if (getenv("POWERCUT_CUT"))
        parse_trigger(getenv("POWERCUT_CUT"), false, &cut_trigger);
    if (getenv("POWERCUT_FAIL"))
        parse_trigger(getenv("POWERCUT_FAIL"), true, &fail_trigger);
    if (cut_at_exit)
        signal(SIGABRT, on_abort);
    active = true;
    if (getenv("POWERCUT_CONTROL"))
        begin_control();
}
