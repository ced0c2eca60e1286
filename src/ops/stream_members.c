#include "ops/stream_members.h"

#include <inttypes.h>

/* The choices, in the order of enum stream_view. */
static const slice view_names[] = {
    SLICE("NEW_IMAGE"),
    SLICE("OLD_IMAGE"),
    SLICE("NEW_AND_OLD_IMAGES"),
    SLICE("KEYS_ONLY"),
};
static const struct choices view_choices = {
    view_names, sizeof view_names / sizeof *view_names,
    SLICE("[OLD_IMAGE, KEYS_ONLY, NEW_AND_OLD_IMAGES, NEW_IMAGE]")};

static const struct field specification_fields[] = {
    FIELD(struct stream_specification, enabled, "StreamEnabled", FIELD_BOOLEAN, REQUIRED),
    FIELD(struct stream_specification, view, "StreamViewType", FIELD_ENUM, OPTIONAL,
          .choices = &view_choices),
};
const struct structure stream_specification_structure = STRUCTURE(
    struct stream_specification, specification_fields, .shape = SLICE("StreamSpecification"));

slice stream_view_name(enum stream_view view)
{
    return view_names[view - STREAM_VIEW_NEW_IMAGE];
}

/* ---- names of streams and shards ---- */

static bool contains(slice text, slice part)
{
    return text.size > 0 && memmem(text.data, text.size, part.data, part.size) != NULL;
}

error stream_arn_check(slice arn)
{
    if (slice_begins_with(arn, SLICE("arn:")) && contains(arn, SLICE(":dynamodb:")) &&
        contains(arn, SLICE(":table/")) && contains(arn, SLICE("/stream/")))
        return NULL;
    return FAILURE(ERROR_VALIDATION, "Invalid StreamArn");
}

error stream_arn_find(struct request *request, slice arn, const struct stream **stream)
{
    TRY(stream_arn_check(arn));
    return stream_find(request->session, arn, stream);
}

error shard_find(struct request *request, const struct stream *stream, slice name,
                 const struct shard **shard)
{
    for (uint32_t i = 0; i < stream->shard_count; i++) {
        *shard = &stream->shards[i];
        if (slice_equal(shard_name(request->arena, stream, (*shard)->id), name))
            return NULL;
    }
    return FAILURE(ERROR_RESOURCE_NOT_FOUND, "Requested resource not found: Shard does not exist");
}

/* ---- sequence numbers: 1, then the commit's number, then the index in it ---- */

enum { COMMIT_DIGITS = 20, INDEX_DIGITS = 5, SEQUENCE_DIGITS = 1 + COMMIT_DIGITS + INDEX_DIGITS };

slice sequence_number(struct arena *arena, struct log_position position)
{
    return arena_format(arena, "1%0*" PRIu64 "%0*u", COMMIT_DIGITS, position.commit, INDEX_DIGITS,
                        (unsigned)position.index);
}

/* False for what is more than `max`. */
static bool read_digits(slice digits, uint64_t max, uint64_t *number)
{
    unsigned __int128 value = 0;
    for (size_t i = 0; i < digits.size; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9')
            return false;
        value = value * 10 + (unsigned)(digits.data[i] - '0');
    }
    *number = (uint64_t)value;
    return value <= max;
}

bool sequence_number_read(slice text, struct log_position *position)
{
    uint64_t commit, index;
    if (text.size != SEQUENCE_DIGITS || text.data[0] != '1' ||
        !read_digits(slice_of(text.data + 1, COMMIT_DIGITS), UINT64_MAX, &commit) ||
        !read_digits(slice_from(text, 1 + COMMIT_DIGITS), UINT16_MAX, &index))
        return false;
    *position = (struct log_position){commit, (uint16_t)index};
    return true;
}
