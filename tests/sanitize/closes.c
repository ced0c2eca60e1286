/*
 * Linked into the server under the thread sanitizer: libuv closes descriptors by a system call of
 * its own, which the sanitizer does not see. So when a number is used again, for a file on another
 * thread, it reports that file against the connection that had the number before.
 */
#include <dlfcn.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Stands before libc's for libuv too: the program's own definition comes first. */
long syscall(long number, ...)
{
    enum { ARGUMENTS_MAX = 6 };
    long arguments[ARGUMENTS_MAX];
    va_list list;
    va_start(list, number);
    for (int i = 0; i < ARGUMENTS_MAX; i++)
        arguments[i] = va_arg(list, long);
    va_end(list);
    if (number == SYS_close)
        return close((int)arguments[0]);
    long (*next)(long number, ...) = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
    return next(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4],
                arguments[5]);
}
