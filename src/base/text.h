/*
 * Checks and conversions of text: UTF-8, numbers, UUIDs, hexadecimal. Nothing
 * here allocates.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Returns whether n bytes are UTF-8 (RFC 3629): without overlong forms,
 * surrogates and code points above U+10FFFF. */
bool	utf8_valid(const char *s, size_t n);
/* Number of code points in valid UTF-8. */
size_t	utf8_length(const char *s);
/* Stores the first code point of valid UTF-8 that is not empty. Returns its
 * length in bytes; never reads past the NUL. */
size_t	utf8_next(const char *s, uint32_t *code);
/* Returns whether the code point is invisible or changes the direction of
 * text: joiners, direction marks and overrides, variation selectors, tags. */
bool	text_invisible(uint32_t code);

/*
 * Returns the length in bytes of the blank that begins valid UTF-8, or 0: any
 * space, line end or tab of Unicode, or an invisible character.
 */
size_t	text_blank(const char *s);
/* Returns where the text without blanks around it begins, and its length in
 * *n. The only trimming of what people and spreadsheets write. */
const char	*text_trim(const char *s, size_t *n);

/* Reads the whole text as a decimal number. Returns false when it is not one
 * or is outside [min, max]. */
bool	text_int64(const char *s, int64_t min, int64_t max, int64_t *out);
/* Compares two secrets; takes the same time for all texts of one length. */
bool	text_same_secret(const char *a, const char *b);

/* Returns whether s is a UUID in lower case (RFC 9562 section 4). */
bool	uuid_valid(const char *s);

/* Writes n bytes as lower-case hexadecimal; out has 2n + 1 bytes. */
void	hex_encode(const uint8_t *bytes, size_t n, char *out);

#endif
