/* Rejected forms; see form.h. */
#include "server/form.h"
#include "server/model.h"
#include "server/reply.h"

/* In the request's arena. */
struct again {
	const struct form_page	*page;
	const char		*problem;
	int			 status;
};

static void
form_shown(struct ctx *c, struct db_rows *rows, void *arg)
{
	const struct again	*a = arg;
	json_t			*model, *sent = json_object();
	size_t			 i;

	if ((model = model_of(rows)) == NULL) {
		json_decref(sent);
		reply_result(c, NOT_FOUND);
		return;
	}
	for (i = 0; i < c->form.count; i++)
		put(sent, c->form.list[i].name, c->form.list[i].value);
	put(model, "problem", tr(c->lang, a->problem));
	json_object_set_new(model, "sent", sent);
	reply_page(c, a->status, a->page->name, a->page->present, model);
}

void
form_refused(struct ctx *c, enum result result, struct db_rows *rows,
    const struct form_page *page, const char *const *params, int n)
{
	struct again	*a = arena_alloc(&c->arena, sizeof(*a));
	const char	*problem = db_message(rows);

	if (c->surface == API || problem == NULL ||
	    (result != INVALID && result != CONFLICT)) {
		ask_failed(c, result, rows);
		return;
	}
	a->page = page;
	a->problem = arena_strdup(&c->arena, problem);
	a->status = result == INVALID ? 400 : 409;
	ask(c, page->sql, params, n, form_shown, a);
}
