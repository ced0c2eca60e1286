#include "base/assert.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void assert_failed(const char *claim, const char *file, int line)
{
    fprintf(stderr, "level=error event=assertion_failed claim=\"%s\" at=%s:%d\n", claim, file, line);
    fflush(stderr);
    abort();
}
