/*
 * Housekeepers: threads that do what is due in the background, every so often, or one turn after
 * the other as long as there is more to do.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct housekeeper;

struct chore {
    bool (*keep)(void *context); /* returns whether there is more to do at once */
    void *context;
    uint32_t period_ms;
    int niceness; /* how far it stands back where others want its core; 0 to 19 */
};

struct housekeeper *housekeeper_open(const struct chore *chore);
void housekeeper_close(struct housekeeper *housekeeper); /* waits for the turn under way */
