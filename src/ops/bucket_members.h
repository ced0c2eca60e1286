/* Members of the operations that write to buckets and read from them. */
#pragma once
#include "ops/decode.h"

enum { BUCKET_BYTES_MAX = 255, BUCKET_PREFIX_BYTES_MAX = 1024, KMS_KEY_ID_BYTES_MAX = 2048 };

/* Source: service model. */
extern const struct pattern pattern_of_bucket;
extern const struct pattern pattern_of_bucket_owner;
extern const struct pattern pattern_of_client_token;
