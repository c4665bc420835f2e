/* Certificates and TLS contexts; see certificate.h. */
#include <sys/types.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/log.h"
#include "base/why.h"
#include "server/certificate.h"

#define HOST_MAX	253
#define FILE_BYTES	262144		/* maximum size of a PEM file */
#define RSA_BITS_MIN	2048
#define RSA_BITS_MAX	8192		/* see SIGNATURE_MAX */

/* TLS 1.2. The suites of TLS 1.3 are OpenSSL's own. */
#define CIPHERS		"ECDHE+AESGCM:ECDHE+CHACHA20"
/* Without the ffdhe groups of TLS 1.3, and without P-521, which is slow. */
#define GROUPS		"X25519:P-256:P-384"

/* --- the pairs of the settings -------------------------------------------- */

/* Selects names such as "console.example.net.pem", with only characters that
 * are valid in Kore's configuration. */
static int
is_certificate(const struct dirent *entry)
{
	const char	*name = entry->d_name;
	size_t		 n = strlen(name);

	return (n > 4 && n <= HOST_MAX + 4 && strspn(name,
	    "abcdefghijklmnopqrstuvwxyz0123456789-.") == n &&
	    name[0] != '.' && strcmp(name + n - 4, ".pem") == 0);
}

/* Calls f with a pair of tls_dir, given the name of its certificate. */
static bool
with_file(const char *dir, const char *name,
    bool (*f)(const struct pair *, void *, char **), void *arg, char **why)
{
	struct pair	 p = { .setting = { "tls_dir", "tls_dir" } };
	char		*host, *certificate, *key;
	bool		 ok;

	if (asprintf(&host, "%.*s", (int)strlen(name) - 4, name) == -1 ||
	    asprintf(&certificate, "%s/%s", dir, name) == -1 ||
	    asprintf(&key, "%s/%s.key", dir, host) == -1)
		log_fatal("event=out_of_memory");
	p.host = host;
	p.certificate = certificate;
	p.key = key;
	ok = f(&p, arg, why);
	free(host);
	free(certificate);
	free(key);
	return (ok);
}

bool
pairs_each(const struct settings *s,
    bool (*f)(const struct pair *, void *, char **), void *arg, char **why)
{
	const struct pair	 any = { "*", { "tls_certificate", "tls_key" },
				    s->tls_certificate, s->tls_key };
	struct dirent		**names;
	bool			 ok = true;
	int			 i, n = 0;

	if (s->tls_dir[0] != '\0' &&
	    (n = scandir(s->tls_dir, &names, is_certificate, alphasort)) == -1)
		return (why_not(why, "tls_dir %s: %s", s->tls_dir,
		    strerror(errno)));
	for (i = 0; i < n; i++) {
		ok = ok && with_file(s->tls_dir, names[i]->d_name, f, arg,
		    why);
		free(names[i]);
	}
	if (n > 0)
		free(names);
	return (ok && f(&any, arg, why));
}

static bool
pair_check(const struct pair *p, void *arg, char **why)
{
	struct certificate	*c;
	EVP_PKEY		*key;
	char			*pem;
	size_t			 n;

	(void)arg;
	if ((c = certificate_load(p, &pem, &n, &key, why)) == NULL)
		return (false);
	certificate_free(c);
	EVP_PKEY_free(key);
	free(pem);
	return (true);
}

/* In the child: writes why the check fails to fd. */
static void
check_in_child(const struct settings *s, int fd)
{
	char	*why = NULL;
	bool	 ok = pairs_each(s, pair_check, NULL, &why);

	if (!ok && write(fd, why, strlen(why)) == -1)
		log_error("event=certificate_failed why=\"%s\"", why);
	_exit(ok ? 0 : 1);
}

bool
pairs_check(const struct settings *s, char **why)
{
	char	 text[4096];
	size_t	 len = 0;
	ssize_t	 n;
	pid_t	 pid;
	int	 fd[2], status;

	if (pipe2(fd, O_CLOEXEC) == -1 || (pid = fork()) == -1)
		return (why_not(why, "certificates: %s", strerror(errno)));
	if (pid == 0)
		check_in_child(s, fd[1]);
	close(fd[1]);
	while ((n = read(fd[0], text + len, sizeof(text) - len)) > 0 ||
	    (n == -1 && errno == EINTR))
		len += n > 0 ? (size_t)n : 0;
	close(fd[0]);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return (true);
	if (len == 0)
		return (why_not(why, "certificates: the check was killed"));
	return (why_not(why, "%.*s", (int)len, text));
}

