# Smart Record. `make run` starts a demo, `make test` runs all tests, `make
# help` lists the other targets. Only build/, .cache/ and tests/node_modules/
# are written to. Source files are found by wildcard, so that adding one needs
# no change here.

CC	 = cc
VARIANT	 = release# release, asan, fuzz

# one job per core, unless -j was given
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc)
endif
MAKEFLAGS += --no-print-directory

OUT	 = build$(if $(filter-out release,$(VARIANT)),/$(VARIANT))
GEN	 = build/gen
KORE	 = build/kore/src

SRC	:= $(wildcard src/*.c src/*/*.c)
OBJ	 = $(SRC:src/%.c=$(OUT)/obj/%.o) $(OUT)/obj/embedded_files.o
# tests link everything except main.c and routes.c, which use all features
LIB_OBJ	 = $(filter-out $(OUT)/obj/main.o $(OUT)/obj/routes.o,$(OBJ))
LIB	 = $(OUT)/libsmartrecord.a
KORE_SRC_NAMES = accesslog auth buf config connection domain filemap fileref \
	   http json kore linux log mem module msg net pool \
	   route runtime seccomp sha1 sha2 timer tls_openssl utils validator \
	   websocket worker
KORE_OBJ = $(KORE_SRC_NAMES:%=$(OUT)/kore/%.o) $(OUT)/kore/version.o
EMBEDDED := $(shell find migrations templates assets src conf -type f \
	   \( -path 'src/*.sql' -o ! -path 'src/*' \) ! -name '.*')
UNIT	:= $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c))
FUZZ	:= $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))

# --- compiler flags ----------------------------------------------------------
WARN	 = -Wall -Wextra -Wpedantic -Wshadow -Wconversion \
	   -Wmissing-prototypes -Wstrict-prototypes -Werror
CF	 = $(if $(filter x86_64,$(shell uname -m)),-fcf-protection)
HARD	 = -O2 -g -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE $(CF)
SAN	 = -O1 -g -fno-omit-frame-pointer -fPIE
LDHARD	 = -pie -Wl,-z,relro,-z,now

ifeq ($(VARIANT),asan)
OPT	 = $(SAN) -fsanitize=address,undefined -fno-sanitize-recover=undefined
KORE_OPT = $(SAN) -fsanitize=address
else ifeq ($(VARIANT),fuzz)
CC	 = clang
WARN	 = -w
OPT	 = $(SAN) -fsanitize=fuzzer-no-link,address,undefined \
	   -fno-sanitize-recover=undefined
KORE_OPT = $(SAN)
else
OPT	 = $(HARD)
KORE_OPT = $(HARD)
endif

CPPFLAGS = -D_GNU_SOURCE -Isrc -I$(GEN)
CFLAGS	 = -std=gnu11 $(OPT) $(WARN)
# a system call outside the seccomp filter kills the process, not the thread
KORE_CPP = -D_GNU_SOURCE -DTLS_BACKEND_OPENSSL -DPREFIX='"/usr/local"' \
	   -DSECCOMP_KILL_POLICY=SECCOMP_RET_KILL_PROCESS \
	   -I$(KORE)/include/kore -Ibuild/kore
WRAP	 = -Wl,--wrap=kore_tls_read,--wrap=net_recv_reset,--wrap=bind \
	   -Wl,--wrap=http_response_header,--wrap=kore_tls_write \
	   -Wl,--wrap=kore_tls_domain_setup,--wrap=kore_tls_keymgr_init \
	   -Wl,--wrap=kore_tls_dh_check,--wrap=kore_log \
	   -Wl,--wrap=kore_tls_connection_accept
LIBS	 = -lssl -lcrypto -lcurl -lpq -ljansson -lsodium -lmp3lame -lmpg123 \
	   -lsndfile -lFLAC -lhpdf -lzip -lutf8proc -lpthread -ldl -lm

all: build

## build    compile build/smartrecord
build: $(OUT)/smartrecord

$(OUT)/smartrecord: $(OBJ) $(KORE_OBJ)
	@echo "  LINK  $@"
	@$(CC) $(CFLAGS) $(LDHARD) -rdynamic $(WRAP) -o $@ $^ $(LIBS)

$(LIB): $(LIB_OBJ)
	@rm -f $@ && ar rcs $@ $^

# Kore's headers for src/server/, libpq's headers for src/db/ only
$(OUT)/obj/server/%.o: CPPFLAGS += -DTLS_BACKEND_OPENSSL \
	-isystem $(KORE)/include -isystem $(KORE)/include/kore
$(OUT)/obj/db/%.o: CPPFLAGS += -isystem /usr/include/postgresql

$(OUT)/obj/%.o: src/%.c | $(GEN)/db/catalogue.h build/kore/platform.h
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(OUT)/obj/embedded_files.o: $(GEN)/embedded_files.c $(EMBEDDED)
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(GEN)/embedded_files.c $(GEN)/db/catalogue.h &: FORCE build/kore/platform.h
	@conf/embed $(GEN)

