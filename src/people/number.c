/* Telephone numbers as people write them, see number.h. */
#include <string.h>

#include "people/number.h"

#define DIGITS_MAX	15	/* ITU-T E.164 section 6.2.1 */

static const struct overseas {
	const char	*begins;	/* national */
	const char	*country;
} places[] = {
	{ "0262", "+262" }, { "0263", "+262" }, { "0692", "+262" },
	{ "0693", "+262" }, { "0590", "+590" }, { "0690", "+590" },
	{ "0691", "+590" }, { "0594", "+594" }, { "0694", "+594" },
	{ "0596", "+596" }, { "0696", "+596" }, { "0697", "+596" },
};

/* Digits alone; a plus may stand in front. false: something else is there. */
static bool
digits_of(const char *text, size_t n, char out[DIGITS_MAX + 4])
{
	size_t	i, len = 0;

	for (i = 0; i < n; i++) {
		if (strchr(" .-()\t", text[i]) != NULL && text[i] != '\0')
			continue;
		/* spaces that don't break, U+00A0 and U+202F */
		if (n - i >= 2 && memcmp(text + i, "\xc2\xa0", 2) == 0) {
			i += 1;
			continue;
		}
		if (n - i >= 3 && memcmp(text + i, "\xe2\x80\xaf", 3) == 0) {
			i += 2;
			continue;
		}
		if (((text[i] < '0' || text[i] > '9') &&
		    (text[i] != '+' || len > 0)) || len == DIGITS_MAX + 3)
			return (false);
		out[len++] = text[i];
	}
	out[len] = '\0';
	return (len > 0);
}

static const char *
country_of(const char *national)
{
	size_t	i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (strncmp(national, places[i].begins, 4) == 0)
			return (places[i].country);
	return ("+33");
}

const char *
number_read(struct arena *a, const char *text, size_t n)
{
	char		 d[DIGITS_MAX + 4];
	const char	*e164 = d;
	size_t		 len;

	if (!digits_of(text, n, d))
		return (NULL);
	len = strlen(d);
	if (d[0] == '0' && d[1] == '0')
		e164 = arena_printf(a, "+%s", d + 2);
	else if (d[0] == '0' && d[1] != '0' && len == 10)
		e164 = arena_printf(a, "%s%s", country_of(d), d + 1);
	else if (d[0] != '+')
		return (len >= 2 && len <= 8 ? arena_strdup(a, d) : NULL);
	if (strncmp(e164, "+330", 4) == 0)	/* +33 (0)6… */
		e164 = arena_printf(a, "+33%s", e164 + 4);
	len = strlen(e164 + 1);
	return (e164[1] >= '1' && e164[1] <= '9' && len >= 7 &&
	    len <= DIGITS_MAX ? arena_strdup(a, e164) : NULL);
}
