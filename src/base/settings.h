/*
 * Settings: defaults, then a file of `key = value` lines, then the environment
 * (SMARTRECORD_KEY, or SMARTRECORD_KEY_FILE with the path of a file that
 * contains the value); later values win. An unknown key is an error. The table
 * in settings.c lists all settings; tests compare conf/smartrecord.conf and
 * smartrecord.conf(5) with it.
 */
#ifndef BASE_SETTINGS_H
#define BASE_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

struct settings {
	const char	*listen;		/* address to bind, "0.0.0.0" */
	int64_t		 port;			/* 8443 */
	const char	*trusted_proxies;	/* addresses, networks; "" */
	const char	*proxy_listen;		/* "": as listen */
	int64_t		 proxy_port;		/* PROXY protocol; 0: none */
	const char	*tls_certificate;	/* PEM chain */
	const char	*tls_key;		/* PEM key */
	const char	*tls_dir;		/* of HOST.pem; "" none */
	const char	*run_as;		/* user of workers; "" none */
	const char	*state_dir;		/* pid, generated kore.conf */
	int64_t		 workers;		/* processes; 0: one per core */
	int64_t		 worker_threads;	/* pool threads per worker; 2 */
	int64_t		 worker_connections;	/* clients per worker; 2000 */
	int64_t		 worker_requests;	/* running per worker; 512 */
	int64_t		 worker_streams;	/* SSE per worker; 1000 */
	const char	*database;		/* libpq conninfo of serve */
	const char	*database_jobs;		/* … of jobs */
	const char	*database_pipeline;	/* … of ingest */
	const char	*database_admin;	/* … of migrate and commands */
	int64_t		 database_connections;	/* per worker; 8 */
	int64_t		 database_budget;	/* of all nodes; 0: no limit */
	int64_t		 database_timeout_ms;	/* of a query of serve; 3000 */
	const char	*database_prepared;	/* "yes", "no" */
	int64_t		 nodes;			/* machines with serve; 1 */
	const char	*store;			/* "folder:/path" */
	int64_t		 store_reserve;		/* percent of disk; 10 */
	const char	*export_dir;		/* unfinished archives */
	int64_t		 export_person_mb;	/* of archives; 10240 */
	int64_t		 export_tenant_mb;	/* of archives; 51200 */
	const char	*cache_dir;		/* encoded chunks */
	int64_t		 cache_mb;		/* of the chunk cache; 512 */
	const char	*font_dir;		/* fonts of PDF files */
	int64_t		 max_retention_days;	/* 30; at most 90 */
	const char	*log_format;		/* "text", "json" */
	const char	*log_file;		/* "": standard error */
	const char	*public_url;		/* "https://host", for links */
	const char	*mail_url;		/* "smtp://host:25"; "" none */
	const char	*mail_from;		/* address of the sender */
	const char	*mail_user, *mail_password;	/* "" none */
	const char	*mail_starttls;		/* "required", "off" */
};

/* Reads the file at path (NULL: at SMARTRECORD_CONFIG, or no file) and the
 * environment. Returns false on an error and sets *why to a sentence with
 * file, line and key; the caller frees it. The strings are never freed. */
bool	settings_load(struct settings *s, const char *path, char **why);
/* Prints `smartrecord config`: key = value lines on standard output with the
 * origin of each value. Secrets, also passwords in a conninfo, print as "…". */
void	settings_print(const struct settings *s);

#endif
