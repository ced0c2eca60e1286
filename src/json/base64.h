/* Base64 of RFC 4648 with padding, strict as the service is. */
#pragma once
#include "base/arena.h"

size_t base64_encoded_size(size_t size);
void base64_encode(slice bytes, char *to); /* base64_encoded_size bytes are written */

enum base64_answer { BASE64_OK, BASE64_BAD_LENGTH, BASE64_BAD_CHARACTER, BASE64_BAD_PADDING };
enum base64_answer base64_decode(struct arena *arena, slice text, slice *bytes);
