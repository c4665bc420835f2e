/* The words of a call's page for its audio and the file as it was delivered. */
#include <string.h>

#include "recordings/present.h"

/* Returns "MP3", "WAV (GSM 06.10)" of a kind of import.h; of other kinds the
 * text itself. */
static const char *
kind_words(const struct page *p, const char *kind)
{
	if (strcmp(kind, "wav") == 0)
		return ("WAV");
	if (strcmp(kind, "mp3") == 0)
		return ("MP3");
	if (strcmp(kind, "flac") == 0)
		return ("FLAC");
	if (strcmp(kind, "gsm") == 0)
		return ("GSM 06.10");
	if (strncmp(kind, "wav ", 4) == 0)
		return (arena_printf(p->arena, "WAV (%s)", kind + 4));
	return (kind);
}

static const char *
delivered_words(const struct page *p, const json_t *delivered)
{
	const char	*kept = get(delivered, "kept");
	const char	*kind = get(delivered, "kind");

	if (kept != NULL && kind != NULL && strcmp(kept, "beside") == 0)
		return (sentence(p, "livré en {}, conservé aussi tel quel",
		    kind_words(p, kind)));
	if (kept != NULL && strcmp(kept, "same") == 0)
		return (tr(p->view->lang, "conservé tel que livré"));
	return (tr(p->view->lang, "tel que stocké"));
}

json_t *
present_audio(const struct page *p, const json_t *item)
{
	const json_t	*audio = json_object_get(item, "audio");
	const char	*format = get(audio, "format");
	json_t		*out;
	bool		 mono;

	if (format == NULL)
		return (json_null());
	mono = json_integer_value(json_object_get(audio, "channels")) == 1;
	out = json_object();
	put(out, "format", arena_printf(p->arena, "%s, %lld kHz, %s",
	    strcmp(format, "alaw") == 0 ? "G.711 A-law" :
	    strcmp(format, "ulaw") == 0 ? "G.711 mu-law" : "PCM",
	    (long long)json_integer_value(json_object_get(audio, "rate")) /
	    1000, tr(p->view->lang, mono ? "mono" : "stéréo")));
	put(out, "delivered", delivered_words(p,
	    json_object_get(audio, "delivered")));
	return (out);
}