/* --- reading -------------------------------------------------------------- */

/* Reads a file. Returns its bytes, from malloc(), or NULL with errno set. */
static char *
file_read(const char *path, size_t *n)
{
	int	 fd = open(path, O_RDONLY | O_CLOEXEC), error;
	char	*bytes;
	ssize_t	 got;

	if (fd == -1)
		return (NULL);
	if ((bytes = malloc(FILE_BYTES)) == NULL)
		log_fatal("event=out_of_memory");
	*n = 0;
	while ((got = read(fd, bytes + *n, FILE_BYTES - *n)) > 0)
		*n += (size_t)got;
	error = got == -1 ? errno : EFBIG;
	close(fd);
	if (got == 0 && *n < FILE_BYTES)
		return (bytes);
	OPENSSL_cleanse(bytes, *n);
	free(bytes);
	errno = error;
	return (NULL);
}

static const char *
openssl_reason(void)
{
	const char	*reason = ERR_reason_error_string(ERR_peek_error());

	return (reason == NULL ? "unknown error" : reason);
}

/* Returns whether the key manager can sign with keys of this kind. */
static bool
key_is_served(EVP_PKEY *key)
{
	char	group[32];
	size_t	n;

	switch (EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_RSA:
		return (EVP_PKEY_get_bits(key) >= RSA_BITS_MIN &&
		    EVP_PKEY_get_bits(key) <= RSA_BITS_MAX);
	case EVP_PKEY_EC:
		return (EVP_PKEY_get_group_name(key, group, sizeof(group),
		    &n) == 1 && (strcmp(group, "prime256v1") == 0 ||
		    strcmp(group, "secp384r1") == 0));
	default:
		return (false);
	}
}

/* Reads the rest of a PEM file into c->chain. */
static bool
chain_read(struct certificate *c, BIO *in)
{
	X509		*x;
	unsigned long	 error;

	if ((c->chain = sk_X509_new_null()) == NULL)
		log_fatal("event=out_of_memory");
	while ((x = PEM_read_bio_X509(in, NULL, NULL, NULL)) != NULL)
		if (sk_X509_push(c->chain, x) == 0)
			log_fatal("event=out_of_memory");
	error = ERR_peek_last_error();
	ERR_clear_error();
	return (ERR_GET_LIB(error) == ERR_LIB_PEM &&
	    ERR_GET_REASON(error) == PEM_R_NO_START_LINE);
}

struct certificate *
certificate_parse(const char *pem, size_t n, const char **why)
{
	struct certificate	*c = calloc(1, sizeof(*c));
	BIO			*in = BIO_new_mem_buf(pem, (int)n);
	EVP_PKEY		*key;

	if (c == NULL || in == NULL)
		log_fatal("event=out_of_memory");
	*why = NULL;
	if ((c->leaf = PEM_read_bio_X509(in, NULL, NULL, NULL)) == NULL)
		*why = "no PEM certificate";
	else if (!chain_read(c, in))
		*why = "the certificates after the first one are damaged";
	else if ((key = X509_get0_pubkey(c->leaf)) == NULL ||
	    !key_is_served(key))
		*why = "the certificate's key is neither RSA (2048 bits or "
		    "more) nor ECDSA (P-256 or P-384)";
	else if (X509_pubkey_digest(c->leaf, EVP_sha256(), c->key_id,
	    NULL) != 1)
		*why = openssl_reason();
	BIO_free(in);
	ERR_clear_error();
	if (*why == NULL)
		return (c);
	certificate_free(c);
	return (NULL);
}

void
certificate_free(struct certificate *c)
{
	if (c == NULL)
		return;
	X509_free(c->leaf);
	sk_X509_pop_free(c->chain, X509_free);
	free(c);
}

