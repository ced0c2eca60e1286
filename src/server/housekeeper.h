/* A housekeeper: one thread that does what is due in the background, every so often. */
#pragma once
#include <stdint.h>

struct housekeeper;

struct housekeeper *housekeeper_open(uint32_t period_ms, void (*keep)(void *context), void *context);
void housekeeper_close(struct housekeeper *housekeeper);
