/*
 * Changes the setting RECORDING_BUTTON of telephones: of one through the API,
 * of those of an account through its page. `smartrecord telephone` adds
 * telephones, see command.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "server/reply.h"
#include "telephony/telephony.h"

void
telephone_get(struct ctx *c)
{
	const char	*params[1] = { c->id };

	if (!uuid_valid(c->id))
		reply_result(c, NOT_FOUND);
	else
		ask(c, SQL_TELEPHONY_TELEPHONE, params, 1, reply_model, NULL);
}

static void
add_change(json_t *changes, const char *id, bool button)
{
	json_array_append_new(changes, json_pack("{s:s, s:b}", "id", id,
	    "recording_button", button));
}

/*
 * Replies after telephones_set(): its value is null when the person may not
 * change one of the telephones.
 */
static void
buttons_set(struct ctx *c, struct db_rows *rows, void *arg)
{
	(void)arg;
	if (db_value(rows, 0, 0) == NULL)
		reply_result(c, NOT_FOUND);
	else if (c->surface == API)
		reply_empty(c);
	else
		reply_redirect(c, arena_printf(&c->arena,
		    "%s/accounts/%s?telephones=1", c->base, c->id));
}

static void
set_buttons(struct ctx *c, json_t *changes)
{
	char		*text = json_dumps(changes, JSON_COMPACT);
	const char	*params[1] = { text };

	ask(c, SQL_TELEPHONY_TELEPHONES_SET, params, 1, buttons_set, NULL);
	free(text);
}

void
telephone_set(struct ctx *c)
{
	json_t	*button = json_object_get(c->body, "recording_button");
	json_t	*changes;

	if (!uuid_valid(c->id)) {
		reply_result(c, NOT_FOUND);
		return;
	}
	if (!json_is_boolean(button)) {
		reply_invalid(c, "recording_button", "La valeur attendue est "
		    "true ou false.");
		return;
	}
	changes = json_array();
	add_change(changes, c->id, json_is_true(button));
	set_buttons(c, changes);
	json_decref(changes);
}

/* Form fields: "telephone", each one shown; "button", each one checked. */
void
telephones_set(struct ctx *c)
{
	json_t		*changes = json_array();
	const char	*value;
	bool		 valid = true;
	size_t		 i;

	for (i = 0; i < c->form.count && valid; i++) {
		if (strcmp(c->form.list[i].name, "telephone") != 0)
			continue;
		value = c->form.list[i].value;
		if ((valid = uuid_valid(value)))
			add_change(changes, value, params_has(&c->form,
			    "button", value));
	}
	if (valid)
		set_buttons(c, changes);
	else
		reply_invalid(c, "telephone", "Cette valeur ne convient pas.");
	json_decref(changes);
}
