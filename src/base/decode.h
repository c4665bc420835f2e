/*
 * Text files of unknown encoding, as spreadsheets write them.
 */
#ifndef BASE_DECODE_H
#define BASE_DECODE_H

#include <stddef.h>

#include "base/arena.h"

/*
 * Returns n bytes as UTF-8 without byte order mark, in the arena. They are
 * UTF-16 with a byte order mark or when every other byte of most is zero;
 * UTF-8 when they are valid UTF-8; else windows-1252 (WHATWG Encoding). What is
 * no character in the encoding becomes U+FFFD. Returns NULL when there is a
 * U+0000.
 */
const char	*text_decode(struct arena *, const void *bytes, size_t n);

#endif
