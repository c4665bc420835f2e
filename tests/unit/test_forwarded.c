/*
 * The client in Forwarded and X-Forwarded-For: the rightmost untrusted address,
 * whatever a client wrote to the left of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/forwarded.h"

static struct ip_networks	trusted;

static int
setup(void **state)
{
	char	*why;

	(void)state;
	return (ip_networks_parse(&trusted, "10.0.0.0/8 2001:db8:1::/48",
	    &why) ? 0 : -1);
}

static void
check(const struct forwarded *f, const char *in, const char *wanted)
{
	char	text[IP_TEXT] = "-";

	if (f->known)
		ip_text(&f->ip, text);
	if (strcmp(text, wanted) != 0)
		fail_msg("%s, not %s, for: %s", text, wanted, in);
}

/* Reads n bytes of a copy, so that ASan finds a read past them. */
static bool
read_copy(struct forwarded *f, const char *in, bool legacy)
{
	size_t	 n = strlen(in);
	char	*copy = malloc(n == 0 ? 1 : n);
	bool	 sound = true;

	memcpy(copy, in, n);
	if (legacy)
		forwarded_for_read(f, &trusted, copy, n);
	else
		sound = forwarded_read(f, &trusted, copy, n);
	free(copy);
	return (sound);
}

static void
legacy(const char *in, const char *wanted)
{
	struct forwarded	f = { .known = false };

	(void)read_copy(&f, in, true);
	check(&f, in, wanted);
}

static void
standard(const char *in, const char *wanted)
{
	struct forwarded	f = { .known = false };

	if (!read_copy(&f, in, false))
		fail_msg("refused: %s", in);
	check(&f, in, wanted);
}

static void
refused(const char *in)
{
	struct forwarded	f = { .known = false };

	if (read_copy(&f, in, false))
		fail_msg("accepted: %s", in);
}

static void
test_legacy(void **state)
{
	(void)state;
	legacy("192.0.2.1", "192.0.2.1");
	legacy("9.9.9.9, 192.0.2.1", "192.0.2.1");
	legacy("9.9.9.9, 192.0.2.1, 10.1.1.1 ,10.2.2.2", "192.0.2.1");
	legacy("192.0.2.1:4711", "192.0.2.1");
	legacy("2001:db8:2::7", "2001:db8:2::7");
	legacy("[2001:db8:2::7]:443, 2001:db8:1::1", "2001:db8:2::7");
	legacy("[2001:db8:2::7]", "2001:db8:2::7");
	/* nothing but proxies: the one on the left */
	legacy("10.0.0.1, 10.0.0.2", "10.0.0.1");
	/* an element that is no address ends the search */
	legacy("9.9.9.9, unknown, 10.0.0.2", "10.0.0.2");
	legacy("9.9.9.9, unknown", "-");
	legacy("9.9.9.9, [10.0.0.1], 10.0.0.2", "10.0.0.2");
	legacy("9.9.9.9, [::1, 10.0.0.2", "10.0.0.2");
	legacy("garbage \" ; for=, 192.0.2.1", "192.0.2.1");
	legacy("", "-");
	legacy(" , ,\t", "-");
	legacy("192.0.2.1,", "192.0.2.1");
}

static void
test_standard(void **state)
{
	(void)state;
	standard("for=192.0.2.1", "192.0.2.1");
	standard("For=192.0.2.1;proto=https;by=10.0.0.1;host=a", "192.0.2.1");
	standard("proto=https ; for=\"192.0.2.1:80\"", "192.0.2.1");
	standard("for=9.9.9.9, for=\"[2001:db8:2::7]:443\",for=10.0.0.1",
	    "2001:db8:2::7");
	standard("for=\"\\1\\9\\2.0.2.1\"", "192.0.2.1");
	standard("for=9.9.9.9;x=\"a,b;for=1.1.1.1\", for=192.0.2.1",
	    "192.0.2.1");
	standard("for=9.9.9.9, for=unknown, for=10.0.0.2", "10.0.0.2");
	standard("for=9.9.9.9, for=_hidden", "-");
	standard("for=9.9.9.9, proto=https", "-");
	standard("for=9.9.9.9, for=\"a long obfuscated node name that does not "
	    "fit into anything reasonable at all\", for=10.0.0.2", "10.0.0.2");
	standard("", "-");
	standard(", for=192.0.2.1 ,", "192.0.2.1");
}

/* What a client may write so that the proxy's own element is not found. */
static void
test_refused(void **state)
{
	(void)state;
	refused("for=\"");
	refused("for=\"9.9.9.9, for=192.0.2.1");
	refused("for=9.9.9.9;x=\", for=\"192.0.2.1:80\"");
	refused("for=\"9.9.9.9\\");
	refused("for=9.9.9.9;for=8.8.8.8");
	refused("for");
	refused("for=");
	refused("for =192.0.2.1");
	refused("for=192.0.2.1 x");
	refused("for=192.0.2.1;");
	refused("=192.0.2.1");
	refused("for=[2001:db8:2::7]");
}

static void
test_lines(void **state)
{
	struct forwarded	f = { .known = false };

	(void)state;
	assert_true(read_copy(&f, "for=9.9.9.9", false));
	assert_true(read_copy(&f, "for=192.0.2.1, for=10.0.0.1", false));
	assert_true(read_copy(&f, "for=10.0.0.2", false));
	check(&f, "three lines", "192.0.2.1");
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_legacy),
		cmocka_unit_test(test_standard),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_lines),
	};

	return (cmocka_run_group_tests(tests, setup, NULL));
}
