/*
 * Log lines as they are written: as text and as JSON, for the journal, of
 * hostile values, too long, and through the pipe to a file that is rotated.
 */
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/log.h"
#include "base/log_file.h"

#include "log_capture.h"

static void
log_levels(void)
{
	log_info("event=start port=%d", 8443);
	log_warn("event=slow");
	log_error("event=bad name=%s", "x");
}

static void
log_conversions(void)
{
	log_info("event=%s_%c a=%d b=%u c=%ld d=%lld e=%llu f=%zu g=%x "
	    "h=%.*s i=%%", "made", 'x', -1, 2U, 3L, 4LL, 5ULL, (size_t)6, 255,
	    2, "abc");
}

static void
log_hostile(void)
{
	log_info("event=e a=%s b=\"%s c=d\" c=%s d=%s",
	    "x\r\nfatal forged\x1b[2J\x7f\\n\xc2\x85\t", "\" b=\"1", "",
	    "\xff\xc3");
}

static void
log_types(void)
{
	struct log_line	l;

	log_info("event=e a=%d b=%s c=7 d=07 e=\"8\" f=%d%% g=%02d", 1, "2",
	    3, 4);
	log_begin(&l, LEVEL_WARN, "f");
	log_number(&l, "n", -5);
	log_duration(&l, "ms", 12345);
	log_duration(&l, "zero_ms", 0);
	log_text(&l, "t", "é \"");
	log_end(&l);
}

static void
log_long(void)
{
	char	 text[5000];
	int	 i;

	memset(text, '\n', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_info("event=e a=%s b=%s c=%s", text, text, text);
	for (i = 0; i < 1000; i++)
		memcpy(text + 4 * i, "\xf0\x9f\x98\x80", 4);
	text[4000] = '\0';
	for (i = 0; i < 4; i++, text[4000 - i] = '\0')
		log_info("event=e %s=%s a=\"x%s\" b=%s c=%s d=%s e=%s", "k",
		    "v", text + i, text, text, text, text);
}

static void
test_levels(void **state)
{
	char	 out[512];

	(void)state;
	log_capture(log_levels, out, sizeof(out));
	log_undate(out);
	assert_string_equal(out, "info event=start port=8443\n"
	    "warn event=slow\nerror event=bad name=x\n");
}

static void
test_conversions(void **state)
{
	char	 out[512];

	(void)state;
	log_capture(log_conversions, out, sizeof(out));
	log_undate(out);
	assert_string_equal(out, "info event=made_x a=-1 b=2 c=3 d=4 e=5 f=6 "
	    "g=ff h=ab i=%\n");
}

static void
test_escapes(void **state)
{
	char	 out[512];

	(void)state;
	log_capture(log_hostile, out, sizeof(out));
	log_undate(out);
	assert_string_equal(out, "info event=e a=\"x\\x0d\\x0afatal forged"
	    "\\x1b[2J\\x7f\\\\n\\xc2\\x85\\x09\" b=\"\\\" b=\\\"1 c=d\" "
	    "c=\"\" d=\"\\xff\\xc3\"\n");
}

/* Runs write_log() with lines as JSON and reads each. */
static json_t *
captured_json(void (*write_log)(void))
{
	static char	 out[32768];
	json_t		*lines = json_array(), *one;
	char		*line, *end;

	assert_true(log_format("json"));
	log_capture(write_log, out, sizeof(out));
	assert_true(log_format("text"));
	for (line = out; *line != '\0'; line = end + 1) {
		end = strchr(line, '\n');
		assert_non_null(end);
		assert_true(end - line < LOG_LINE_MAX);
		one = json_loadb(line, (size_t)(end - line),
		    JSON_REJECT_DUPLICATES, NULL);
		if (one == NULL)
			fail_msg("not JSON: %.*s", (int)(end - line), line);
		json_array_append_new(lines, one);
	}
	return (lines);
}

static void
assert_json(json_t *line, const char *key, const char *value)
{
	char	*text = json_dumps(json_object_get(line, key),
		    JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));

	assert_string_equal(text == NULL ? "absent" : text, value);
	free(text);
}

static void
test_json(void **state)
{
	json_t	*lines = captured_json(log_types), *one;
	int64_t	 ms;

	(void)state;
	assert_int_equal(json_array_size(lines), 2);
	one = json_array_get(lines, 0);
	assert_true(clock_parse_utc(json_string_value(json_object_get(one,
	    "time")), &ms));
	assert_true(llabs(clock_now_ms() - ms) < 3600000);
	assert_json(one, "level", "\"info\"");
	assert_json(one, "event", "\"e\"");
	assert_json(one, "a", "1");
	assert_json(one, "b", "\"2\"");
	assert_json(one, "c", "7");
	assert_json(one, "d", "\"07\"");
	assert_json(one, "e", "\"8\"");
	assert_json(one, "f", "\"3%\"");
	assert_json(one, "g", "\"04\"");
	one = json_array_get(lines, 1);
	assert_json(one, "level", "\"warn\"");
	assert_json(one, "event", "\"f\"");
	assert_json(one, "n", "-5");
	assert_json(one, "ms", "12.3");
	assert_json(one, "zero_ms", "0.0");
	assert_json(one, "t", "\"é \\\"\"");
	json_decref(lines);
}

