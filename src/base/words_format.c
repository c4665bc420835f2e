/*
 * Formats dates, durations, numbers and telephone numbers in French and
 * English.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/words.h"

#define NARROW_SPACE	"\xe2\x80\xaf"		/* U+202F */

static const char	*const days[][7] = {
	[LANG_FR] = { "dimanche", "lundi", "mardi", "mercredi", "jeudi",
	    "vendredi", "samedi" },
	[LANG_EN] = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday",
	    "Friday", "Saturday" }
};

static const char	*const months[][12] = {
	[LANG_FR] = { "janvier", "février", "mars", "avril", "mai", "juin",
	    "juillet", "août", "septembre", "octobre", "novembre",
	    "décembre" },
	[LANG_EN] = { "January", "February", "March", "April", "May", "June",
	    "July", "August", "September", "October", "November",
	    "December" }
};

static const char	*ordinal(enum lang, int);
static const char	*unit(enum lang, int64_t, const char *, const char *);
static size_t		 country_code(const char *);
static char		*group_pairs(struct arena *, const char *);
static char		*group_threes(struct arena *, const char *, size_t);

/* In French, only the first day of a month is an ordinal: "1er août". */
static const char *
ordinal(enum lang l, int day)
{
	return (l == LANG_FR && day == 1 ? "er" : "");
}

/* English months have three letters; French dates have digits only. */
char *
words_date_short(struct arena *a, enum lang l, struct civil when,
    struct civil now)
{
	const char	*year;

	year = when.year == now.year ? "" : arena_printf(a, "%c%d",
	    l == LANG_FR ? '/' : ' ', when.year);
	if (l == LANG_FR)
		return (arena_printf(a, "%02d/%02d%s, %02d:%02d", when.day,
		    when.month, year, when.hour, when.minute));

	return (arena_printf(a, "%d %.3s%s, %02d:%02d", when.day,
	    months[l][when.month - 1], year, when.hour, when.minute));
}

char *
words_date_long(struct arena *a, enum lang l, struct civil when)
{
	return (arena_printf(a, "%s %d%s %s %d %s %02d:%02d",
	    days[l][when.weekday], when.day, ordinal(l, when.day),
	    months[l][when.month - 1], when.year,
	    l == LANG_FR ? "à" : "at", when.hour, when.minute));
}

char *
words_day(struct arena *a, enum lang l, struct civil when)
{
	return (arena_printf(a, "%d%s %s", when.day, ordinal(l, when.day),
	    months[l][when.month - 1]));
}

char *
words_duration(struct arena *a, int64_t ms)
{
	long long	 s;

	s = ms < 0 ? 0 : ms / 1000;
	if (s < 3600)
		return (arena_printf(a, "%02lld:%02lld", s / 60, s % 60));

	return (arena_printf(a, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60,
	    s % 60));
}

/* Singular or plural for n; each pair of words is "many\0one". */
static const char *
unit(enum lang l, int64_t n, const char *french, const char *english)
{
	const char	*word;
	bool		 many;

	word = l == LANG_FR ? french : english;
	many = l == LANG_FR ? n >= 2 : n != 1;

	return (many ? word : strchr(word, '\0') + 1);
}

/* Seconds after minutes have no unit, as in speech. */
char *
words_duration_spoken(struct arena *a, enum lang l, int64_t ms)
{
	const char	*text;
	int64_t		 s, hours, minutes;

	s = ms < 0 ? 0 : ms / 1000;
	hours = s / 3600;
	minutes = s / 60 % 60;
	s %= 60;
	text = "";
	if (hours > 0)
		text = arena_printf(a, "%lld %s", (long long)hours,
		    unit(l, hours, "heures\0heure", "hours\0hour"));
	if (minutes > 0)
		text = arena_printf(a, "%s%s%lld %s", text,
		    hours > 0 ? " " : "", (long long)minutes,
		    unit(l, minutes, "minutes\0minute", "minutes\0minute"));
	if (minutes > 0 && s > 0)
		return (arena_printf(a, "%s %lld", text, (long long)s));
	if (s > 0 || (hours == 0 && minutes == 0))
		return (arena_printf(a, "%s%s%lld %s", text,
		    hours > 0 ? " " : "", (long long)s,
		    unit(l, s, "secondes\0seconde", "seconds\0second")));

	return (arena_strdup(a, text));
}

