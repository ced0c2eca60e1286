#include "base/digest.h"

#include "base/bytes.h"
#include <xxhash.h>

struct digest digest_of(slice bytes)
{
    XXH128_hash_t hash = XXH3_128bits(bytes.data, bytes.size);
    return (struct digest){hash.high64, hash.low64};
}

void digest_add(struct digest *digest, slice part)
{
    struct digest of_part = digest_of(part);
    char both[32];
    bytes_put_u64(both, digest->high);
    bytes_put_u64(both + 8, digest->low);
    bytes_put_u64(both + 16, of_part.high);
    bytes_put_u64(both + 24, of_part.low);
    *digest = digest_of(slice_of(both, sizeof both));
}

void digest_add_unordered(struct digest *digest, struct digest member)
{
    digest->high += member.high;
    digest->low += member.low;
}
