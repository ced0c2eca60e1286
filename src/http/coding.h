/*
 * Which coding a reply's body gets: Accept-Encoding, read as the service reads it.
 *
 * It knows gzip and deflate; whatever else is named, identity too, does not count. The first of
 * the heaviest is taken. An asterisk stands for those that are not named, gzip before deflate, and
 * yields to one that is as heavy and named. A weight is what follows the first "q=" of the
 * parameters; one that is no number is 1, and so is none, or more.
 * Source: ScyllaDB's tests of Alternator, test_compressed_response.py, which the service passes.
 */
#pragma once
#include "http/reply.h"

/* REPLY_GZIP, REPLY_DEFLATE, or REPLY_PLAIN. */
enum reply_coding coding_choose(slice accept_encoding);
