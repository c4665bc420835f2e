/* Reads the recordings that a request selects, see recordings.h. */
#include "recordings/recordings.h"
#include "recordings/selection.h"
#include "server/reply.h"

/*
 * Reads the selection from the API's body, from the field "select" of a form of
 * confirmation (JSON), or from the fields of the list's form.
 */
static enum result
selection_read(struct ctx *c, struct selection *s)
{
	const char	*text = ctx_field(c, "select");
	json_t		*select;
	enum result	 r;

	if (c->surface == API)
		return (selection_of_json(s,
		    json_object_get(c->body, "select")));
	if (text == NULL)
		return (selection_of_form(s, &c->form));
	select = json_loads(text, 0, NULL);
	r = selection_of_json(s, select);
	json_decref(select);
	return (r);
}

const char *
selection_of_request(struct ctx *c)
{
	struct selection	 s;
	const char		*text;

	if (selection_read(c, &s) != OK) {
		reply_invalid(c, s.field, s.problem);
		return (NULL);
	}
	text = selection_text(&s, &c->arena);
	if (s.own)
		c->scope.team = "";
	selection_dispose(&s);
	return (text);
}
