/*
 * Linked into the coverage build (ld --wrap): a process that leaves by _exit is counted too.
 *
 * Counting takes a while, in which the other threads would go on serving a client that has reason
 * to think that the process is gone: so its sockets are shut first.
 */
#include <sys/socket.h>
#include <unistd.h>

void __gcov_dump(void);
_Noreturn void __real__exit(int code);
_Noreturn void __wrap__exit(int code);

_Noreturn void __wrap__exit(int code)
{
    enum { FILES_MAX = 1024 };
    for (int file = STDERR_FILENO + 1; file < FILES_MAX; file++)
        shutdown(file, SHUT_RDWR);
    __gcov_dump();
    __real__exit(code);
}
