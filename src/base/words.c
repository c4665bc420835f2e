/*
 * The catalogue of sentences, plurals and the choice of a language. Dates,
 * durations and numbers are in words_format.c.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/embedded.h"
#include "base/log.h"
#include "base/words.h"

/* Weight of a language in Accept-Language, in thousandths; -1: not listed. */
struct choice {
	int	 weight;
	size_t	 order;			/* position in the list; lowest wins */
};

static json_t	*english;		/* key: French sentence */
static json_t	*french;		/* with no-break spaces; same key */

static const char *skip_blanks(const char *);
static int	 read_weight(const char *, const char *);
static bool	 range_is(const char *, size_t, const char *);

/* Returns the no-break space that replaces the space at s before a French
 * punctuation mark or inside « ». Returns NULL for another space. */
static const char *
holding_space(const char *sentence, const char *s)
{
	if (*s != ' ')
		return (NULL);
	if (s[1] == ':' || strncmp(s + 1, "»", 2) == 0 ||
	    (s - sentence >= 2 && strncmp(s - 2, "«", 2) == 0))
		return ("\xc2\xa0");		/* U+00A0 */
	return (s[1] != '\0' && strchr(";?!", s[1]) != NULL ?
	    "\xe2\x80\xaf" : NULL);		/* U+202F, narrow */
}

static void
add_french(const char *sentence)
{
	struct buf	 b = { NULL, 0, 0 };
	const char	*s, *space;

	for (s = sentence; *s != '\0'; s++)
		if ((space = holding_space(sentence, s)) != NULL)
			buf_puts(&b, space);
		else
			buf_append(&b, s, 1);
	if (b.data != NULL && strcmp(b.data, sentence) != 0)
		json_object_set_new(french, sentence, json_string(b.data));
	buf_dispose(&b);
}

bool
words_load(const char *json, size_t n)
{
	json_t		*loaded, *value;
	const char	*key;

	loaded = json_loadb(json, n, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(loaded)) {
		json_decref(loaded);
		return (false);
	}
	json_object_foreach(loaded, key, value) {
		if (!json_is_string(value)) {
			json_decref(loaded);
			return (false);
		}
	}
	json_decref(english);
	json_decref(french);
	english = loaded;
	french = json_object();
	json_object_foreach(english, key, value)
		add_french(key);

	return (true);
}

void
words_start(void)
{
	const struct embedded	*e = embedded_get("templates/en.json");

	if (e == NULL || !words_load(e->bytes, e->len))
		log_fatal("event=bad_catalogue why=\"no flat JSON object\"");
}

const char *
tr(enum lang lang, const char *sentence)
{
	const char	*found;

	found = json_string_value(json_object_get(lang == LANG_FR ? french :
	    english, sentence));

	return (found == NULL ? sentence : found);
}

char *
tr_count(struct arena *a, enum lang lang, int64_t n, const char *one,
    const char *many)
{
	struct buf	 text = { NULL, 0, 0 };
	const char	*sentence, *mark;
	char		*result;
	bool		 singular;

	singular = n == 1 || n == -1 || (n == 0 && lang == LANG_FR);
	sentence = tr(lang, singular ? one : many);
	while ((mark = strstr(sentence, "{n}")) != NULL) {
		buf_append(&text, sentence, (size_t)(mark - sentence));
		buf_puts(&text, words_number(a, lang, n));
		sentence = mark + 3;
	}
	buf_puts(&text, sentence);
	result = arena_strdup(a, text.data);
	buf_dispose(&text);

	return (result);
}

const char *
lang_tag(enum lang lang)
{
	return (lang == LANG_EN ? "en" : "fr");
}

bool
lang_of_tag(const char *tag, enum lang *lang)
{
	bool	 en = tag != NULL && strcmp(tag, "en") == 0;

	if (!en && (tag == NULL || strcmp(tag, "fr") != 0))
		return (false);
	*lang = en ? LANG_EN : LANG_FR;

	return (true);
}

static const char *
skip_blanks(const char *s)
{
	while (*s == ' ' || *s == '\t')
		s++;
	return (s);
}

/* Returns whether the range is the language or a variant of it ("fr-CA"). */
static bool
range_is(const char *s, size_t n, const char *tag)
{
	return (n >= 2 && strncasecmp(s, tag, 2) == 0 &&
	    (n == 2 || s[2] == '-'));
}

/* Reads ";q=0.5" in [s, end), in thousandths. Returns 1000 when there is none
 * and 0 when it is malformed. */
static int
read_weight(const char *s, const char *end)
{
	int	 weight, scale;

	s = skip_blanks(s);
	if (s >= end || *s != ';')
		return (1000);
	s = skip_blanks(s + 1);
	if (strncasecmp(s, "q=", 2) != 0 || (s[2] != '0' && s[2] != '1'))
		return (0);
	weight = (s[2] - '0') * 1000;
	s += 3;
	if (*s == '.') {
		s++;
		for (scale = 100; *s >= '0' && *s <= '9' && scale > 0; s++) {
			weight += (*s - '0') * scale;
			scale /= 10;
		}
	}
	if (skip_blanks(s) < end || weight > 1000)
		return (0);

	return (weight);
}

enum lang
lang_accept(const char *header)
{
	struct choice	 fr = { -1, 0 }, en = { -1, 0 }, any = { -1, 0 };
	struct choice	*c;
	const char	*s, *end;
	size_t		 n, order;

	order = 0;
	for (s = header; s != NULL; s = *end == ',' ? end + 1 : NULL) {
		s = skip_blanks(s);
		end = s + strcspn(s, ",");
		n = strcspn(s, ",; \t");
		c = range_is(s, n, "fr") ? &fr : range_is(s, n, "en") ? &en :
		    n == 1 && *s == '*' ? &any : NULL;
		order++;
		if (c == NULL || read_weight(s + n, end) <= c->weight)
			continue;
		c->weight = read_weight(s + n, end);
		c->order = order;
	}
	if (fr.weight == -1)
		fr = any;
	if (en.weight == -1)
		en = any;
	if (en.weight <= 0 || fr.weight > en.weight)
		return (LANG_FR);
	if (fr.weight == en.weight && fr.order <= en.order)
		return (LANG_FR);

	return (LANG_EN);
}