static void
test_json_hostile(void **state)
{
	json_t	*lines = captured_json(log_hostile), *one;

	(void)state;
	one = json_array_get(lines, 0);
	assert_json(one, "a", "\"x\\r\\nfatal forged\\u001B[2J\x7f\\\\n"
	    "\xc2\x85\\t\"");
	assert_json(one, "b", "\"\\\" b=\\\"1 c=d\"");
	assert_json(one, "c", "\"\"");
	assert_json(one, "d", "\"\xef\xbf\xbd\xef\xbf\xbd\"");
	json_decref(lines);
}

/* Long lines are cut between characters, and remain lines and JSON. */
static void
test_long(void **state)
{
	static char	 out[32768];
	json_t		*lines = captured_json(log_long);
	char		*line, *end;
	int		 n = 0;

	(void)state;
	assert_int_equal(json_array_size(lines), 5);
	json_decref(lines);
	log_capture(log_long, out, sizeof(out));
	log_undate(out);
	for (line = out; *line != '\0'; line = end + 1, n++) {
		end = strchr(line, '\n');
		assert_non_null(end);
		assert_true(end - line > 1000);
		assert_true(end - line < LOG_LINE_MAX);
		assert_memory_equal(end - 4, "\xe2\x80\xa6\"", 4);
	}
	assert_int_equal(n, 5);
}

static void
test_fatal(void **state)
{
	pid_t	 child;
	int	 status;

	(void)state;
	child = fork();
	assert_true(child != -1);
	if (child == 0) {
		(void)close(STDERR_FILENO);
		log_fatal("event=end");
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
}

static void
log_to_journal(void)
{
	char		stream[64];
	struct stat	st;

	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu",
	    (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	assert_true(log_format("text"));
	log_levels();
	assert_true(log_format("json"));
	log_warn("event=slow");
	/* Standard error is no longer the journal's. */
	setenv("JOURNAL_STREAM", "1:2", 1);
	assert_true(log_format("text"));
	log_warn("event=plain");
	unsetenv("JOURNAL_STREAM");
	assert_true(log_format("text"));
}

static void
test_journal(void **state)
{
	static const char	lines[] = "<6>info event=start port=8443\n"
				    "<4>warn event=slow\n"
				    "<3>error event=bad name=x\n"
				    "<4>{\"level\":\"warn\","
				    "\"event\":\"slow\"}\n";
	char			out[1024];

	(void)state;
	log_capture(log_to_journal, out, sizeof(out));
	assert_memory_equal(out, lines, strlen(lines));
	memmove(out, out + strlen(lines), strlen(out + strlen(lines)) + 1);
	log_undate(out);
	assert_string_equal(out, "warn event=plain\n");
}

static void
test_format_names(void **state)
{
	(void)state;
	assert_false(log_format("xml"));
	assert_false(log_format(""));
	assert_true(log_format("text"));
}

/* --- the file ------------------------------------------------------------- */

static char	dir[] = "/tmp/smartrecord-log-XXXXXX";

static char *
in_dir(const char *name)
{
	char	*path;

	assert_true(asprintf(&path, "%s/%s", dir, name) > 0);
	return (path);
}

static void
read_file(const char *path, char *out, size_t size)
{
	FILE	*f = fopen(path, "r");
	size_t	 n;

	assert_non_null(f);
	n = fread(out, 1, size - 2, f);
	strcpy(out + n, n > 0 && out[n - 1] != '\n' ? "\n" : "");
	fclose(f);
	unlink(path);
	log_undate(out);
}

/* A child writes through the pipe; the file is renamed meanwhile. */
static void
relay_and_rotate(const char *path, const char *renamed)
{
	char	*why;
	int	 turn[2], status;
	pid_t	 child;

	assert_true(log_file_open(path, &why));
	log_relay_open();
	assert_int_equal(pipe(turn), 0);
	if ((child = fork()) == 0) {
		log_relay_child();
		close(turn[1]);
		log_info("event=early");
		(void)!read(turn[0], &status, 1);
		log_info("event=late");
		dprintf(STDERR_FILENO, "2026-07-30T15:14:05.250Z no newline");
		_exit(0);
	}
	log_relay_start();
	assert_int_equal(rename(path, renamed), 0);
	log_file_reopen();
	log_info("event=reopened");
	close(turn[0]);
	close(turn[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	log_relay_end();
	log_descriptor(STDERR_FILENO);
	assert_int_equal(status, 0);
}

static void
test_file(void **state)
{
	char		*path = in_dir("log"), *renamed = in_dir("log.1");
	char		*why, out[1024], old[1024];
	struct stat	 st;

	(void)state;
	assert_true(log_file_open("", &why));
	assert_false(log_file_open("/nonexistent/log", &why));
	assert_string_equal(why, "log_file /nonexistent/log: No such file or "
	    "directory");
	free(why);
	relay_and_rotate(path, renamed);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	read_file(renamed, old, sizeof(old));
	read_file(path, out, sizeof(out));
	strcat(old, out);
	assert_non_null(strstr(out, "info event=reopened\n"));
	assert_non_null(strstr(out, "info event=late\n"));
	assert_non_null(strstr(out, "no newline"));
	assert_non_null(strstr(old, "info event=early\n"));
	free(path);
	free(renamed);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_conversions),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_json_hostile),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_fatal),
		cmocka_unit_test(test_journal),
		cmocka_unit_test(test_format_names),
		cmocka_unit_test(test_file),
	};

	(void)umask(022);
	if (mkdtemp(dir) == NULL)
		return (1);
	return (cmocka_run_group_tests(tests, NULL, NULL) + rmdir(dir));
}
