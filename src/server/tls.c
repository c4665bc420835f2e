/*
 * See tls.h. The workers' keys are public keys of OpenSSL's legacy kinds RSA
 * and EC_KEY, whose methods for signing ask the key manager. OpenSSL 3 calls
 * these functions deprecated; its replacement is a whole provider.
 *
 * A handshake blocks its worker until the key manager has replied.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <sys/types.h>

#include <kore/kore.h>

#include <poll.h>
#include <stddef.h>
#include <stdlib.h>

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "base/log.h"
#include "server/tickets.h"
#include "server/tls.h"

#define REPLY_MS	1000	/* limit; then the handshake fails */

void	__wrap_kore_tls_dh_check(void);
void	__wrap_kore_tls_keymgr_init(void);
void	__wrap_kore_tls_domain_setup(struct kore_domain *, int, const void *,
	    size_t);

static RSA_METHOD		*rsa_method;
static EC_KEY_METHOD		*ec_method;
static int			 rsa_index, ec_index;
static uint32_t			 number;	/* of the current request */
static bool			 replied;
static struct sign_reply	 reply;
static size_t			 reply_len;	/* of the signature */

/* --- asking the key manager ----------------------------------------------- */

/* Replies to requests that this worker has given up are ignored. */
static void
reply_received(struct kore_msg *msg, const void *data)
{
	size_t	head = offsetof(struct sign_reply, signature);

	if (msg->length < head || msg->length > sizeof(reply))
		return;
	memcpy(&reply, data, msg->length);
	if (reply.number != number)
		return;
	reply_len = msg->length - head;
	replied = true;
}

/* Handles messages, that with the reply among them, until it is there. Returns
 * false if it does not come. */
static bool
reply_await(struct connection *c)
{
	struct pollfd	p = { .fd = c->fd };
	u_int64_t	now, end = kore_time_ms() + REPLY_MS;

	while (!replied && (now = kore_time_ms()) < end) {
		p.events = TAILQ_EMPTY(&c->send_queue) ? POLLIN :
		    POLLIN | POLLOUT;
		p.revents = 0;
		if (poll(&p, 1, (int)(end - now)) == -1 && errno != EINTR)
			return (false);
		if (p.revents & (POLLERR | POLLHUP))
			return (false);
		if (p.revents & POLLOUT) {
			c->evt.flags |= KORE_EVENT_WRITE;
			if (!net_send_flush(c))
				return (false);
		}
		if (p.revents & POLLIN) {
			c->evt.flags |= KORE_EVENT_READ;
			if (!net_recv_flush(c))
				return (false);
		}
	}
	return (replied);
}

/* Has the key manager sign n bytes. Returns the length of the signature, or 0
 * on an error. */
static size_t
remote_sign(const unsigned char *key_id, int padding, const unsigned char *data,
    size_t n, unsigned char *signature, size_t cap)
{
	struct connection	*c = worker->msg[1];
	struct sign_request	 r = { .padding = padding };
	bool			 ok;

	if (key_id == NULL || n > sizeof(r.data))
		return (0);
	r.number = ++number;
	memcpy(r.key_id, key_id, sizeof(r.key_id));
	memcpy(r.data, data, n);
	replied = false;
	kore_msg_send(KORE_WORKER_KEYMGR, KORE_MSG_KEYMGR_REQ, &r,
	    offsetof(struct sign_request, data) + n);
	kore_platform_disable_read(c->fd);
	ok = reply_await(c);
	number++;	/* a late reply is for nobody */
	kore_platform_event_all(c->fd, c);
	if (!ok || reply_len == 0 || reply_len > cap) {
		log_error("event=not_signed");
		return (0);
	}
	memcpy(signature, reply.signature, reply_len);
	return (reply_len);
}

static int
rsa_sign(int n, const unsigned char *from, unsigned char *to, RSA *rsa,
    int padding)
{
	size_t	len, size = (size_t)RSA_size(rsa);

	len = n < 0 ? 0 : remote_sign(RSA_get_ex_data(rsa, rsa_index), padding,
	    from, (size_t)n, to, size);
	return (len == size ? (int)len : -1);
}

static int
ec_sign(int type, const unsigned char *digest, int n, unsigned char *signature,
    unsigned int *len, const BIGNUM *kinv, const BIGNUM *r, EC_KEY *ec)
{
	(void)type;
	(void)kinv;
	(void)r;
	*len = n < 0 ? 0 : (unsigned)remote_sign(
	    EC_KEY_get_ex_data(ec, ec_index), 0, digest, (size_t)n, signature,
	    (size_t)ECDSA_size(ec));
	return (*len > 0);
}

/* --- keys ----------------------------------------------------------------- */

static void
key_id_free(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int index, long argl,
    void *argp)
{
	(void)parent;
	(void)ad;
	(void)index;
	(void)argl;
	(void)argp;
	free(ptr);
}

static unsigned char *
key_id_copy(const struct certificate *c)
{
	unsigned char	*id = malloc(sizeof(c->key_id));

	if (id == NULL)
		log_fatal("event=out_of_memory");
	return (memcpy(id, c->key_id, sizeof(c->key_id)));
}

