/* Passwords: hashes, checks (as slow without a hash), refusals of weak ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/clock.h"
#include "onepass/password.h"

static void
checks_its_own_hashes(void **state)
{
	char	hash[PASSWORD_HASH_SIZE], again[PASSWORD_HASH_SIZE];
	char	made[PASSWORD_HASH_SIZE];

	(void)state;
	assert_true(password_hash("demo-smart-record", hash));
	assert_true(password_hash("demo-smart-record", again));
	assert_string_not_equal(hash, again);
	assert_non_null(strstr(hash, "$argon2id$v=19$m=19456,t=2,p=1$"));
	assert_int_equal(password_check(hash, "demo-smart-record", made), OK);
	assert_int_equal(
	    password_check(hash, "demo-smart-recorD", made), DENIED);
	assert_int_equal(password_check(hash, "", made), DENIED);
	assert_int_equal(password_check("", "demo-smart-record", made), DENIED);
}

/* A password is the same composed and decomposed, and with any space. */
static void
prepares_passwords(void **state)
{
	static const char	 composed[] = "\u00e9l\u00e8ve de No\u00ebl";
	static const char	 apart[] =
				    "e\u0301le\u0300ve\u00a0de\u202fNoe\u0308l";
	char			 hash[PASSWORD_HASH_SIZE];
	char			 made[PASSWORD_HASH_SIZE];

	(void)state;
	assert_true(password_hash(apart, hash));
	assert_int_equal(password_check(hash, composed, made), OK);
	assert_string_equal(made, "");
	assert_int_equal(password_check(hash, apart, made), OK);
	assert_string_equal(made, "");
	/* neither case, width nor compatibility are mapped */
	assert_int_equal(password_check(hash, "\u00c9l\u00e8ve de No\u00ebl",
	    made), DENIED);
	assert_true(password_hash("\ufb01n\uff21", hash));
	assert_int_equal(password_check(hash, "fin\uff21", made), DENIED);
	assert_int_equal(password_check(hash, "\ufb01nA", made), DENIED);
	/* the length counts in the prepared form */
	assert_non_null(password_problem("e\u0301a\u0300e\u0301u\u0302i\u0302"
	    "o\u0302e\u0300c\u0327"));
	assert_non_null(password_problem("quinze signes\xc2\x85ou plus"));
	assert_non_null(password_problem("quinze signes\tou plus"));
}

/* A hash of the password as it was typed is right, and is replaced. */
static void
renews_older_hashes(void **state)
{
	static const char	 apart[] = "e\u0301te\u0301";
	char			 hash[PASSWORD_HASH_SIZE];
	char			 made[PASSWORD_HASH_SIZE];

	(void)state;
	assert_int_equal(crypto_pwhash_str(hash, apart, strlen(apart), 1,
	    crypto_pwhash_MEMLIMIT_MIN), 0);
	assert_int_equal(password_check(hash, "\u00e9t\u00e9", made), DENIED);
	assert_string_equal(made, "");
	assert_int_equal(password_check(hash, apart, made), OK);
	assert_int_equal(password_check(made, "\u00e9t\u00e9", hash), OK);
	assert_string_equal(hash, "");
}

static int64_t
time_of(const char *hash)
{
	char	made[PASSWORD_HASH_SIZE];
	int64_t	best = INT64_MAX, start, took;
	int	i;

	for (i = 0; i < 3; i++) {
		start = clock_mono_ms();
		assert_int_equal(
		    password_check(hash, "no such pass", made), DENIED);
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
		cmocka_unit_test(prepares_passwords),
		cmocka_unit_test(renews_older_hashes),
		cmocka_unit_test(takes_as_long_without_a_hash),
		cmocka_unit_test(refuses_weak_passwords),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