$(OUT)/kore/kore.o: KORE_CPP += -Dmain=kore_main
$(OUT)/kore/%.o: build/kore/platform.h
	@mkdir -p $(@D)
	@echo "  CC    kore/$*.c"
	@$(CC) -std=c99 -w $(KORE_OPT) -fno-common $(KORE_CPP) -c -o $@ \
	    $(KORE)/src/$*.c

$(OUT)/kore/version.o: build/kore/platform.h
	@mkdir -p $(@D)
	@printf 'const char *kore_version = "4.2.3", *kore_build_date = "";\n' | \
	    $(CC) -w $(KORE_OPT) -x c -c -o $@ -

build/kore/platform.h: conf/get-kore conf/kore.lock
	@echo "  GET   Kore 4.2.3"
	@conf/get-kore $(KORE)
	@sh $(KORE)/misc/linux-platform.sh >$@

## objects  compile without linking
objects: $(OBJ)

MAN	:= $(patsubst conf/man/%.scd,build/man/%,$(wildcard conf/man/*.scd))

## man      the manual pages for man(1), in build/man
man:
	@conf/packages man
	@$(MAKE) $(MAN)

build/man/%: conf/man/%.scd
	@mkdir -p $(@D)
	@echo "  MAN   $@"
	@scdoc <$< >$@

# --- checks ------------------------------------------------------------------
$(OUT)/unit/%: tests/unit/%.c $(LIB)
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) $(LDHARD) -MMD -MP -o $@ $< $(LIB) \
	    -lcmocka $(LIBS)

$(OUT)/fuzz/%: tests/fuzz/%.c $(LIB)
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) -fsanitize=fuzzer -MMD -MP -o $@ $< \
	    $(LIB) $(LIBS)

$(OUT)/demo-calls: $(wildcard tests/demo/*.[ch])
	@echo "  CC    tests/demo"
	@$(CC) $(CPPFLAGS) $(CFLAGS) $(LDHARD) -o $@ $(filter %.c,$^) \
	    -lespeak-ng $(LIBS)

$(OUT)/bench/fts5: LIBS += -lsqlite3
$(OUT)/bench/%: tests/bench/%.c $(LIB)
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) $(LDHARD) -o $@ $< $(LIB) $(LIBS)

unit-programs: $(UNIT:%=$(OUT)/unit/%)
fuzz-programs: $(FUZZ:%=$(OUT)/fuzz/%)

%/node_modules/.package-lock.json: %/package-lock.json
	@echo "  NPM   $*"
	@cd $* && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

## run      install packages, build, and serve the demo (PORT=8443)
run:
	+@conf/run

## test     all tests: style, unit, HTTP, browser, ASan, fuzz
test:
	@conf/packages build run demo test man
	@$(MAKE) tests/node_modules/.package-lock.json
	@tests/node_modules/.bin/node tests/run.js

## unit     unit tests
unit: unit-programs
	@for t in $(UNIT:%=$(OUT)/unit/%); do $$t || exit 1; done

## torture  long tests: HISTORIES (200) random ones, all prompts of Asterisk
HISTORIES = 200
torture:
	@conf/packages build run test
	@$(MAKE) build tests/node_modules/.package-lock.json
	@HISTORIES=$(HISTORIES) PROMPTS=all tests/node_modules/.bin/node --test \
	    tests/http/two-customers.test.js tests/http/prompts.test.js

# programs that the benchmark runs
BENCH_PROGRAMS = $(patsubst tests/bench/%.c,build/bench/%,\
	   $(wildcard tests/bench/*.c))

## bench    measure beside peers (BENCH_CALLS=10000, BENCH=lists, PUBLISH=1)
bench:
	@conf/packages build run test bench
	@$(MAKE) build $(BENCH_PROGRAMS) tests/node_modules/.package-lock.json \
	    tests/bench/node_modules/.package-lock.json
	@tests/node_modules/.bin/node tests/bench/run.js

C_FILES	 = $(wildcard src/*.c src/*/*.[ch] tests/*/*.[ch])
SCRIPTS	 = $(shell grep -lE "^#!/bin/(ba)?sh" conf/* .ci/* tests/*/* 2>/dev/null)

## lint     style (KNF), floors, templates, locked migrations, scripts
lint:
	@tests/lint/style check $(C_FILES)
	@tests/lint/doors
	@tests/lint/pages
	@tests/lint/history
	@for s in $(SCRIPTS); do bash -n $$s || exit 1; done

## format   format the C files
format:
	@tests/lint/style fix $(C_FILES)

## asan     build binary and unit tests with ASan and UBSan, in build/asan
asan:
	@$(MAKE) VARIANT=asan build unit-programs

## clean    remove build/
clean:
	rm -rf build

## help     list the targets
help:
	@sed -n 's/^## /  make /p' $(MAKEFILE_LIST)

FORCE:
.PHONY: all build objects man unit-programs fuzz-programs run test unit bench \
	torture lint format asan clean help FORCE
.DELETE_ON_ERROR:

-include $(OBJ:.o=.d) $(UNIT:%=$(OUT)/unit/%.d) $(FUZZ:%=$(OUT)/fuzz/%.d)
