/*
 * A message as it travels (RFC 5322): one reader, plain text in UTF-8. What
 * it is made of may be anything: no text of it becomes a header of its own.
 * Pure.
 */
#ifndef NET_MESSAGE_H
#define NET_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct message {
	const char	*id;		/* its own among the sender's */
	int64_t		 date_ms;
	const char	*from;		/* address */
	const char	*from_name;	/* valid UTF-8, as the next two */
	const char	*to;		/* address */
	const char	*subject;
	const char	*text;		/* lines end with \n */
};

/* An address that can be written to as it is: one @, printable ASCII without
 * quoting (RFC 5321, 4.1.2), at most 254 bytes. */
bool	address_valid(const char *address);
/* Appends the message; its addresses are valid. The same id makes the same
 * Message-ID, so that a message sent twice can be known again. */
void	message_write(const struct message *, struct buf *out);

#endif
