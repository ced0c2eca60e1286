#include "http/chunked.h"

#include "base/limits.h"

enum { SIZE_DIGITS_MAX = 8 };

static int hex_digit(unsigned char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static bool is_line_text(unsigned char byte)
{
    return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
}

/* The size line up to its extension or end. */
static bool read_size(struct chunked *chunked, unsigned char byte)
{
    int digit = hex_digit(byte);
    if (digit >= 0) {
        chunked->left = chunked->left * 16 + (uint64_t)digit;
        return ++chunked->digit_count <= SIZE_DIGITS_MAX;
    }
    chunked->state = byte == ';' ? CHUNKED_EXTENSION : CHUNKED_SIZE_LF;
    return chunked->digit_count > 0 && (byte == ';' || byte == '\r');
}

/* One byte that is not chunk data; false when it may not stand there. */
static bool read_framing(struct chunked *chunked, unsigned char byte)
{
    switch (chunked->state) {
    case CHUNKED_SIZE:
        return read_size(chunked, byte);
    case CHUNKED_EXTENSION:
        if (byte == '\r')
            chunked->state = CHUNKED_SIZE_LF;
        return byte == '\r' || (is_line_text(byte) && ++chunked->skipped_bytes <= HEAD_BYTES_MAX);
    case CHUNKED_SIZE_LF:
        chunked->state = chunked->left > 0 ? CHUNKED_DATA : CHUNKED_TRAILER_START;
        return byte == '\n';
    case CHUNKED_DATA_CR:
        chunked->state = CHUNKED_DATA_LF;
        return byte == '\r';
    case CHUNKED_DATA_LF:
        chunked->state = CHUNKED_SIZE;
        chunked->digit_count = 0;
        return byte == '\n';
    case CHUNKED_TRAILER_START:
        chunked->state = byte == '\r' ? CHUNKED_LAST_LF : CHUNKED_TRAILER;
        return byte == '\r' || (is_line_text(byte) && byte != ' ' && byte != '\t' &&
                                ++chunked->skipped_bytes <= HEAD_BYTES_MAX);
    case CHUNKED_TRAILER:
        if (byte == '\r')
            chunked->state = CHUNKED_TRAILER_LF;
        return byte == '\r' || (is_line_text(byte) && ++chunked->skipped_bytes <= HEAD_BYTES_MAX);
    case CHUNKED_TRAILER_LF:
        chunked->state = CHUNKED_TRAILER_START;
        return byte == '\n' && ++chunked->skipped_bytes <= HEAD_BYTES_MAX;
    case CHUNKED_LAST_LF:
        return byte == '\n';
    case CHUNKED_DATA:
        break;
    }
    return false;
}

enum chunked_result chunked_read(struct chunked *chunked, slice bytes, size_t *used, slice *data)
{
    while (*used < bytes.size) {
        if (chunked->state == CHUNKED_DATA) {
            size_t size = bytes.size - *used;
            if (size > chunked->left)
                size = (size_t)chunked->left;
            *data = slice_of(bytes.data + *used, size);
            *used += size;
            chunked->left -= size;
            if (chunked->left == 0)
                chunked->state = CHUNKED_DATA_CR;
            return CHUNKED_GAVE_DATA;
        }
        bool last = chunked->state == CHUNKED_LAST_LF;
        if (!read_framing(chunked, (unsigned char)bytes.data[(*used)++]))
            return CHUNKED_BROKEN;
        if (last)
            return CHUNKED_ENDED;
    }
    return CHUNKED_NEEDS_MORE;
}
