/*
 * RECORDING_BUTTON of an account's telephones: one through the API, those of
 * an account through its page. Production adds them, see command.c.
 */
#include <stdlib.h>
#include <string.h>

#include "server/reply.h"
#include "telephony/mac.h"
#include "telephony/telephony.h"

void
telephone_get(struct ctx *c)
{
	char		 mac[MAC_SIZE];
	const char	*params[1] = { mac };

	if (!mac_read(c->id, mac))
		reply_result(c, NOT_FOUND);
	else
		ask(c, SQL_TELEPHONY_TELEPHONE, params, 1, reply_model);
}

static void
add_change(json_t *changes, const char *mac, bool button)
{
	json_array_append_new(changes, json_pack("{s:s, s:b}", "mac", mac,
	    "recording_button", button));
}

/* Answered is how many telephones are as they were wished; none: one is not
 * this person's. */
static void
replied(struct ctx *c, enum result result, struct db_rows *rows)
{
	if (result != OK || db_value(rows, 0, 0) == NULL)
		reply_result(c, result == OK ? NOT_FOUND : result);
	else if (c->surface == API)
		reply_empty(c);
	else
		reply_redirect(c, arena_printf(&c->arena,
		    "%s/accounts/%s?telephones=1", c->base, c->id));
}

static void
change(struct ctx *c, json_t *changes)
{
	char		*text = json_dumps(changes, JSON_COMPACT);
	const char	*params[1] = { text };

	ask(c, SQL_TELEPHONY_TELEPHONES_SET, params, 1, replied);
	free(text);
}

void
telephone_set(struct ctx *c)
{
	json_t	*button = json_object_get(c->body, "recording_button");
	json_t	*changes;
	char	 mac[MAC_SIZE];

	if (!mac_read(c->id, mac)) {
		reply_result(c, NOT_FOUND);
		return;
	}
	if (!json_is_boolean(button)) {
		reply_invalid(c, "recording_button", "La valeur attendue est "
		    "true ou false.");
		return;
	}
	changes = json_array();
	add_change(changes, mac, json_is_true(button));
	change(c, changes);
	json_decref(changes);
}

/* Does a field of this name have this value? */
static bool
ticked(const struct params *form, const char *name, const char *value)
{
	size_t	i;

	for (i = 0; i < form->count; i++)
		if (strcmp(form->list[i].name, name) == 0 &&
		    strcmp(form->list[i].value, value) == 0)
			return (true);
	return (false);
}

/* "telephone": each that the page shows; "button": those that are ticked. */
void
telephones_set(struct ctx *c)
{
	json_t		*changes = json_array();
	const char	*value;
	char		 mac[MAC_SIZE];
	bool		 valid = true;
	size_t		 i;

	for (i = 0; i < c->form.count && valid; i++) {
		if (strcmp(c->form.list[i].name, "telephone") != 0)
			continue;
		value = c->form.list[i].value;
		if ((valid = mac_read(value, mac)))
			add_change(changes, mac, ticked(&c->form, "button",
			    value));
	}
	if (valid)
		change(c, changes);
	else
		reply_invalid(c, "telephone", "Cette valeur ne convient pas.");
	json_decref(changes);
}
