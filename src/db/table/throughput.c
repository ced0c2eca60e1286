#include "db/table/throughput.h"

#include <inttypes.h>
#include <time.h>

#define INVALID "One or more parameter values were invalid: "

enum { DECREASES_FREE_PER_DAY = 4, DECREASE_PAUSE_MS = 3600 * 1000 };
static const int64_t DAY_MS = INT64_C(86400000);

static void raise_units(struct table_units *units, int64_t read, int64_t write)
{
    if (units->read < read)
        units->read = read;
    if (units->write < write)
        units->write = write;
}

void table_settings_warm_up(struct table_settings *settings)
{
    if (settings->billing_mode == BILLING_PAY_PER_REQUEST)
        raise_units(&settings->warm, WARM_READ_UNITS_ON_DEMAND, WARM_WRITE_UNITS_ON_DEMAND);
    else
        raise_units(&settings->warm, settings->provisioned.read, settings->provisioned.write);
}

error table_check_ceilings(struct arena *arena, slice subject, enum billing_mode billing_mode,
                           struct table_units wanted)
{
    const struct {
        const char *name;
        int64_t units;
    } parts[] = {{"MaxReadRequestUnits", wanted.read}, {"MaxWriteRequestUnits", wanted.write}};
    bool is_table = slice_equal(subject, SLICE("table"));
    for (uint32_t i = 0; i < 2; i++) {
        if (parts[i].units != 0 && billing_mode == BILLING_PROVISIONED)
            return fail(arena, ERROR_VALIDATION,
                        INVALID "%s for OnDemandThroughput%s%.*s cannot be specified when the "
                                "table BillingMode is PROVISIONED",
                        parts[i].name, is_table ? "" : " for ",
                        SLICE_ARGS(is_table ? SLICE_NONE : subject));
    }
    for (uint32_t i = 0; i < 2; i++) {
        if (parts[i].units < -1)
            return fail(arena, ERROR_VALIDATION,
                        INVALID "Requested %s for OnDemandThroughput for %.*s is outside of valid "
                                "range",
                        parts[i].name, SLICE_ARGS(subject));
    }
    return NULL;
}

int64_t table_decreases_today(const struct table_history *history, int64_t now_ms)
{
    return history->decreased_ms / DAY_MS == now_ms / DAY_MS ? history->decrease_count : 0;
}

/* As the service writes a time in its messages. */
static slice time_text(struct arena *arena, int64_t epoch_ms)
{
    time_t seconds = (time_t)(epoch_ms / 1000);
    struct tm parts;
    char text[96];
    gmtime_r(&seconds, &parts);
    size_t size = strftime(text, sizeof text,
                           "%A, %B %-d, %Y at %-I:%M:%S %p Coordinated Universal Time", &parts);
    return arena_copy(arena, slice_of(text, size));
}

static error check_decreases(struct arena *arena, const struct table_history *history,
                             int64_t now_ms)
{
    int64_t count = table_decreases_today(history, now_ms);
    int64_t next_ms = history->decreased_ms + DECREASE_PAUSE_MS;
    int64_t midnight_ms = (now_ms / DAY_MS + 1) * DAY_MS;
    if (next_ms > midnight_ms)
        next_ms = midnight_ms;
    slice last = time_text(arena, history->decreased_ms);
    slice next = time_text(arena, next_ms);
    if (count < DECREASES_FREE_PER_DAY || now_ms >= next_ms)
        return NULL;
    return fail(arena, ERROR_LIMIT_EXCEEDED,
                "Subscriber limit exceeded: Provisioned throughput decreases are limited within a "
                "given UTC day. After the first %d decreases, each subsequent decrease in the same "
                "UTC day can be performed at most once every 3600 seconds. Number of decreases "
                "today: %" PRId64 ". Last decrease at %.*s. Next decrease can be made at %.*s",
                DECREASES_FREE_PER_DAY, count, SLICE_ARGS(last), SLICE_ARGS(next));
}

error throughput_change(struct arena *arena, struct table_units *current,
                        struct table_history *history, struct table_units wanted, int64_t now_ms,
                        bool *changed)
{
    bool increases = wanted.read > current->read || wanted.write > current->write;
    bool decreases = wanted.read < current->read || wanted.write < current->write;
    *changed = increases || decreases;
    if (decreases) {
        TRY(check_decreases(arena, history, now_ms));
        history->decrease_count = table_decreases_today(history, now_ms) + 1;
        history->decreased_ms = now_ms;
    }
    if (increases)
        history->increased_ms = now_ms;
    *current = wanted;
    return NULL;
}

static int64_t ceiling(int64_t current, int64_t wanted)
{
    if (wanted == 0)
        return current;
    return wanted == -1 ? 0 : wanted;
}

error ceilings_change(struct arena *arena, slice subject, enum billing_mode billing_mode,
                      struct table_units *current, struct table_units wanted)
{
    TRY(table_check_ceilings(arena, subject, billing_mode, wanted));
    current->read = ceiling(current->read, wanted.read);
    current->write = ceiling(current->write, wanted.write);
    return NULL;
}

error warm_change(struct arena *arena, slice subject, struct table_units *current,
                  struct table_units wanted, int64_t ready_ms, int64_t *warmed_ms)
{
    bool lower_reads = wanted.read != 0 && wanted.read < current->read;
    bool lower_writes = wanted.write != 0 && wanted.write < current->write;
    if (lower_reads || lower_writes)
        return fail(arena, ERROR_VALIDATION,
                    INVALID "Requested %s for WarmThroughput for %.*s is lower than current "
                            "WarmThroughput, decreasing WarmThroughput is not supported",
                    lower_reads ? "ReadUnitsPerSecond" : "WriteUnitsPerSecond",
                    SLICE_ARGS(subject));
    if (wanted.read != 0 || wanted.write != 0)
        *warmed_ms = ready_ms;
    raise_units(current, wanted.read, wanted.write);
    return NULL;
}
