/*
 * Sends mail to an SMTP server (RFC 5321), or for a demo writes it to files in
 * a folder. Sending blocks, so it needs its own thread or process.
 */
#ifndef NET_MAIL_H
#define NET_MAIL_H

#include <stdbool.h>

#include "base/result.h"
#include "base/settings.h"
#include "net/message.h"

#define MAIL_WHY	160

/* Initialises libcurl and checks the mail settings. Call it once in a process,
 * before threads start. Returns NULL, or a static sentence that names an
 * error. */
const char	*mail_start(const struct settings *);
/* Sends a message. Returns OK; INVALID for a permanent failure (of the address,
 * or a 5xx reply); UNAVAILABLE when it may be retried. On a failure, why is a
 * short text for the log, without the address. going(arg) is called from time
 * to time and returns false to cancel. */
enum result	 mail_send(const struct settings *, const struct message *,
		    bool (*going)(void *), void *arg, char why[MAIL_WHY]);
/* Connects to the server as mail_send() does, signs in, and sends nothing.
 * Returns OK or UNAVAILABLE, with why set. */
enum result	 mail_probe(const struct settings *, char why[MAIL_WHY]);

#endif
