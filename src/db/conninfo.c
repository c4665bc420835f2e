/* Host names of connection strings; see conninfo.h. */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <libpq-fe.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/why.h"
#include "db/conninfo.h"

/* A host of the string. */
struct db_host {
	char	*name;
	char	*port;
};

struct db_hosts {
	struct db_host	 list[CONNINFO_HOSTS];
	unsigned	 count;
	char		*names, *ports;		/* the list points into them */
};

/* Returns the value of a keyword as malloc'd text: that of the string, or else
 * that of the environment variable that libpq would read, or else "". */
static char *
value_of(const PQconninfoOption *options, const char *keyword)
{
	const PQconninfoOption	*o;
	const char		*value = NULL;
	char			*copy;

	for (o = options; o->keyword != NULL; o++)
		if (strcmp(o->keyword, keyword) == 0) {
			value = o->val;
			if (value == NULL && o->envvar != NULL)
				value = getenv(o->envvar);
		}
	if ((copy = strdup(value == NULL ? "" : value)) == NULL)
		log_fatal("event=out_of_memory");
	return (copy);
}

/* Splits the lists of hosts and ports. A single port is that of all hosts. */
static void
hosts_split(struct db_hosts *h)
{
	char	*names = h->names, *ports = h->ports, *port = NULL;

	while (names != NULL && h->count < CONNINFO_HOSTS) {
		h->list[h->count].name = strsep(&names, ",");
		if (ports != NULL)
			port = strsep(&ports, ",");
		h->list[h->count++].port = port == NULL ? h->ports : port;
	}
}

/* Reads the hosts of a string. Returns false when it is not valid or has a
 * hostaddr; libpq then says what is wrong, or needs no name. */
static bool
hosts_read(struct db_hosts *h, const char *conninfo)
{
	PQconninfoOption	*options = PQconninfoParse(conninfo, NULL);
	char			*addresses;
	bool			 none;

	memset(h, 0, sizeof(*h));
	if (options == NULL)
		return (false);
	addresses = value_of(options, "hostaddr");
	none = addresses[0] == '\0';
	free(addresses);
	if (none) {
		h->names = value_of(options, "host");
		h->ports = value_of(options, "port");
		hosts_split(h);
	}
	PQconninfoFree(options);
	return (none);
}

static void
hosts_free(struct db_hosts *h)
{
	free(h->names);
	free(h->ports);
}

/* Returns whether a host is a name, neither a socket nor an address. */
static bool
is_name(const char *host)
{
	unsigned char	address[sizeof(struct in6_addr)];

	return (host[0] != '\0' && host[0] != '/' && host[0] != '@' &&
	    inet_pton(AF_INET, host, address) != 1 &&
	    inet_pton(AF_INET6, host, address) != 1);
}

bool
conninfo_is_list(const char *conninfo)
{
	struct db_hosts	h;
	bool		list;

	list = hosts_read(&h, conninfo) &&
	    (h.count > 1 || is_name(h.list[0].name));
	hosts_free(&h);
	return (list);
}

/* Adds ",value" to a list of cap bytes. Returns false when it does not fit. */
static bool
list_add(char *list, size_t cap, bool first, const char *value)
{
	size_t	n = strlen(list);

	return ((size_t)snprintf(list + n, cap - n, "%s%s", first ? "" : ",",
	    value) < cap - n);
}

static bool
address_add(struct conninfo_hosts *out, unsigned *count,
    const struct db_host *h, const char *address)
{
	bool	first = *count == 0;

	if (*count == CONNINFO_HOSTS ||
	    !list_add(out->host, sizeof(out->host), first, h->name) ||
	    !list_add(out->hostaddr, sizeof(out->hostaddr), first, address) ||
	    !list_add(out->port, sizeof(out->port), first, h->port))
		return (false);
	(*count)++;
	return (true);
}

/* Adds the addresses of a host. Returns 0 or an error of getaddrinfo(3). */
static int
host_resolve(
    struct conninfo_hosts *out, unsigned *count, const struct db_host *h)
{
	struct addrinfo	 hints = { .ai_socktype = SOCK_STREAM }, *found, *a;
	char		 address[INET6_ADDRSTRLEN + 16];
	int		 error;

	if (!is_name(h->name)) {
		(void)address_add(out, count, h,
		    h->name[0] == '/' || h->name[0] == '@' ? "" : h->name);
		return (0);
	}
	if ((error = getaddrinfo(h->name, NULL, &hints, &found)) != 0)
		return (error);
	for (a = found; a != NULL; a = a->ai_next)
		if (getnameinfo(a->ai_addr, a->ai_addrlen, address,
		    sizeof(address), NULL, 0, NI_NUMERICHOST) == 0)
			(void)address_add(out, count, h, address);
	freeaddrinfo(found);
	return (0);
}

bool
conninfo_resolve(const char *conninfo, unsigned first,
    struct conninfo_hosts *out, char **why)
{
	struct db_hosts	 h;
	const char	*unknown = "";
	unsigned	 i, count = 0;
	int		 error, failed = EAI_NONAME;

	memset(out, 0, sizeof(*out));
	(void)hosts_read(&h, conninfo);
	for (i = 0; i < h.count; i++) {
		const struct db_host	*one = &h.list[(first + i) % h.count];

		if ((error = host_resolve(out, &count, one)) != 0) {
			failed = error;
			unknown = one->name;
		}
	}
	if (count == 0)
		(void)why_not(why, "host name \"%s\": %s", unknown,
		    gai_strerror(failed));
	hosts_free(&h);
	return (count > 0);
}
