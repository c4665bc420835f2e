/*
 * TLS in the workers, in place of a part of Kore's: a worker has certificates,
 * but no private keys. Its handshakes have the key manager sign, a process of
 * its own (key_manager.c), by a message that names the key.
 */
#ifndef SERVER_TLS_H
#define SERVER_TLS_H

#include <stdbool.h>
#include <stdint.h>

#include "server/certificate.h"

/* A message KORE_MSG_KEYMGR_REQ. */
struct sign_request {
	uint32_t	number;		/* repeated in the reply */
	int32_t		padding;	/* RSA's; 0: ECDSA */
	unsigned char	key_id[KEY_ID_BYTES];
	unsigned char	data[SIGNATURE_MAX];	/* as long as it is */
};

/* A message KORE_MSG_KEYMGR_RESP; without a signature on an error. */
struct sign_reply {
	uint32_t	number;
	unsigned char	signature[SIGNATURE_MAX];	/* as long as it is */
};

/* Returns whether the key manager has sent all certificates to this worker. */
bool	tls_ready(void);

#endif
