/* A session begins, for a person who has proved who they are. */
#ifndef ONEPASS_OPEN_H
#define ONEPASS_OPEN_H

#include <jansson.h>

#include "server/context.h"

#define DEVICE_COOKIE	"__Host-device"

/* Opens it and replies: home (or the form's `to`) for pages, 201 with who they
 * are for the API. hash: of the password that was right, or NULL when none was
 * asked for; device: the token of a browser that was theirs before, or NULL. */
void	session_open(struct ctx *, const char *person_id, const char *hash,
	    const char *device);

/* It has begun under this token: the cookie and the reply, by what the
 * database answered (stolen). */
void	session_opened(struct ctx *, const char *token, json_t *model);

#endif
