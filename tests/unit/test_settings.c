/*
 * Settings: file, environment, defaults, and their errors.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/settings.h"

static char	path[] = "/tmp/smartrecord-settings-XXXXXX";

static void
write_file(const char *text)
{
	FILE	*f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
	assert_int_equal(fclose(f), 0);
}

static struct settings
load(const char *text)
{
	struct settings	 s;
	char		*why = NULL;

	write_file(text);
	if (!settings_load(&s, path, &why))
		fail_msg("%s", why);
	return (s);
}

/* Checks that loading fails with a message that contains words. */
static void
refuse(const char *text, const char *words)
{
	struct settings	 s;
	char		*why = NULL;

	write_file(text);
	assert_false(settings_load(&s, path, &why));
	if (strstr(why, words) == NULL)
		fail_msg("\"%s\" does not contain \"%s\"", why, words);
	free(why);
}

static void
test_defaults(void **state)
{
	struct settings	s = load("");

	(void)state;
	assert_string_equal(s.listen, "0.0.0.0");
	assert_int_equal(s.port, 8443);
	assert_int_equal(s.worker_requests, 512);
	assert_int_equal(s.max_retention_days, 30);
	assert_string_equal(s.run_as, "");
}

static void
test_file(void **state)
{
	struct settings	s;

	(void)state;
	s = load("# comment\n\n  port =  1234  \nlisten=::1\r\n"
	    "store = folder:/a b = c # not a comment\nrun_as =\n");
	assert_int_equal(s.port, 1234);
	assert_string_equal(s.listen, "::1");
	assert_string_equal(s.store, "folder:/a b = c # not a comment");
	assert_string_equal(s.run_as, "");
	refuse("port = 1\nprot = 2\n", "line 2: no setting is called \"prot\"");
	refuse("port 1\n", "line 1: not of the form");
	refuse("port = 0\n", "port must be a number from 1 to 65535");
	refuse("port = 65536\n", "not \"65536\"");
	refuse("port = 1x\n", "not \"1x\"");
	refuse("port =\n", "not \"\"");
	refuse("max_retention_days = 91\n", "from 1 to 90");
}

static void
test_environment(void **state)
{
	char		 secret[] = "/tmp/smartrecord-secret-XXXXXX";
	struct settings	 s;
	int		 fd = mkstemp(secret);

	(void)state;
	assert_int_equal(write(fd, "host=db password=x\n", 19), 19);
	close(fd);
	setenv("SMARTRECORD_PORT", "99", 1);
	setenv("SMARTRECORD_DATABASE_FILE", secret, 1);
	s = load("port = 1234\ndatabase = host=other\n");
	assert_int_equal(s.port, 99);
	assert_string_equal(s.database, "host=db password=x");
	setenv("SMARTRECORD_PORT", "", 1);
	refuse("", "environment SMARTRECORD_PORT: port must be");
	unsetenv("SMARTRECORD_PORT");
	unlink(secret);
	refuse("", "SMARTRECORD_DATABASE_FILE");
	unsetenv("SMARTRECORD_DATABASE_FILE");
	setenv("SMARTRECORD_PROT", "1", 1);
	refuse("", "no setting is called SMARTRECORD_PROT");
	unsetenv("SMARTRECORD_PROT");
	setenv("SMARTRECORD_CONFIG", path, 1);
	write_file("port = 77\n");
	assert_true(settings_load(&s, NULL, NULL));
	assert_int_equal(s.port, 77);
	unsetenv("SMARTRECORD_CONFIG");
}

/* Stores what settings_print() writes in out. */
static void
printed(const struct settings *s, char *out, size_t cap)
{
	FILE	*f = tmpfile();
	size_t	 n;
	int	 saved = dup(STDOUT_FILENO);

	fflush(stdout);
	dup2(fileno(f), STDOUT_FILENO);
	settings_print(s);
	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	rewind(f);
	n = fread(out, 1, cap - 1, f);
	out[n] = '\0';
	fclose(f);
}

static void
expect_printed(const char *conninfo, const char *wanted)
{
	struct settings	s;
	char		text[300], out[8192];

	snprintf(text, sizeof(text), "database = %s\n", conninfo);
	s = load(text);
	printed(&s, out, sizeof(out));
	snprintf(text, sizeof(text), "\ndatabase = %s\t#", wanted);
	if (strstr(out, text) == NULL)
		fail_msg("no \"%s\" in %s", text, out);
	assert_null(strstr(out, "hush"));
}

static void
test_print(void **state)
{
	(void)state;
	expect_printed("host=a password=hush dbname=b",
	    "host=a password=… dbname=b");
	expect_printed("password = hush", "password = …");
	expect_printed("password='hu\\'hush' host=a", "password=… host=a");
	expect_printed("password=hush sslpassword=hush",
	    "password=… sslpassword=…");
	expect_printed("postgresql://ada:hush@db/x", "postgresql://ada:…@db/x");
	expect_printed("postgresql://ada:hu@hush@db/x",
	    "postgresql://ada:…@db/x");
	expect_printed("postgresql://ada@db/x?password=hush",
	    "postgresql://ada@db/x?password=…");
	expect_printed("postgresql:///x?host=/s&password=hush&user=u",
	    "postgresql:///x?host=/s&password=…&user=u");
	expect_printed("host=/run/postgresql dbname=b",
	    "host=/run/postgresql dbname=b");
	expect_printed("x\nmail_password = hush", "x");
	expect_printed("x\nmail_url = smtp://ada:hush@mail.test:25", "x");
	expect_printed("x\nmail_url = smtps://ada:hu@hush@mail.test", "x");
}

/* conf/smartrecord.conf names every key, with its default. */
static void
test_documented(void **state)
{
	static char	documented[16384], plain[16384], out[8192], none[8192];
	struct settings	s;
	char		*line, *key, *rest, *to = plain;
	FILE		*f = fopen("conf/smartrecord.conf", "r");
	size_t		n;

	(void)state;
	assert_non_null(f);
	n = fread(documented, 1, sizeof(documented) - 1, f);
	documented[n] = '\0';
	fclose(f);
	/* "#key = value" is a setting, "# text" a comment */
	for (line = strtok(documented, "\n"); line != NULL;
	    line = strtok(NULL, "\n"))
		if (line[0] == '#' && line[1] >= 'a' && line[1] <= 'z')
			to += sprintf(to, "%s\n", line + 1);
	s = load("");
	printed(&s, none, sizeof(none));
	s = load(plain);
	printed(&s, out, sizeof(out));
	assert_null(strstr(out, "# default"));
	for (line = strtok_r(none, "\n", &rest); line != NULL;
	    line = strtok_r(NULL, "\n", &rest)) {
		key = strstr(line, "\t#");
		*key = '\0';
		assert_non_null(strstr(out, line));
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_documented),
	};
	int			 failed, fd = mkstemp(path);

	close(fd);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return (failed);
}
