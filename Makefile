# SPDX-License-Identifier: GPL-2.0-only
# dvdemu. `make help` lists the targets. Everything made goes into $(BUILD); CFLAGS, CC and
# BUILD are yours, the project's own flags are added to them.

BUILD  ?= build
PREFIX ?= /usr/local
CFLAGS ?= -O2 -g
CC     ?= cc

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
            -Wmissing-prototypes -Wcast-qual -Wpointer-arith -Wvla -Wundef
SANITIZE ?=
WERROR   ?=
# clang links its runtime into programs unless told; the module needs it as a library
CLANG := $(findstring clang,$(CC))
CLANG_RUNTIME = $(dir $(shell $(CC) -print-file-name=libclang_rt.asan-x86_64.so))
# GNU_C: gnu11 in place of c11, for `make coverage` alone
GNU_C    ?=
OWN_FLAGS := -std=$(if $(GNU_C),gnu11,c11) -D_GNU_SOURCE -fPIC -fvisibility=hidden -pthread $(WARNINGS) \
             $(if $(WERROR),-Werror) $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer $(if $(CLANG),-shared-libasan)) \
             -I. -MMD -MP

# ---- what there is: one wildcard per folder ----

MODULE_SOURCES := $(wildcard emulator/tgt_module.c emulator/module_*.c)
CLI_SOURCES    := $(wildcard emulator/cli*.c)
CORE_SOURCES   := $(wildcard css/*.c scsi/*.c) \
                  $(filter-out $(MODULE_SOURCES) $(CLI_SOURCES),$(wildcard emulator/*.c))
# the program for Windows runs on a model of the class driver in the unit tests: all but its calls
WINDOWS_SOURCES     := $(wildcard tests/windows/*.c)
SUPPORT_SOURCES     := $(wildcard tests/support/*.c tests/oracle/*.c tests/walk/*.c tests/contention/*.c tests/explore/*.c) \
                       $(filter-out tests/windows/win32_%,$(WINDOWS_SOURCES))
UNIT_SOURCES        := $(wildcard tests/unit/*.c)
CONFORMANCE_SOURCES := $(wildcard tests/conformance/*.c)
TEST_PROGRAMS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/*.c)) $(BUILD)/tests/unit_tests \
                 $(if $(CONFORMANCE_SOURCES),$(BUILD)/tests/conformance_tests)
GUEST_PROGRAMS := $(patsubst %.c,$(BUILD)/guest/%,$(notdir $(wildcard tests/guest/*.c)))
TOOL_PROGRAMS := $(patsubst %.c,$(BUILD)/%,$(filter-out tools/fixed_time.c,$(wildcard tools/*.c)))
BENCH_PROGRAMS := $(patsubst %.c,$(BUILD)/%,$(wildcard bench/*.c))
BENCH_SUPPORT := $(wildcard bench/support/*.c)

objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
ALL_OBJECTS := $(call objects,$(wildcard css/*.c scsi/*.c emulator/*.c tests/*.c tests/*/*.c \
                                         tools/*.c bench/*.c bench/*/*.c fuzz/*.c))

CORE := $(BUILD)/libdvdemu.a
SUPPORT := $(BUILD)/libsupport.a

FUZZ_NAMES := $(patsubst fuzz/fuzz_%.c,%,$(wildcard fuzz/fuzz_*.c))
# of fuzz/: a target each, the main of replays, and what targets share
FUZZ_SHARED_SOURCES := $(filter-out fuzz/fuzz_%.c fuzz/replay_inputs.c fuzz/golden_inputs.c fuzz/dictionary.c,$(wildcard fuzz/*.c))
FUZZ_SHARED := $(BUILD)/fuzz/libshared.a
REPLAY_PROGRAMS := $(FUZZ_NAMES:%=$(BUILD)/fuzz/%_replay)
FUZZ_TOOLS := $(BUILD)/fuzz/golden_inputs $(BUILD)/fuzz/dictionary

# ---- what a machine needs (tools/packages.sh says it, and installs it when root) ----

DEPS := $(BUILD)/.packages
TGT_SRC ?= $(BUILD)/tgt
TGT_HEADERS := $(TGT_SRC)/usr/list.h
CORE_LIBS := $(shell pkg-config --libs inih json-c libudfread libmd 2>/dev/null || echo -linih -ljson-c -ludfread -lmd)
LIB_FLAGS := $(shell pkg-config --cflags inih json-c libudfread libmd 2>/dev/null)

# every target that `make help` lists, and those that share a line of it
.PHONY: $(shell sed -n 's/^\([a-z][a-z0-9 -]*\):.*\#\# .*/\1/p' $(firstword $(MAKEFILE_LIST))) packages
.DELETE_ON_ERROR:
.SECONDARY:

DRIVES := $(patsubst configs/%,$(BUILD)/%,$(wildcard configs/drives/*.conf))
$(BUILD)/drives/%: configs/drives/%
	@mkdir -p $(@D)
	cp $< $@

all: $(BUILD)/dvdemu $(BUILD)/dvd.so $(DRIVES) $(BUILD)/demo/demo.disc $(TEST_PROGRAMS) $(TOOL_PROGRAMS) $(REPLAY_PROGRAMS) $(FUZZ_TOOLS) ## the program, the module for tgtd, the tests

$(DEPS): tools/packages.sh
	@mkdir -p $(@D)
	tools/packages.sh
	@touch $@

$(BUILD)/tgt/usr/list.h: tools/fetch_tgt.sh | $(DEPS)
	tools/fetch_tgt.sh $(BUILD)/tgt

$(BUILD)/obj/%.o: %.c | $(DEPS)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(OWN_FLAGS) $(LIB_FLAGS) -c $< -o $@

# tgtd's headers are not ours to mend: warnings about them are switched off, not about our file
$(call objects,$(MODULE_SOURCES)): OWN_FLAGS += -isystem $(TGT_SRC)/usr
$(call objects,$(MODULE_SOURCES)): | $(TGT_HEADERS)

$(CORE): $(call objects,$(CORE_SOURCES))
	@rm -f $@
	$(AR) rcs $@ $^

$(SUPPORT): $(call objects,$(SUPPORT_SOURCES))
	@rm -f $@
	$(AR) rcs $@ $^

# the two archives need each other
LINK = $(CC) $(CFLAGS) $(OWN_FLAGS) $(LDFLAGS) -Wl,--as-needed \
       $(if $(SANITIZE),$(if $(CLANG),-Wl$(comma)-rpath=$(CLANG_RUNTIME)))
comma := ,
GROUP = -Wl,--start-group $(filter %.a,$^) -Wl,--end-group

$(BUILD)/dvdemu: $(call objects,$(CLI_SOURCES)) $(CORE)
	$(LINK) $(filter %.o,$^) $(GROUP) $(CORE_LIBS) -liscsi -o $@

$(BUILD)/dvd.so: $(call objects,$(MODULE_SOURCES)) $(CORE)
	$(LINK) -shared $^ $(CORE_LIBS) -o $@

# what tests/support/faults.h lets fail
FAULT_CALLS := malloc calloc realloc strdup asprintf open_memstream accept4 access eventfd fclose fopen fstat fstatfs \
               fsync getrandom mkdir open opendir poll pread preadv2 pthread_create read recv send socket
$(BUILD)/tests/unit_tests: LDFLAGS += $(FAULT_CALLS:%=-Wl,--wrap=%)
$(BUILD)/tests/unit_tests: $(call objects,$(UNIT_SOURCES)) $(CORE) $(SUPPORT)
	@mkdir -p $(@D)
	$(LINK) $(filter %.o,$^) $(GROUP) $(CORE_LIBS) -lcunit -o $@

$(BUILD)/tests/conformance_tests: $(call objects,$(CONFORMANCE_SOURCES)) $(CORE) $(SUPPORT)
	@mkdir -p $(@D)
	$(LINK) $(filter %.o,$^) $(GROUP) $(CORE_LIBS) -lcunit -liscsi -o $@

$(BUILD)/tests/%: $(BUILD)/obj/tests/%.o $(CORE) $(SUPPORT)
	@mkdir -p $(@D)
	$(LINK) $(filter %.o,$^) $(GROUP) $(CORE_LIBS) -lcunit -liscsi -o $@

$(BUILD)/tools/%: $(BUILD)/obj/tools/%.o $(CORE)
	@mkdir -p $(@D)
	$(LINK) $(filter %.o,$^) $(GROUP) $(CORE_LIBS) -o $@

# goes into a program that was not built here: no sanitizer
$(BUILD)/tools/fixed_time.so: tools/fixed_time.c | $(DEPS)
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE -O2 -fPIC $(WARNINGS) -shared $< -o $@

$(FUZZ_SHARED): $(call objects,$(FUZZ_SHARED_SOURCES))
	@mkdir -p $(@D)
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/fuzz/%_replay: $(BUILD)/obj/fuzz/fuzz_%.o $(BUILD)/obj/fuzz/replay_inputs.o $(FUZZ_SHARED) $(CORE) $(SUPPORT)
	@mkdir -p $(@D)
	$(LINK) $(filter %.o,$^) $(GROUP) $(CORE_LIBS) -lcunit -o $@

$(FUZZ_TOOLS): $(BUILD)/fuzz/%: $(BUILD)/obj/fuzz/%.o $(FUZZ_SHARED) $(CORE) $(SUPPORT)
	@mkdir -p $(@D)
	$(LINK) $(filter %.o,$^) $(GROUP) $(CORE_LIBS) -lcunit -o $@

# fuzzers want objects of their own: clang, coverage, sanitizers
FUZZ_FLAGS := -g -O2 -fno-omit-frame-pointer -std=c11 -D_GNU_SOURCE -I. -pthread $(LIB_FLAGS) -fsanitize=address,undefined -fno-sanitize-recover=undefined
FUZZED_SOURCES := $(CORE_SOURCES) $(SUPPORT_SOURCES) $(FUZZ_SHARED_SOURCES)
FUZZ_DEPS := $(BUILD)/.packages-fuzz
$(FUZZ_DEPS): tools/packages.sh
	@mkdir -p $(@D)
	tools/packages.sh fuzz
	@touch $@

$(BUILD)/fuzz/obj/%.o: %.c | $(DEPS) $(FUZZ_DEPS)
	@mkdir -p $(@D)
	clang $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link -MMD -MP -c $< -o $@

$(BUILD)/fuzz/libfuzzed.a: $(FUZZED_SOURCES:%.c=$(BUILD)/fuzz/obj/%.o)
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/fuzz/%_fuzz: $(BUILD)/fuzz/obj/fuzz/fuzz_%.o $(BUILD)/fuzz/libfuzzed.a
	clang $(FUZZ_FLAGS) -fsanitize=fuzzer $^ $(CORE_LIBS) -lcunit -o $@

$(BUILD)/afl/obj/%.o: %.c | $(DEPS) $(FUZZ_DEPS)
	@mkdir -p $(@D)
	afl-clang-fast $(FUZZ_FLAGS) -MMD -MP -c $< -o $@

$(BUILD)/afl/libfuzzed.a: $(FUZZED_SOURCES:%.c=$(BUILD)/afl/obj/%.o)
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/afl/%_afl: $(BUILD)/afl/obj/fuzz/fuzz_%.o $(BUILD)/afl/libfuzzed.a
	afl-clang-fast $(FUZZ_FLAGS) -fsanitize=fuzzer $^ $(CORE_LIBS) -lcunit -o $@

# run in a guest that has nothing: static, and no sanitizer
$(BUILD)/guest/%: tests/guest/%.c tests/support/host_css.c | $(DEPS)
	@mkdir -p $(@D)
	$(CC) -O2 -std=c11 -D_GNU_SOURCE -I. $(WARNINGS) -static $^ -o $@

$(BUILD)/windows/%.exe: $(WINDOWS_SOURCES) tests/support/host_css.c $(wildcard tests/windows/*.h)
	@mkdir -p $(@D)
	tools/packages.sh windows
	$(MINGW_$*) -O2 -std=c11 -I. $(WARNINGS) -static -s -Wl,--no-insert-timestamp $(filter %.c,$^) -lntdll -o $@

$(BUILD)/libbench.a: $(call objects,$(BENCH_SUPPORT))
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/bench/%: $(BUILD)/obj/bench/%.o $(BUILD)/libbench.a $(CORE) $(SUPPORT)
	@mkdir -p $(@D)
	$(LINK) $(filter %.o,$^) $(GROUP) $(CORE_LIBS) -liscsi -o $@

DEMO := $(BUILD)/demo/demo.disc
$(DEMO): tools/make_demo.sh $(BUILD)/dvdemu $(BUILD)/tools/demo_mpeg $(BUILD)/tools/fixed_time.so
	tools/make_demo.sh $(@D) $(BUILD)

run: all ## serve the built-in demo disc until interrupted
	exec $(BUILD)/dvdemu serve

test: all $(GUEST_PROGRAMS) ## every suite; needs no network once built
	tools/packages.sh guest || true
	tools/packages.sh arm64 || true
	tests/run_all.sh $(BUILD)

check: ## everything: tests, lint, instruction counts, tests under sanitizers, the AVX-512 kernel
	$(MAKE) test
	$(MAKE) lint
	$(MAKE) instructions
	$(MAKE) asan
	$(MAKE) avx512

ORACLE_SEED ?= 1
oracle-long: $(BUILD)/tests/oracle_walk ## two million random commands, with and without quirks, judged by the oracle; ORACLE_SEED
	$(BUILD)/tests/oracle_walk 1000000 $(ORACLE_SEED) default
	$(BUILD)/tests/oracle_walk 1000000 $(ORACLE_SEED)

asan: ## the tests under address and undefined sanitizers, in a build folder of their own
	$(MAKE) BUILD=$(BUILD)-asan SANITIZE=address,undefined CFLAGS='-O1 -g' test

coverage: $(DEPS) $(TGT_HEADERS) ## lines and branches that the suites run, with limits; HTML in build-coverage/coverage
	tools/packages.sh coverage
	tools/coverage.sh $(BUILD)-coverage $(TGT_SRC)
.PHONY: mutants mutants-all
MUTANTS ?= 400
MUTANT_SEED ?= 1
mutants: all ## mutation score of MUTANTS (400) small changes drawn by MUTANT_SEED: do the tests notice?
	tools/mutants.py --sample $(MUTANTS) --seed $(MUTANT_SEED) $(BUILD)

mutants-all: all ## the same of every change there is
	tools/mutants.py $(BUILD)

lint: $(DEPS) $(TGT_HEADERS) ## layers, warnings of two compilers, clang-tidy, cppcheck, shellcheck
	tools/packages.sh lint
	tools/lint.sh $(BUILD) $(TGT_SRC)

FORMATTED = $(shell git ls-files -co --exclude-standard '*.c' '*.h')
format: ## clang-format in place
	clang-format -i $(FORMATTED)

format-check: ## fails when `make format` would change something
	clang-format --dry-run --Werror $(FORMATTED)

COUNT = bench/count_instructions.py $(BUILD) '$(CC) $(CFLAGS)'
instructions: $(BUILD)/bench/core_bench ## instructions of key operations, within 2 % of the committed ones
	tools/packages.sh bench
	$(COUNT)

instructions-update: $(BUILD)/bench/core_bench ## commit them anew
	tools/packages.sh bench
	$(COUNT) --update

bench-core: $(BUILD)/bench/core_bench ## the drive by itself, in process: exchanges, restores, hashes a second
	$(BUILD)/bench/core_bench

# a real-time class where it may be had: what else runs does not disturb then
BENCH = $(shell chrt -r 1 true 2>/dev/null && echo chrt -r 1) bench/run_bench.py $(BUILD)
bench: all $(BENCH_PROGRAMS) ## side by side with a stock tgtd and raw TCP: ratios, bench.json, a page with plots
	tools/packages.sh bench
	$(BENCH)

bench-quick: all $(BENCH_PROGRAMS) ## the same in less than a minute, coarser
	tools/packages.sh bench
	$(BENCH) --quick

bench-cipher: $(BUILD)/bench/cipher_bench ## GB/s of every kernel, and how much more than the scalar form's
	$<

MINGW_wintest   := x86_64-w64-mingw32-gcc
MINGW_wintest32 := i686-w64-mingw32-gcc
windows: $(BUILD)/windows/wintest.exe $(BUILD)/windows/wintest32.exe ## the test program for Windows, by mingw-w64

guest: all $(GUEST_PROGRAMS) ## the drive as /dev/sr0 of a Linux guest in QEMU; DVDCSS=FILE: a libdvdcss for it
	tools/packages.sh guest
	tools/packages.sh players || true
	tests/guest/guest_test.sh $(BUILD)

wine: all $(BUILD)/windows/wintest.exe ## wintest.exe under Wine in that guest
	tools/packages.sh guest
	tools/packages.sh wine
	tests/windows/wine_test.sh $(BUILD)

CONTENTION_RUNS ?= 10000
CONTENTION_SEED ?= 1
contention: all ## CONTENTION_RUNS (10000) interleavings of four initiators at one drive; CONTENTION_SEED
	$(BUILD)/tests/contention $(BUILD) $(CONTENTION_RUNS) $(CONTENTION_SEED)

contention-planted: all ## mistakes planted into a copy of the drive, one at a time: does the lab find each?
	tests/contention/planted.py $(BUILD)

KERNEL_SECTORS ?= 1000000
kernels-long: $(BUILD)/tests/kernels ## every kernel against the scalar form over KERNEL_SECTORS (10^6) sectors
	$< $(KERNEL_SECTORS) tests/vectors/sector.txt

arm64 powerpc: ## the kernels for another machine, run by qemu-user
	tools/packages.sh $@
	tests/cross_test.sh $(BUILD) $@

avx512: ## the AVX-512 kernel on a CPU that Bochs plays, for machines that have not got it
	tools/packages.sh bochs
	tests/bochs/avx512_test.sh $(BUILD)

# what cannot be installed is a skip
prove: ## Frama-C: no input makes CDBs, replies, sense, AGIDs, keys, regions, the cipher go wrong; ten minutes
	tools/packages.sh prove || true
	tools/prove.sh $(BUILD) || [ $$? -eq 77 ]
	tools/prove.sh --self-test $(BUILD) || [ $$? -eq 77 ]

# what cannot be installed is a skip in the table
matrix: all $(GUEST_PROGRAMS) ## every initiator that this machine has programs for: matrix.md, matrix.xml
	for group in guest players wine; do tools/packages.sh $$group || true; done
	$(MAKE) $(BUILD)/windows/wintest.exe || true
	tools/matrix.py $(BUILD)

STRESS_SEED ?= 1
stress: all ## the daemon under load, drops, swaps and kills: minutes; STRESS_SEED, STRESS_PARTS
	tests/stress/stress.py $(BUILD) --seed $(STRESS_SEED) $(STRESS_PARTS)

.PHONY: explore
explore: $(BUILD)/tests/explore ## every state of the key exchange and the regions, by two seeds; then with each quirk, and each two
	$< -n 2 -d 3 -r 2 -e -s 1
	$< -n 2 -d 3 -r 2 -e -s 2
	$< -n 1 -d 3 -r 1 -e -x
	$< -n 2 -d 3 -r 2 -e -q
	$< -n 1 -d 3 -r 1 -e -p

TGT_DEBUG := $(BUILD)/tgt-debug
$(TGT_DEBUG)/usr/tgtd: tools/fetch_tgt.sh | $(DEPS)
	tools/fetch_tgt.sh $(TGT_DEBUG) whole
	MAKEFLAGS= MAKEOVERRIDES= make -C $(TGT_DEBUG)/usr tgtd tgtadm

.PHONY: valgrind-tgtd
valgrind-tgtd: all $(TGT_DEBUG)/usr/tgtd ## the module under memcheck in a tgtd built here, while the tests run: minutes
	tools/packages.sh valgrind
	tests/valgrind_test.sh $(BUILD) $(TGT_DEBUG)

FUZZ_SECONDS ?= 60
fuzz: $(FUZZ_NAMES:%=fuzz-%) ## libFuzzer: each target for FUZZ_SECONDS (60), fuzz-NAME one; new inputs stay in the build folder
fuzz-%: $(BUILD)/fuzz/%_fuzz
	fuzz/run_fuzz.sh libfuzzer $(BUILD) $* $(FUZZ_SECONDS)

afl: $(FUZZ_NAMES:%=afl-%) ## AFL++: the same; afl-NAME
afl-%: $(BUILD)/afl/%_afl
	fuzz/run_fuzz.sh afl $(BUILD) $* $(FUZZ_SECONDS)

SPEED_TIMES ?= 100
fuzz-speed: $(REPLAY_PROGRAMS) ## saved inputs SPEED_TIMES (100) times over, without sanitizers: runs and commands a second
	tests/replay_corpus.sh $(BUILD) $(SPEED_TIMES) | grep 'fuzz/corpus.*/s$$'

INSTALLED_SHARE := demo/demo.iso demo/demo.disc $(DRIVES:$(BUILD)/%=%)
install: all ## under $(DESTDIR)$(PREFIX)
	install -Dm755 $(BUILD)/dvdemu $(DESTDIR)$(PREFIX)/bin/dvdemu
	install -Dm644 $(BUILD)/dvd.so $(DESTDIR)$(PREFIX)/lib/dvdemu/dvd.so
	for f in $(INSTALLED_SHARE); do install -Dm644 $(BUILD)/$$f $(DESTDIR)$(PREFIX)/lib/dvdemu/$$f; done
	install -Dm644 docs/man/dvdemu.1 $(DESTDIR)$(PREFIX)/share/man/man1/dvdemu.1

clean: ## remove what was made
	rm -rf $(BUILD) $(BUILD)-*

help: ## this list
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "%-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

-include $(ALL_OBJECTS:.o=.d) $(wildcard $(BUILD)/fuzz/obj/*/*.d $(BUILD)/fuzz/obj/*/*/*.d $(BUILD)/afl/obj/*/*.d $(BUILD)/afl/obj/*/*/*.d)
