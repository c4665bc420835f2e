/* Makes Kore's configuration; see kore_config.h. */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/buf.h"
#include "base/embedded.h"
#include "base/log.h"
#include "server/capacity.h"
#include "server/kore_config.h"

#define HOST_MAX	253

__attribute__((format(printf, 2, 3)))
static bool
config_fail(char **why, const char *fmt, ...)
{
	va_list	ap;

	va_start(ap, fmt);
	if (vasprintf(why, fmt, ap) == -1)
		log_fatal("server: out of memory");
	va_end(ap);
	return (false);
}

/* The paths of a certificate and its key, and the names of their settings. */
struct pair {
	const char	*host;		/* "*": any */
	const char	*setting[2];	/* names, for error messages */
	const char	*certificate, *key;
};

/* Reads an RSA certificate. Returns NULL and sets *why on an error. */
static X509 *
certificate_read(const struct pair *p, char **why)
{
	FILE		*f = fopen(p->certificate, "r");
	X509		*cert;
	EVP_PKEY	*key;

	if (f == NULL) {
		(void)config_fail(why, "%s %s: %s", p->setting[0],
		    p->certificate, strerror(errno));
		return (NULL);
	}
	cert = PEM_read_X509(f, NULL, NULL, NULL);
	fclose(f);
	if (cert == NULL) {
		(void)config_fail(why, "%s %s: no PEM certificate",
		    p->setting[0], p->certificate);
		return (NULL);
	}
	key = X509_get0_pubkey(cert);
	if (key != NULL && EVP_PKEY_base_id(key) == EVP_PKEY_RSA)
		return (cert);
	(void)config_fail(why, "%s %s: not RSA. Kore serves RSA certificates "
	    "only; an elliptic-curve one belongs on a proxy in front",
	    p->setting[0], p->certificate);
	X509_free(cert);
	return (NULL);
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

static bool
check_key(const struct pair *p, X509 *cert, char **why)
{
	FILE		*f = fopen(p->key, "r");
	EVP_PKEY	*key;
	bool		 fits;

	if (f == NULL)
		return (config_fail(why, "%s %s: %s", p->setting[1], p->key,
		    strerror(errno)));
	key = PEM_read_PrivateKey(f, NULL, no_passphrase, NULL);
	fclose(f);
	if (key == NULL)
		return (config_fail(why, "%s %s: no PEM key without passphrase",
		    p->setting[1], p->key));
	fits = X509_check_private_key(cert, key) == 1;
	EVP_PKEY_free(key);
	if (!fits)
		return (config_fail(why, "%s %s: not the key of %s %s",
		    p->setting[1], p->key, p->setting[0], p->certificate));
	return (true);
}

static bool
check_pair(const struct pair *p, void *arg, char **why)
{
	X509	*cert;
	bool	 ok;

	(void)arg;
	if ((cert = certificate_read(p, why)) == NULL)
		return (false);
	ok = check_key(p, cert, why);
	X509_free(cert);
	return (ok);
}

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
		log_fatal("server: out of memory");
	p.host = host;
	p.certificate = certificate;
	p.key = key;
	ok = f(&p, arg, why);
	free(host);
	free(certificate);
	free(key);
	return (ok);
}

/* Calls f with each pair until it returns false; the pair for any host is the
 * last. */
