/* Opens a session for a person whose identity has been verified. */
#ifndef ONEPASS_OPEN_H
#define ONEPASS_OPEN_H

#include <jansson.h>

#include "server/context.h"

#define DEVICE_COOKIE	"__Host-device"

/*
 * Opens the session and replies: a page redirects to the form's "to" or home,
 * the API replies 201 with the person, or 403 when the account may not sign in.
 * tenant_id is the tenant to sign in to, or NULL: the person's home. hash is
 * the hash of the password that was right, or NULL when none was checked;
 * renewed the one to store instead of it, or NULL. device is the token of a
 * browser known for this person, or NULL. The session of the request, if there
 * is one, is replaced and ends.
 */
void	session_open(struct ctx *, const char *person_id,
	    const char *tenant_id, const char *hash, const char *renewed,
	    const char *device);

/*
 * Sets the session cookie to token and replies as session_open() does. Takes
 * ownership of model, the row of session_create.sql or session_switch.sql.
 */
void	session_opened(struct ctx *, const char *token, json_t *model);

#endif