/* Keys with a passphrase are rejected, as nobody could type it. */
static int
no_passphrase(char *buf, int size, int rwflag, void *arg)
{
	(void)buf;
	(void)size;
	(void)rwflag;
	(void)arg;
	return (-1);
}

static EVP_PKEY *
key_read(const struct pair *p, char **why)
{
	EVP_PKEY	*key;
	BIO		*in;
	char		*pem;
	size_t		 n;

	if ((pem = file_read(p->key, &n)) == NULL) {
		(void)why_not(why, "%s %s: %s", p->setting[1], p->key,
		    strerror(errno));
		return (NULL);
	}
	if ((in = BIO_new_mem_buf(pem, (int)n)) == NULL)
		log_fatal("event=out_of_memory");
	key = PEM_read_bio_PrivateKey(in, NULL, no_passphrase, NULL);
	BIO_free(in);
	OPENSSL_cleanse(pem, n);
	free(pem);
	ERR_clear_error();
	if (key == NULL)
		(void)why_not(why, "%s %s: no PEM key without passphrase",
		    p->setting[1], p->key);
	return (key);
}

/* Checks that the key is that of the certificate, and that OpenSSL serves
 * them: it refuses weak signatures, for example. */
static bool
pair_fits(const struct pair *p, const struct certificate *c, EVP_PKEY *key,
    char **why)
{
	const char	*reason;
	SSL_CTX		*ctx;

	if (X509_check_private_key(c->leaf, key) != 1) {
		ERR_clear_error();
		return (why_not(why, "%s %s: not the key of %s %s",
		    p->setting[1], p->key, p->setting[0], p->certificate));
	}
	if ((ctx = certificate_context(c, key, &reason)) == NULL)
		return (why_not(why, "%s %s: can't be served: %s",
		    p->setting[0], p->certificate, reason));
	SSL_CTX_free(ctx);
	return (true);
}

struct certificate *
certificate_load(const struct pair *p, char **pem, size_t *n, EVP_PKEY **key,
    char **why)
{
	struct certificate	*c;
	const char		*reason = NULL;

	*key = NULL;
	if ((*pem = file_read(p->certificate, n)) == NULL)
		reason = strerror(errno);
	c = *pem == NULL ? NULL : certificate_parse(*pem, *n, &reason);
	if (c == NULL)
		(void)why_not(why, "%s %s: %s", p->setting[0],
		    p->certificate, reason);
	else if ((*key = key_read(p, why)) != NULL &&
	    pair_fits(p, c, *key, why))
		return (c);
	certificate_free(c);
	EVP_PKEY_free(*key);
	free(*pem);
	return (NULL);
}

/* --- the context ---------------------------------------------------------- */

static bool
context_fill(SSL_CTX *ctx, const struct certificate *c, EVP_PKEY *key)
{
	static const unsigned char	session[] = "smartrecord";

	SSL_CTX_set_options(ctx, SSL_OP_CIPHER_SERVER_PREFERENCE |
	    SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
	/* Kore's reads and writes are not blocking. An idle connection keeps
	 * no buffers, which are 33 KB. */
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
	    SSL_MODE_RELEASE_BUFFERS);
	return (SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1 &&
	    SSL_CTX_set_max_proto_version(ctx, TLS1_3_VERSION) == 1 &&
	    SSL_CTX_set_cipher_list(ctx, CIPHERS) == 1 &&
	    SSL_CTX_set1_groups_list(ctx, GROUPS) == 1 &&
	    SSL_CTX_set_session_id_context(ctx, session,
	    sizeof(session) - 1) == 1 &&
	    SSL_CTX_use_certificate(ctx, c->leaf) == 1 &&
	    SSL_CTX_set1_chain(ctx, c->chain) == 1 &&
	    SSL_CTX_use_PrivateKey(ctx, key) == 1);
}

SSL_CTX *
certificate_context(const struct certificate *c, EVP_PKEY *key,
    const char **why)
{
	SSL_CTX	*ctx;

	ERR_clear_error();
	if ((ctx = SSL_CTX_new(TLS_server_method())) != NULL &&
	    context_fill(ctx, c, key))
		return (ctx);
	*why = openssl_reason();
	ERR_clear_error();
	SSL_CTX_free(ctx);
	return (NULL);
}
