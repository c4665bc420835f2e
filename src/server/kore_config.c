/* Makes Kore's configuration; see kore_config.h. */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/embedded.h"
#include "base/log.h"
#include "base/why.h"
#include "server/capacity.h"
#include "server/certificate.h"
#include "server/gate.h"
#include "server/kore_config.h"
#include "server/proxy.h"

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
check_port(const char *address, int64_t number, char **why)
{
	struct addrinfo	 hints = { .ai_socktype = SOCK_STREAM,
			    .ai_flags = AI_PASSIVE }, *found;
	char		 port[8];
	int		 fd, on = 1, error, failed;

	snprintf(port, sizeof(port), "%lld", (long long)number);
	if ((error = getaddrinfo(address, port, &hints, &found)) != 0)
		return (why_not(why, "listen %s: %s", address,
		    gai_strerror(error)));
	fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	failed = bind(fd, found->ai_addr, found->ai_addrlen) == -1 ? errno : 0;
	freeaddrinfo(found);
	close(fd);
	if (failed != 0)
		return (why_not(why, "port %s of %s: %s. %s", port,
		    address, strerror(failed), bind_advice(failed)));
	return (true);
}

static bool
check_ports(const struct settings *s, char **why)
{
	return (check_port(s->listen, s->port, why) && (s->proxy_port == 0 ||
	    check_port(proxy_address(s), s->proxy_port, why)));
}

static bool
check_user(const struct settings *s, char **why)
{
	const struct passwd	*pw;

	if (s->run_as[0] == '\0')
		return (true);
	if ((pw = getpwnam(s->run_as)) == NULL)
		return (why_not(why, "run_as %s: no such user", s->run_as));
	if (getuid() != 0 && pw->pw_uid != getuid())
		return (why_not(why, "run_as %s: only root can become "
		    "another user", s->run_as));
	return (true);
}

/* Writes a file in the folder of the instance. Returns its path. */
static char *
state_file(const char *folder, const char *name, const char *bytes,
    size_t n, char **why)
{
	char	*path;
	FILE	*f;

	if (asprintf(&path, "%s/%s", folder, name) == -1)
		log_fatal("event=out_of_memory");
	if ((f = fopen(path, "w")) == NULL ||
	    fwrite(bytes, 1, n, f) != n || fclose(f) != 0) {
		(void)why_not(why, "state_dir %s: can't write %s: %s",
		    folder, name, strerror(errno));
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
config_fill(const struct settings *s, const char *folder, struct buf *out)
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
		else if (IS("proxy") && s->proxy_port != 0)
			buf_printf(out, "\tbind %s %lld\n", proxy_address(s),
			    (long long)s->proxy_port);
		else if (IS("domains"))
			(void)pairs_each(s, domain_write, out, NULL);
		else if (IS("state"))
			buf_puts(out, folder);
		else if (IS("user"))
			buf_puts(out, s->run_as[0] != '\0' ? s->run_as :
			    own_name());
		else if (IS("keeper"))
			buf_puts(out, own_name());
		else if (IS("workers"))
			buf_printf(out, "%ld", workers);
		else if (IS("connections"))
			buf_printf(out, "%lld",
			    (long long)capacity_connections(s));
		else if (IS("files"))
			buf_printf(out, "%lld",
			    (long long)capacity_connections(s) +
			    OTHER_FILES);
		else if (IS("requests"))
			/* More than the limit of the gate, whose reply is
			 * better than Kore's. */
			buf_printf(out, "%lld",
			    (long long)s->worker_requests + HEALTH_REQUESTS);
#undef IS
		p = end + 1;
	}
	buf_puts(out, p);
}

char *
kore_config_write(const struct settings *s, const char *folder, char **why)
{
	struct buf	 text = { NULL, 0, 0 };
	char		*path;

	if (!pairs_check(s, why) || !check_user(s, why) || !check_ports(s, why))
		return (NULL);
	config_fill(s, folder, &text);
	path = state_file(folder, "kore.conf", text.data, text.len, why);
	buf_dispose(&text);
	return (path);
}
