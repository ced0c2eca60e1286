#include "tool/import_files.h"

static bool ends_with(slice text, slice end)
{
    return text.size >= end.size && slice_equal(slice_from(text, text.size - end.size), end);
}

void import_file_kind(slice name, enum exchange_format *format, enum compression *compression)
{
    static const struct {
        slice end;
        enum compression compression;
    } compressions[] = {{SLICE(".gz"), COMPRESSION_GZIP}, {SLICE(".zst"), COMPRESSION_ZSTD}};
    static const struct {
        slice end;
        enum exchange_format format;
    } formats[] = {{SLICE(".ion"), EXCHANGE_ION}, {SLICE(".csv"), EXCHANGE_CSV}};
    *compression = COMPRESSION_NONE;
    *format = EXCHANGE_DYNAMODB_JSON;
    for (size_t i = 0; i < sizeof compressions / sizeof *compressions; i++) {
        if (!ends_with(name, compressions[i].end))
            continue;
        *compression = compressions[i].compression;
        name.size -= compressions[i].end.size;
        break;
    }
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (ends_with(name, formats[i].end))
            *format = formats[i].format;
    }
}

/* The file alone, or in a folder. */
static bool is_named(slice name, slice file)
{
    return ends_with(name, file) &&
           (name.size == file.size || name.data[name.size - file.size - 1] == '/');
}

static bool is_below_data(slice name)
{
    static const slice below = SLICE("/data/");
    return slice_begins_with(name, slice_from(below, 1)) ||
           memmem(name.data, name.size, below.data, below.size);
}

uint32_t import_choose_files(slice *names, uint32_t count)
{
    bool is_export = false;
    for (uint32_t i = 0; i < count; i++)
        is_export = is_export || is_named(names[i], SLICE("manifest-summary.json"));
    uint32_t chosen = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!is_export || is_below_data(names[i]))
            names[chosen++] = names[i];
    }
    return chosen;
}
