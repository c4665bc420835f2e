/*
 * The folder store: complete objects or none, and nothing outside the root.
 */
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/store.h"

static char		 top[] = "/tmp/test_store.XXXXXX";
static char		 path[512], other[512];
static struct store	*store;

/* The syncs, renames and removals so far, in order: "sync /root;…". */
static char		 steps[2000];
static int		 failing;	/* the sync that fails; 0: none */

static void
note(const char *what, int dir, const char *name)
{
	char	link[64], at[600];
	ssize_t	n;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", dir);
	n = readlink(link, at, sizeof(at) - 1);
	assert_true(n > (ssize_t)strlen(top));
	at[n] = '\0';
	if (strstr(at, ".put-") != NULL)
		strcpy(strstr(at, ".put-"), "new");
	(void)snprintf(steps + strlen(steps), sizeof(steps) - strlen(steps),
	    "%s %s%s%s;", what, at + strlen(top), *name == '\0' ? "" : "/",
	    strncmp(name, ".put-", 5) == 0 ? "new" : name);
}

/* These functions replace the C library's: they note the call, then do it or
 * fail as a disk would. */
int
fsync(int fd)
{
	note("sync", fd, "");
	if (failing > 0 && --failing == 0) {
		errno = EIO;
		return (-1);
	}
	return ((int)syscall(SYS_fsync, fd));
}

int
renameat(int from, const char *old, int to, const char *new)
{
	note("rename", to, new);
	return ((int)syscall(SYS_renameat2, from, old, to, new, 0));
}

int
unlinkat(int dir, const char *name, int flags)
{
	note("unlink", dir, name);
	return ((int)syscall(SYS_unlinkat, dir, name, flags));
}

static const char *
file_at(char out[512], const char *name)
{
	(void)snprintf(out, 512, "%s/%s", top, name);
	return (out);
}

static void
write_file(const char *name, const char *bytes, size_t n)
{
	FILE	*f;

	f = fopen(file_at(path, name), "w");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static int
setup(void **state)
{
	char	 setting[600], *why = NULL;

	(void)state;
	assert_non_null(mkdtemp(top));
	(void)snprintf(setting, sizeof(setting), "folder:%s/root", top);
	assert_int_equal(mkdir(setting + 7, 0700), 0);
	store = store_new(setting, &why);
	assert_non_null(store);
	return (0);
}

static int
teardown(void **state)
{
	char	 command[600];

	(void)state;
	store_free(store);
	(void)snprintf(command, sizeof(command), "rm -r %s", top);
	return (system(command));
}

static enum result
read_object(const char *key, char *out, size_t n, int64_t *size)
{
	struct store_object	 o;
	enum result		 r;

	if ((r = store->open(store, key, &o)) != OK)
		return (r);
	*size = o.size;
	r = store->read(&o, out, n, 0);
	store->close(&o);
	return (r);
}

static void
test_settings(void **state)
{
	const char *const	 bad[] = { "", "/tmp", "folder:", "folder:tmp",
				    "s3:/x", "Folder:/tmp" };
	char			*why;
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		why = NULL;
		assert_null(store_new(bad[i], &why));
		assert_non_null(why);
		free(why);
	}
}

static void
test_keys(void **state)
{
	const char *const	 bad[] = { "", "/", "/a", "a/", "a//b", ".",
				    "..", "../a", "a/../b", "a/..", ".a",
				    "a/.put-1", "A", "a b", "a\\b", "a\n",
				    "\xc3\xa9", "a\x01" };
	char			 longest[STORE_KEY_MAX + 2];
	struct store_object	 o;
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(store->open(store, bad[i], &o), INVALID);
		assert_int_equal(store->put(store, bad[i], "/etc/passwd"),
		    INVALID);
		assert_int_equal(store->remove(store, bad[i]), INVALID);
	}
	memset(longest, 'a', sizeof(longest));
	longest[STORE_KEY_MAX] = '\0';
	assert_true(store_key_valid(longest));
	longest[STORE_KEY_MAX] = 'a';
	longest[STORE_KEY_MAX + 1] = '\0';
	assert_false(store_key_valid(longest));
	assert_true(store_key_valid("blueprint/ab/0f..e_-.wav"));
}

static void
test_put_read_remove(void **state)
{
	struct store_object	 o;
	char			 out[16];
	int64_t			 size;

	(void)state;
	assert_int_equal(read_object("a/b/c.wav", out, 1, &size), NOT_FOUND);
	write_file("in", "0123456789", 10);
	assert_int_equal(store->put(store, "a/b/c.wav", path), OK);
	assert_int_equal(read_object("a/b/c.wav", out, 10, &size), OK);
	assert_int_equal(size, 10);
	assert_memory_equal(out, "0123456789", 10);
	assert_int_equal(store->open(store, "a/b/c.wav", &o), OK);
	assert_int_equal(store->read(&o, out, 3, 7), OK);
	assert_memory_equal(out, "789", 3);
	assert_int_equal(store->read(&o, out, 4, 7), DAMAGED);
	assert_int_equal(store->read(&o, out, 1, 10), DAMAGED);
	store->close(&o);
	assert_int_equal(store->remove(store, "a/b/c.wav"), OK);
	assert_int_equal(read_object("a/b/c.wav", out, 1, &size), NOT_FOUND);
	assert_int_equal(store->remove(store, "a/b/c.wav"), OK);
	assert_int_equal(store->remove(store, "never/there"), OK);
}

