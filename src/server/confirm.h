/*
 * Grave writes that state how much they are about: the number that the person
 * was told, the password again when it is large, and the page that asks once
 * more when either is not right.
 */
#ifndef SERVER_CONFIRM_H
#define SERVER_CONFIRM_H

#include "server/context.h"

/* The page that asks, with a status and why it has to; NULL: the first time. */
typedef void	(*confirm_page)(struct ctx *, int status, const char *problem);

/* The number confirmed, "expect", from least on: as text in the arena, as the
 * database takes it, and in *n. NULL: replied problem, a French sentence. */
const char	*confirm_number(struct ctx *, int64_t least,
		    const char *problem, int64_t *n);
/* 403: the password is missing or wrong, problem says which. */
void		 confirm_password(struct ctx *, const char *problem,
		    confirm_page);
/* 409: it is count now, another number than the person was told. */
void		 confirm_changed(struct ctx *, json_int_t count, confirm_page);

#endif