static bool
each_pair(const struct settings *s,
    bool (*f)(const struct pair *, void *, char **), void *arg, char **why)
{
	const struct pair	 any = { "*", { "tls_certificate", "tls_key" },
				    s->tls_certificate, s->tls_key };
	struct dirent		**names;
	bool			 ok = true;
	int			 i, n = 0;

	if (s->tls_dir[0] != '\0' &&
	    (n = scandir(s->tls_dir, &names, is_certificate, alphasort)) == -1)
		return (config_fail(why, "tls_dir %s: %s", s->tls_dir,
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

bool
kore_config_check_tls(const struct settings *s, char **why)
{
	return (each_pair(s, check_pair, NULL, why));
}

static const char *
bind_advice(int error)
{
	switch (error) {
	case EACCES:
		return ("A port below 1024 takes root, who leaves the rest "
		    "to run_as, or CAP_NET_BIND_SERVICE");
	case EADDRNOTAVAIL:
		return ("Set listen to an address of this machine");
	default:
		return ("Stop what uses it, or choose another with "
		    "SMARTRECORD_PORT");
	}
}

/* Checks that the port is free, or used by another instance of this program,
 * which shares it with SO_REUSEPORT. */
static bool
check_port(const struct settings *s, char **why)
{
	struct addrinfo	 hints = { .ai_socktype = SOCK_STREAM,
			    .ai_flags = AI_PASSIVE }, *found;
	char		 port[8];
	int		 fd, on = 1, error, failed;

	snprintf(port, sizeof(port), "%lld", (long long)s->port);
	if ((error = getaddrinfo(s->listen, port, &hints, &found)) != 0)
		return (config_fail(why, "listen %s: %s", s->listen,
		    gai_strerror(error)));
	fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	failed = bind(fd, found->ai_addr, found->ai_addrlen) == -1 ? errno : 0;
	freeaddrinfo(found);
	close(fd);
	if (failed != 0)
		return (config_fail(why, "port %s of %s: %s. %s", port,
		    s->listen, strerror(failed), bind_advice(failed)));
	return (true);
}

static bool
check_user(const struct settings *s, char **why)
{
	const struct passwd	*pw;

	if (s->run_as[0] == '\0')
		return (true);
	if ((pw = getpwnam(s->run_as)) == NULL)
		return (config_fail(why, "run_as %s: no such user", s->run_as));
	if (getuid() != 0 && pw->pw_uid != getuid())
		return (config_fail(why, "run_as %s: only root can become "
		    "another user", s->run_as));
	return (true);
}

/* Writes a file in state_dir. Returns its path. */
static char *
state_file(const struct settings *s, const char *name, const char *bytes,
    size_t n, char **why)
{
	char	*path;
	FILE	*f;

	if (asprintf(&path, "%s/%s", s->state_dir, name) == -1)
		log_fatal("server: out of memory");
	if ((f = fopen(path, "w")) == NULL ||
	    fwrite(bytes, 1, n, f) != n || fclose(f) != 0) {
		(void)config_fail(why, "state_dir %s: can't write %s: %s",
		    s->state_dir, name, strerror(errno));
		free(path);
		return (NULL);
	}
	return (path);
}

/* Name of the user who started this process. */
static const char *
own_name(void)
{
	const struct passwd	*pw = getpwuid(getuid());

	return (pw == NULL ? "nobody" : pw->pw_name);
}

/* Writes a domain with a single route; src/routes.c has the table of URLs. */
static bool
domain_write(const struct pair *p, void *arg, char **why)
{
	(void)why;
	buf_printf(arg, "domain %s {\n\tattach\t\ttls\n\tcertfile\t%s\n"
	    "\tcertkey\t\t%s\n\n\troute / {\n\t\thandler "
	    "smartrecord_request\n\t}\n\troute ^/.*$ {\n\t\thandler "
	    "smartrecord_request\n\t}\n}\n", p->host, p->certificate, p->key);
	return (true);
}

/* Replaces @key@ words of conf/kore.conf.in. */
static void
config_fill(const struct settings *s, const char *dhparam, struct buf *out)
{
	const struct embedded	*in = embedded_get("conf/kore.conf.in");
	const char		*p = in->bytes, *at, *end;
	long			 workers = capacity_workers(s);

	while ((at = strchr(p, '@')) != NULL &&
	    (end = strchr(at + 1, '@')) != NULL) {
		size_t	n = (size_t)(end - at - 1);

		buf_append(out, p, (size_t)(at - p));
#define IS(word)	(n == sizeof(word) - 1 && memcmp(at + 1, word, n) == 0)
		if (IS("listen"))
			buf_puts(out, s->listen);
		else if (IS("port"))
			buf_printf(out, "%lld", (long long)s->port);
		else if (IS("domains"))
			(void)each_pair(s, domain_write, out, NULL);
		else if (IS("dhparam"))
			buf_puts(out, dhparam);
		else if (IS("state"))
			buf_puts(out, s->state_dir);
		else if (IS("user"))
			buf_puts(out, s->run_as[0] != '\0' ? s->run_as :
			    own_name());
		else if (IS("keeper"))
			buf_puts(out, own_name());
		else if (IS("workers"))
			buf_printf(out, "%ld", workers);
		else if (IS("connections"))
			buf_printf(out, "%lld",
			    (long long)s->worker_connections);
		else if (IS("files"))
			buf_printf(out, "%lld",
			    (long long)(s->worker_connections + 1024));
		else if (IS("requests"))
			/* More than the limit of the gate, whose reply is
			 * better than Kore's. */
			buf_printf(out, "%lld",
			    (long long)s->worker_requests + 16);
#undef IS
		p = end + 1;
	}
	buf_puts(out, p);
}

char *
kore_config_write(const struct settings *s, char **why)
{
	const struct embedded	*dh = embedded_get("conf/ffdhe4096.pem");
	struct buf		 text = { NULL, 0, 0 };
	char			*dhparam, *path;

	if (!kore_config_check_tls(s, why) || !check_user(s, why) ||
	    !check_port(s, why))
		return (NULL);
	dhparam = state_file(s, "dhparam.pem", dh->bytes, dh->len, why);
	if (dhparam == NULL)
		return (NULL);
	config_fill(s, dhparam, &text);
	path = state_file(s, "kore.conf", text.data, text.len, why);
	buf_dispose(&text);
	free(dhparam);
	return (path);
}