static void
test_put_twice(void **state)
{
	char	 out[16], *big;
	int64_t	 size;

	(void)state;
	write_file("in", "same", 4);
	assert_int_equal(store->put(store, "twice", path), OK);
	assert_int_equal(store->put(store, "twice", path), OK);
	write_file("in", "same and more", 13);
	assert_int_equal(store->put(store, "twice", path), CONFLICT);
	write_file("in", "diff", 4);
	assert_int_equal(store->put(store, "twice", path), CONFLICT);
	assert_int_equal(read_object("twice", out, 4, &size), OK);
	assert_memory_equal(out, "same", 4);
	assert_int_equal(size, 4);
	/* a difference after the first block, and an empty object */
	big = calloc(1, 200000);
	write_file("in", big, 200000);
	assert_int_equal(store->put(store, "big", path), OK);
	assert_int_equal(store->put(store, "big", path), OK);
	big[199999] = 1;
	write_file("in", big, 200000);
	assert_int_equal(store->put(store, "big", path), CONFLICT);
	free(big);
	write_file("in", "", 0);
	assert_int_equal(store->put(store, "empty", path), OK);
	assert_int_equal(store->put(store, "empty", path), OK);
	assert_int_equal(read_object("empty", out, 0, &size), OK);
	assert_int_equal(size, 0);
}

/* The bytes are synced before the name, and the name before the call returns,
 * so that after a power cut an object is complete or absent. */
static void
test_durable(void **state)
{
	(void)state;
	write_file("in", "0123456789", 10);
	steps[0] = '\0';
	assert_int_equal(store->put(store, "s/t/put", path), OK);
	assert_string_equal(steps, "sync /root;sync /root/s;"
	    "sync /root/s/t/new;rename /root/s/t/put;sync /root/s/t;");
	/* again, as the first call may have been interrupted */
	steps[0] = '\0';
	assert_int_equal(store->put(store, "s/t/put", path), OK);
	assert_string_equal(steps, "sync /root/s/t/put;sync /root/s/t;");
	steps[0] = '\0';
	assert_int_equal(store->take(store, "s/t/taken", path), OK);
	assert_string_equal(steps,
	    "sync /in;rename /root/s/t/taken;sync /root/s/t;");
	steps[0] = '\0';
	assert_int_equal(store->remove(store, "s/t/put"), OK);
	assert_string_equal(steps, "unlink /root/s/t/put;sync /root/s/t;");
}

/* A call fails if it can't make the object durable. */
static void
test_sync_fails(void **state)
{
	struct store_object	 o;
	int			 nth;

	(void)state;
	write_file("in", "0123456789", 10);
	assert_int_equal(store->put(store, "s/there", path), OK);
	failing = 1;
	assert_int_equal(store->put(store, "s/put", path), UNAVAILABLE);
	assert_int_equal(store->open(store, "s/put", &o), NOT_FOUND);
	failing = 2;
	assert_int_equal(store->put(store, "s/put", path), UNAVAILABLE);
	for (nth = 1; nth <= 2; nth++) {
		failing = nth;
		assert_int_equal(store->put(store, "s/put", path),
		    UNAVAILABLE);
	}
	failing = 1;
	assert_int_equal(store->take(store, "s/taken", path), UNAVAILABLE);
	assert_int_equal(store->open(store, "s/taken", &o), NOT_FOUND);
	assert_int_equal(access(path, F_OK), 0);
	failing = 1;
	assert_int_equal(store->remove(store, "s/there"), UNAVAILABLE);
	assert_int_equal(failing, 0);
}

static void
test_unreadable_input(void **state)
{
	struct store_object	 o;

	(void)state;
	assert_int_equal(store->put(store, "new", file_at(path, "none")),
	    INVALID);
	assert_int_equal(store->put(store, "new", top), INVALID);
	assert_int_equal(store->open(store, "new", &o), NOT_FOUND);
}

