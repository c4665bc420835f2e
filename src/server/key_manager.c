/*
 * The key manager: the process that has the private keys, which signs for the
 * handshakes of the workers. It replaces Kore's, which has RSA keys only, and
 * which signs with the new key for workers that still have the old certificate.
 *
 * A request names its key. A reload first adds the new keys, then sends the
 * certificates to the workers. Old keys stay until no handshake needs them. If
 * one pair is wrong, nothing changes. It also renews the keys of tickets.
 */
#include <sys/types.h>
#include <sys/queue.h>
#include <sys/syscall.h>

#include <kore/kore.h>
#include <kore/seccomp.h>

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "base/log.h"
#include "server/server.h"
#include "server/tickets.h"
#include "server/tls.h"

#define KEEP_MS		60000	/* of a replaced key; handshakes are shorter */
#define WAIT_MS		1000	/* a signal just before the wait is late */

struct holding {
	char			*host;
	char			*pem;		/* certificate and its chain */
	size_t			 len;
	struct certificate	*certificate;
	EVP_PKEY		*key;
	u_int64_t		 until;		/* if replaced */
	TAILQ_ENTRY(holding)	 list;
};
TAILQ_HEAD(holdings, holding);

void	kore_keymgr_run(void);
void	kore_keymgr_cleanup(int);

static struct holdings	 current = TAILQ_HEAD_INITIALIZER(current);
static struct holdings	 replaced = TAILQ_HEAD_INITIALIZER(replaced);

char	*kore_rand_file;	/* Kore's configuration may set it; not used */

/* System calls that are not listed end the process. */
static struct sock_filter	 filter[] = {
	KORE_SYSCALL_DENY(ioctl, EACCES),
	/* the files of the pairs */
	KORE_SYSCALL_ALLOW(openat),
	KORE_SYSCALL_ALLOW(read),
	KORE_SYSCALL_ALLOW(lseek),
	KORE_SYSCALL_ALLOW(write),
	KORE_SYSCALL_ALLOW(writev),
	KORE_SYSCALL_ALLOW(close),
	KORE_SYSCALL_ALLOW(fstat),
	KORE_SYSCALL_ALLOW(newfstatat),
	KORE_SYSCALL_ALLOW(getdents64),
	KORE_SYSCALL_ALLOW(faccessat),
	KORE_SYSCALL_ALLOW(sysinfo),	/* qsort(3) of many files */
	/* messages */
	KORE_SYSCALL_ALLOW(sendto),
	KORE_SYSCALL_ALLOW(recvfrom),
#if defined(SYS_epoll_wait)
	KORE_SYSCALL_ALLOW(epoll_wait),
#endif
	KORE_SYSCALL_ALLOW(epoll_pwait),
	/* the process */
	KORE_SYSCALL_ALLOW(exit),
	KORE_SYSCALL_ALLOW(exit_group),
	KORE_SYSCALL_ALLOW(kill),
	KORE_SYSCALL_ALLOW(getuid),
	KORE_SYSCALL_ALLOW(getpid),
	KORE_SYSCALL_ALLOW(sigaltstack),
	KORE_SYSCALL_ALLOW(rt_sigreturn),
	KORE_SYSCALL_ALLOW(rt_sigaction),
	KORE_SYSCALL_ALLOW(rt_sigprocmask),
	KORE_SYSCALL_ALLOW(futex),
	KORE_SYSCALL_ALLOW(brk),
	KORE_SYSCALL_ALLOW(mmap),
	KORE_SYSCALL_ALLOW(mremap),
	KORE_SYSCALL_ALLOW(munmap),
	KORE_SYSCALL_ALLOW(madvise),
	KORE_SYSCALL_ALLOW(clock_gettime),
	KORE_SYSCALL_ALLOW(getrandom),
};

/* --- the pairs ------------------------------------------------------------ */

static void
holding_free(struct holding *h)
{
	certificate_free(h->certificate);
	EVP_PKEY_free(h->key);
	free(h->host);
	free(h->pem);
	free(h);
}

static void
holdings_free(struct holdings *all)
{
	struct holding	*h;

	while ((h = TAILQ_FIRST(all)) != NULL) {
		TAILQ_REMOVE(all, h, list);
		holding_free(h);
	}
}

