/*
 * Mail: messages handed to a server that brings them on (SMTP, RFC 5321), or
 * laid in a folder to be read there, for a demo. Blocking: for a thread of
 * its own.
 */
#ifndef NET_MAIL_H
#define NET_MAIL_H

#include <stdbool.h>

#include "base/result.h"
#include "base/settings.h"
#include "net/message.h"

#define MAIL_WHY	160

/* Once in a process, before its threads. What is wrong with the settings of
 * mail, a sentence; or NULL. */
const char	*mail_start(const struct settings *);
/* OK: it is on its way. INVALID: it never will be (the address, or a server
 * that refuses it for good); UNAVAILABLE: not now. why: a word or two for the
 * log, without the address. going(arg) is asked now and then: false gives
 * up. */
enum result	 mail_send(const struct settings *, const struct message *,
		    bool (*going)(void *), void *arg, char why[MAIL_WHY]);

#endif
