/*
 * A form that can't be taken, on its own page again: what was sent is still
 * in it, and what is wrong stands where it is to be mended.
 */
#ifndef SERVER_FORM_H
#define SERVER_FORM_H

#include "server/context.h"

struct form_page {
	const char	*name;
	present_fn	 present;
	enum sql	 sql;		/* params are its, all as text */
};
/* The database says what is wrong with the form, or that it comes too late:
 * asks for the page's model, puts "problem" (in words) and "sent" (the form's
 * fields) in it, and replies the page. Any other outcome, and the API's: as
 * ask_failed(). c->feature is taken. */
void	form_refused(struct ctx *, enum result, struct db_rows *,
	    const struct form_page *, const char *const *params, int n);

#endif
