/*
 * libpq connection strings: the addresses of their host names. libpq would
 * resolve a name while it connects, and block the event loop.
 */
#ifndef DB_CONNINFO_H
#define DB_CONNINFO_H

#include <stdbool.h>

#define CONNINFO_HOSTS	16	/* addresses that one string may have */

/* The hosts of a connection string with their addresses, one list entry per
 * address, in the form of libpq's parameters (PostgreSQL 15, 34.1.2). */
struct conninfo_hosts {
	char	host[2048];	/* "db1,db1,db2" */
	char	hostaddr[1024];	/* "10.0.0.1,fd00::1,10.0.0.2" */
	char	port[128];	/* "5432,5432,5433" */
};

/* Returns whether the string needs conninfo_resolve(): it has a host name, or
 * several hosts. One address, a socket, or hostaddr needs none. */
bool	conninfo_is_list(const char *conninfo);

/*
 * Resolves the names; blocks. first turns the list: the hosts begin with number
 * first, modulo their count, so that an attempt after one that failed begins
 * with another host. Skips names without an address. Returns false when no
 * name has one; why is then a sentence that the caller frees.
 */
bool	conninfo_resolve(const char *conninfo, unsigned first,
	    struct conninfo_hosts *, char **why);

#endif
