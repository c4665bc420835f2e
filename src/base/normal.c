/* Normal forms of Unicode; see normal.h. */
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/normal.h"

/* Maps a code point before the text is composed. */
typedef utf8proc_int32_t	(*map_fn)(utf8proc_int32_t, void *);

static char *
mapped(const char *text, utf8proc_option_t options, map_fn map)
{
	utf8proc_uint8_t	*out = NULL;

	if (utf8proc_map_custom((const utf8proc_uint8_t *)text, 0, &out,
	    UTF8PROC_NULLTERM | UTF8PROC_STABLE | options, map, NULL) < 0)
		return (NULL);
	return ((char *)out);
}

static utf8proc_int32_t
space_mapped(utf8proc_int32_t code, void *arg)
{
	(void)arg;
	return (utf8proc_category(code) == UTF8PROC_CATEGORY_ZS ? ' ' : code);
}

char *
text_nfc(const char *text)
{
	return (mapped(text, UTF8PROC_COMPOSE, NULL));
}

char *
text_opaque(const char *text)
{
	return (mapped(text, UTF8PROC_COMPOSE, space_mapped));
}

char *
text_folded(const char *text)
{
	char	*folded = mapped(text, UTF8PROC_COMPOSE | UTF8PROC_COMPAT |
		    UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK | UTF8PROC_IGNORE,
		    NULL);
	char	*from, *to;

	if (folded == NULL)
		return (NULL);
	for (from = to = folded; *from != '\0'; from++)
		if ((unsigned char)*from >= 0x80 ||
		    strchr(" -_.'", *from) == NULL)
			*to++ = *from;
	*to = '\0';
	return (folded);
}
