/*
 * Certificates: reads the pairs of certificate and key that the settings name,
 * checks them, and makes TLS contexts. Includes nothing of Kore.
 */
#ifndef SERVER_CERTIFICATE_H
#define SERVER_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/settings.h"

#define KEY_ID_BYTES	32	/* SHA-256 of the public key */
#define SIGNATURE_MAX	1024	/* of an RSA key of 8192 bits */

/* The paths of a certificate and its key, and the names of their settings. */
struct pair {
	const char	*host;		/* "*": any */
	const char	*setting[2];	/* names, for error messages */
	const char	*certificate, *key;
};

struct certificate {
	X509			*leaf;
	struct stack_st_X509	*chain;		/* without the leaf */
	unsigned char		 key_id[KEY_ID_BYTES];
};

/* Calls f with each pair of the settings until it returns false; the pair for
 * any host is the last. Returns false, with *why set to a sentence that the
 * caller frees, if f did or if tls_dir cannot be read. */
bool		 pairs_each(const struct settings *s,
		    bool (*f)(const struct pair *, void *, char **), void *arg,
		    char **why);
/* Checks all pairs. They are read in a child process: what it leaves in its
 * memory would be inherited by the workers, which must not have a key. Returns
 * false on an error, with *why set to a sentence that the caller frees. */
bool		 pairs_check(const struct settings *s, char **why);
/* Reads a pair and checks that TLS can be served with it. *pem gets the n bytes
 * of the certificate's file, to be freed, *key the key. Returns the
 * certificate; or NULL, with *why set to a sentence that the caller frees. */
struct certificate *certificate_load(const struct pair *p, char **pem,
		    size_t *n, EVP_PKEY **key, char **why);
/* Reads a certificate and its chain from PEM. Returns NULL on an error, with
 * *why set to a constant. */
struct certificate *certificate_parse(const char *pem, size_t n,
		    const char **why);
void		 certificate_free(struct certificate *c);
/* Makes the context of a certificate: TLS 1.2 and 1.3, key exchange by ECDHE
 * only. Returns NULL on an error, with *why set to OpenSSL's reason. */
SSL_CTX		*certificate_context(const struct certificate *c,
		    EVP_PKEY *key, const char **why);

#endif
