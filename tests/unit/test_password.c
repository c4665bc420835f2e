/* Passwords: hashes, checks (as slow without a hash), refusals of weak ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "onepass/password.h"

static void
checks_its_own_hashes(void **state)
{
	char	hash[PASSWORD_HASH_SIZE], again[PASSWORD_HASH_SIZE];

	(void)state;
	assert_true(password_hash("demo-smart-record", hash));
	assert_true(password_hash("demo-smart-record", again));
	assert_string_not_equal(hash, again);
	assert_non_null(strstr(hash, "$argon2id$v=19$m=19456,t=2,p=1$"));
	assert_int_equal(password_check(hash, "demo-smart-record"), OK);
	assert_int_equal(password_check(hash, "demo-smart-recorD"), DENIED);
	assert_int_equal(password_check(hash, ""), DENIED);
	assert_int_equal(password_check("", "demo-smart-record"), DENIED);
}

static int64_t
time_of(const char *hash)
{
	int64_t	best = INT64_MAX, start, took;
	int	i;

	for (i = 0; i < 3; i++) {
		start = clock_mono_ms();
		assert_int_equal(password_check(hash, "no such pass"), DENIED);
		took = clock_mono_ms() - start;
		best = took < best ? took : best;
	}
	return (best);
}

static void
takes_as_long_without_a_hash(void **state)
{
	char	hash[PASSWORD_HASH_SIZE];
	int64_t	real, absent;

	(void)state;
	assert_true(password_hash("demo-smart-record", hash));
	real = time_of(hash);
	absent = time_of(NULL);
	/* without the work it would be a hundred times faster */
	assert_true(absent > real / 4 && absent < real * 4);
}

static void
refuses_weak_passwords(void **state)
{
	static const char *const	weak[] = { "", "quatorze-signe",
	    "éèàùçéèàùçéèàù", "aaaaaaaaaaaaaaaaaaaa", "abcabcabcabcabcabc",
	    "MotDePasseMotDePasse", "123456789012345", "azertyuiopqsdfghjklm",
	    "Mot de passe 2026!", "bonjour-1234567890",
	    "a\xff" "aaaaaaaaaaaaaa" };
	char				long_one[1002];
	size_t				i;

	(void)state;
	for (i = 0; i < sizeof(weak) / sizeof(weak[0]); i++)
		assert_non_null(password_problem(weak[i]));
	for (i = 0; i < 1001; i++)
		long_one[i] = (char)('!' + i * i / 7 % 90);
	long_one[1001] = '\0';
	assert_non_null(password_problem(long_one));
	long_one[1000] = '\0';
	assert_null(password_problem(long_one));
	assert_null(password_problem("demo-smart-record"));
	assert_null(password_problem("éèàùç ïôê ÉÈÀ ûâ"));
	assert_null(password_problem("493820174839201"));
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(checks_its_own_hashes),
		cmocka_unit_test(takes_as_long_without_a_hash),
		cmocka_unit_test(refuses_weak_passwords),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
