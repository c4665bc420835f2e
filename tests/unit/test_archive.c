/* ZIP archives: more files than 16 bits can count, sizes known late, aborted
 * writes, a full disk; checked with other programs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/resource.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "media/archive.h"

#define MANY	70000

static char	path[] = "/tmp/smartrecord-archive-XXXXXX";

static int
file_open(void)
{
	int	fd;

	strcpy(path + sizeof(path) - 7, "XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	return (fd);
}

static void
file_end(int fd)
{
	close(fd);
	unlink(path);
}

/* Runs a command on the file; returns the number that it prints first. */
static long
asked(const char *command)
{
	char	 line[256], answer[64] = "";
	FILE	*p;

	snprintf(line, sizeof(line), command, path);
	p = popen(line, "r");
	assert_non_null(p);
	assert_non_null(fgets(answer, sizeof(answer), p));
	pclose(p);
	return (strtol(answer, NULL, 10));
}

/* Returns up to n letters; arg counts how many are left. */
static ssize_t
letters(void *arg, void *buf, size_t n)
{
	size_t	*left = arg;

	if (n > *left)
		n = *left;
	memset(buf, 'a', n);
	*left -= n;
	return ((ssize_t)n);
}

static const struct civil	day = { 2026, 11, 24, 17, 5, 8, 2 };

static void
test_many(void **state)
{
	struct archive_entry	*e = calloc(MANY, sizeof(*e));
	struct arena		 a = { NULL };
	size_t			 left = MANY;
	int			 fd = file_open(), i;

	(void)state;
	for (i = 0; i < MANY; i++)
		e[i] = (struct archive_entry) { .size = 1, .when = day,
		    .name = arena_printf(&a, "été %d.txt", i),
		    .read = letters, .arg = &left };
	assert_int_equal(archive_write(fd, e, MANY, NULL, NULL), OK);
	assert_int_equal(left, 0);
	assert_int_equal(asked("bsdtar -tf %s | wc -l"), MANY);
	assert_int_equal(asked("unzip -Z1 %s | wc -l"), MANY);
	assert_int_equal(asked("7z l -ba -slt %s | grep -c ^Path"), MANY);
	assert_int_equal(asked("bsdtar -xOf %s | wc -c"), MANY);
	file_end(fd);
	arena_dispose(&a);
	free(e);
}

/* --- sizes known late ----------------------------------------------------- */

struct late {
	struct archive_entry	 entries[3];
	size_t			 at, left;
};

static void
set_next_size(void *arg)
{
	struct late	*l = arg;

	if (++l->at < 3)
		l->left = (size_t)(l->entries[l->at].size = 1000 *
		    (int64_t)l->at);
}

static ssize_t
read_late(void *arg, void *buf, size_t n)
{
	struct late	*l = arg;

	return (letters(&l->left, buf, n));
}

static void
test_late(void **state)
{
	struct late	l = { .left = 5 };
	const char	*names[] = { "a", "b", "c" };
	int		fd = file_open(), i;

	(void)state;
	for (i = 0; i < 3; i++)
		l.entries[i] = (struct archive_entry) { .name = names[i],
		    .size = i == 0 ? 5 : 123456, .when = day,
		    .read = read_late, .close = set_next_size, .arg = &l };
	assert_int_equal(archive_write(fd, l.entries, 3, NULL, NULL), OK);
	assert_int_equal(asked("unzip -tq %s >/dev/null; echo $?"), 0);
	assert_int_equal(asked("unzip -p %s b | wc -c"), 1000);
	assert_int_equal(asked("unzip -p %s c | wc -c"), 2000);
	file_end(fd);
}

/* --- aborted writes ---------------------------------------------------- */

static enum result
write_one(int64_t size, bool (*go_on)(void *, double))
{
	size_t			left = 1000000;
	struct archive_entry	e = { .name = "a", .size = size, .when = day,
				    .read = letters, .arg = &left };
	int			fd = file_open();
	enum result		r = archive_write(fd, &e, 1, go_on, NULL);

	file_end(fd);
	return (r);
}

static bool
until_tenth(void *arg, double done)
{
	(void)arg;
	return (done < 0.1);
}

static void
test_aborted(void **state)
{
	struct rlimit	 limit, small;

	(void)state;
	assert_int_equal(write_one(1000000, NULL), OK);
	assert_int_equal(write_one(1000001, NULL), DAMAGED);
	assert_int_equal(write_one(1000000, until_tenth), BUSY);
	/* a limit on file sizes has the effect of a full disk */
	(void)signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	small = limit;
	small.rlim_cur = 100000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(write_one(1000000, NULL), UNAVAILABLE);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void
test_twice(void **state)
{
	size_t			left = 2;
	struct archive_entry	e[2] = {
		{ .name = "a", .size = 1, .when = day, .read = letters,
		    .arg = &left },
		{ .name = "a", .size = 1, .when = day, .read = letters,
		    .arg = &left }
	};
	int			fd = file_open();

	(void)state;
	assert_int_equal(archive_write(fd, e, 2, NULL, NULL), CONFLICT);
	file_end(fd);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_many), cmocka_unit_test(test_late),
		cmocka_unit_test(test_aborted), cmocka_unit_test(test_twice)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
