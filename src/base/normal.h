/*
 * Normal forms of Unicode, by libutf8proc: one text for what looks the same
 * and is written as other code points on other devices.
 */
#ifndef BASE_NORMAL_H
#define BASE_NORMAL_H

/* Return a copy of UTF-8 from malloc(); NULL when it is not valid UTF-8 or
 * there is no memory. */

/* Normalization Form C: letters composed with their accents. */
char	*text_nfc(const char *text);
/*
 * The form in which a password is hashed: the profile OpaqueString (RFC 8265
 * section 4.2.1). All spaces become U+0020, then Normalization Form C.
 */
char	*text_opaque(const char *text);
/* Letters and digits only, without accents and without case: for comparing
 * words that people write. */
char	*text_folded(const char *text);

#endif
