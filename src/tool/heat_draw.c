#include "tool/heat_draw.h"

#include "base/buffer.h"
#include "tool/heat_notes.h"

enum { BAR_CELLS = 20, KEY_BYTES_SHOWN = 48, KEYS_SHOWN = 5, HOTTEST_SHOWN = 3 };

/* From which share of the load on a bar is hot, and warm. */
static const double HOT = 0.5;
static const double WARM = 0.25;
/* A smaller one is not called hot. */
static const double HOTTEST_SHARE_MIN = 0.02;

struct drawing {
    struct arena *arena;
    const struct heat_style *style;
    struct buffer text;
};

static void append(struct drawing *drawing, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void append(struct drawing *drawing, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    buffer_append(&drawing->text, arena_format_list(drawing->arena, format, arguments));
    va_end(arguments);
}

/* 1234567 as 1.2M. */
static slice amount(struct drawing *drawing, double number)
{
    static const char *const units[] = {"", "k", "M", "G", "T", "P"};
    unsigned unit = 0;
    while (number >= 1000 && unit + 1 < sizeof units / sizeof *units) {
        number /= 1000;
        unit++;
    }
    bool is_whole = unit == 0 && number == (double)(int64_t)number;
    return arena_format(drawing->arena, is_whole ? "%.0f%s" : "%.1f%s", number, units[unit]);
}

static void append_color(struct drawing *drawing, double share)
{
    if (drawing->style->has_colors)
        append(drawing, "\x1b[%dm", share >= HOT ? 31 : share >= WARM ? 33 : 32);
}

static void append_bar(struct drawing *drawing, double share)
{
    unsigned full = (unsigned)(share * BAR_CELLS + 0.5);
    append_color(drawing, share);
    for (unsigned i = 0; i < BAR_CELLS; i++) {
        if (drawing->style->has_blocks)
            append(drawing, "%s", i < full ? "\xe2\x96\x88" : "\xe2\x96\x91");
        else
            append(drawing, "%c", i < full ? '#' : '.');
    }
    if (drawing->style->has_colors)
        append(drawing, "\x1b[0m");
    append(drawing, " %3.0f%%", share * 100);
}

/* What a terminal obeys and does not show, as UTF-8 spells it: the last byte is one of a range. */
static const struct {
    slice lead;
    unsigned char from, to;
} controls[] = {
    {SLICE(""), 0x00, 0x1f},         /* C0 */
    {SLICE(""), 0x7f, 0x7f},         /* DEL */
    {SLICE("\xc2"), 0x80, 0x9f},     /* C1 */
    {SLICE("\xe2\x80"), 0x8e, 0x8f}, /* marks of direction */
    {SLICE("\xe2\x80"), 0xa8, 0xae}, /* ends of lines and paragraphs, directions that last */
    {SLICE("\xe2\x81"), 0xa6, 0xa9}, /* directions of a part */
};

/* How many bytes of a control begin here. */
static size_t control_size(slice left)
{
    for (size_t i = 0; i < sizeof controls / sizeof *controls; i++) {
        size_t at = controls[i].lead.size;
        unsigned char last = left.size > at ? (unsigned char)left.data[at] : ' ';
        if (left.size > at && slice_begins_with(left, controls[i].lead) &&
            last >= controls[i].from && last <= controls[i].to)
            return at + 1;
    }
    return 0;
}

static void append_key(struct drawing *drawing, slice key)
{
    size_t shown = 0;
    for (slice left = key; left.size > 0; shown++) {
        size_t size = control_size(left);
        bool begins = ((unsigned char)left.data[0] & 0xc0) != 0x80; /* a character */
        if (shown >= KEY_BYTES_SHOWN && begins) {
            append(drawing, "...");
            return;
        }
        buffer_append(&drawing->text, size > 0 ? SLICE("?") : slice_first(left, 1));
        left = slice_from(left, size > 0 ? size : 1);
    }
}

static void append_keys(struct drawing *drawing, const char *what, const struct heat_key *keys,
                        uint32_t count)
{
    for (uint32_t i = 0; i < count && i < KEYS_SHOWN; i++) {
        append(drawing, "      %s ", what);
        append_bar(drawing, keys[i].share);
        append(drawing, " ");
        append_key(drawing, keys[i].key);
        append(drawing, "\n");
    }
}

/* The keys with the largest shares of the load of the whole table or index, the hottest first. */
static void append_hottest(struct drawing *drawing, const struct heat_place *place, double load)
{
    struct heat_key hottest[HOTTEST_SHOWN] = {{.share = 0}};
    for (uint32_t i = 0; i < place->partition_count; i++) {
        const struct heat_partition *partition = &place->partitions[i];
        for (uint32_t j = 0; j < partition->hot_key_count; j++) {
            struct heat_key key = partition->hot_keys[j];
            key.share *= heat_load(partition) / load;
            for (uint32_t k = 0; k < HOTTEST_SHOWN; k++) {
                struct heat_key other = hottest[k];
                if (key.share > other.share) {
                    hottest[k] = key;
                    key = other;
                }
            }
        }
    }
    for (uint32_t k = 0; k < HOTTEST_SHOWN && hottest[k].share >= HOTTEST_SHARE_MIN; k++) {
        append(drawing, "%s%.0f%% ", k == 0 ? "  hottest: " : ", ", hottest[k].share * 100);
        append_key(drawing, hottest[k].key);
    }
    if (hottest[0].share >= HOTTEST_SHARE_MIN)
        append(drawing, "\n");
}

static void append_partition(struct drawing *drawing, const struct heat_partition *partition,
                             double load)
{
    double share = load > 0 ? heat_load(partition) / load : 0;
    const char *about = partition->is_estimated ? "~" : "";
    append(drawing, "  %4lld %.4s-%.4s ", (long long)partition->id,
           partition->hash_from.size >= 4 ? partition->hash_from.data : "????",
           partition->hash_to.size >= 4 ? partition->hash_to.data : "????");
    append_bar(drawing, share);
    append(drawing, " %8.*s %8.*s", SLICE_ARGS(amount(drawing, partition->read_units)),
           SLICE_ARGS(amount(drawing, partition->write_units)));
    append(drawing, " %1s%7.*s", about, SLICE_ARGS(amount(drawing, (double)partition->items)));
    append(drawing, " %1s%6.*sB", about, SLICE_ARGS(amount(drawing, (double)partition->bytes)));
    append(drawing, " %9.*s", SLICE_ARGS(amount(drawing, (double)partition->throttled)));
    append(drawing, " %9.*s\n", SLICE_ARGS(amount(drawing, (double)partition->would_throttle)));
    append_keys(drawing, "key ", partition->hot_keys, partition->hot_key_count);
    append_keys(drawing, "item", partition->hot_items, partition->hot_item_count);
}

static void append_place(struct drawing *drawing, const struct heat_place *place, bool is_table)
{
    double load = 0;
    int64_t scanned = 0;
    int64_t returned = 0;
    for (uint32_t i = 0; i < place->partition_count; i++) {
        load += heat_load(&place->partitions[i]);
        scanned += place->partitions[i].scanned_items;
        returned += place->partitions[i].returned_items;
    }
    append(drawing, "%s%.*s: %u partition%s; %lld items read, %lld returned\n",
           is_table ? "" : "index ", SLICE_ARGS(place->name), place->partition_count,
           place->partition_count == 1 ? "" : "s", (long long)scanned, (long long)returned);
    if (load > 0)
        append_hottest(drawing, place, load);
    append(drawing, "  %4s %-9s %-25s %8s %8s %8s %8s %9s %9s\n", "id", "hashes", "load", "reads",
           "writes", "items", "size", "throttled", "would be");
    for (uint32_t i = 0; i < place->partition_count; i++)
        append_partition(drawing, &place->partitions[i], load);
    heat_append_notes(drawing->arena, &drawing->text, place);
}

slice heat_draw(struct arena *arena, const struct heat_page *page, const struct heat_style *style)
{
    struct drawing drawing = {.arena = arena, .style = style};
    buffer_init(&drawing.text, arena);
    for (uint32_t i = 0; i < page->place_count; i++)
        append_place(&drawing, &page->places[i], i == 0);
    return buffer_slice(&drawing.text);
}
