/* Session tickets; see tickets.h. */
#include <sys/mman.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base/log.h"
#include "server/tickets.h"

#define NAME_BYTES	16	/* what OpenSSL gives a name */
/* Accepted: the newest, and those of tickets that may still be valid. */
#define ACCEPTED	(1 + TICKET_SECONDS * 1000 / TICKET_KEY_MS)

struct ticket_key {
	unsigned char	name[NAME_BYTES];
	unsigned char	aes[32];
	unsigned char	mac[32];
};

/* Shared. A key is never changed while it is accepted: the next one takes the
 * place of one that is not. */
struct tickets {
	_Atomic unsigned	made;		/* keys so far */
	int64_t			since;		/* of the newest */
	struct ticket_key	keys[ACCEPTED + 1];
};

static struct tickets	*shared;

void
tickets_prepare(void)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		log_fatal("event=no_shared_memory");
	/* neither in a core dump nor on a disk */
	(void)madvise(shared, sizeof(*shared), MADV_DONTDUMP);
	(void)mlock(shared, sizeof(*shared));
}

/* The key number n, which counts from 0. */
static struct ticket_key *
key_at(unsigned n)
{
	return (&shared->keys[n % (ACCEPTED + 1)]);
}

void
tickets_renew(int64_t now)
{
	unsigned	 made = atomic_load(&shared->made);

	if (made > 0 && now - shared->since < TICKET_KEY_MS)
		return;
	if (RAND_priv_bytes((unsigned char *)key_at(made),
	    sizeof(struct ticket_key)) != 1)
		log_fatal("event=no_random_bytes");
	shared->since = now;
	atomic_store(&shared->made, made + 1);
	/* the key that has just become too old, not before it is no longer
	 * accepted */
	OPENSSL_cleanse(key_at(made + 1), sizeof(struct ticket_key));
}

/* Copies a key. Returns whether it was still accepted afterwards: only then the
 * copy is whole. */
static bool
key_copy(struct ticket_key *out, unsigned n)
{
	memcpy(out, key_at(n), sizeof(*out));
	atomic_thread_fence(memory_order_acquire);
	return (atomic_load(&shared->made) - n <= ACCEPTED);
}

/* Copies the accepted key with a name. Returns false when there is none. */
static bool
key_named(struct ticket_key *out, const unsigned char *name, unsigned made)
{
	unsigned	 age;

	for (age = 1; age <= ACCEPTED && age <= made; age++)
		if (key_copy(out, made - age) &&
		    memcmp(out->name, name, NAME_BYTES) == 0)
			return (true);
	return (false);
}

static bool
mac_begin(EVP_MAC_CTX *mac, const struct ticket_key *k)
{
	unsigned char	key[sizeof(k->mac)];
	char		digest[] = "SHA256";
	OSSL_PARAM	params[3];
	bool		done;

	memcpy(key, k->mac, sizeof(key));
	params[0] = OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key,
	    sizeof(key));
	params[1] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
	    digest, 0);
	params[2] = OSSL_PARAM_construct_end();
	done = EVP_MAC_CTX_set_params(mac, params) == 1;
	OPENSSL_cleanse(key, sizeof(key));
	return (done);
}

static bool
key_use(const struct ticket_key *k, const unsigned char *iv,
    EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int encrypt)
{
	return (EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, k->aes, iv,
	    encrypt) == 1 && mac_begin(mac, k));
}

/* Callback of OpenSSL: prepares to encrypt or to decrypt a ticket. Returns 1; 0
 * for a full handshake; -1 on an error. */
static int
ticket_key(SSL *ssl, unsigned char *name, unsigned char *iv,
    EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int encrypt)
{
	unsigned		 made = atomic_load(&shared->made);
	struct ticket_key	 k;
	bool			 done;

	(void)ssl;
	if (made == 0 || !(encrypt ? key_copy(&k, made - 1) :
	    key_named(&k, name, made)))
		return (0);
	if (encrypt)
		memcpy(name, k.name, NAME_BYTES);
	done = (!encrypt || RAND_bytes(iv, EVP_MAX_IV_LENGTH) == 1) &&
	    key_use(&k, iv, cipher, mac, encrypt);
	OPENSSL_cleanse(&k, sizeof(k));
	return (done ? 1 : -1);
}

/* Callback of OpenSSL: puts the time of the signed handshake into a ticket. A
 * session that is resumed has it already. */
static int
origin_put(SSL *ssl, void *arg)
{
	SSL_SESSION	*s = SSL_get_session(ssl);
	int64_t		 now = (int64_t)time(NULL);

	(void)arg;
	return (SSL_session_reused(ssl) ||
	    SSL_SESSION_set1_ticket_appdata(s, &now, sizeof(now)) == 1);
}

/* Callback of OpenSSL, after it has decrypted a ticket. The client gets another
 * one: nobody who watches can tell connections by a ticket that comes twice
 * (RFC 8446 appendix C.4). */
static SSL_TICKET_RETURN
origin_check(SSL *ssl, SSL_SESSION *s, const unsigned char *name, size_t n,
    SSL_TICKET_STATUS status, void *arg)
{
	void	*data;
	int64_t	 origin, age;

	(void)ssl;
	(void)name;
	(void)arg;
	if (status != SSL_TICKET_SUCCESS && status != SSL_TICKET_SUCCESS_RENEW)
		return (SSL_TICKET_RETURN_IGNORE_RENEW);
	if (SSL_SESSION_get0_ticket_appdata(s, &data, &n) != 1 ||
	    n != sizeof(origin))
		return (SSL_TICKET_RETURN_IGNORE_RENEW);
	memcpy(&origin, data, sizeof(origin));
	age = (int64_t)time(NULL) - origin;
	if (age < 0 || age > TICKET_ORIGIN_SECONDS)
		return (SSL_TICKET_RETURN_IGNORE_RENEW);
	return (SSL_TICKET_RETURN_USE_RENEW);
}

void
tickets_use(SSL_CTX *ctx)
{
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	(void)SSL_CTX_set_timeout(ctx, TICKET_SECONDS);
	if (SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, ticket_key) != 1 ||
	    SSL_CTX_set_session_ticket_cb(ctx, origin_put, origin_check,
	    NULL) != 1)
		log_fatal("event=no_tickets");
}
