#include "ops/bucket_members.h"

static bool is_letter_or_digit(char byte)
{
    char letter = byte | 0x20;
    return (letter >= 'a' && letter <= 'z') || (byte >= '0' && byte <= '9');
}

static bool is_bucket(slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        char byte = text.data[i];
        bool is_inside = i > 0 && i + 1 < text.size && (byte == '.' || byte == '-' || byte == '_');
        if (!is_letter_or_digit(byte) && !is_inside)
            return false;
    }
    return text.size >= 2;
}

static bool is_bucket_owner(slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
    }
    return text.size == 12;
}

static bool is_client_token(slice text)
{
    return text.size > 0 && !memchr(text.data, '$', text.size);
}

const struct pattern pattern_of_bucket = {SLICE("^[a-z0-9A-Z]+[\\.\\-\\w]*[a-z0-9A-Z]+$"),
                                          is_bucket};
const struct pattern pattern_of_bucket_owner = {SLICE("[0-9]{12}"), is_bucket_owner};
const struct pattern pattern_of_client_token = {SLICE("^[^\\$]+$"), is_client_token};
