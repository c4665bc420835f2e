/*
 * Secrets that a browser carries: 256 random bits as hexadecimal. Only their
 * SHA-256 goes to the database, so that a stolen copy of it opens nothing.
 */
#ifndef BASE_TOKEN_H
#define BASE_TOKEN_H

#include <stdbool.h>

#define TOKEN_TEXT	65	/* 64 hexadecimal digits and the NUL */

/* A fresh token. */
void	token_new(char out[TOKEN_TEXT]);
/* 64 lower-case hexadecimal digits? */
bool	token_valid(const char *token);
/* SHA-256 (FIPS 180-4) of the token's text, as hexadecimal. */
void	token_hash(const char *token, char out[TOKEN_TEXT]);
/* Another secret made from this one for a purpose ("csrf"): keyed BLAKE2b,
 * RFC 7693. Knowing it does not give the token back. */
void	token_derive(const char *token, const char *purpose,
	    char out[TOKEN_TEXT]);

#endif