char *
words_number(struct arena *a, enum lang l, int64_t n)
{
	const char	*separator;
	char		 digits[24], text[80];
	size_t		 i, count, length;

	separator = l == LANG_FR ? NARROW_SPACE : ",";
	(void)snprintf(digits, sizeof(digits), "%lld", (long long)n);
	count = strlen(digits);
	length = 0;
	for (i = 0; i < count; i++) {
		if (i > 0 && (count - i) % 3 == 0 && digits[i - 1] != '-') {
			memcpy(text + length, separator, strlen(separator));
			length += strlen(separator);
		}
		text[length++] = digits[i];
	}

	return (arena_strndup(a, text, length));
}

/* Length of the country code of an international number (ITU-T E.164): 1 for
 * the codes 1 and 7, 2 for those in the list, 3 for all others. */
static size_t
country_code(const char *digits)
{
	static const char	two[] = "20 27 30 31 32 33 34 36 39 40 41 43 "
				    "44 45 46 47 48 49 51 52 53 54 55 56 57 "
				    "58 60 61 62 63 64 65 66 81 82 84 86 90 "
				    "91 92 93 94 95 98 ";
	size_t			i;

	if (digits[0] == '1' || digits[0] == '7')
		return (1);
	for (i = 0; two[i] != '\0'; i += 3) {
		if (strncmp(two + i, digits, 2) == 0)
			return (2);
	}

	return (3);
}

/* "06 13 24 10 88" from nine digits: the trunk prefix 0, then pairs. */
static char *
group_pairs(struct arena *a, const char *d)
{
	return (arena_printf(a, "0%c %.2s %.2s %.2s %.2s", d[0], d + 1, d + 3,
	    d + 5, d + 7));
}

/* "+44 207 946 0000": groups of three after the country code. A single last
 * digit joins the group before it. */
static char *
group_threes(struct arena *a, const char *digits, size_t code)
{
	char	 text[40];
	size_t	 i, n, length;

	n = strlen(digits);
	length = 0;
	text[length++] = '+';
	for (i = 0; i < n; i++) {
		if (i >= code && (i - code) % 3 == 0 &&
		    (n - i > 1 || i == code))
			text[length++] = ' ';
		text[length++] = digits[i];
	}

	return (arena_strndup(a, text, length));
}

char *
words_phone(struct arena *a, const char *e164)
{
	static const char	*const french[] = { "33", "262", "590", "594",
				    "596" };
	const char		*digits;
	size_t			 i, n, code;

	digits = e164 + 1;
	n = e164[0] == '+' ? strspn(digits, "0123456789") : 0;
	if (n < 5 || n > 15 || digits[n] != '\0')
		return (arena_strdup(a, e164));
	code = country_code(digits);
	for (i = 0; i < sizeof(french) / sizeof(french[0]); i++) {
		if (strlen(french[i]) == code && n - code == 9 &&
		    strncmp(digits, french[i], code) == 0)
			return (group_pairs(a, digits + code));
	}

	return (group_threes(a, digits, code));
}

/* Returns whether the code point is a letter. Above Latin-1 this is an
 * approximation: all visible characters below U+2000. */
static bool
is_letter(uint32_t code)
{
	if (code < 0xc0)
		return ((code >= 'A' && code <= 'Z') ||
		    (code >= 'a' && code <= 'z'));
	return (code != 0xd7 && code != 0xf7 && code < 0x2000 &&
	    !text_invisible(code));
}

/* Appends the first character of the word if it is a letter. */
static void
initial_add(struct buf *b, const char *word)
{
	uint32_t	 code;
	size_t		 n;

	if (*word == '\0')
		return;
	n = utf8_next(word, &code);
	if (!is_letter(code))
		return;
	if (code < 0x80)
		buf_putc(b, (char)(code & ~0x20U));
	else if (code >= 0xe0 && code <= 0xfe) {
		buf_putc(b, word[0]);
		buf_putc(b, (char)(word[1] & ~0x20));
	} else
		buf_append(b, word, n);
}

char *
words_initials(struct arena *a, const char *name)
{
	const char	*last;
	struct buf	 b = { NULL, 0, 0 };
	char		*text = NULL;

	name += strspn(name, " ");
	last = strrchr(name, ' ');
	initial_add(&b, name);
	if (last != NULL)
		initial_add(&b, last + 1);
	if (b.len > 0)
		text = arena_strndup(a, b.data, b.len);
	buf_dispose(&b);
	return (text);
}