static void
test_links_and_others(void **state)
{
	struct store_object	 o;

	(void)state;
	write_file("secret", "s", 1);
	assert_int_equal(mkdir(file_at(other, "outside"), 0700), 0);
	write_file("outside/secret", "s", 1);
	assert_int_equal(symlink("../secret", file_at(path, "root/link")), 0);
	assert_int_equal(symlink("../outside", file_at(path, "root/dir")), 0);
	assert_int_equal(mkfifo(file_at(path, "root/fifo"), 0600), 0);
	assert_int_equal(mkdir(file_at(path, "root/folder"), 0700), 0);
	assert_int_not_equal(store->open(store, "link", &o), OK);
	assert_int_not_equal(store->open(store, "dir/secret", &o), OK);
	assert_int_not_equal(store->open(store, "fifo", &o), OK);
	assert_int_not_equal(store->open(store, "folder", &o), OK);
	assert_int_not_equal(store->put(store, "dir/new",
	    file_at(path, "secret")), OK);
	assert_int_not_equal(access(file_at(path, "outside/new"), F_OK), 0);
	(void)store->remove(store, "dir/secret");
	assert_int_equal(access(file_at(path, "outside/secret"), F_OK), 0);
	assert_int_equal(store->remove(store, "link"), OK);
	assert_int_equal(access(file_at(path, "secret"), F_OK), 0);
}

static int
count_entries(const char *name)
{
	DIR	*d;
	int	 n;

	d = opendir(file_at(path, name));
	assert_non_null(d);
	for (n = 0; readdir(d) != NULL; n++)
		continue;
	closedir(d);
	return (n - 2);
}

/* A write that fails halfway (here by a limit on file sizes, as with a full
 * disk) leaves neither an object nor a temporary file. */
static void
test_write_fails(void **state)
{
	struct rlimit		 limit;
	struct store_object	 o;
	rlim_t			 before;
	char			*big;

	(void)state;
	big = calloc(1, 300000);
	write_file("big", big, 300000);
	free(big);
	(void)file_at(other, "big");
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	before = limit.rlim_cur;
	limit.rlim_cur = 100000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_not_equal(store->put(store, "full/x", other), OK);
	limit.rlim_cur = before;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(store->open(store, "full/x", &o), NOT_FOUND);
	assert_int_equal(count_entries("root/full"), 0);
	assert_int_equal(store->put(store, "full/x", other), OK);
	assert_int_equal(count_entries("root/full"), 1);
}

/* A folder that is not mounted is an outage, not a lost recording. */
static void
test_root_missing(void **state)
{
	struct store_object	 o;
	struct store		*away;
	char			*why, setting[600];

	(void)state;
	(void)snprintf(setting, sizeof(setting), "folder:%s/away", top);
	away = store_new(setting, &why);
	assert_non_null(away);
	assert_int_equal(away->open(away, "a", &o), UNAVAILABLE);
	assert_int_equal(away->put(away, "a", "/etc/passwd"), UNAVAILABLE);
	assert_int_equal(away->remove(away, "a"), UNAVAILABLE);
	store_free(away);
}

static void
age(const char *name, time_t seconds)
{
	struct timespec	 times[2] = { { 0, 0 }, { 0, 0 } };

	times[0].tv_sec = times[1].tv_sec = time(NULL) - seconds;
	assert_int_equal(utimensat(AT_FDCWD, file_at(other, name), times,
	    AT_SYMLINK_NOFOLLOW), 0);
}

/* The sweep removes only old temporary files, and follows no links. */
static void
test_sweep(void **state)
{
	const char	*kept[] = { "root/a/.put-new", "root/a/x.wav",
			    "root/a/.other", "outside/.put-old" };
	size_t		 i;

	(void)state;
	(void)mkdir(file_at(path, "root/a"), 0755);
	(void)mkdir(file_at(path, "root/a/b"), 0755);
	(void)mkdir(file_at(path, "outside"), 0755);
	assert_int_equal(symlink(file_at(other, "outside"),
	    file_at(path, "root/link")), 0);
	write_file("root/.put-old", "x", 1);
	write_file("root/a/b/.put-old", "x", 1);
	age("root/.put-old", 90000);
	age("root/a/b/.put-old", 90000);
	for (i = 0; i < 4; i++) {
		write_file(kept[i], "x", 1);
		age(kept[i], i == 0 ? 3600 : 90000);
	}
	assert_int_equal(store->sweep(store), 2);
	assert_int_equal(access(file_at(path, "root/.put-old"), F_OK), -1);
	assert_int_equal(access(file_at(path, "root/a/b/.put-old"), F_OK),
	    -1);
	for (i = 0; i < 4; i++)
		assert_int_equal(access(file_at(path, kept[i]), F_OK), 0);
	assert_int_equal(store->sweep(store), 0);
	(void)unlink(file_at(path, "root/link"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_put_read_remove),
		cmocka_unit_test(test_put_twice),
		cmocka_unit_test(test_durable),
		cmocka_unit_test(test_sync_fails),
		cmocka_unit_test(test_unreadable_input),
		cmocka_unit_test(test_links_and_others),
		cmocka_unit_test(test_write_fails),
		cmocka_unit_test(test_sweep),
		cmocka_unit_test(test_root_missing),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
