/*
 * Writes an e-mail message (RFC 5322) to one recipient, plain text in UTF-8.
 * Header texts are encoded, so that none can add a header.
 */
#ifndef NET_MESSAGE_H
#define NET_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct message {
	const char	*id;		/* unique for the sender */
	int64_t		 date_ms;
	const char	*from;		/* address */
	const char	*from_name;	/* UTF-8, as are subject and text */
	const char	*to;		/* address */
	const char	*subject;
	const char	*text;		/* lines end with \n */
};

/* Returns whether the address has one @, only printable ASCII, no quoting (RFC
 * 5321 section 4.1.2) and at most 254 bytes. */
bool	address_valid(const char *address);
/* Appends the message; its addresses must be valid. The Message-ID is made
 * from id and date_ms, so that a message sent twice has the same one. */
void	message_write(const struct message *, struct buf *out);

#endif
