/*
 * A form that can't be taken, on its own page again: what was sent is still
 * in it, and what is wrong stands where it is to be mended.
 */
#ifndef SERVER_FORM_H
#define SERVER_FORM_H

#include "server/context.h"

/* Asks for the page's model, puts "problem" (in words) and "sent" (the form's
 * fields) in it, and replies the page. c->feature is taken. */
struct form_page {
	const char	*name;
	present_fn	 present;
	enum sql	 sql;		/* params are its, all as text */
};
void	form_again(struct ctx *, int status, const char *problem,
	    const struct form_page *, const char *const *params, int n);

#endif
