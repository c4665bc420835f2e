/*
 * Session tickets: a client that comes back shows one instead of a full
 * handshake, to any worker. Their keys are random and in memory that all
 * workers share; the key manager makes a new one each hour, and overwrites
 * those that are no longer accepted (RFC 5077 section 5.5).
 *
 * A ticket is valid for two hours. A handshake that used one gets another one,
 * but a day after the handshake that was signed, the next one is signed again
 * (RFC 8446 section 4.6.1). There is no early data.
 */
#ifndef SERVER_TICKETS_H
#define SERVER_TICKETS_H

#include <stdint.h>

#include <openssl/ssl.h>

#define TICKET_SECONDS	7200	/* validity of a ticket */
#define TICKET_KEY_MS	3600000	/* use of a key for new tickets */
#define TICKET_ORIGIN_SECONDS	86400	/* for one signature */

/* Maps the memory; before the processes that share it are made. */
void	tickets_prepare(void);
/* Makes a new key if the newest is older than TICKET_KEY_MS; now: milliseconds
 * of a monotonic clock. Only one process may call it. */
void	tickets_renew(int64_t now);
/* Makes a context issue and accept these tickets, and no other way to resume.
 * Call it before the context is used. */
void	tickets_use(SSL_CTX *);

#endif
