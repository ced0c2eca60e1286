/* The housekeeper: one thread that does what is due in the background, several times a second. */
#pragma once

struct housekeeper;

struct housekeeper *housekeeper_open(void (*keep)(void *context), void *context);
void housekeeper_close(struct housekeeper *housekeeper);
