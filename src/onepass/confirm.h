/*
 * The flow of a write that destroys recordings: it counts them, shows a page to
 * confirm that count, writes if the count has not changed since, and shows a
 * receipt. Above PASSWORD_ABOVE recordings the person must enter their password
 * again. What differs between such writes is in struct confirmation.
 */
#ifndef ONEPASS_CONFIRM_H
#define ONEPASS_CONFIRM_H

#include <stdint.h>

#include "server/context.h"

#define PASSWORD_ABOVE	100	/* recordings */

struct confirmation {
	const char	*subject;	/* a selection or an id, as text */
	enum sql	 count;		/* takes the subject */
	enum sql	 write;		/* takes subject, expect, key, hash */
	int64_t		 least;		/* count that can be confirmed */
	bool		 search;	/* the queries may be too slow */
	/* Replies with the row of `count` (model is borrowed): the page to
	 * confirm it, with `status` and, unless NULL, `problem`. */
	void		 (*page)(struct ctx *, const struct confirmation *,
			    json_t *model);
	/* Replies with the row of `write` (borrowed): what was done. */
	void		 (*receipt)(struct ctx *, json_t *answer);
	/* set by the flow */
	const char	*expect;	/* the confirmed count, as text */
	const char	*key;		/* Idempotency-Key, or NULL */
	const char	*problem;	/* in French; NULL: none */
	int		 status;
};

/*
 * Counts, then replies with f->page(), or 404 when `count` gives null. f lives
 * in the request's arena; the caller sets its members above "set by the flow".
 */
void	confirm_show(struct ctx *, struct confirmation *);

/*
 * Reads the confirmed count (field "expect"), checks the password (field
 * "password") when it is above PASSWORD_ABOVE, and writes. `write` returns
 * {"outcome"}: "created" or "exists" (done: f->receipt() replies), "conflict"
 * (the key belongs to another request), "empty" (nothing to write) or "changed"
 * (the count is now "count"). This function replies to all other cases: 400,
 * 403, 404 or 409 under /api/v1; a page asks for confirmation again.
 */
void	confirm_write(struct ctx *, struct confirmation *);

#endif
