# Rules for what tries to break the server: layers, fuzzers, sanitizers, injected failures, the
# public suite, coverage.

.PHONY: layers fuzz fuzz-targets inject injected
layers:
	tests/with-node node tests/layers.mjs

# Every fuzz target for so many seconds; FUZZ="http json" names some of them.
SECONDS ?= 60
fuzz:
	$(MAKE) --no-print-directory fuzz-targets VARIANT=fuzz
	tests/fuzz/run.sh build/fuzz/tests/fuzz $(SECONDS) $(FUZZ)

FUZZ_PROGRAMS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/*_fuzz.c))
FUZZ_SHARED := $(patsubst %.c,$(BUILD)/%.o,$(filter-out %_fuzz.c,$(wildcard tests/fuzz/*.c)))
ARENA_APART = -Wl,--wrap=arena_alloc,--wrap=arena_alloc_zeroed,--wrap=arena_alloc_bytes,--wrap=arena_alloc_array

fuzz-targets: $(FUZZ_PROGRAMS)

$(FUZZ_PROGRAMS): $(BUILD)/%: $(BUILD)/%.o $(FUZZ_SHARED) $(OBJECTS) $(LLHTTP)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -fsanitize=fuzzer $(ARENA_APART) -o $@ $^ $(LIBRARIES)

# The server with failing memory, reads, writes, syncs, opens, renames and removals: tests/inject/inject.mjs arms them.
# SECONDS=0 runs every case.
inject:
	$(MAKE) --no-print-directory injected VARIANT=asan
	tests/with-node node tests/inject/inject.mjs $(SECONDS)

injected: $(BUILD)/tests/inject/stator

INJECTED_CALLS = -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=aligned_alloc -rdynamic \
	-Wl,--wrap=fopen,--wrap=fread,--wrap=fwrite,--wrap=fflush

$(BUILD)/tests/inject/stator: $(BUILD)/tests/inject/faults.o $(BUILD)/src/server/main.o $(OBJECTS) $(LLHTTP)
	$(CC) $(CFLAGS_ALL) $(INJECTED_CALLS) -o $@ $^ $(LIBRARIES)

# All tests under the address, undefined-behaviour and thread sanitizers: a quarter of an hour.
.PHONY: sanitize
sanitize: prepare
	$(MAKE) all VARIANT=asan
	$(MAKE) all VARIANT=tsan
	tests/sanitize/run.sh

# For one part alone: make contract VARIANT=tsan.
ifeq ($(VARIANT),tsan)
# Why without the detector of deadlocks: tests/sanitize/run.sh.
export TSAN_OPTIONS ?= suppressions=$(CURDIR)/tests/sanitize/thread.supp detect_deadlocks=0 halt_on_error=1
$(BUILD)/stator: $(BUILD)/tests/sanitize/closes.o
endif

# SUITE=DIR: a checkout of github.com/nubo-db/dynamodb-conformance after `npm ci`.
.PHONY: conformance
conformance: prepare
	$(MAKE) all
	tests/with-node node tests/conformance/conformance.mjs $(SUITE)

# Branches taken by the unit tests, the engine contract and the injected failures, in the files that
# must never go wrong. LINES=--lines names the lines with branches not taken.
.PHONY: coverage covered
coverage:
	$(MAKE) --no-print-directory covered VARIANT=coverage
	tests/with-node node tests/coverage/coverage.mjs build/coverage $(LINES)

COVERED := $(BUILD)/tests/unit/run $(BUILD)/tests/store/run $(BUILD)/tests/inject/stator
covered: $(COVERED)

ifeq ($(VARIANT),coverage)
$(COVERED): CFLAGS_ALL += -Wl,--wrap=_exit
$(COVERED): $(BUILD)/tests/coverage/flush.o
endif
