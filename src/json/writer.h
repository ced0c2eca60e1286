/*
 * JSON writer: appends to a buffer, puts the commas, trusts its caller with the structure.
 * Strings are escaped as needed and must be UTF-8.
 */
#pragma once
#include "base/buffer.h"

struct json_writer {
    struct buffer buffer;
    bool needs_comma;
};

void json_writer_init(struct json_writer *writer, struct arena *arena);
slice json_writer_text(const struct json_writer *writer);

void json_write_object_begin(struct json_writer *writer);
void json_write_object_end(struct json_writer *writer);
void json_write_array_begin(struct json_writer *writer);
void json_write_array_end(struct json_writer *writer);
void json_write_name(struct json_writer *writer, slice name); /* then its value */
void json_write_string(struct json_writer *writer, slice text);
void json_write_base64(struct json_writer *writer, slice bytes); /* as a string */
void json_write_bool(struct json_writer *writer, bool value);
void json_write_null(struct json_writer *writer);
void json_write_integer(struct json_writer *writer, int64_t value);
/* Halves of a capacity unit as the service writes doubles: 0.5, 1.0, 2.5. */
void json_write_halves(struct json_writer *writer, int64_t half_units);
/* Epoch milliseconds as the service writes timestamps: 1700000000.123. */
void json_write_timestamp(struct json_writer *writer, int64_t epoch_ms);
/* Spelled JSON, one value. */
void json_write_raw(struct json_writer *writer, slice json);
/* Spelled JSON that a value must follow, `{"S":`; what it opens is closed as usual. */
void json_write_raw_opening(struct json_writer *writer, slice json);
