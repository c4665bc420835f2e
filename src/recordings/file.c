/* What the handlers of audio, transcript and archive share, see file.h. */
#include <string.h>

#include "base/clock.h"
#include "recordings/file.h"

struct file
file_of_recording(int64_t until_ms)
{
	struct file	 f = { .watched = SQL_RECORDINGS_WATCHED,
			    .until_ms = until_ms };

	f.no_such_part = "Cette partie de l’enregistrement n’existe pas.";
	return (f);
}

bool
file_lang(struct ctx *c, enum lang *lang)
{
	const char	*wanted = params_get(&c->query, "lang");
	const char	*accepted = ctx_header(c, "accept-language");

	*lang = c->surface == API && accepted != NULL ?
	    lang_accept(accepted) : c->lang;
	if (wanted == NULL || *wanted == '\0')
		return (true);
	if (strcmp(wanted, "fr") != 0 && strcmp(wanted, "en") != 0) {
		reply_invalid(c, "lang", "La langue est fr ou en.");
		return (false);
	}
	*lang = strcmp(wanted, "en") == 0 ? LANG_EN : LANG_FR;
	return (true);
}

struct view
file_view(struct ctx *c, enum lang lang)
{
	struct params	*query = arena_alloc(&c->arena, sizeof(*query));
	struct view	 v = { .lang = lang, .surface = c->surface,
			    .base = c->base, .path = c->path, .query = query,
			    .person = c->person, .brand = c->brand,
			    .now_ms = clock_now_ms() };

	*query = c->query;	/* copied: the view may outlive c->query */
	return (v);
}
