/*
 * Small questions about text. All inputs are bytes with a length or
 * NUL-terminated; nothing here allocates.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Strict UTF-8 (RFC 3629: no overlong forms, surrogates, > U+10FFFF). */
bool	utf8_valid(const char *s, size_t n);
/* Number of code points of valid UTF-8. */
size_t	utf8_length(const char *s);
/* Bytes of the first code point of valid, not empty UTF-8, and which it is. */
size_t	utf8_next(const char *s, uint32_t *code);
/* Can't be seen, or turns text around: joiners, marks of direction and their
 * overrides, variation selectors, tags. */
bool	text_invisible(uint32_t code);

/* Whole text as a decimal number in [min, max]; false: anything else. */
bool	text_int64(const char *s, int64_t min, int64_t max, int64_t *out);
/* Equal in constant time for equal lengths (secrets). */
bool	text_same_secret(const char *a, const char *b);

/* Canonical lower-case UUID text (RFC 9562 section 4). */
bool	uuid_valid(const char *s);

/* Lower-case hexadecimal of n bytes; out holds 2n + 1. */
void	hex_encode(const uint8_t *bytes, size_t n, char *out);

#endif
