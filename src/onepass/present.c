/*
 * The values of the sign-in page. A refused form shows again what was typed,
 * except the password.
 */
#include "base/buf.h"
#include "onepass/onepass.h"

/* Returns the sentence in the page's language, or null. */
static json_t *
sentence_or_null(enum lang lang, const char *french)
{
	return (french == NULL ? json_null() : json_string(tr(lang, french)));
}

static json_t *
member_or_null(const json_t *model, const char *key)
{
	const char	*text = json_string_value(json_object_get(model, key));

	return (text == NULL || text[0] == '\0' ? json_null() :
	    json_string(text));
}

/*
 * Returns the address of this page, for the link that changes its language:
 * after a refused form the browser is at the form's address instead.
 */
static json_t *
sign_in_here(const struct view *view, const json_t *model)
{
	const char	*to = json_string_value(json_object_get(model, "to"));
	struct buf	 link = { NULL, 0, 0 };
	json_t		*text;

	buf_printf(&link, "%s/sign-in", view->base);
	if (to != NULL && to[0] != '\0') {
		buf_puts(&link, "?to=");
		params_encode_value(&link, to);
	}
	text = json_string(link.data);
	buf_dispose(&link);
	return (text);
}

json_t *
present_sign_in(const struct view *view, json_t *model)
{
	const char	*problem;

	problem = json_string_value(json_object_get(model, "problem"));
	return (json_pack("{s:s, s:o, s:o, s:o, s:o, s:b, s:b}",
	    "title", tr(view->lang, "Connexion"),
	    "here", sign_in_here(view, model),
	    "problem", sentence_or_null(view->lang, problem),
	    "email", member_or_null(model, "email"),
	    "to", member_or_null(model, "to"),
	    "signed_out",
	    json_is_true(json_object_get(model, "signed_out")),
	    "rights_grown",
	    json_is_true(json_object_get(model, "rights_grown"))));
}