/* Callback of pairs_each: appends the pair to the list arg. */
static bool
holding_load(const struct pair *p, void *arg, char **why)
{
	struct holdings	*loaded = arg;
	struct holding	*h = calloc(1, sizeof(*h));

	if (h == NULL || (h->host = strdup(p->host)) == NULL)
		log_fatal("event=out_of_memory");
	h->certificate = certificate_load(p, &h->pem, &h->len, &h->key, why);
	if (h->certificate == NULL) {
		h->pem = NULL;	/* freed by certificate_load() */
		h->key = NULL;
		holding_free(h);
		return (false);
	}
	TAILQ_INSERT_TAIL(loaded, h, list);
	return (true);
}

static struct holding *
holding_of_host(const char *host)
{
	struct holding	*h;

	TAILQ_FOREACH(h, &current, list)
		if (strcmp(h->host, host) == 0)
			break;
	return (h);
}

static const struct holding *
holding_of_key(const unsigned char *id)
{
	const struct holding	*h;

	TAILQ_FOREACH(h, &current, list)
		if (memcmp(h->certificate->key_id, id, KEY_ID_BYTES) == 0)
			return (h);
	TAILQ_FOREACH(h, &replaced, list)
		if (memcmp(h->certificate->key_id, id, KEY_ID_BYTES) == 0)
			break;
	return (h);
}

/* Returns whether Kore's configuration has this host: one that was added to
 * tls_dir later is served after a restart. */
static bool
host_is_served(const char *host)
{
	struct kore_server	*srv;
	struct kore_domain	*dom;

	LIST_FOREACH(srv, &kore_servers, list)
		TAILQ_FOREACH(dom, &srv->domains, list)
			if (strcmp(dom->domain, host) == 0)
				return (true);
	return (false);
}

/* Sends a certificate to a worker, or to all of them. */
static void
certificate_send(const struct holding *h, u_int16_t worker_id)
{
	struct kore_x509_msg	*m;
	size_t			 n = sizeof(*m) + h->len;

	if ((m = calloc(1, n)) == NULL)
		log_fatal("event=out_of_memory");
	if (kore_strlcpy(m->domain, h->host, sizeof(m->domain)) >=
	    sizeof(m->domain))
		log_fatal("event=host_too_long host=%s", h->host);
	m->data_len = h->len;
	memcpy(m->data, h->pem, h->len);
	kore_msg_send(worker_id, KORE_MSG_CERTIFICATE, m, n);
	free(m);
}

/* Puts a pair in the place of its host's. An unchanged pair is not sent again.
 */
static bool
holding_take(struct holding *h)
{
	struct holding	*old = holding_of_host(h->host);

	if (!host_is_served(h->host) || (old != NULL && old->len == h->len &&
	    memcmp(old->pem, h->pem, h->len) == 0)) {
		holding_free(h);
		return (false);
	}
	if (old != NULL) {
		TAILQ_REMOVE(&current, old, list);
		old->until = kore_time_ms() + KEEP_MS;
		TAILQ_INSERT_TAIL(&replaced, old, list);
	}
	TAILQ_INSERT_TAIL(&current, h, list);
	certificate_send(h, KORE_MSG_WORKER_ALL);
	return (true);
}

/* Reads all pairs. A host whose files are gone keeps its pair. */
static void
pairs_reload(void)
{
	struct holdings	 loaded = TAILQ_HEAD_INITIALIZER(loaded);
	struct holding	*h;
	char		*why = NULL;
	unsigned	 n = 0;

	if (!pairs_each(server_settings(), holding_load, &loaded, &why)) {
		holdings_free(&loaded);
		if (TAILQ_EMPTY(&current))
			fatalx("%s", why);
		log_error("event=reload_refused why=\"%s\"", why);
		free(why);
		return;
	}
	while ((h = TAILQ_FIRST(&loaded)) != NULL) {
		TAILQ_REMOVE(&loaded, h, list);
		n += holding_take(h);
	}
	log_info("event=certificates_new new=%u", n);
}

