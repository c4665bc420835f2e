/*
 * Shows a rejected form again on its page, with the submitted values and the
 * error message.
 */
#ifndef SERVER_FORM_H
#define SERVER_FORM_H

#include "server/context.h"

struct form_page {
	const char	*name;
	present_fn	 present;
	enum sql	 sql;		/* returns the model of the page */
};
/* Replies to a write that failed with INVALID or CONFLICT. On a page, runs the
 * query of the page with params, adds "problem" (the message) and "sent" (the
 * fields of the form) to the model, and replies the page. In the API, and for
 * other outcomes, replies as ask_failed(). */
void	form_refused(struct ctx *, enum result, struct db_rows *,
	    const struct form_page *, const char *const *params, int n);

#endif
