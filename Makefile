# Stator. `make run` serves, `make test` proves, `make` builds build/stator.
# Adding a file never edits this one: folders are found by wildcard.

BUILD ?= build
CC = gcc
MAKEFLAGS += --jobs=$(shell nproc)
LLHTTP_INCLUDE ?= /usr/share/include/llhttp
CSTANDARD = -std=gnu17 -D_GNU_SOURCE
WARNINGS = -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wvla -Werror
# Optimised across files where it counts: a GetItem costs an eighth less CPU. Test programs link
# without it (NO_LTO), which is quicker.
OPTIMISE ?= -O2 -g -flto=auto -ffat-lto-objects
NO_LTO = -fno-lto
CFLAGS_ALL = $(CSTANDARD) $(WARNINGS) $(OPTIMISE) -fno-omit-frame-pointer -pthread -Isrc -I. -isystem $(LLHTTP_INCLUDE)/.. $(VARIANT_FLAGS)
LIBRARIES = -lrocksdb -luv -lxxhash -lz -lzstd -lpthread -lm

# A variant is the same tree with other flags in a build folder of its own.
ifeq ($(VARIANT),asan)
BUILD = build/asan
OPTIMISE = -O1 -g
VARIANT_FLAGS = -fsanitize=address,undefined -fno-sanitize-recover=all -DSTATOR_SLOW_ASSERTS
else ifeq ($(VARIANT),tsan)
BUILD = build/tsan
OPTIMISE = -O1 -g
VARIANT_FLAGS = -fsanitize=thread -DSTATOR_SLOW_ASSERTS
else ifeq ($(VARIANT),planted)
BUILD = build/planted
VARIANT_FLAGS = -DSTATOR_PLANTED
else ifeq ($(VARIANT),fuzz)
BUILD = build/fuzz
CC = clang
# clang wants every field of a designated initialiser in a table macro; gcc does not.
WARNINGS += -Wno-missing-field-initializers
OPTIMISE = -O1 -g
# NULL + 0 is an empty slice's beginning: C2Y allows it, gcc always has, clang 14 still objects.
VARIANT_FLAGS = -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=pointer-overflow -fno-sanitize-recover=all -DSTATOR_SLOW_ASSERTS
else ifeq ($(VARIANT),coverage)
BUILD = build/coverage
OPTIMISE = -O0 -g
VARIANT_FLAGS = --coverage
endif

# ROOMS="base json item" builds and tests only these folders.
ROOMS ?= $(notdir $(wildcard src/*))
SOURCES := $(shell find $(addprefix src/,$(ROOMS)) -name '*.c' ! -path 'src/server/main.c')
OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o)
LLHTTP_DIRECTORY ?= /usr/share/llhttp
LLHTTP := $(BUILD)/llhttp/api.o $(BUILD)/llhttp/http.o $(BUILD)/llhttp/llhttp.o
UNIT_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(shell find $(wildcard $(addprefix tests/unit/,$(ROOMS))) -name '*.c' 2>/dev/null)) $(BUILD)/tests/test.o
STORE_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/store/*.c)) $(BUILD)/tests/test.o

.PHONY: all run test prepare unit contract planted soak clean
all: $(BUILD)/stator

# What a newcomer does: both install what is missing first.
run:
	./install.sh run
	$(MAKE) all
	build/stator serve --data ./stator-data

# PARTS="api smoke" runs only these parts of the table in tests/run.mjs.
test: prepare
	$(MAKE) all
	$(MAKE) all VARIANT=asan
	$(MAKE) all VARIANT=planted
	tests/with-node node tests/run.mjs $(PARTS)

# What the tests need besides the server: packages, and the JavaScript the lock files name.
prepare:
	./install.sh test
	tests/prepare.sh

$(BUILD)/stator: $(BUILD)/src/server/main.o $(OBJECTS) $(LLHTTP)
	$(CC) $(CFLAGS_ALL) -o $@ $^ $(LIBRARIES)

$(BUILD)/tests/unit/run: $(UNIT_OBJECTS) $(OBJECTS) $(LLHTTP)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) $(NO_LTO) -o $@ $^ $(LIBRARIES)

$(BUILD)/tests/store/run: $(STORE_OBJECTS) $(OBJECTS) $(LLHTTP)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) $(NO_LTO) -o $@ $^ $(LIBRARIES)

$(BUILD)/bench/ceilings: $(BUILD)/bench/ceilings.o $(OBJECTS) $(LLHTTP)
	$(CC) $(CFLAGS_ALL) -o $@ $^ $(LIBRARIES)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

# llhttp is generated C that Debian ships as source; its warnings are not ours to mend.
$(BUILD)/llhttp/%.o: $(LLHTTP_DIRECTORY)/%.c
	@mkdir -p $(@D)
	$(CC) $(CSTANDARD) $(OPTIMISE) $(VARIANT_FLAGS) -w -I$(LLHTTP_INCLUDE) -c -o $@ $<

# The quick inner loop: no services, seconds.
unit: $(BUILD)/tests/unit/run
	$(BUILD)/tests/unit/run

contract: $(BUILD)/tests/store/run
	$(BUILD)/tests/store/run

clean:
	rm -rf build

include packaging/packaging.mk
include bench/bench.mk
include tests/hardness.mk
include tests/crash/rules.mk

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
