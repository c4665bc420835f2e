/* Tokens that a browser sends; see token.h. */
#include <sodium.h>
#include <string.h>

#include "base/text.h"
#include "base/token.h"

#define TOKEN_BYTES	32

void
token_new(char out[TOKEN_TEXT])
{
	uint8_t	bytes[TOKEN_BYTES];

	randombytes_buf(bytes, sizeof(bytes));
	hex_encode(bytes, sizeof(bytes), out);
	sodium_memzero(bytes, sizeof(bytes));
}

bool
token_valid(const char *token)
{
	return (strlen(token) == TOKEN_TEXT - 1 &&
	    strspn(token, "0123456789abcdef") == TOKEN_TEXT - 1);
}

void
token_hash(const char *token, char out[TOKEN_TEXT])
{
	uint8_t	digest[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(digest, (const uint8_t *)token, strlen(token));
	hex_encode(digest, sizeof(digest), out);
}

void
token_derive(const char *token, const char *purpose, char out[TOKEN_TEXT])
{
	uint8_t	digest[TOKEN_BYTES];

	crypto_generichash(digest, sizeof(digest), (const uint8_t *)purpose,
	    strlen(purpose), (const uint8_t *)token, strlen(token));
	hex_encode(digest, sizeof(digest), out);
}
