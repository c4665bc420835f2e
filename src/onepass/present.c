/* The sign-in page: what was typed comes back, but never the password. */
#include "onepass/onepass.h"

/* The text in the page's language, or null. */
static json_t *
sentence_or_null(enum lang lang, const char *french)
{
	return (french == NULL ? json_null() : json_string(tr(lang, french)));
}

static json_t *
text_or_null(const json_t *model, const char *key)
{
	const char	*text = json_string_value(json_object_get(model, key));

	return (text == NULL || text[0] == '\0' ? json_null() :
	    json_string(text));
}

json_t *
present_sign_in(const struct view *view, json_t *model)
{
	const char	*problem;

	problem = json_string_value(json_object_get(model, "problem"));
	return (json_pack("{s:s, s:o, s:o, s:o, s:b}",
	    "title", tr(view->lang, "Connexion"),
	    "problem", sentence_or_null(view->lang, problem),
	    "email", text_or_null(model, "email"),
	    "to", text_or_null(model, "to"),
	    "signed_out",
	    json_is_true(json_object_get(model, "signed_out"))));
}
