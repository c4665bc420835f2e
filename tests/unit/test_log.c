/*
 * Log lines as they are written to standard error.
 */
#include <sys/wait.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"

#include "log_capture.h"

static void
log_levels(void)
{
	log_info("event=start port=%d", 8443);
	log_warn("event=slow");
	log_error("event=bad name=%s", "é");
}

static void
log_hostile(void)
{
	log_info("a=%s", "x\r\nfatal forged\x1b[2J\x7f\\n\xc2\x85\t");
}

static void
log_long(void)
{
	char	 text[5000];

	memset(text, '\n', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_info("%s", text);
}

static void
test_levels(void **state)
{
	char	 out[256];

	(void)state;
	log_capture(log_levels, out, sizeof(out));
	assert_string_equal(out, "info event=start port=8443\n"
	    "warn event=slow\nerror event=bad name=é\n");
}

static void
test_escapes(void **state)
{
	char	 out[256];

	(void)state;
	log_capture(log_hostile, out, sizeof(out));
	assert_string_equal(out, "info a=x\\x0d\\x0afatal forged\\x1b[2J\\x7f"
	    "\\\\n\\xc2\\x85\\x09\n");
}

/* A long line is cut, but still ends with its newline. */
static void
test_long(void **state)
{
	char	 out[8192];
	char	*newline;

	(void)state;
	log_capture(log_long, out, sizeof(out));
	newline = strchr(out, '\n');
	assert_non_null(newline);
	assert_int_equal(newline[1], '\0');
	assert_true(newline - out > 1000);
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

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_fatal),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
