/*
 * Handlers of deletions: counting, deleting, the receipt, by the flow of
 * onepass/confirm.h. Deleted recordings are invisible everywhere once the
 * response is sent; the rows of a big deletion are removed in the background.
 */
#include <string.h>

#include "base/text.h"
#include "deletions/deletions.h"
#include "deletions/present.h"
#include "onepass/onepass.h"
#include "recordings/recordings.h"
#include "server/model.h"
#include "server/reply.h"

static void
deletion_reply_confirm(
    struct ctx *c, const struct confirmation *f, json_t *model)
{
	json_int_t	 n = json_integer_value(json_object_get(model,
			    "count"));

	if (c->surface == API)
		reply_value(c, 200, json_pack("{s:I}", "count", n));
	else if (n == 0)
		reply_result(c, NOT_FOUND);
	else {
		put(model, "request", c->request_id);
		put(model, "problem", f->problem);
		json_object_set_new(model, "password",
		    json_boolean(n > PASSWORD_ABOVE));
		reply_page(c, f->status, "deletions/confirm",
		    present_deletion_confirm, json_incref(model));
	}
}

static void
deletion_reply_receipt(struct ctx *c, json_t *answer)
{
	json_t	*deletion = json_object_get(answer, "deletion");
	bool	 done = strcmp(get(deletion, "state"), "done") == 0;

	reply_made(c, done ? 200 : 202, arena_printf(&c->arena,
	    "/deletions/%s", get(deletion, "id")), json_incref(deletion));
}

/* Returns the deletion to confirm; NULL after a reply of 400. */
static struct confirmation *
read_deletion(struct ctx *c)
{
	static const struct confirmation	 deletion = {
		.count = SQL_DELETIONS_COUNT, .write = SQL_DELETIONS_CREATE,
		.least = 1, .search = true, .page = deletion_reply_confirm,
		.receipt = deletion_reply_receipt
	};
	struct confirmation			*f;
	const char				*selection;

	if ((selection = selection_of_request(c)) == NULL)
		return (NULL);
	f = arena_alloc(&c->arena, sizeof(*f));
	*f = deletion;
	f->subject = selection;
	return (f);
}

void
deletion_count(struct ctx *c)
{
	struct confirmation	*f = read_deletion(c);

	if (f != NULL)
		confirm_show(c, f);
}

void
deletion_create(struct ctx *c)
{
	struct confirmation	*f = read_deletion(c);

	if (f != NULL)
		confirm_write(c, f);
}

void
deletion_show(struct ctx *c)
{
	const char	*params[1] = { c->id };

	if (!uuid_valid(c->id))
		reply_result(c, NOT_FOUND);
	else
		ask(c, SQL_DELETIONS_SHOW, params, 1, reply_model, NULL);
}