static void
replaced_expire(u_int64_t now)
{
	struct holding	*h;

	while ((h = TAILQ_FIRST(&replaced)) != NULL && h->until <= now) {
		TAILQ_REMOVE(&replaced, h, list);
		holding_free(h);
	}
}

/* --- requests of the workers ---------------------------------------------- */

/* A worker that has restarted asks for the certificates. */
static void
certificates_asked(struct kore_msg *msg, const void *data)
{
	const struct holding	*h;

	(void)data;
	TAILQ_FOREACH(h, &current, list)
		certificate_send(h, msg->src);
}

/* Signs the n bytes of a request. The data is a digest (ECDSA), or a digest
 * with the padding of PSS or the head of PKCS #1 (RSA). Returns the length of
 * the signature, or 0 on an error. */
static size_t
key_sign(EVP_PKEY *key, const struct sign_request *r, size_t n,
    unsigned char *signature)
{
	EVP_PKEY_CTX	*ctx = EVP_PKEY_CTX_new(key, NULL);
	size_t		 len = SIGNATURE_MAX;
	bool		 rsa = EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA, ok;

	/* no padding is for PSS, which fills the whole length */
	ok = ctx != NULL && (!rsa || r->padding == RSA_PKCS1_PADDING ||
	    (r->padding == RSA_NO_PADDING &&
	    n == (size_t)EVP_PKEY_get_size(key))) &&
	    EVP_PKEY_sign_init(ctx) == 1 && (!rsa ||
	    EVP_PKEY_CTX_set_rsa_padding(ctx, r->padding) == 1) &&
	    EVP_PKEY_sign(ctx, signature, &len, r->data, n) == 1;
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return (ok ? len : 0);
}

static void
signature_asked(struct kore_msg *msg, const void *data)
{
	const struct holding	*h;
	struct sign_request	 r;
	struct sign_reply	 reply;
	size_t			 head = offsetof(struct sign_request, data);
	size_t			 len = 0;

	if (msg->length < head || msg->length > sizeof(r))
		return;
	memcpy(&r, data, msg->length);
	if ((h = holding_of_key(r.key_id)) == NULL)
		log_error("event=unknown_key");
	else
		len = key_sign(h->key, &r, msg->length - head,
		    reply.signature);
	reply.number = r.number;
	kore_msg_send(msg->src, KORE_MSG_KEYMGR_RESP, &reply,
	    offsetof(struct sign_reply, signature) + len);
}

/* --- the process ---------------------------------------------------------- */

static void
key_manager_start(void)
{
	kore_server_closeall();
	kore_module_cleanup();
	net_init();
	kore_timer_init();
	kore_connection_init();
	kore_platform_event_init();
	kore_msg_worker_init();
	kore_msg_register(KORE_MSG_KEYMGR_REQ, signature_asked);
	kore_msg_register(KORE_MSG_CERTIFICATE_REQ, certificates_asked);
	kore_seccomp_drop();
	kore_seccomp_filter("keymgr", filter, KORE_FILTER_LEN(filter));
	kore_worker_privsep();
}

/* Kore calls this in the process of its key manager, and exits after it. */
void
kore_keymgr_run(void)
{
	int	sig = 0;

	key_manager_start();
	/* before the certificates, with which workers begin to accept */
	tickets_renew((int64_t)kore_time_ms());
	pairs_reload();
	kore_worker_started();
	while (sig != SIGTERM && sig != SIGINT && sig != SIGQUIT) {
		kore_platform_event_wait(WAIT_MS);
		sig = sig_recv;
		sig_recv = 0;
		if (sig == SIGUSR1)
			pairs_reload();
		replaced_expire(kore_time_ms());
		tickets_renew((int64_t)kore_time_ms());
		kore_connection_prune(KORE_CONNECTION_PRUNE_DISCONNECT);
	}
	kore_keymgr_cleanup(1);
	kore_platform_event_cleanup();
	kore_connection_cleanup();
	net_cleanup();
}

/* Kore also calls this before the key manager ends on a fatal error. */
void
kore_keymgr_cleanup(int last)
{
	(void)last;
	holdings_free(&current);
	holdings_free(&replaced);
}
