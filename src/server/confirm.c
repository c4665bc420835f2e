/* What was confirmed, and what has to be again; see confirm.h. */
#include "base/text.h"
#include "server/confirm.h"
#include "server/reply.h"

#define COUNT_MAX	INT32_MAX

const char *
confirm_number(struct ctx *c, int64_t least, const char *problem, int64_t *n)
{
	const char	*expect = ctx_number(c, "expect");

	if (expect != NULL && text_int64(expect, least, COUNT_MAX, n))
		return (expect);
	reply_invalid(c, "expect", problem);
	return (NULL);
}

void
confirm_password(struct ctx *c, const char *problem, confirm_page page)
{
	if (c->surface == API)
		reply_problem(c, 403, "password-needed", problem);
	else
		page(c, 403, problem);
}

void
confirm_changed(struct ctx *c, json_int_t count, confirm_page page)
{
	const char	*detail;

	detail = "Le nombre d’enregistrements a changé entre-temps : "
	    "confirmez le nouveau.";
	if (c->surface == API)
		reply_problem_with(c, 409, "count-changed", detail,
		    json_pack("{s:I}", "count", count));
	else
		page(c, 409, detail);
}