static bool
remote_rsa(EVP_PKEY *key, const struct certificate *c)
{
	RSA	*rsa = EVP_PKEY_get1_RSA(X509_get0_pubkey(c->leaf));
	RSA	*copy = rsa == NULL ? NULL : RSAPublicKey_dup(rsa);
	bool	 ok;

	ok = copy != NULL && RSA_set_method(copy, rsa_method) == 1 &&
	    RSA_set_ex_data(copy, rsa_index, key_id_copy(c)) == 1 &&
	    EVP_PKEY_set1_RSA(key, copy) == 1;
	RSA_free(copy);
	RSA_free(rsa);
	return (ok);
}

static bool
remote_ec(EVP_PKEY *key, const struct certificate *c)
{
	EC_KEY	*ec = EVP_PKEY_get1_EC_KEY(X509_get0_pubkey(c->leaf));
	EC_KEY	*copy = ec == NULL ? NULL : EC_KEY_dup(ec);
	bool	 ok;

	ok = copy != NULL && EC_KEY_set_method(copy, ec_method) == 1 &&
	    EC_KEY_set_ex_data(copy, ec_index, key_id_copy(c)) == 1 &&
	    EVP_PKEY_set1_EC_KEY(key, copy) == 1;
	EC_KEY_free(copy);
	EC_KEY_free(ec);
	return (ok);
}

/* Returns a key that has the key manager sign, or NULL. */
static EVP_PKEY *
remote_key(const struct certificate *c)
{
	EVP_PKEY	*key = EVP_PKEY_new();
	bool		 ok;

	if (key == NULL)
		log_fatal("event=out_of_memory");
	ok = EVP_PKEY_get_base_id(X509_get0_pubkey(c->leaf)) == EVP_PKEY_RSA ?
	    remote_rsa(key, c) : remote_ec(key, c);
	if (ok)
		return (key);
	EVP_PKEY_free(key);
	return (NULL);
}

/* Kore calls this in each worker at its start. */
void
__wrap_kore_tls_keymgr_init(void)
{
	int	(*setup)(EC_KEY *, BN_CTX *, BIGNUM **, BIGNUM **);
	ECDSA_SIG *(*sign)(const unsigned char *, int, const BIGNUM *,
	    const BIGNUM *, EC_KEY *);

	rsa_index = RSA_get_ex_new_index(0, NULL, NULL, NULL, key_id_free);
	ec_index = EC_KEY_get_ex_new_index(0, NULL, NULL, NULL, key_id_free);
	rsa_method = RSA_meth_dup(RSA_get_default_method());
	ec_method = EC_KEY_METHOD_new(EC_KEY_OpenSSL());
	if (rsa_index == -1 || ec_index == -1 || rsa_method == NULL ||
	    ec_method == NULL ||
	    RSA_meth_set_flags(rsa_method, RSA_METHOD_FLAG_NO_CHECK |
	    RSA_FLAG_EXT_PKEY) != 1 ||
	    RSA_meth_set_priv_enc(rsa_method, rsa_sign) != 1)
		log_fatal("event=no_key_method");
	EC_KEY_METHOD_get_sign(ec_method, NULL, &setup, &sign);
	EC_KEY_METHOD_set_sign(ec_method, ec_sign, setup, sign);
	kore_msg_register(KORE_MSG_KEYMGR_RESP, reply_received);
}

/* --- contexts ------------------------------------------------------------- */

/* Chooses the certificate by the host that the client names. */
static int
host_named(SSL *ssl, int *alert, void *arg)
{
	struct connection	*c = SSL_get_ex_data(ssl, 0);
	struct kore_domain	*dom;
	const char		*name;

	(void)alert;
	(void)arg;
	name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	if (c == NULL || name == NULL)
		return (SSL_TLSEXT_ERR_NOACK);
	kore_free(c->tls_sni);	/* of a first ClientHello (HelloRetryRequest) */
	c->tls_sni = kore_strdup(name);
	dom = kore_domain_lookup(c->owner->server, name);
	if (dom == NULL || dom->tls_ctx == NULL)
		return (SSL_TLSEXT_ERR_NOACK);
	SSL_set_SSL_CTX(ssl, dom->tls_ctx);
	return (SSL_TLSEXT_ERR_OK);
}

/* Kore calls this when the key manager has sent a certificate, which has its
 * key already. New connections get the new context; a handshake in progress
 * keeps the context that it began with, whose key the key manager keeps. */
void
__wrap_kore_tls_domain_setup(struct kore_domain *dom, int type,
    const void *pem, size_t n)
{
	struct certificate	*c;
	const char		*why = "no key";
	EVP_PKEY		*key = NULL;
	SSL_CTX			*ctx = NULL;

	(void)type;
	if ((c = certificate_parse(pem, n, &why)) != NULL &&
	    (key = remote_key(c)) != NULL)
		ctx = certificate_context(c, key, &why);
	certificate_free(c);
	EVP_PKEY_free(key);
	if (ctx == NULL) {
		log_error("event=certificate_failed host=%s why=\"%s\"",
		    dom->domain, why);
		return;
	}
	SSL_CTX_set_tlsext_servername_callback(ctx, host_named);
	tickets_use(ctx);
	SSL_CTX_free(dom->tls_ctx);
	dom->tls_ctx = ctx;
}

bool
tls_ready(void)
{
	struct kore_server	*srv;
	struct kore_domain	*dom;

	LIST_FOREACH(srv, &kore_servers, list)
		TAILQ_FOREACH(dom, &srv->domains, list)
			if (srv->tls && dom->tls_ctx == NULL)
				return (false);
	return (primary_dom != NULL);
}

/* Kore demands parameters for DHE here; the contexts above have none. */
void
__wrap_kore_tls_dh_check(void)
{
}
