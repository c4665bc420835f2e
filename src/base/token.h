/*
 * Tokens that a browser sends: 256 random bits as hexadecimal. The database
 * has only their SHA-256, so that a stolen copy of it gives no access.
 */
#ifndef BASE_TOKEN_H
#define BASE_TOKEN_H

#include <stdbool.h>

#define TOKEN_TEXT	65	/* 64 hexadecimal digits and the NUL */

/* Makes a random token. */
void	token_new(char out[TOKEN_TEXT]);
/* Returns whether token is 64 lower-case hexadecimal digits. */
bool	token_valid(const char *token);
/* SHA-256 (FIPS 180-4) of the text of the token, as hexadecimal. */
void	token_hash(const char *token, char out[TOKEN_TEXT]);
/* Derives a second token for a purpose ("csrf") with keyed BLAKE2b (RFC 7693).
 * The first token cannot be computed from it. */
void	token_derive(const char *token, const char *purpose,
	    char out[TOKEN_TEXT]);

#endif
