/*
 * Hashes, checks and judges passwords. A new password needs length, not several
 * kinds of characters (NIST SP 800-63B, section 5.1.1.2).
 */
#include <ctype.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/normal.h"
#include "base/text.h"
#include "onepass/password.h"

#define ROUNDS		2
#define MEMORY_KIB	19456
#define LENGTH_MIN	15	/* characters */
#define LENGTH_MAX	1000	/* bytes of the prepared form */

#define TEXT(x)		TEXT_OF(x)
#define TEXT_OF(x)	#x
/* The hash of no password; checking it costs as much as a real one. */
#define NOBODY							\
	"$argon2id$v=19$m=" TEXT(MEMORY_KIB) ",t=" TEXT(ROUNDS)	\
	",p=1$bm9ib2R5J3Mgc2FsdC4$"				\
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

_Static_assert(PASSWORD_HASH_SIZE == crypto_pwhash_STRBYTES, "libsodium's");

/* Keys in the order of the keyboard or the alphabet. */
static const char *const sequences[] = {
	"123456789012345678901234567890",
	"098765432109876543210987654321",
	"abcdefghijklmnopqrstuvwxyz",
	"azertyuiopqsdfghjklmwxcvbn",
	"qwertyuiopasdfghjklzxcvbnm",
	"1a2z3e4r5t6y7u8i9o0p",
	"1q2w3e4r5t6y7u8i9o0p",
};

/* Common passwords; the digits and signs around them do not count. */
static const char *const words[] = {
	"abc", "admin", "administrateur", "administrator", "azerty",
	"azertyuiop", "bienvenue", "bonjour", "bonjouratous", "changeme",
	"changezmoi", "chouchou", "doudou", "enregistrement", "france",
	"iloveyou", "jetaime", "jetaimemoncoeur", "jesuisunmotdepasse",
	"letmein", "loulou", "marseille", "monmotdepasse", "motdepasse",
	"onepass", "password", "passwordpassword", "qwerty", "qwertyuiop",
	"secret", "smartrecord", "soleil", "superviseur", "supervisor",
	"telephone", "utilisateur", "welcome",
};

static void
wipe(char *secret)
{
	if (secret != NULL)
		sodium_memzero(secret, strlen(secret));
	free(secret);
}

bool
password_hash(const char *password, char out[PASSWORD_HASH_SIZE])
{
	char	*prepared = text_opaque(password);
	bool	 made;

	made = prepared != NULL && sodium_init() >= 0 &&
	    crypto_pwhash_str(out, prepared, strlen(prepared), ROUNDS,
	    (size_t)MEMORY_KIB * 1024) == 0;
	wipe(prepared);
	return (made);
}

static bool
same_as(const char *hash, const char *password)
{
	static const char	 nobody[PASSWORD_HASH_SIZE] = NOBODY;

	return (crypto_pwhash_str_verify(hash == NULL ? nobody : hash,
	    password, strlen(password)) == 0 && hash != NULL);
}

/* A text that has another prepared form costs twice the work, whether there is
 * a hash or not. */
enum result
password_check(const char *hash, const char *password,
    char renewed[PASSWORD_HASH_SIZE])
{
	char	*prepared;
	bool	 same, typed = false;

	renewed[0] = '\0';
	if (sodium_init() < 0)	/* selects the fastest code of this processor */
		return (DENIED);
	prepared = text_opaque(password);
	same = same_as(hash, prepared == NULL ? password : prepared);
	if (!same && prepared != NULL && strcmp(prepared, password) != 0)
		typed = same_as(hash, password);
	wipe(prepared);
	if (typed && !password_hash(password, renewed))
		renewed[0] = '\0';
	return (same || typed ? OK : DENIED);
}

/* Returns true when s is one part repeated ("abcabcab"). */
static bool
repetitive(const char *s, size_t n)
{
	size_t	part;

	for (part = 1; part <= n / 2; part++)
		if (memcmp(s, s + part, n - part) == 0)
			return (true);
	return (false);
}

static bool
common(const char *password)
{
	char	whole[LENGTH_MAX + 1], letters[LENGTH_MAX + 1];
	size_t	i, n = 0, w;

	for (i = 0; password[i] != '\0'; i++) {
		whole[i] = (char)tolower((unsigned char)password[i]);
		if (isalpha((unsigned char)whole[i]))
			letters[n++] = whole[i];
	}
	whole[i] = letters[n] = '\0';
	if (repetitive(whole, i))
		return (true);
	for (w = 0; w < sizeof(sequences) / sizeof(sequences[0]); w++)
		if (strstr(sequences[w], whole) != NULL)
			return (true);
	for (w = 0; w < sizeof(words) / sizeof(words[0]); w++)
		if (strcmp(words[w], letters) == 0)
			return (true);
	return (false);
}

/* Returns whether the text has a control character (Unicode category Cc). */
static bool
has_control(const char *text)
{
	uint32_t	code;

	for (; *text != '\0'; text += utf8_next(text, &code)) {
		(void)utf8_next(text, &code);
		if (code < 0x20 || (code >= 0x7f && code < 0xa0))
			return (true);
	}
	return (false);
}

static const char *
prepared_problem(const char *password)
{
	if (strlen(password) > LENGTH_MAX)
		return ("Ce mot de passe est trop long.");
	if (has_control(password))
		return ("Ce mot de passe contient des caractères illisibles.");
	if (utf8_length(password) < LENGTH_MIN)
		return ("Choisissez un mot de passe d’au moins 15 caractères.");
	if (common(password))
		return ("Ce mot de passe est trop courant, "
		    "choisissez-en un autre.");
	return (NULL);
}

const char *
password_problem(const char *password)
{
	const char	*problem;
	char		*prepared;

	if (strlen(password) > PASSWORD_MAX)
		return ("Ce mot de passe est trop long.");
	if (!utf8_valid(password, strlen(password)) ||
	    (prepared = text_opaque(password)) == NULL)
		return ("Ce mot de passe contient des caractères illisibles.");
	problem = prepared_problem(prepared);
	wipe(prepared);
	return (problem);
}
