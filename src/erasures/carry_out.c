/*
 * Handlers that carry out a request to erase: its confirmation and the
 * deletion, by the flow of onepass/confirm.h. A request with no recordings can
 * be carried out too.
 */
#include <string.h>

#include "base/text.h"
#include "erasures/erasures.h"
#include "onepass/onepass.h"
#include "server/model.h"
#include "server/reply.h"

/* Shows the page of confirmation; redirects to a closed request's receipt. */
static void
erasure_reply_confirm(
    struct ctx *c, const struct confirmation *f, json_t *model)
{
	if (strcmp(get(model, "state"), "open") != 0) {
		reply_redirect(c, arena_printf(&c->arena, "%s/erasures/%s",
		    c->base, c->id));
		return;
	}
	put(model, "request", c->request_id);
	put(model, "problem", f->problem);
	reply_page(c, f->status, "erasures/confirm", present_erasure_confirm,
	    json_incref(model));
}

/* Replies 200, or 202 while rows remain to be removed. */
static void
erasure_reply_receipt(struct ctx *c, json_t *answer)
{
	json_t	*erasure = json_object_get(answer, "erasure");
	bool	 done = !json_is_null(json_object_get(erasure, "erased_at"));

	reply_made(c, done ? 200 : 202, arena_printf(&c->arena,
	    "/erasures/%s", c->id), json_incref(erasure));
}

/* Returns the erasure to confirm; NULL after a reply of 404. */
static struct confirmation *
read_erasure(struct ctx *c)
{
	static const struct confirmation	 erasure = {
		.count = SQL_ERASURES_SHOW, .write = SQL_ERASURES_CARRY_OUT,
		.page = erasure_reply_confirm, .receipt = erasure_reply_receipt
	};
	struct confirmation			*f;

	if (!uuid_valid(c->id)) {
		reply_result(c, NOT_FOUND);
		return (NULL);
	}
	f = arena_alloc(&c->arena, sizeof(*f));
	*f = erasure;
	f->subject = c->id;
	return (f);
}

void
erasure_confirm(struct ctx *c)
{
	struct confirmation	*f = read_erasure(c);

	if (f != NULL)
		confirm_show(c, f);
}

void
erasure_carry_out(struct ctx *c)
{
	struct confirmation	*f = read_erasure(c);

	if (f != NULL)
		confirm_write(c, f);
}
