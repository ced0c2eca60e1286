/* Connections as the loop and the listener see them. */
#pragma once
#include "http/loop.h"
#include <stdint.h>

/* On the listener's loop: the connection of `fd`, which it takes over, begins on `loop`. */
void connection_open(struct loop *loop, int fd, bool peer_is_loopback);

/* On the loop, several times a second: time limits, memory, parked connections. */
void connections_tick(struct loop *loop);

/* On the loop. The second returns how many were not idle. */
void connections_close_idle(struct loop *loop);
uint32_t connections_cut(struct loop *loop);
